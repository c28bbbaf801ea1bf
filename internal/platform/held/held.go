// Package held keeps a form that arrives when its author is not logged in any more, or may not send it at that moment,
// until they send it once more on the same browser, or discard it.
//
// The seal of the form says who its author is, so that a stranger cannot have forms kept; nobody else is shown what was
// typed. Passwords and codes are not kept. The package does not know what any form is for.
package held

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// Posts are the forms held for one site.
type Posts struct {
	DB    *db.DB
	Box   *seal.Box
	Site  string
	Forms []form.Form // of the site; what was typed is shown in the words of the form it was typed into
	// Active reports whether somebody may still log in. A page that was rendered for them may be older.
	Active func(ctx context.Context, r db.R, subject string) (bool, error)
}

// Form holds what somebody sent.
type Form struct {
	Path   string // where to
	Fields url.Values
	About  string     // whom or what it concerns, as its page said
	Offers web.Offers // what was chosen, as its page called it
	Cause  Cause
}

// Cause is why a form is held, as its page says it to its author.
type Cause struct {
	Title string
	Text  string
	First page.Link // what they do before they send it, if it is not done yet; empty where that is nothing
}

// The causes that every site has.
var (
	LoggedOut = Cause{Title: "You were logged out while you were working",
		Text: "You were no longer logged in when this reached us."}
	ForProof = Cause{Title: "Check what you typed, and send it",
		Text: "You have confirmed that it is you, as this needs."}
)

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

// cookie names the cookie of the form that is held for somebody, of which each person has their own on a browser.
func (p Posts) cookie(subject string) string {
	return "held-" + hex.EncodeToString(p.digest(subject)[:6])
}

// id is that of the row of the form that is held for somebody. There is one, whichever browsers they use: what their
// pages can have kept is bounded, however often they are sent.
func (p Posts) id(subject string) string { return "held-" + hex.EncodeToString(p.digest(subject)[:16]) }

func (p Posts) flows() session.Flows[state] {
	return session.Flows[state]{Name: "held form " + p.Site, Life: life}
}

func (p Posts) digest(subject string) []byte { return p.Box.Digest("held/" + p.Site + "/" + subject) }

// Hold keeps the form of a request for its author, in place of one that was kept for them before, and reports whether
// it did. Nothing is kept for somebody who may not log in any more.
func (p Posts) Hold(w http.ResponseWriter, r *http.Request, because Cause) (bool, error) {
	author, err := web.SealedFor(r)
	if err != nil || author.ID == "" || r.Method != http.MethodPost || !plainForm(r) {
		return false, nil //nolint:nilerr // what has no seal is nobody's
	}
	fields, ok := p.fieldsOf(r, author.Offers)
	if !ok {
		return false, nil
	}
	before, err := p.Find(r, author.ID)
	if err == nil && r.PostForm.Get(resent) != "" && before.Path == r.URL.EscapedPath() {
		before.Cause = because
		return true, p.keep(w, author.ID, r, before) // with what its page does not show
	}
	active, err := db.Read(r.Context(), p.DB, func(dr db.R) (bool, error) {
		return p.Active(r.Context(), dr, author.ID)
	})
	if err != nil || !active {
		return false, err
	}
	sent := Form{Path: r.URL.EscapedPath(), Fields: fields, About: author.About, Cause: because,
		Offers: chosen(author.Offers, fields)}
	return true, p.keep(w, author.ID, r, sent)
}

func (p Posts) keep(w http.ResponseWriter, owner string, r *http.Request, sent Form) error {
	text, err := json.Marshal(sent)
	if err != nil {
		return fmt.Errorf("hold form: %w", err)
	}
	row := state{Owner: p.digest(owner), Sealed: p.Box.Seal(text, p.Site+"/held")}
	id := p.id(owner)
	secret := random.Secret()
	err = p.DB.Keep(r.Context(), func(k *db.K) error { return p.flows().Replace(r.Context(), k, id, secret, row) })
	if err != nil {
		return err
	}
	web.SetCookie(w, p.cookie(owner), session.Cookie(id, secret), int(life/time.Second))
	return nil
}

func plainForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// fieldsOf reads what was sent of the form that belongs to the path, without what must not be kept. A form in which
// nothing was typed, such as one that is a button, is not held: its sender could not see what they would send.
func (p Posts) fieldsOf(r *http.Request, offers web.Offers) (url.Values, bool) {
	if err := r.ParseForm(); err != nil || len(r.PostForm.Encode()) > maxBytes {
		return nil, false
	}
	sent, found := p.formAt(r.URL.EscapedPath())
	if !found {
		return nil, false
	}
	fields := url.Values{}
	for _, name := range sent.Names() {
		if values, typed := r.PostForm[name]; typed && sent.Keeps(name) {
			fields[name] = values
		}
	}
	return fields, len(sent.Offering(offers).Typed(fields)) > 0
}

// chosen gives those of the offers that were taken.
func chosen(offers web.Offers, fields url.Values) web.Offers {
	taken := web.Offers{}
	for name, words := range offers {
		taken[name] = maps.Clone(words)
		maps.DeleteFunc(taken[name], func(value, _ string) bool { return !slices.Contains(fields[name], value) })
	}
	return taken
}

// declared is the form that is held, with the words for what was chosen in it.
func (p Posts) declared(sent Form) form.Form {
	f, _ := p.formAt(sent.Path)
	return f.Offering(sent.Offers)
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

// PageOf gives the path of the page on which the form of a request stands; empty where no form is sent there.
func (p Posts) PageOf(r *http.Request) string {
	if sent, found := p.formAt(r.URL.EscapedPath()); found && r.Method == http.MethodPost {
		return sent.StandsAt(r)
	}
	return ""
}

// Waits reports whether a form is held for this person on this browser, whoever else has one there.
func (p Posts) Waits(r *http.Request, subject string) (bool, error) {
	if web.Cookie(r, p.cookie(subject)) == "" {
		return false, nil
	}
	_, err := p.Find(r, subject)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

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
	f := p.declared(sent)
	for name, values := range sent.Fields {
		if f.Hides(name) {
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
