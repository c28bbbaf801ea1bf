// Package held keeps forms that arrive when their author is not logged in any more, or may not send them at that
// moment, until they send them once more on the same browser, or discard them.
//
// The seal of the form says who its author is, so that a stranger cannot have forms kept; nobody else is shown what was
// typed. Passwords and codes are not kept. The package does not know what any form is for.
package held

import (
	"context"
	"errors"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
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
	AnotherPerson = Cause{Title: "Somebody else was logged in when you sent this",
		Text: "Somebody else was logged in on this browser when this reached us."}
	ForProof = Cause{Title: "Check what you typed, and send it",
		Text: "It is done only when you have confirmed that it is you."}
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

func (p Posts) flows() session.Flows[state] {
	return session.Flows[state]{Name: "held form " + p.Site, Life: life}
}

func (p Posts) digest(subject string) []byte { return p.Box.Digest("held/" + p.Site + "/" + subject) }

// Hold keeps the form of a request for its author, beside those that were kept for them before, and reports whether it
// did. Nothing is kept for somebody who may not log in any more.
func (p Posts) Hold(w http.ResponseWriter, r *http.Request, because Cause) (bool, error) {
	author, err := web.SealedFor(r)
	if err != nil || author.ID == "" || r.Method != http.MethodPost || !plainForm(r) {
		return false, nil //nolint:nilerr // what has no seal is nobody's
	}
	fields, ok := p.fieldsOf(r, author.Offers)
	if !ok {
		return false, nil
	}
	before, err := p.resent(r, author.ID)
	if err == nil {
		before.Cause = because
		return true, p.keep(w, r, author.ID, before) // with what its page does not show
	}
	if !errors.Is(err, fault.NotFound) {
		return false, err
	}
	active, err := db.Read(r.Context(), p.DB, func(dr db.R) (bool, error) {
		return p.Active(r.Context(), dr, author.ID)
	})
	if err != nil || !active {
		return false, err
	}
	sent := Form{Path: r.URL.EscapedPath(), Fields: fields, About: author.About, Cause: because,
		Offers: chosen(author.Offers, fields)}
	place, err := p.placeFor(r, author.ID, sent)
	if err != nil {
		return false, err
	}
	return true, p.keep(w, r, author.ID, placed{Form: sent, place: place})
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
	list, err := p.list(r, subject)
	return len(list) > 0, err
}

// resent gives the held form of somebody that a request sends once more, or fault.NotFound.
func (p Posts) resent(r *http.Request, subject string) (one placed, err error) {
	place, named := placeNamed(r.PostFormValue(resent))
	if !named {
		return one, fault.NotFound
	}
	one, err = p.find(r, subject, place)
	if err == nil && one.Path != r.URL.EscapedPath() {
		return one, fault.NotFound
	}
	return one, err
}

// Sent takes note of a form that somebody sends. One that was held is held no longer, whether they send it once more or
// fill the same in again. What the page of held forms did not show, such as the version that its author saw, is added
// as it was held.
func (p Posts) Sent(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost || !plainForm(r) {
		return nil
	}
	subject := web.Actor(r).ID
	sent, err := p.resent(r, subject)
	if errors.Is(err, fault.NotFound) {
		return p.dropSame(w, r, subject)
	}
	if err != nil {
		return err
	}
	f := p.declared(sent.Form)
	for name, values := range sent.Fields {
		if f.Hides(name) {
			r.PostForm[name] = values
		}
	}
	return p.dropOne(w, r, subject, sent.place)
}

// dropSame discards the form of somebody that is held as the request sends it.
func (p Posts) dropSame(w http.ResponseWriter, r *http.Request, subject string) error {
	list, err := p.list(r, subject)
	if err != nil {
		return err
	}
	for _, one := range list {
		fields, typed := p.fieldsOf(r, one.Offers)
		if typed && one.is(r.URL.EscapedPath(), fields) {
			return p.dropOne(w, r, subject, one.place)
		}
	}
	return nil
}

// Drop discards all forms that are held for somebody on this browser.
func (p Posts) Drop(w http.ResponseWriter, r *http.Request, subject string) error {
	for place := range maxForms {
		if err := p.dropOne(w, r, subject, place); err != nil {
			return err
		}
	}
	return nil
}
