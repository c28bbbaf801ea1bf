package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
)

// Flow is a sign-in under way in one browser.
type Flow struct {
	session.Flow[State]
	secret    string
	provable  []authn.Kind
	live      *sso.Session // in which it carries on, if that is not the one of its own proof
	noSession bool         // the browser does not have the session of the proof, or no longer
}

// InSession carries on a sign-in in a session of the same person.
func (f Flow) InSession(live sso.Session) Flow {
	if live.ID != f.State.Session {
		f.live = &live
		f.State.SID = live.SID
		f.State.Session = live.ID
	}
	return f
}

// sessionProof returns the proof of the session in which the sign-in carries on.
func (f Flow) sessionProof() authenticator.Proven {
	if f.live != nil {
		return f.live.State.Proven
	}
	return *f.State.Proven
}

// WithoutSession gives the sign-in as a browser has it that does not have the session of the proof, or no longer.
func (f Flow) WithoutSession() Flow {
	f.noSession = true
	return f
}

// Only gives the sign-in as it is where some kinds of authenticator alone can be used.
func (f Flow) Only(usable func(authn.Kind) bool) Flow {
	f.provable = slices.DeleteFunc(slices.Clone(f.provable), func(k authn.Kind) bool { return !usable(k) })
	return f
}

// Next returns the next step of the sign-in.
func (f Flow) Next() Step {
	if f.noSession {
		return StepOver
	}
	return Next(f.State, f.provable)
}

// Offered lists the kinds of authenticator that the person may sign in with.
func (f Flow) Offered() []authn.Kind { return f.State.offered(f.provable) }

// Outcome is the result of a step. If the sign-in is finished, it holds the answer for the service.
type Outcome struct {
	Answer     Answer
	Cookie     string     // of the new SSO session; empty if there is none
	Kind       authn.Kind // of the authenticator that was proved; empty if none was
	UUID       string     // of its owner
	Proven     string     // its id
	Workplaces []string   // of its owner
}

// ErrOtherBrowser says that a sign-in is under way in another browser.
var ErrOtherBrowser = fmt.Errorf("it is another browser's: %w", fault.Expired)

// Load reads a sign-in that is under way in a browser. cookie binds it to that browser.
func (p *Provider) Load(ctx context.Context, id, cookie string) (f Flow, err error) {
	cookieID, secret := session.Split(cookie)
	f.Flow, err = db.Glance(ctx, p.o.DB, func(r db.R) (session.Flow[State], error) {
		if cookieID != id {
			return session.Flow[State]{}, p.lost(ctx, r, id)
		}
		return p.flows.Load(ctx, r, id, secret)
	})
	f.secret = secret
	f.provable = p.provable
	if err == nil && f.State.Posted {
		err = fault.Expired
	}
	return f, err
}

// lost returns ErrOtherBrowser for a sign-in of another browser, and fault.Expired for one that has ended.
func (p *Provider) lost(ctx context.Context, r db.R, id string) error {
	live, err := p.flows.UnderWay(ctx, r, id)
	if err == nil && live {
		return ErrOtherBrowser
	}
	return errors.Join(err, fault.Expired)
}

// change changes the state of a sign-in and saves it. If another request has changed it in the meantime, the error is
// fault.Conflict.
func (p *Provider) change(ctx context.Context, f Flow, change func(*State)) error {
	change(&f.State)
	return p.o.DB.Jot(ctx, func(k *db.K) error {
		saved := f.Flow // the function may run again
		return p.flows.Save(ctx, k, &saved)
	})
}

// KeepCeremony stores the state of a ceremony that has begun, in place of any other.
func (p *Provider) KeepCeremony(ctx context.Context, f Flow, ceremony json.RawMessage) error {
	return p.change(ctx, f, func(s *State) {
		s.Ceremony = ceremony
		s.Answers.Problem = nil
	})
}

// NoteRefusal stores why the sign-in cannot go on, if an event was recorded already. The person is shown the id of
// the request as a reference, because the event has it too.
func (p *Provider) NoteRefusal(ctx context.Context, f Flow, refusal Refusal) error {
	if refusal.noted {
		return nil
	}
	return p.change(ctx, f, func(s *State) {
		if s.Proven != nil {
			*s = s.anew() // whoever is there may be somebody else who can log in
		}
		s.noteRefusal(ctx, refusal)
	})
}

func (s *State) noteRefusal(ctx context.Context, refusal Refusal) {
	s.Ceremony = nil
	s.Answers.Problem = nil
	s.Refused = refusal.Reason
	s.Suitable = refusal.Suitable
	s.Workplaces = refusal.Workplaces
	s.Until = refusal.Until
	s.Reference = web.RequestID(ctx)
}

// Stop says why a sign-in cannot go on before anybody has proved who they are. Only the reason is shown; the rest is
// for the service desk.
type Stop struct {
	Reason        Reason
	Browser       string                       // the error that the browser named
	Authenticator *authenticator.Authenticator // the one that was named, if it may not be used
}

// forDesk gives the reason as the service desk reads it. A person who has proved nothing is not told whether an
// authenticator is registered.
func (s Stop) forDesk() Reason {
	if s.Authenticator == nil {
		return s.Reason
	}
	return reasonOf(*s.Authenticator)
}

// event gives the event of the refusal of a sign-in.
func (s Stop) event(f Flow) audit.Event {
	after := map[string]any{"client": f.State.Request.ClientID, "kind": f.State.Chosen, "browser said": s.Browser}
	if s.Authenticator != nil {
		after["authenticator"] = s.Authenticator.ID
	}
	service := client.Ref(f.State.Request.ClientID)
	return audit.Event{Kind: Refused, Subject: service, Reason: string(s.forDesk()), After: after}
}

// stops bounds the events of sign-ins to a service that could not go on before anybody had proved who they are, as any
// stranger can make such sign-ins without end. Each browser on which somebody is known has a bound of its own; all
// others share one.
var stops = tries.Limit{WrongTry: Refused, Max: 100, First: time.Hour, Longest: time.Hour}

// RecordRefusal stores why a sign-in cannot go on before anybody has proved who they are, and records the event, unless
// there were too many.
func (p *Provider) RecordRefusal(
	ctx context.Context, by actor.Actor, f Flow, browser tries.Browser, stop Stop,
) error {
	return p.o.DB.Update(ctx, by, func(w *db.W) error {
		at := tries.At{Subject: client.Ref(f.State.Request.ClientID), Browser: browser.ID()}
		recorded, err := stops.Record(ctx, w, at, stop.event(f))
		if err != nil {
			return err
		}
		next := f
		next.State.noteRefusal(ctx, Refusal{Reason: stop.Reason})
		if !recorded {
			next.State.Reference = web.Quote(ctx, fault.Unauthenticated)
		}
		return p.flows.Save(ctx, w, &next.Flow)
	})
}

// reasonOf gives the reason why an authenticator may not be used.
func reasonOf(barred authenticator.Authenticator) Reason {
	if barred.Locked {
		return Locked
	}
	return Unusable
}

// The kinds of events for a sign-in that goes on.
const (
	eventProved     audit.Kind = "signin.proved"
	eventRoleChosen audit.Kind = "signin.role-chosen"
)

// finished returns what is kept of a finished sign-in: to which service it was.
func (s State) finished() State {
	r := s.Request
	return State{Finished: true, Request: request.Request{
		ClientID: r.ClientID, ClientName: r.ClientName, RedirectURI: r.RedirectURI, Locales: r.Locales,
	}}
}

// advance finishes a sign-in that needs nothing else and makes its code. Otherwise it saves it for its next page.
func (p *Provider) advance(ctx context.Context, w *db.W, f Flow, asked pending) (a Answer, err error) {
	if f.Next() != StepDone {
		return a, p.flows.Save(ctx, w, &f.Flow)
	}
	last := f.Flow
	last.State = f.State.finished()
	if err := p.flows.Finish(ctx, w, last); err != nil {
		return a, err
	}
	return p.grant(ctx, w, f.State, asked)
}

// ChooseRole stores the role that the person has chosen and finishes the sign-in.
func (p *Provider) ChooseRole(ctx context.Context, by actor.Actor, f Flow, roleID string) (Outcome, error) {
	if f.Next() != StepRole {
		return Outcome{}, authenticator.ErrOvertaken
	}
	if !slices.ContainsFunc(f.State.Roles, func(r claim.Role) bool { return r.ID == roleID }) {
		return Outcome{}, fault.Keyed("no-role", fault.OfField("role", "Select the role you are working in"))
	}
	f.State.chooseRole(roleID)
	f.State.FirstVisit = false // this page said whose service it is
	answer, err := db.Write(ctx, p.o.DB, by, func(w *db.W) (Answer, error) {
		asked := askWithRole(ctx, w, f.State)
		signedIn := sso.State{Proven: f.sessionProof(), Role: roleID, RoleKnown: true, Browser: f.State.Browser}
		if err := p.sessions.Change(ctx, w, f.State.Session, signedIn); err != nil {
			return Answer{}, fmt.Errorf("remember role: %w", err)
		}
		answer, err := p.advance(ctx, w, f, asked)
		if err != nil {
			return Answer{}, err
		}
		return answer, w.Record(ctx, audit.Event{Kind: eventRoleChosen, Subject: identity.Ref(f.State.Proven.UUID),
			After: map[string]string{"role": roleID}})
	})
	answer, err = p.outcome(ctx, f.State.Request, answer, err)
	return Outcome{Answer: answer}, err
}

// Leave ends the sign-in and returns the answer that tells the service that nobody signed in. A service that was
// suspended meanwhile, or has another address, is told nothing.
func (p *Provider) Leave(ctx context.Context, f Flow) (a Answer, err error) {
	err = p.o.DB.Jot(ctx, func(k *db.K) error {
		_, err := p.flows.Take(ctx, k, f.ID, f.secret)
		return err
	})
	if err != nil {
		return a, err
	}
	c, err := db.Glance(ctx, p.o.DB, func(r db.R) (client.Client, error) {
		return client.ByID(ctx, r, f.State.Request.ClientID)
	})
	if err == nil {
		err = f.State.Request.Standing(c)
	}
	var e *request.Error
	if err != nil && !errors.As(err, &e) {
		return a, forPage(err)
	}
	return p.failure(f.State.Request, request.AccessDenied), nil
}
