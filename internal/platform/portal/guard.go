package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/line"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// current is the user who is signed in on a browser, with their session.
type current[S, P any] struct {
	session session.Session[S]
	person  P
	at      time.Time // when they were looked up
}

type currentKey struct{}

// SignedIn lets signed-in users through. Others go to the front page, and on to the page that they asked for once they
// have logged in; a form that they sent is held for them.
func (p *Portal[S, P]) SignedIn() web.Guard {
	return web.Guard{Name: "signed in", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := p.identify(r)
		if errors.Is(err, fault.Unauthenticated) {
			return nil, p.interrupt(w, r)
		}
		if err != nil {
			return nil, err
		}
		return r, nil
	}}
}

// MaybeSignedIn lets everybody through, and identifies the user if one is signed in.
func (p *Portal[S, P]) MaybeSignedIn() web.Guard {
	return web.Guard{Name: "anyone", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		identified, err := p.identify(r)
		if errors.Is(err, fault.Unauthenticated) {
			return r, nil
		}
		return identified, err
	}}
}

// identify adds the signed-in user to the request, and notes that their session was used. Whoever notes that asks
// whether they may still be in.
func (p *Portal[S, P]) identify(r *http.Request) (*http.Request, error) {
	found, err := p.find(r)
	if err != nil {
		return r, err
	}
	noted, err := found.session.Touch(r.Context(), p.DB, found.at)
	if err != nil {
		return r, err
	}
	if noted && p.Stands != nil {
		if err := p.stands(r, found.session); err != nil {
			return r, err
		}
	}
	web.WithActor(r, p.actor(found))
	return r.WithContext(context.WithValue(r.Context(), currentKey{}, &found)), nil
}

// standsWithin is how long a page waits for those who say whether somebody may still be in.
const standsWithin = 2 * time.Second

// stands ends a session, and gives fault.Unauthenticated, if its user may not be in any more. It is asked to the end
// even if the browser goes away, so that nobody stays in by breaking off.
func (p *Portal[S, P]) stands(r *http.Request, s session.Session[S]) error {
	line.Uncount(r.Context())
	reason, err := p.ask(context.WithoutCancel(r.Context()), s)
	if err != nil {
		web.Log(r, slog.String("rights not looked at", err.Error()))
		return nil
	}
	if reason == session.NotKnown {
		return nil
	}
	by := web.Actor(r)
	by.Kind = actor.Machine
	by.ID = p.CIS2.Issuer()
	err = p.DB.Update(context.WithoutCancel(r.Context()), by, func(w *db.W) error {
		if err := p.Sessions.EndFor(r.Context(), w, s.ID, reason); err != nil {
			return err
		}
		return w.Record(r.Context(), audit.Event{
			Kind: p.Events.RightsEnded, Subject: p.Ref(s.Subject), Reason: string(reason),
		})
	})
	if err != nil && !errors.Is(err, fault.Conflict) { // another request may have ended it
		return fmt.Errorf("end a session whose rights ended: %w", err)
	}
	return fault.Unauthenticated
}

func (p *Portal[S, P]) find(r *http.Request) (current[S, P], error) {
	return db.Read(r.Context(), p.DB, func(read db.R) (c current[S, P], err error) {
		c.at = read.Now()
		if c.session, err = p.Sessions.Find(r.Context(), read, p.Cookie(r)); err != nil {
			return c, err
		}
		c.person, err = p.Person(r.Context(), read, c.session)
		return c, err
	})
}

// actor gives the signed-in user as an actor for events and forms.
func (p *Portal[S, P]) actor(c current[S, P]) actor.Actor {
	name, role := p.NameAndRole(c.person, c.session.State)
	return actor.Actor{Kind: actor.Person, ID: c.session.Subject, Name: name, Role: role, Session: c.session.ID}
}

// ask gives what Stands says, or an error if it takes too long. It is not relied on that what is asked heeds the time.
func (p *Portal[S, P]) ask(ctx context.Context, s session.Session[S]) (session.Reason, error) {
	ctx, done := context.WithTimeout(ctx, standsWithin)
	defer done()
	type answer struct {
		reason session.Reason
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		reason, err := p.Stands(ctx, s)
		answers <- answer{reason, err}
	}()
	select {
	case a := <-answers:
		return a.reason, a.err
	case <-ctx.Done():
		return session.NotKnown, ctx.Err()
	}
}

// User gives the user whom the guard of the page found signed in, or nil.
func User[S, P any](r *http.Request) *P {
	if c := currentOf[S, P](r); c != nil {
		return &c.person
	}
	return nil
}

func currentOf[S, P any](r *http.Request) *current[S, P] {
	c, _ := r.Context().Value(currentKey{}).(*current[S, P])
	return c
}

// timeLeft gives the time until the browser's session ends if it is not used, and whether using it could not prolong
// it. Asking does not count as use.
func (p *Portal[S, P]) timeLeft(r *http.Request) (timeLeft time.Duration, final bool, err error) {
	s, err := db.Glance(r.Context(), p.DB, func(read db.R) (session.Session[S], error) {
		return p.Sessions.Find(r.Context(), read, p.Cookie(r))
	})
	if err != nil {
		return 0, false, err
	}
	timeLeft, final = s.Left(p.DB.Now())
	return timeLeft, final, nil
}

// Cookie gives the value of the session's cookie that a browser sent, or an empty text.
func (p *Portal[S, P]) Cookie(r *http.Request) string { return web.Cookie(r, p.Name) }

// ClearCookie removes the session's cookie from the browser, what was filled into forms that came back, and the page
// that was asked for before.
func (p *Portal[S, P]) ClearCookie(w http.ResponseWriter, r *http.Request) {
	web.ClearSession(w, p.Name)
	web.ClearCookie(w, p.userCookie())
	web.ClearCookie(w, p.wantedCookie())
	web.ForgetEntries(w, r)
}

// SetCookie sets the cookie of somebody's session that has begun, and removes the cookies of anything else in progress
// on the browser, which may be somebody else's.
func (p *Portal[S, P]) SetCookie(w http.ResponseWriter, r *http.Request, subject, value string) {
	p.endFlows(w)
	web.ForgetEntries(w, r)
	web.SetCookie(w, p.userCookie(), p.mark(subject), 0)
	web.SetSession(w, r, p.Name, value)
}

func (p *Portal[S, P]) endFlows(w http.ResponseWriter) {
	for _, name := range p.Flows {
		web.ClearCookie(w, name)
	}
	web.ClearCookie(w, p.wantedCookie())
}
