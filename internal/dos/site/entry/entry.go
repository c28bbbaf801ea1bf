// Package entry serves the pages on which people sign in to the directory, and those that tell them why they cannot.
package entry

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/request"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Cookies of what is in progress on a browser.
const (
	arrivalCookie = "dos-arrival"
	visitorCookie = "dos-visitor"
	flowSeconds   = 15 * 60
)

// Flows lists those cookies.
var Flows = []string{
	arrivalCookie, visitorCookie, refusedCookie, frame.CeremonyCookie, frame.UndoCookie, frame.AnswersCookie,
	frame.RequestCookie, frame.TicketCookie, frame.ForgottenCookie, frame.InviteCookie,
}

// maxTriesPerMinute limits how often one network address may try a password on one node. Whole hospitals share one
// address.
const maxTriesPerMinute = 60

// Entry serves the pages.
type Entry struct {
	frame     *frame.Frame
	passwords *signin.PasswordSignIn
	linker    *linking.Linker
	asker     rollout.Asker
	cases     *shared.Cases
}

// Mount adds the pages to the site. asker is nil if the care identity side answers no questions.
func Mount(s *web.Site, f *frame.Frame, asker rollout.Asker, cases *shared.Cases) *Entry {
	e := &Entry{frame: f, passwords: f.Passwords, linker: f.Linker, asker: asker, cases: cases}
	f.HandleForm(s, passwordForm, f.MaybeSignedIn(), s.PerMinute(maxTriesPerMinute, e.withPassword))
	s.Begins("POST "+frame.LogInForm.Path, f.Known.Any)
	f.HandleForm(s, frame.LogInForm, f.MaybeSignedIn(), e.start)
	f.HandleCallback(s, e.callback)
	s.Handle("GET /sign-in/no-account", f.MaybeSignedIn(), e.unlinked)
	s.Handle("GET /sign-in/{outcome}", web.Once(f.MaybeSignedIn()), e.outcome)
	e.mountChoices(s)
	f.HandleForm(s, claimForm, f.MaybeSignedIn(), s.PerMinute(maxTriesPerMinute, e.claim))
	s.Handle("GET "+relinkCodeForm.Path, f.MaybeSignedIn(), e.relinkCode)
	f.HandleForm(s, relinkCodeForm, f.MaybeSignedIn(), s.PerMinute(maxTriesPerMinute, e.claimByRelinkCode))
	s.Handle("GET /link/refused/{reason}", web.Once(f.MaybeSignedIn()), e.refused)
	return e
}

// Front shows the front page for people who are not signed in.
func (e *Entry) Front(w http.ResponseWriter, r *http.Request) error {
	interruption, err := e.frame.Interruption(w, r)
	if err != nil {
		return err
	}
	return e.front(w, r, http.StatusOK, frontView{Interruption: interruption, Password: passwordForm.New(r)})
}

func (e *Entry) front(w http.ResponseWriter, r *http.Request, status int, v frontView) error {
	v.Page = e.frame.Page(w, r, "")
	v.Page.Error = v.Password.HasProblems()
	v.CareIdentity = frame.LogInForm.New(r)
	return web.Show(w, r, status, frontPage(v))
}

func (e *Entry) withPassword(w http.ResponseWriter, r *http.Request) error {
	typed := passwordForm.Read(r)
	if !typed.Complete() {
		return e.front(w, r, http.StatusUnprocessableEntity, frontView{Password: typed})
	}
	begun, err := e.passwords.WithPassword(r.Context(), web.Actor(r), e.typed(r, typed), e.frame.Cookie(r))
	if outcome, ended := signin.PasswordsEnded(err); ended {
		if err := e.keepRefused(w, cis2.Person{}, begun.AccountID, passwordsEnded(err)); err != nil {
			return err
		}
		return web.SeeOnce(w, r, "/sign-in/"+string(outcome))
	}
	if errors.Is(err, fault.Unauthenticated) || errors.Is(err, signin.ErrTooManyTries) {
		refuseBoth(r, typed, err)
		return e.front(w, r, http.StatusUnprocessableEntity, frontView{Password: typed})
	}
	if typed.Busy(err) {
		return e.front(w, r, typed.Status(), frontView{Password: typed})
	}
	if err != nil {
		return err
	}
	if err := e.frame.Known.Remember(w, r, begun.AccountID); err != nil {
		return err
	}
	e.frame.SetCookie(w, r, begun.AccountID, begun.Cookie)
	id, _ := session.Split(begun.Cookie)
	asks, err := e.cases.NoteUse(r.Context(), web.Actor(r), begun.AccountID, id, r.UserAgent())
	if err != nil {
		return err
	}
	if asks {
		return web.SeeOther(w, r, frame.WhoPath, "")
	}
	return e.frame.GoOn(w, r, begun.AccountID, "/", "")
}

// typed gives what was typed into a form with a username and a password.
func (e *Entry) typed(r *http.Request, f *form.Rendered) signin.Typed {
	return signin.Typed{
		Username: f.Value("username"), Password: f.Value("password"), Browser: e.frame.Known.Of(r),
		Network: web.Actor(r).Network,
	}
}

// refuseBoth marks both the username and the password, without saying which of them was wrong.
func refuseBoth(r *http.Request, typed *form.Rendered, err error) {
	web.Log(r, slog.String("refused", err.Error()))
	said, _ := fault.From(err)
	typed.Add(form.Problem{Field: "username", Summary: typed.Say(said)})
	typed.Add(form.Problem{Field: "password"})
}

// passwordsEnded says why a right password no longer opens the account.
func passwordsEnded(reason error) notice {
	f, _ := fault.From(reason)
	n := notice{title: strings.TrimSuffix(f.Message, "."), paragraphs: []string{f.Cure}, logIn: true,
		places: []path.Place{path.PlaceFindRA, path.PlaceRequestAccount}, administrators: true}
	if !errors.Is(reason, signin.ErrSharedEnded) { // no exception opens a shared account
		n.instead = "A DoS user administrator can let your password work for 24 hours."
	}
	return n
}

// early says to the holder of an account that its passwords ended before the day that they were told; nothing to
// others.
func (e *Entry) early(r *http.Request, p refusedPerson) ([]string, error) {
	if p.Account == "" {
		return nil, nil
	}
	of, err := db.Read(r.Context(), e.passwords.DB, func(read db.R) (wave.Wave, error) {
		return wave.Of(r.Context(), read, p.Account)
	})
	told := of.Early(e.passwords.DB.Now())
	if err != nil || told.IsZero() {
		return nil, err
	}
	came := "It came earlier."
	if !of.Since.IsZero() {
		came = "It came earlier: on " + when.DateTime(of.Since) + "."
	}
	return []string{"You may have read that this would be on " + when.Date(told) + ". " + came +
		" Your administrator can tell you why."}, nil
}

// start sends the browser to CIS2. Somebody signed in by password goes there to link their account.
func (e *Entry) start(w http.ResponseWriter, r *http.Request) error {
	var ask portal.Ask
	if c := frame.User(r); c != nil && c.Session.State.How == signin.ByPassword {
		claim := linking.Claim{AccountID: c.Account.ID, Control: linking.BySession, Session: c.Session.ID}
		ask = claim.Ask()
	}
	return e.frame.Start(w, r, ask)
}

// callback answers the browser when it comes back from CIS2. In every case it sends the browser on to an address
// without a code in it.
func (e *Entry) callback(w http.ResponseWriter, r *http.Request) error {
	pending, person, err := e.frame.Arrive(w, r)
	if errors.Is(err, relying.Denied) && pending.Act == rollout.ByLogin {
		return web.SeeOther(w, r, "/", "You cancelled the login. Your answers have been saved.")
	}
	if errors.Is(err, relying.Denied) && pending.Act == request.ByRequest {
		return web.SeeOther(w, r, "/my-request", "You cancelled the login. Your request is as it was.")
	}
	if err != nil {
		return err
	}
	if _, claimed := linking.ClaimOf(pending); claimed {
		return e.link(w, r, pending, person)
	}
	if then, found := e.frame.Returns[pending.Act]; found {
		return then(w, r, pending, person)
	}
	visitor := e.frame.Visitor(r, signin.Visitor{Person: person, Access: pending.Access})
	return e.enter(w, r, visitor, func(ctx context.Context, u *db.W) (portal.Admission[signin.State], error) {
		return e.frame.Door.Admit(ctx, u, visitor)
	})
}

// enter lets a visitor in, or leads them to the page that says what to do next.
func (e *Entry) enter(w http.ResponseWriter, r *http.Request, v signin.Visitor,
	admit func(ctx context.Context, u *db.W) (portal.Admission[signin.State], error)) error {
	entered, err := e.frame.Enter(w, r, v.Person, admit)
	if err != nil {
		return err
	}
	if entered.Admitted {
		return e.frame.GoOn(w, r, entered.Subject, "/", "")
	}
	outcome := signin.Outcome(entered.Outcome)
	switch outcome {
	case signin.NoAccount:
		return e.arrive(w, r, v.Person)
	case signin.ChooseRole:
		return e.wait(w, r, v, roleForm.Path)
	case signin.OrganisationUnknown, signin.OtherOrganisation:
		return e.wait(w, r, v, organisationForm.Path)
	}
	if err := e.keepRefused(w, v.Person, "", outcomes[outcome]); err != nil {
		return err
	}
	return web.SeeOnce(w, r, "/sign-in/"+string(outcome))
}

// arrive leads somebody whose Care Identity no account is linked to, to the page on which they say which one is theirs.
func (e *Entry) arrive(w http.ResponseWriter, r *http.Request, person cis2.Person) error {
	arrival, err := e.linker.KeepArrival(r.Context(), person, web.RequestID(r.Context()))
	if err != nil {
		return err
	}
	web.SetCookie(w, arrivalCookie, arrival, flowSeconds)
	return web.SeeOther(w, r, "/sign-in/"+string(signin.NoAccount), "")
}

// link begins the ceremony for somebody who showed that an account is theirs and then went to CIS2.
func (e *Entry) link(w http.ResponseWriter, r *http.Request, pending portal.Pending, person cis2.Person) error {
	ceremony, err := e.linker.Begin(r.Context(), web.Actor(r), pending, person)
	if reason, refused := linking.RefusalOf(err); refused {
		if err := e.keepRefused(w, person, pending.Subject, refusals[reason]); err != nil {
			return err
		}
		return frame.SeeLinkRefused(w, r, reason)
	}
	if err != nil {
		return err
	}
	web.ClearCookie(w, arrivalCookie)
	web.SetCookie(w, frame.CeremonyCookie, ceremony, flowSeconds)
	return web.SeeOther(w, r, "/link/confirm", "")
}

// outcome shows the page for somebody who was not admitted.
func (e *Entry) outcome(w http.ResponseWriter, r *http.Request) error {
	outcome := signin.Outcome(r.PathValue("outcome"))
	if reason, ended := signin.WhyPasswordsEnded(outcome); ended {
		n := passwordsEnded(reason)
		person := e.refusedPerson(w, r)
		early, err := e.early(r, person)
		if err != nil {
			return err
		}
		n.paragraphs = append(early, n.paragraphs...)
		return e.noticeFor(w, r, http.StatusForbidden, n, person)
	}
	n, known := outcomes[outcome]
	if !known {
		return fault.NotFound
	}
	return e.notice(w, r, http.StatusOK, n)
}

// unlinked shows the page for somebody whose Care Identity no account is linked to. A cookie says who they are; whoever
// has none began nothing here.
func (e *Entry) unlinked(w http.ResponseWriter, r *http.Request) error {
	if web.Cookie(r, arrivalCookie) == "" {
		return web.Redirect{To: "/"}
	}
	return e.noAccount(w, r, http.StatusOK, claimForm.New(r))
}

func (e *Entry) noAccount(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	arrived, err := e.linker.FindArrival(r.Context(), web.Cookie(r, arrivalCookie))
	if err != nil {
		return err
	}
	candidate, err := e.linker.Candidate(r.Context(), arrived)
	if err != nil {
		return err
	}
	if !typed.HasProblems() {
		typed.Set("username", candidate.Username)
	}
	// Only the holder of the addresses on both sides is proposed an account, and told who looks after it.
	help, err := db.Read(r.Context(), e.passwords.DB, func(read db.R) (page.Help, error) {
		return frame.AdministratorsOf(r.Context(), read, candidate.Account)
	})
	if err != nil {
		return err
	}
	v := claimView{
		Help: help,
		Page: e.frame.Page(w, r, "Link your Directory of Services account"), Form: typed,
		Name: arrived.Name, Candidate: candidateText(candidate), Reference: arrived.Reference,
	}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, claimPage(v))
}

// claim takes the username and password of an account, and sends whoever typed them to prove themselves.
func (e *Entry) claim(w http.ResponseWriter, r *http.Request) error {
	arrived, err := e.linker.FindArrival(r.Context(), web.Cookie(r, arrivalCookie))
	if err != nil {
		return err
	}
	typed := claimForm.Read(r)
	if !typed.Complete() {
		return e.noAccount(w, r, http.StatusUnprocessableEntity, typed)
	}
	claimed, err := e.linker.Claim(r.Context(), web.Actor(r), arrived, e.typed(r, typed))
	if reason, refused := linking.RefusalOf(err); refused {
		return frame.SeeLinkRefused(w, r, reason)
	}
	if errors.Is(err, fault.Unauthenticated) || errors.Is(err, linking.ErrTooManyTries) {
		refuseBoth(r, typed, err)
		return e.noAccount(w, r, http.StatusUnprocessableEntity, typed)
	}
	if typed.Busy(err) {
		return e.noAccount(w, r, typed.Status(), typed)
	}
	if err != nil {
		return err
	}
	return e.frame.Start(w, r, claimed.Ask())
}
