package tries

import (
	"encoding/base64"
	"net/http"
	"slices"

	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// Known remembers on a browser, in a sealed cookie, for whom it proved something right. Nothing else tells a browser
// from those of strangers: not its address, and not what is typed on it.
type Known struct {
	Box  *seal.Box
	Name string // of the cookie
}

const (
	knownSeconds = 90 * 24 * 60 * 60
	maxKnown     = 30 // subjects on one browser; computers are shared
	digestBytes  = 9
)

// Browser is a browser that is known to some, or to nobody.
type Browser struct {
	note browserNote
	box  *seal.Box
}

// browserNote stands in the cookie.
type browserNote struct {
	ID  string   `json:"id"`
	For []string `json:"for"` // digests of those who are known on it, the latest at the end
}

// Of reads what is known of the browser of a request. With anything but a cookie of ours it is known to nobody.
func (k Known) Of(r *http.Request) Browser {
	b := Browser{box: k.Box}
	if !k.cookie().Read(r, &b.note) {
		return Browser{box: k.Box}
	}
	return b
}

func (k Known) cookie() web.SealedCookie {
	return web.SealedCookie{Box: k.Box, Name: k.Name, Context: "cookie/" + k.Name, Seconds: knownSeconds}
}

// Any reports whether the browser of a request is known to anybody.
func (k Known) Any(r *http.Request) bool { return k.Of(r).ID() != "" }

// Remember notes on the browser that a subject proved itself on it.
func (k Known) Remember(w http.ResponseWriter, r *http.Request, subject string) error {
	b := k.Of(r)
	if b.note.ID == "" {
		b.note.ID = random.ID()
	}
	digest := b.digest(subject)
	others := slices.DeleteFunc(b.note.For, func(other string) bool { return other == digest })
	b.note.For = append(others, digest)
	if surplus := len(b.note.For) - maxKnown; surplus > 0 {
		b.note.For = b.note.For[surplus:]
	}
	return k.cookie().Set(w, b.note)
}

// For gives the browser's id if the subject is known on it, and otherwise what stands for all strangers' browsers.
func (b Browser) For(subject string) string {
	if b.note.ID == "" || !slices.Contains(b.note.For, b.digest(subject)) {
		return ""
	}
	return b.note.ID
}

// ID gives the browser's id, or empty if it is known to nobody.
func (b Browser) ID() string { return b.note.ID }

// Mark names the browser to one subject, to count by: it is not the same for another. It is empty if the browser is
// known to nobody.
func (b Browser) Mark(subject string) string {
	if b.note.ID == "" {
		return ""
	}
	return b.digest("mark/" + subject)
}

// digest names a subject without saying who it is. It is not the same on two browsers.
func (b Browser) digest(subject string) string {
	return base64.RawURLEncoding.EncodeToString(b.box.Digest("known/" + b.note.ID + "/" + subject)[:digestBytes])
}
