// Package held keeps a form that was sent when its sender's session had just ended, until the same
// person has signed in again on the same browser and sends it once more, or throws it away.
//
// Whose it is stands in a cookie that their pages leave, sealed, so that a stranger cannot make one and have
// forms kept; nobody else is shown what was typed. Passwords and codes are not kept. It does not know what
// any form is for.
package held

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Posts are the forms held for one site.
type Posts struct {
	DB    *db.DB
	Box   *seal.Box
	Site  string
	Forms []form.Form // of the site; what was typed is shown in the words of the form it was typed into
}

// Form is what somebody sent.
type Form struct {
	Path   string // where to
	Fields url.Values
}

// state is a held form as its row holds it.
type state struct {
	Whose  []byte `json:"whose"`
	Sealed []byte `json:"sealed"`
}

// How long a form is held, and how large it may be, in bytes.
const (
	life     = time.Hour
	maxBytes = 64 << 10
)

const (
	whoseCookie = "whose" // names, sealed, the person who signed in last on this browser
	heldCookie  = "held"
)

func (p Posts) flows() session.Flows[state] {
	return session.Flows[state]{Name: "held form " + p.Site, Life: life}
}

func (p Posts) digest(subject string) []byte { return p.Box.Digest("held/" + p.Site + "/" + subject) }

// SignedIn notes on the browser who is signed in, where it does not say so yet.
func (p Posts) SignedIn(w http.ResponseWriter, r *http.Request, subject string) {
	if p.namedBy(r) != subject {
		sealed := p.Box.Seal([]byte(subject), p.Site+"/whose")
		web.SetCookie(w, whoseCookie, base64.RawURLEncoding.EncodeToString(sealed), 0)
	}
}

// Hold keeps the form of a request whose session has ended, and reports whether it did.
func (p Posts) Hold(w http.ResponseWriter, r *http.Request) (bool, error) {
	subject := p.namedBy(r)
	if subject == "" || r.Method != http.MethodPost || !plainForm(r) {
		return false, nil
	}
	fields, ok := p.fieldsOf(r)
	if !ok {
		return false, nil
	}
	text, err := json.Marshal(Form{Path: r.URL.EscapedPath(), Fields: fields})
	if err != nil {
		return false, fmt.Errorf("hold form: %w", err)
	}
	kept := state{Whose: p.digest(subject), Sealed: p.Box.Seal(text, p.Site+"/held")}
	cookie, err := db.Keep(r.Context(), p.DB, func(k *db.K) (string, error) {
		id, secret, err := p.flows().Start(r.Context(), k, kept)
		return session.Cookie(id, secret), err
	})
	if err != nil {
		return false, err
	}
	web.SetCookie(w, heldCookie, cookie, int(life/time.Second))
	return true, nil
}

// namedBy is whom the browser's cookie names; nobody where it is missing or was not sealed for this site.
func (p Posts) namedBy(r *http.Request) string {
	sealed, err := base64.RawURLEncoding.DecodeString(web.Cookie(r, whoseCookie))
	if err != nil {
		return ""
	}
	subject, err := p.Box.Open(sealed, p.Site+"/whose")
	if err != nil {
		return ""
	}
	return string(subject)
}

func plainForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// fieldsOf reads what was sent, without what must not be kept. A form in which nothing was typed, such as
// one that is a button, is not held: its sender could not see what they would send.
func (p Posts) fieldsOf(r *http.Request) (url.Values, bool) {
	if err := r.ParseForm(); err != nil || len(r.PostForm.Encode()) > maxBytes {
		return nil, false
	}
	kept := url.Values{}
	for name, values := range r.PostForm {
		if !secretName(name) {
			kept[name] = values
		}
	}
	return kept, len(p.typed(r.URL.EscapedPath(), kept)) > 0
}

// typed is what a person filled in of a form that is sent to a path.
func (p Posts) typed(path string, sent url.Values) []nhsuk.SummaryListRow {
	for _, f := range p.Forms {
		if f.Sent(path) {
			return f.Typed(sent)
		}
	}
	return nil
}

func secretName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "password") || strings.Contains(name, "secret") || name == "code"
}

// Refuse is the answer to a request whose session has ended: its form is held, if it has one, and the
// browser goes to the start page, which says so.
func (p Posts) Refuse(w http.ResponseWriter, r *http.Request) error {
	kept, err := p.Hold(w, r)
	if err != nil {
		return err
	}
	if kept {
		return web.Redirect{To: "/?signed-out=1&kept=1"}
	}
	return web.Redirect{To: "/?signed-out=1"}
}

// Onward is where the browser goes after signing in: to the form that waits, or else where it would.
func Onward(r *http.Request, otherwise string) string {
	if web.Cookie(r, heldCookie) != "" {
		return Path
	}
	return otherwise
}

// Kept reports whether the start page is to say that a form waits.
func Kept(r *http.Request) bool { return r.URL.Query().Has("kept") }

// Find gives the form that is held for this person on this browser, or fault.NotFound.
func (p Posts) Find(r *http.Request, subject string) (sent Form, err error) {
	id, secret := session.Split(web.Cookie(r, heldCookie))
	f, err := db.Read(r.Context(), p.DB, func(dr db.R) (session.Flow[state], error) {
		return p.flows().Load(r.Context(), dr, id, secret)
	})
	if errors.Is(err, fault.Expired) || err == nil && !hmac.Equal(f.State.Whose, p.digest(subject)) {
		return sent, fault.NotFound
	}
	if err != nil {
		return sent, err
	}
	text, err := p.Box.Open(f.State.Sealed, p.Site+"/held")
	if err != nil {
		return sent, err
	}
	if err := json.Unmarshal(text, &sent); err != nil {
		return sent, fmt.Errorf("read held form: %w", err)
	}
	return sent, nil
}

// Sent throws the held form of this browser away where this request is it, sent once more: it has arrived.
func (p Posts) Sent(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost || !plainForm(r) || r.PostFormValue(resent) == "" {
		return nil
	}
	return p.Drop(w, r)
}

// Drop throws the held form of this browser away, if there is one.
func (p Posts) Drop(w http.ResponseWriter, r *http.Request) error {
	id, secret := session.Split(web.Cookie(r, heldCookie))
	web.ClearCookie(w, heldCookie)
	err := p.DB.Keep(r.Context(), func(k *db.K) error {
		_, err := p.flows().Take(r.Context(), k, id, secret)
		return err
	})
	if errors.Is(err, fault.Expired) {
		return nil
	}
	return err
}
