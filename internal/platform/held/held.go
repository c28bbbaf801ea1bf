// Package held keeps a form that arrives when its author is not logged in any more, until they have logged in again on
// the same browser and send it once more, or discard it.
//
// The seal of the form says who its author is, so that a stranger cannot have forms kept; nobody else is shown what was
// typed. Passwords and codes are not kept. The package does not know what any form is for.
package held

import (
	"crypto/hmac"
	"encoding/hex"
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
	About  string // whom or what it concerns, as its page said
}

// state is a held form as its row holds it.
type state struct {
	Owner  []byte `json:"whose"`
	Sealed []byte `json:"sealed"`
}

// How long a form is held, and how large it may be, in bytes.
const (
	life     = time.Hour
	maxBytes = 16 << 10
)

// heldCookie begins the name of the cookie of a held form. Each person has one of their own on a browser.
const heldCookie = "held-"

func (p Posts) cookie(subject string) string {
	return heldCookie + hex.EncodeToString(p.digest(subject)[:6])
}

func (p Posts) flows() session.Flows[state] {
	return session.Flows[state]{Name: "held form " + p.Site, Life: life}
}

func (p Posts) digest(subject string) []byte { return p.Box.Digest("held/" + p.Site + "/" + subject) }

// Hold keeps the form of a request for its author, in place of one that was kept for them before, and reports whether
// it did.
func (p Posts) Hold(w http.ResponseWriter, r *http.Request) (bool, error) {
	author, err := web.SealedFor(r)
	if err != nil || author.ID == "" || r.Method != http.MethodPost || !plainForm(r) {
		return false, nil //nolint:nilerr // what has no seal is nobody's
	}
	fields, ok := p.fieldsOf(r)
	if !ok {
		return false, nil
	}
	before, err := p.Find(r, author.ID)
	if err == nil && r.PostForm.Get(resent) != "" && before.Path == r.URL.EscapedPath() {
		return true, nil // it waits already, with what its page does not show
	}
	text, err := json.Marshal(Form{Path: r.URL.EscapedPath(), Fields: fields, About: author.About})
	if err != nil {
		return false, fmt.Errorf("hold form: %w", err)
	}
	row := state{Owner: p.digest(author.ID), Sealed: p.Box.Seal(text, p.Site+"/held")}
	cookie, err := db.Keep(r.Context(), p.DB, func(k *db.K) (string, error) {
		if err := p.take(r, k, author.ID); err != nil {
			return "", err
		}
		id, secret, err := p.flows().Start(r.Context(), k, row)
		return session.Cookie(id, secret), err
	})
	if err != nil {
		return false, err
	}
	web.SetCookie(w, p.cookie(author.ID), cookie, int(life/time.Second))
	return true, nil
}

func plainForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// fieldsOf reads what was sent of the form that belongs to the path, without what must not be kept. A form in which
// nothing was typed, such as one that is a button, is not held: its sender could not see what they would send.
func (p Posts) fieldsOf(r *http.Request) (url.Values, bool) {
	if err := r.ParseForm(); err != nil || len(r.PostForm.Encode()) > maxBytes {
		return nil, false
	}
	sent, found := p.formAt(r.URL.EscapedPath())
	if !found {
		return nil, false
	}
	fields := url.Values{}
	for _, name := range sent.Names() {
		if values, typed := r.PostForm[name]; typed && !secretName(name) {
			fields[name] = values
		}
	}
	return fields, len(sent.Typed(fields)) > 0
}

// formAt finds the form that is sent to a path.
func (p Posts) formAt(path string) (form.Form, bool) {
	for _, f := range p.Forms {
		if f.Sent(path) {
			return f, true
		}
	}
	return form.Form{}, false
}

func secretName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "password") || strings.Contains(name, "secret") || name == "code"
}

// Refuse is the answer to a request whose session has ended: its form is held, if it has one, and the
// browser goes to the start page, which says so.
func (p Posts) Refuse(w http.ResponseWriter, r *http.Request) error {
	done, err := p.Hold(w, r)
	if err != nil {
		return err
	}
	if done {
		return web.Redirect{To: "/?signed-out=1&kept=1"}
	}
	return web.Redirect{To: "/?signed-out=1"}
}

// Onward is where the browser goes after somebody logged in: to a form that waits, or else where it would.
func Onward(r *http.Request, otherwise string) string {
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, web.CookiePrefix+heldCookie) && c.Value != "" {
			return Path
		}
	}
	return otherwise
}

// Waits reports whether the start page is to say that a form waits.
func Waits(r *http.Request) bool { return r.URL.Query().Has("kept") }

// Find gives the form that is held for this person on this browser, or fault.NotFound.
func (p Posts) Find(r *http.Request, subject string) (sent Form, err error) {
	id, secret := session.Split(web.Cookie(r, p.cookie(subject)))
	f, err := db.Read(r.Context(), p.DB, func(dr db.R) (session.Flow[state], error) {
		return p.flows().Load(r.Context(), dr, id, secret)
	})
	if errors.Is(err, fault.Expired) || err == nil && !hmac.Equal(f.State.Owner, p.digest(subject)) {
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

// Sent takes note of a request that sends a held form once more. What the page did not show, such as the version that
// its author saw, is added as it was held; then nothing is held any more.
func (p Posts) Sent(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost || !plainForm(r) || r.PostFormValue(resent) == "" {
		return nil
	}
	subject := web.Actor(r).ID
	sent, err := p.Find(r, subject)
	if errors.Is(err, fault.NotFound) || err == nil && sent.Path != r.URL.EscapedPath() {
		return nil
	}
	if err != nil {
		return err
	}
	for name, values := range sent.Fields {
		if f, _ := p.formAt(sent.Path); f.Hides(name) {
			r.PostForm[name] = values
		}
	}
	return p.Drop(w, r, subject)
}

// Drop discards the form that is held for somebody on this browser, if there is one.
func (p Posts) Drop(w http.ResponseWriter, r *http.Request, subject string) error {
	if web.Cookie(r, p.cookie(subject)) == "" {
		return nil
	}
	web.ClearCookie(w, p.cookie(subject))
	return p.DB.Keep(r.Context(), func(k *db.K) error { return p.take(r, k, subject) })
}

// take deletes the row of the form that is held for somebody on this browser, if there is one.
func (p Posts) take(r *http.Request, k *db.K, subject string) error {
	id, secret := session.Split(web.Cookie(r, p.cookie(subject)))
	_, err := p.flows().Take(r.Context(), k, id, secret)
	if errors.Is(err, fault.Expired) {
		return nil
	}
	return err
}
