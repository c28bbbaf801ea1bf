// Package entry is where people come in to the directory and go out again.
package entry

import (
	"errors"
	"net/http"
	"strings"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// Cookies of flows that are under way on a browser.
const (
	pendingCookie  = "dos-sign-in"
	arrivalCookie  = "dos-arrival"
	CeremonyCookie = "dos-link" // read by the pages of the link ceremony
	flowSeconds    = 15 * 60
)

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
	s.Handle("POST /sign-out", f.SignedIn(), e.signOut)
	s.Handle("GET /signed-out", web.Anyone, e.signedOut)
	s.Handle("GET /link/refused/{why}", f.Perhaps(), e.refused)
	s.Handle("GET /request-account", f.Perhaps(), e.requestAccount)
	s.Handle("GET /help", f.Perhaps(), e.help)
	s.HandleCalls("POST /backchannel-logout", web.Anyone, e.providerLogout)
	s.Handle("GET /.well-known/jwks.json", web.Anyone, e.keys)
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
	typed, plain := loginView{Username: strings.TrimSpace(r.PostFormValue("username"))}, r.PostFormValue("password")
	if typed.Username == "" {
		typed.NoUsername = "Enter your username"
	}
	if plain == "" {
		typed.NoPassword = "Enter your password"
	}
	if typed.NoUsername+typed.NoPassword != "" {
		return e.front(w, r, http.StatusUnprocessableEntity, frontView{Login: typed})
	}
	cookie, err := e.desk.WithPassword(r.Context(), web.Actor(r), typed.Username, plain, frame.Before(r))
	if signin.PasswordOver(err) {
		return e.passwordOver(w, r, err)
	}
	if errors.Is(err, fault.Unauthenticated) {
		return e.front(w, r, http.StatusUnprocessableEntity, frontView{Login: typed.wrong(err)})
	}
	if err != nil {
		return err
	}
	endFlows(w)
	frame.SignIn(w, cookie)
	return web.SeeOther(w, r, held.Onward(r, "/"), "")
}

// wrong says of both fields what is wrong with them.
func (v loginView) wrong(err error) loginView {
	f, _ := fault.From(err)
	v.Wrong, v.Cure = f.Says, f.Cure
	return v
}

// endFlows leaves nothing on the browser of what somebody else may have begun on it.
func endFlows(w http.ResponseWriter) {
	web.ClearCookie(w, arrivalCookie)
	web.ClearCookie(w, CeremonyCookie)
}

// passwordOver is the page for a right password that no longer opens the account.
func (e *Entry) passwordOver(w http.ResponseWriter, r *http.Request, err error) error {
	f, _ := fault.From(err)
	return e.notice(w, r, http.StatusForbidden, words{title: strings.TrimSuffix(f.Says, "."), paragraphs: []string{f.Cure}, again: true,
		places: []path.Place{path.PlaceFindRA, path.PlaceRequestAccount}})
}

// start sends the browser to CIS2. Somebody signed in by password goes there to link their account.
func (e *Entry) start(w http.ResponseWriter, r *http.Request) error {
	current := frame.Who(r)
	if current != nil && current.Session.State.How != signin.ByPassword {
		current = nil
	}
	to, cookie, err := e.desk.Start(r.Context(), current)
	if err != nil {
		return err
	}
	web.SetCookie(w, pendingCookie, cookie, flowSeconds)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// callback is where CIS2 sends the browser back to. Whatever comes of it, the browser ends at an address
// without a code in it.
func (e *Entry) callback(w http.ResponseWriter, r *http.Request) error {
	cookie := web.Cookie(r, pendingCookie)
	web.ClearCookie(w, pendingCookie)
	pending, person, err := e.desk.Redeem(r.Context(), cookie, r.URL.Query())
	if err != nil {
		return err
	}
	if pending.LinkFor != "" {
		ceremony, err := e.linker.FromSession(r.Context(), web.Actor(r), pending, person)
		if why, refused := linking.WhyNot(err); refused {
			return web.SeeOther(w, r, RefusedAt(why), "")
		}
		if err != nil {
			return err
		}
		web.SetCookie(w, CeremonyCookie, ceremony, flowSeconds)
		return web.SeeOther(w, r, "/link/confirm", "")
	}
	outcome, session, err := e.desk.Complete(r.Context(), web.Actor(r), person, frame.Before(r))
	if err != nil {
		return err
	}
	if outcome == signin.Enter {
		endFlows(w)
		frame.SignIn(w, session)
		return web.SeeOther(w, r, held.Onward(r, "/"), "")
	}
	frame.SignOut(w)
	if outcome == signin.NoAccount {
		arrival, err := e.linker.KeepArrival(r.Context(), person)
		if err != nil {
			return err
		}
		web.SetCookie(w, arrivalCookie, arrival, flowSeconds)
	}
	return web.SeeOther(w, r, "/sign-in/"+string(outcome), "")
}

// RefusedAt is the page that says why a link may not be, and what to do instead.
func RefusedAt(why linking.Refusal) string {
	if why == linking.SharedAccount {
		return "/request-account?shared=1"
	}
	return "/link/refused/" + string(why)
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
	v.Page, v.Name = e.frame.Page(w, r, "Link your Directory of Services account"), arrived.Name
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
		return web.SeeOther(w, r, RefusedAt(why), "")
	}
	if errors.Is(err, fault.Unauthenticated) {
		return e.noAccount(w, r, http.StatusUnprocessableEntity, claimView{Login: typed.wrong(err)})
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, CeremonyCookie, cookie, flowSeconds)
	return web.SeeOther(w, r, "/link/confirm", "")
}

func (e *Entry) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := e.desk.SignOut(r.Context(), web.Actor(r), *frame.Who(r)); err != nil {
		return err
	}
	endFlows(w)
	frame.SignOut(w)
	return web.SeeOther(w, r, "/signed-out", "")
}

func (e *Entry) signedOut(w http.ResponseWriter, r *http.Request) error {
	v := noticeView{Page: e.frame.Page(w, r, "You are signed out"), Paragraphs: []string{
		"You are signed out of the Directory of Services.",
		"Your Care Identity may still be signed in to other services on this computer. On a shared computer, sign out of it too.",
	}}
	v.Links = append(v.Links, page.Link{Text: "Sign in again", Href: "/"})
	if to, err := e.desk.Relying.LogoutURL(r.Context(), "", ""); err == nil {
		v.Links = append(v.Links, page.Link{Text: "Sign out of my Care Identity", Href: to})
	}
	return web.Show(w, r, http.StatusOK, noticePage(v))
}

// providerLogout is told by CIS2 that a sign-in has ended there.
func (e *Entry) providerLogout(w http.ResponseWriter, r *http.Request) error {
	err := e.desk.ProviderLogout(r.Context(), web.Actor(r), r.PostFormValue("logout_token"))
	if f, known := fault.From(err); known && f.Code == fault.Invalid {
		return web.JSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": f.Says})
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// keys is the public keys by which CIS2 knows the directory.
func (e *Entry) keys(w http.ResponseWriter, _ *http.Request) error {
	return web.JSON(w, http.StatusOK, e.desk.Relying.JWKS())
}
