// Package entry is where people come in to the directory and go out again.
package entry

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
)

// Cookies of flows that are under way on a browser.
const (
	arrivalCookie = "dos-arrival"
	flowSeconds   = 15 * 60
)

// Flows are those cookies.
var Flows = []string{arrivalCookie, frame.CeremonyCookie}

// guesses is how many times a minute one address may try a password on one node; whole hospitals share one.
const guesses = 60

// Entry is the pages.
type Entry struct {
	frame  *frame.Frame
	desk   *signin.Desk
	linker *linking.Linker
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) *Entry {
	e := &Entry{frame: f, desk: f.Desk, linker: f.Linker}
	s.Handle("POST /sign-in", web.Anyone, s.PerMinute(guesses, e.withPassword))
	s.Handle("POST /sign-in/care-identity", f.Perhaps(), e.start)
	s.Handle("GET /signin/callback", f.Perhaps(), e.callback)
	s.Handle("GET /sign-in/{outcome}", web.Anyone, e.outcome)
	s.Handle("POST /link/claim", web.Anyone, s.PerMinute(guesses, e.claim))
	s.Handle("GET /link/refused/{why}", f.Perhaps(), e.refused)
	s.Handle("GET /request-account", f.Perhaps(), e.requestAccount)
	s.Handle("GET /help", f.Perhaps(), e.help)
	return e
}

// Front shows the page of a browser on which nobody is signed in.
func (e *Entry) Front(w http.ResponseWriter, r *http.Request) error {
	return e.front(w, r, http.StatusOK, frontView{SignedOut: r.URL.Query().Has("signed-out"), Kept: held.Kept(r)})
}

func (e *Entry) front(w http.ResponseWriter, r *http.Request, status int, v frontView) error {
	v.Page = e.frame.Page(w, r, "")
	v.Page.Error = len(v.Login.Problems()) > 0
	e.frame.LeadToSignIn(w)
	return web.Show(w, r, status, frontPage(v))
}

func (e *Entry) withPassword(w http.ResponseWriter, r *http.Request) error {
	typed := loginView{Username: strings.TrimSpace(r.PostFormValue("username"))}
	plain := r.PostFormValue("password")
	if typed.Username == "" {
		typed.NoUsername = "Enter your username"
	}
	if plain == "" {
		typed.NoPassword = "Enter your password"
	}
	if typed.NoUsername+typed.NoPassword != "" {
		return e.front(w, r, http.StatusUnprocessableEntity, frontView{Login: typed})
	}
	cookie, err := e.desk.WithPassword(r.Context(), web.Actor(r), typed.Username, plain, e.frame.Cookie(r))
	if signin.PasswordOver(err) {
		return e.passwordOver(w, r, err)
	}
	if errors.Is(err, fault.Unauthenticated) {
		return e.front(w, r, http.StatusUnprocessableEntity, frontView{Login: typed.wrong(err)})
	}
	if err != nil {
		return err
	}
	e.frame.SetCookie(w, cookie)
	return web.SeeOther(w, r, held.Onward(r, "/"), "")
}

// wrong says of both fields what is wrong with them.
func (v loginView) wrong(err error) loginView {
	f, _ := fault.From(err)
	v.Wrong = f.Says
	v.Cure = f.Cure
	return v
}

// passwordOver is the page for a right password that no longer opens the account.
func (e *Entry) passwordOver(w http.ResponseWriter, r *http.Request, err error) error {
	f, _ := fault.From(err)
	return e.notice(w, r, http.StatusForbidden,
		words{title: strings.TrimSuffix(f.Says, "."), paragraphs: []string{f.Cure}, again: true,
			places: []path.Place{path.PlaceFindRA, path.PlaceRequestAccount}})
}

// start sends the browser to CIS2. Somebody signed in by password goes there to link their account.
func (e *Entry) start(w http.ResponseWriter, r *http.Request) error {
	var ask portal.Ask
	if c := frame.Who(r); c != nil && c.Session.State.How == signin.ByPassword {
		ask.Subject = c.Account.ID
		ask.Session = c.Session.ID
	}
	return e.frame.Start(w, r, ask)
}

// callback is where CIS2 sends the browser back to. Whatever comes of it, the browser ends at an address
// without a code in it.
func (e *Entry) callback(w http.ResponseWriter, r *http.Request) error {
	pending, person, err := e.frame.Arrive(w, r)
	if err != nil {
		return err
	}
	if pending.Subject != "" {
		return e.link(w, r, pending, person)
	}
	var outcome signin.Outcome
	admit := func(ctx context.Context, u *db.W) (made portal.Admission[signin.State], err error) {
		outcome, made, err = signin.Admit(ctx, u, person)
		return made, err
	}
	in, err := e.frame.Enter(w, r, person, admit)
	switch {
	case err != nil:
		return err
	case in:
		return web.SeeOther(w, r, held.Onward(r, "/"), "")
	case outcome == signin.NoAccount:
		arrival, err := e.linker.KeepArrival(r.Context(), person)
		if err != nil {
			return err
		}
		web.SetCookie(w, arrivalCookie, arrival, flowSeconds)
	}
	return web.SeeOther(w, r, "/sign-in/"+string(outcome), "")
}

// link begins the ceremony for somebody who was signed in by password when they went to CIS2.
func (e *Entry) link(w http.ResponseWriter, r *http.Request, pending portal.Pending, person cis2.Person) error {
	ceremony, err := e.linker.FromSession(r.Context(), web.Actor(r), pending, person)
	if why, refused := linking.WhyNot(err); refused {
		return web.SeeOther(w, r, frame.LinkRefusedAt(why), "")
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.CeremonyCookie, ceremony, flowSeconds)
	return web.SeeOther(w, r, "/link/confirm", "")
}

// outcome is the page of somebody who did not come in.
func (e *Entry) outcome(w http.ResponseWriter, r *http.Request) error {
	outcome := signin.Outcome(r.PathValue("outcome"))
	if outcome == signin.NoAccount {
		return e.noAccount(w, r, http.StatusOK, claimView{})
	}
	says, known := outcomes[outcome]
	if !known {
		return fault.NotFound
	}
	return e.notice(w, r, http.StatusOK, says)
}

func (e *Entry) noAccount(w http.ResponseWriter, r *http.Request, status int, v claimView) error {
	arrived, err := e.linker.FindArrival(r.Context(), web.Cookie(r, arrivalCookie))
	if err != nil {
		return err
	}
	if v.Candidate, err = e.linker.Candidate(r.Context(), arrived); err != nil {
		return err
	}
	v.Page = e.frame.Page(w, r, "Link your Directory of Services account")
	v.Name = arrived.Name
	v.Page.Error = len(v.Login.Problems()) > 0
	if !v.Page.Error {
		v.Login.Username = v.Candidate
	}
	return web.Show(w, r, status, claimPage(v))
}

func (e *Entry) claim(w http.ResponseWriter, r *http.Request) error {
	arrived, err := e.linker.FindArrival(r.Context(), web.Cookie(r, arrivalCookie))
	if err != nil {
		return err
	}
	typed := loginView{Username: strings.TrimSpace(r.PostFormValue("username"))}
	if typed.Username == "" {
		typed.NoUsername = "Enter your Directory of Services username"
		return e.noAccount(w, r, http.StatusUnprocessableEntity, claimView{Login: typed})
	}
	cookie, err := e.linker.ByClaim(r.Context(), web.Actor(r), arrived, typed.Username, r.PostFormValue("password"))
	if why, refused := linking.WhyNot(err); refused {
		return web.SeeOther(w, r, frame.LinkRefusedAt(why), "")
	}
	if errors.Is(err, fault.Unauthenticated) {
		return e.noAccount(w, r, http.StatusUnprocessableEntity, claimView{Login: typed.wrong(err)})
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.CeremonyCookie, cookie, flowSeconds)
	return web.SeeOther(w, r, "/link/confirm", "")
}
