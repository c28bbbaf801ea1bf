package provider

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// eventConfirmed is recorded when somebody said that they are the person whose session a shared browser has.
const eventConfirmed audit.Kind = "signin.confirmed"

// anew returns the sign-in as it was before it took anything over from a session.
func (s State) anew() State { return State{Request: s.Request, Browser: s.Browser} }

// Anew returns the sign-in without the session that it was to go on with, because that session is over: whoever is
// there has to prove who they are.
func (f Flow) Anew() Flow {
	f.State = f.State.anew()
	return f
}

// waitsForConsent reports whether the sign-in waits for whoever is there to say that it may go on with the session of
// the browser.
func (f Flow) waitsForConsent() bool { return f.Next() == StepConfirm || f.Next() == StepMeet }

// Confirm goes on with the session of the browser, for whoever says that it is theirs and saw whose service it is for.
// If the session is not enough any more, they have to prove who they are.
func (p *Provider) Confirm(r *http.Request, by actor.Actor, f Flow) (Outcome, error) {
	if !f.waitsForConsent() {
		return Outcome{}, authenticator.ErrOvertaken
	}
	ctx := r.Context()
	shown := f.State.Proven.UUID
	next := f.Anew()
	state, live, err := p.useSession(r, next.State)
	if err != nil {
		return Outcome{}, err
	}
	next.State = state
	if next.State.Proven == nil || next.State.Proven.UUID != shown {
		return Outcome{}, p.change(ctx, f, func(s *State) { *s = s.anew() })
	}
	next.State.FirstVisit = false
	if next.State.Refused != "" {
		refused, err := p.refuseStranger(ctx, by, next.State)
		if err != nil {
			return Outcome{}, err
		}
		return Outcome{}, p.change(ctx, f, func(s *State) { *s = refused })
	}
	answer, err := db.Write(ctx, p.o.DB, by, func(w *db.W) (Answer, error) {
		asked := askAll(ctx, w, next.State)
		if _, err := p.sessions.FindIn(ctx, w, web.Cookie(r, sso.Cookie)); err != nil {
			return Answer{}, err
		}
		answer, err := p.advance(ctx, w, next, asked)
		if err != nil {
			return Answer{}, err
		}
		return answer, w.Record(ctx, audit.Event{Kind: eventConfirmed, Subject: identity.Ref(shown),
			After: map[string]string{"client": f.State.Request.ClientID}})
	})
	var barred *Refusal
	if errors.Is(err, fault.Unauthenticated) || errors.As(err, &barred) {
		return Outcome{}, p.change(ctx, f, func(s *State) { *s = s.anew() })
	}
	if answer, err = p.outcome(ctx, f.State.Request, answer, err); err != nil {
		return Outcome{}, err
	}
	_, err = live.Touch(ctx, p.o.DB, p.o.Clock.Now())
	return Outcome{Answer: answer}, err
}

// SomebodyElse ends the session of a browser for whoever says that it is not theirs. Its services are told, as when
// somebody else proves who they are on the browser. The sign-in goes on from its beginning.
func (p *Provider) SomebodyElse(ctx context.Context, by actor.Actor, f Flow, cookie string) error {
	if !f.waitsForConsent() {
		return authenticator.ErrOvertaken
	}
	if err := p.sessions.EndForSomebodyElse(ctx, by, cookie); err != nil {
		return err
	}
	return p.change(ctx, f, func(s *State) { *s = s.anew() })
}
