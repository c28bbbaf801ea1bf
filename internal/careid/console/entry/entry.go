// Package entry serves the pages on which people come in to Care Identity Management, which they do through CIS2 as at
// any service.
package entry

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// The kinds of events that this package records.
const (
	eventNotIn audit.Kind = "cim.not-in"
	eventIn    audit.Kind = "cim.in"
)

// Entry serves the pages.
type Entry struct{ frame *frame.Frame }

// logInForm sends the browser to CIS2.
var logInForm = form.Form{Path: "/sign-in", At: "/"}

// strongerForm sends the browser of somebody who is logged in at AAL2 to CIS2 again, for AAL3.
var strongerForm = form.Form{
	Path: frame.StrongerPath, Page: "Log in with a stronger authenticator", Act: "Log in again",
	Fields: []form.Field{form.Hidden("back")},
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	e := &Entry{frame: f}
	s.Handle("GET /{$}", f.MaybeSignedIn(), e.front)
	s.Begins("POST "+logInForm.Path, nil)
	f.HandleForm(s, logInForm, f.MaybeSignedIn(), e.start)
	f.HandleCallback(s, e.callback)
	s.Handle("GET "+strongerForm.Path, f.SignedIn(), e.askStronger)
	f.HandleForm(s, strongerForm, f.SignedIn(), e.stronger)
	s.Handle("GET "+path.ApplyPage, f.MaybeSignedIn(), e.apply)
}

func (e *Entry) front(w http.ResponseWriter, r *http.Request) error {
	interruption, err := e.frame.Interruption(w, r)
	if err != nil {
		return err
	}
	v := frontView{Page: e.frame.Page(w, r, ""), Form: logInForm.New(r), Interruption: interruption}
	if c := frame.User(r); c != nil {
		v.Name = c.Identity.DisplayName()
	}
	return web.Show(w, r, http.StatusOK, frontPage(v))
}

func (e *Entry) start(w http.ResponseWriter, r *http.Request) error {
	return e.frame.Start(w, r, portal.Ask{})
}

// callback takes the browser that CIS2 sends back, and sends it on to an address without a code in it.
func (e *Entry) callback(w http.ResponseWriter, r *http.Request) error {
	pending, person, err := e.frame.Arrive(w, r)
	if err != nil {
		return err
	}
	entered, err := e.frame.Enter(w, r, person,
		func(ctx context.Context, u *db.W) (portal.Admission[frame.State], error) {
			return admit(ctx, u, person)
		})
	if err != nil {
		return err
	}
	return e.frame.ComeBack(w, r, pending, entered.Subject, path.ProfilePage)
}

var errNotActive = fault.SayCure(fault.Forbidden,
	"Your Care Identity is not active here.", "Contact your registration authority.")

// admit lets a person in whose care identity is active here.
func admit(ctx context.Context, w *db.W, p cis2.Person) (portal.Admission[frame.State], error) {
	i, err := identity.ByUUID(ctx, w, p.Subject)
	if errors.Is(err, fault.NotFound) || err == nil && i.Status != identity.Active {
		err = w.Refuse(ctx, audit.Event{Kind: eventNotIn, Subject: identity.Ref(p.Subject)}, errNotActive)
	}
	return portal.Admission[frame.State]{
		Admitted: true,
		Subject:  i.UUID,
		State:    frame.State{Role: p.SelectedRoleID, Proved: p.AuthTime, Level: p.AuthenticationLevel.Number()},
		Event:    audit.Event{Kind: eventIn, Subject: identity.Ref(i.UUID)},
	}, err
}

// askStronger says why somebody has to log in once more, and what to do if they cannot.
func (e *Entry) askStronger(w http.ResponseWriter, r *http.Request) error {
	can, err := e.frame.CanBeStrong(r)
	if err != nil {
		return err
	}
	f := strongerForm.New(r)
	if back := r.URL.Query().Get("back"); web.Local(back) {
		f.Set("back", back)
	}
	waits, err := e.frame.Held.Waits(r, frame.User(r).Identity.UUID)
	if err != nil {
		return err
	}
	v := strongerView{Page: e.frame.Page(w, r, strongerForm.Page), Form: f, Can: can, Waits: waits}
	v.Page.BackHref = path.ProfilePage
	return web.Show(w, r, http.StatusOK, strongerPage(v))
}

func (e *Entry) stronger(w http.ResponseWriter, r *http.Request) error {
	return e.frame.LogInStronger(w, r, strongerForm.Read(r).Value("back"))
}

func (e *Entry) apply(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, noticePage(noticeView{
		Page: e.frame.Page(w, r, "Obtain a Care Identity"),
		Paragraphs: []string{
			"You need a Care Identity to use services that hold information about patients. " +
				"Your registration authority makes it: they meet you, or they invite you to apply online.",
			"If you were invited, open the link in the mail that you got. It takes about 15 minutes, on a phone or a " +
				"computer, and you can stop and go on later. If the link does not work any more, ask whoever invited " +
				"you for another one: their address is in the mail.",
			"Have these ready:",
		},
		Bullets: []string{
			"a photo identity document, such as a passport or driving licence",
			"two proofs of your address, such as a council tax bill and a bank statement",
			"your National Insurance number",
			"your own work email address and a phone",
		},
		Links: []page.Link{{Text: "Find your registration authority", Href: path.FindRAPage}},
	}))
}
