package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// pendingLife is how long somebody may take to sign in at CIS2.
const pendingLife = 15 * time.Minute

// Ask holds what one sign-in asks of CIS2 in place of the site's defaults, what it is for, and who started it.
type Ask struct {
	relying.Ask
	Act     string // what the sign-in is for, in the site's own words; empty for logging in
	Subject string // the user it is for; empty if nobody is known yet
	Session string // the id of that user's session, if they have one
	Back    string // the page of the site to which that user comes back; empty for the usual one
}

// Pending is a sign-in that was started here and has not come back from CIS2.
type Pending struct {
	Relying relying.Pending
	Act     string // as in Ask
	Subject string
	Session string
	Back    string

	Access relying.Access `json:"-"` // by which CIS2 is asked about them again, once they have come back
}

// ErrNotStarted answers a browser on which no sign-in is in progress, or no longer.
var ErrNotStarted = fault.SayCure(fault.Expired,
	"This login was not started in this browser, or has been used already.", startAgain)

// started are the cookies of sign-ins in progress on a browser, each by its state.
func (p *Portal[S, P]) started() web.Cookies {
	return web.Cookies{Name: p.Name + "-sign-in", Seconds: int(pendingLife / time.Second)}
}

// pendings stores sign-ins in progress. Each is bound to its browser by a cookie and can be taken once.
func (p *Portal[S, P]) pendings() session.Flows[Pending] {
	return session.Flows[Pending]{Name: p.Name + ".sign-in", Life: pendingLife}
}

// ProveNow is an Ask by which whoever comes back has proved themselves since it was made: a session that was
// there before, perhaps somebody else's, does not answer it.
func ProveNow(act, subject, session string) Ask {
	return Ask{Ask: relying.Ask{Prompt: loginPrompt}, Act: act, Subject: subject, Session: session}
}

const loginPrompt = "login"

// ProvedNow reports whether it was asked that they prove themselves; Arrive then made sure that they did.
func (p Pending) ProvedNow() bool { return p.Relying.Prompt == loginPrompt }

// loggedOutCookie names the cookie of a browser on which somebody logged out. Whoever comes in by CIS2 on it next has
// to prove themselves, even if the session at CIS2 goes on, and however many log in by password before.
func (p *Portal[S, P]) loggedOutCookie() string { return p.Name + "-logged-out" }

// Start sends the browser to CIS2.
func (p *Portal[S, P]) Start(w http.ResponseWriter, r *http.Request, ask Ask) error {
	if ask.Prompt == "" && web.Cookie(r, p.loggedOutCookie()) != "" {
		ask.Prompt = loginPrompt
	}
	to, relyingPending, err := p.CIS2.Start(r.Context(), ask.Ask)
	if err != nil {
		return err
	}
	pending := Pending{Relying: relyingPending, Act: ask.Act, Subject: ask.Subject, Session: ask.Session,
		Back: ask.Back}
	cookie, err := p.pendings().Begin(r.Context(), p.DB, &p.crowd, web.Address(r), pending)
	if err != nil {
		return err
	}
	p.started().Set(w, r, relyingPending.State, cookie)
	return p.leave(w, r, to)
}

// CallbackPath is the address to which CIS2 sends the browser back.
const CallbackPath = "/signin/callback"

// HandleCallback adds the address to which CIS2 sends the browser back. Whatever h makes of it, the browser goes on
// to an address without a code in it. Whoever cancelled at CIS2 comes home. Where nothing was started that came back,
// a browser on which somebody is signed in goes on with that.
func (p *Portal[S, P]) HandleCallback(s *web.Site, h web.Handler) {
	s.HandleFailures(p.MaybeSignedIn())
	s.Handle("GET "+CallbackPath, p.MaybeSignedIn(), web.NotHead(func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		var to web.Redirect
		switch {
		case err == nil, errors.As(err, &to):
			return err
		case errors.Is(err, relying.Denied):
			return p.cancel(w, r)
		case errors.Is(err, ErrNotStarted) && currentOf[S, P](r) != nil:
			return p.GoOn(w, r, currentOf[S, P](r).session.Subject, "/", "")
		}
		return web.ShowApart{Err: err}
	}))
}

// Arrive takes the sign-in that was in progress on the browser with the state that came back, once, and gives the
// person who signed in at CIS2. It leaves the browser's other sign-ins alone.
func (p *Portal[S, P]) Arrive(w http.ResponseWriter, r *http.Request) (pending Pending, person cis2.Person, err error) {
	state := r.URL.Query().Get("state")
	cookie := p.started().Get(r, state)
	if cookie == "" {
		return pending, person, ErrNotStarted
	}
	id, secret := session.Split(cookie)
	p.started().Clear(w, state)
	pending, err = db.Keep(r.Context(), p.DB, func(k *db.K) (Pending, error) {
		flow, err := p.pendings().Take(r.Context(), k, id, secret)
		return flow.State, err
	})
	if errors.Is(err, fault.Expired) {
		return pending, person, ErrNotStarted
	}
	if err != nil {
		return pending, person, fmt.Errorf("take pending sign-in: %w", err)
	}
	came, err := p.CIS2.Redeem(r.Context(), pending.Relying, r.URL.Query())
	if err != nil {
		return pending, person, err
	}
	pending.Access = came.Access
	if pending.ProvedNow() {
		web.ClearCookie(w, p.loggedOutCookie())
	}
	return pending, came.Person, p.keepHint(w, r, came.IDToken)
}

// Admission is a site's decision about somebody who signed in at CIS2.
type Admission[S any] struct {
	Admitted bool
	Subject  string      // of the session that begins, if they are admitted
	State    S           // what the session holds
	Ends     time.Time   // when the session ends at the latest, if that is before others do
	Asked    bool        // if they are not admitted: they are asked something first, and nothing was refused
	Outcome  string      // what the site calls its decision
	Event    audit.Event // records that they signed in, or that they were refused
}

// Enter begins somebody's session if the site admits them, and gives what it decided. admit runs within the same
// Update. The session that the browser had before ends in either case, because it may be somebody else's; it stays only
// if admit fails.
func (p *Portal[S, P]) Enter(w http.ResponseWriter, r *http.Request, person cis2.Person,
	admit func(ctx context.Context, w *db.W) (Admission[S], error)) (Admission[S], error) {
	type begun struct {
		admission Admission[S]
		cookie    string
	}
	entered, err := db.Write(r.Context(), p.DB, actorOf(r, person), func(u *db.W) (b begun, err error) {
		admission, err := admit(r.Context(), u)
		if err != nil {
			return b, err
		}
		b.admission = admission
		if admission.Admitted {
			newSession := session.New[S]{
				Subject: admission.Subject, SID: person.SID, State: admission.State, Ends: admission.Ends,
			}
			b.cookie, err = p.Sessions.Begin(r.Context(), u, newSession)
		}
		if err != nil {
			return b, err
		}
		if err := p.Sessions.EndCookie(r.Context(), u, p.Cookie(r)); err != nil {
			return b, err
		}
		if !admission.Admitted && !admission.Asked {
			return b, u.RecordRefusal(r.Context(), admission.Event)
		}
		return b, u.Record(r.Context(), admission.Event)
	})
	if err != nil {
		return Admission[S]{}, err
	}
	if entered.admission.Admitted {
		p.SetCookie(w, r, entered.admission.Subject, entered.cookie)
	} else {
		p.ClearCookie(w, r)
	}
	return entered.admission, nil
}

// actorOf gives the actor for a person who has just signed in at CIS2, in the role that they chose there.
func actorOf(r *http.Request, person cis2.Person) actor.Actor {
	by := web.Actor(r)
	by.Kind = actor.Person
	by.ID = person.Subject
	by.Name = person.Name
	by.Role = ""
	if role, chosen := person.SelectedRole(); chosen {
		by.Role = role.PersonRoleID
	}
	return by
}
