package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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
	"signpost/internal/platform/web"
)

// Flow is a sign-in under way in one browser.
type Flow struct {
	session.Flow[State]
	secret   string
	provable []authn.Kind
}

// Next says what the sign-in needs.
func (f Flow) Next() Step { return Next(f.State, f.provable) }

// Offered gives the kinds of authenticator with which the person may sign in.
func (f Flow) Offered() []authn.Kind { return f.State.offered(f.provable) }

// Outcome is what a step led to. If the sign-in is done, there is an answer for the service.
type Outcome struct {
	Answer     Answer
	Cookie     string     // of the new SSO session; empty if there is none
	Kind       authn.Kind // that was proved; empty if none was
	Workplaces []string   // of whoever proved it
}

// ErrOtherBrowser is a sign-in that another browser is in the middle of.
var ErrOtherBrowser = fmt.Errorf("it is another browser's: %w", fault.Expired)

// Load reads the sign-in that a browser is in the middle of. cookie binds it to that browser.
func (p *Provider) Load(ctx context.Context, id, cookie string) (f Flow, err error) {
	cookieID, secret := session.Split(cookie)
	err = p.o.DB.Glance(ctx, func(r db.R) error {
		if cookieID != id {
			return p.whose(ctx, r, id)
		}
		f.Flow, err = p.flows.Load(ctx, r, id, secret)
		return err
	})
	f.secret = secret
	f.provable = p.provable
	if err == nil && f.State.Posted {
		err = fault.Expired
	}
	return f, err
}

// whose tells a sign-in of another browser from one that is over.
func (p *Provider) whose(ctx context.Context, r db.R, id string) error {
	live, err := p.flows.UnderWay(ctx, r, id)
	if err == nil && live {
		return ErrOtherBrowser
	}
	return errors.Join(err, fault.Expired)
}

// change saves what a step made of the sign-in. If another request changed it in the meantime, it is
// fault.Conflict.
func (p *Provider) change(ctx context.Context, f Flow, to func(*State)) error {
	_, err := p.changed(ctx, f, to)
	return err
}

// changed is change, and gives the sign-in as it then is.
func (p *Provider) changed(ctx context.Context, f Flow, to func(*State)) (Flow, error) {
	to(&f.State)
	err := p.o.DB.Jot(ctx, func(k *db.K) error {
		saved := f.Flow // the function may run again
		err := p.flows.Save(ctx, k, &saved)
		if err == nil {
			f.Flow = saved
		}
		return err
	})
	return f, err
}

// Choose notes which authenticator the person wants to use.
func (p *Provider) Choose(ctx context.Context, f Flow, kind authn.Kind) error {
	if !slices.Contains(f.Offered(), kind) {
		return fault.Keyed("no-such-way", fault.OfField("authenticator", "Select how you want to sign in"))
	}
	return p.change(ctx, f, func(s *State) { s.choose(kind) })
}

func (s *State) choose(kind authn.Kind) {
	s.Chosen = kind
	s.Ceremony = nil
	s.Fallen = ""
}

// ChooseAgain goes back to the choice of authenticator.
func (p *Provider) ChooseAgain(ctx context.Context, f Flow) error {
	if f.State.Proven != nil {
		return nil
	}
	return p.change(ctx, f, func(s *State) { s.choose("") })
}

// KeepCeremony keeps the state of a ceremony that has begun, in place of any other.
func (p *Provider) KeepCeremony(ctx context.Context, f Flow, ceremony json.RawMessage) error {
	return p.change(ctx, f, func(s *State) { s.Ceremony = ceremony })
}

// DropCeremony uses a ceremony up after an answer that was refused. One that is accepted uses it up in
// the Update that begins the session, so that of any number of answers one gets in.
func (p *Provider) DropCeremony(ctx context.Context, f Flow) (Flow, error) {
	return p.changed(ctx, f, func(s *State) { s.Ceremony = nil })
}

// Fall notes why the sign-in cannot go on, where an event tells of it already. The reference that the
// person is shown is the request's, as it is the event's.
func (p *Provider) Fall(ctx context.Context, f Flow, why Refusal) error {
	return p.change(ctx, f, func(s *State) { s.fall(ctx, why) })
}

func (s *State) fall(ctx context.Context, why Refusal) {
	s.Ceremony = nil
	s.Fallen = why.Reason
	s.Suitable = why.Suitable
	s.Workplaces = why.Workplaces
	s.Reference = web.RequestID(ctx)
}

// Stop notes why a sign-in cannot go on in which nobody was proved, and makes the event of it. detail is
// for the service desk.
func (p *Provider) Stop(ctx context.Context, who actor.Actor, f Flow, why Reason, detail string) error {
	return p.o.DB.Update(ctx, who, func(w *db.W) error {
		next := f
		next.State.fall(ctx, Refusal{Reason: why})
		if err := p.flows.Save(ctx, w, &next.Flow); err != nil {
			return err
		}
		service := f.State.Request.ClientID
		return w.RecordRefusal(ctx, audit.Event{Kind: Refused, Subject: client.Ref(service), Reason: string(why),
			After: map[string]any{"client": service, "kind": f.State.Chosen, "browser said": detail}})
	})
}

// Bar gives the refusal of an authenticator that proved its owner and may not be used.
func (p *Provider) Bar(ctx context.Context, f Flow, barred authenticator.Authenticator) (why Refusal, err error) {
	why = Refusal{Reason: Unusable}
	if barred.Locked {
		why.Reason = Locked
	}
	err = p.o.DB.View(ctx, func(r db.R) error {
		who, err := claim.Read(ctx, r, barred.UUID)
		if err != nil {
			return err
		}
		why.Workplaces = who.Workplaces()
		why.Suitable, err = suitable(ctx, r, f.State.Request, who)
		return err
	})
	return why, err
}

// Refused is the kind of event of a sign-in that could not go on.
const Refused audit.Kind = "signin.refused"

// The kinds of events of one that goes on.
const (
	eventProved     audit.Kind = "signin.proved"
	eventRoleChosen audit.Kind = "signin.role-chosen"
)

// Refusal is a proof that was right and does not let the person in.
type Refusal struct {
	Reason     Reason
	Suitable   []authn.Kind // of the person's authenticators, those that would do
	Workplaces []string     // codes of the person's organisations, whose registration authority may help
}

// Error names the reason.
func (r *Refusal) Error() string { return "sign-in refused: " + string(r.Reason) }

// Is makes a Refusal forbidden.
func (r *Refusal) Is(target error) bool { return target == fault.Forbidden }

// Prove accepts a proof in one Update: the proof is used up, the SSO session begins, and, if nothing
// else is needed, the service's code is made. had is the cookie of the session the browser has.
func (p *Provider) Prove(
	ctx context.Context, who actor.Actor, f Flow, had string, proof authenticator.Proof,
) (out Outcome, err error) {
	if f.State.Proven != nil {
		return Outcome{}, fault.Expired
	}
	err = p.o.DB.Update(ctx, who, func(w *db.W) error {
		out = Outcome{}
		proven, err := proof(ctx, w)
		if err != nil {
			return err
		}
		who, err := p.admit(ctx, w, f.State.Request, proven)
		if err != nil {
			return err
		}
		next := f
		next.State.Proven = &proven
		next.State.Ceremony = nil
		next.State.RoleKnown = false
		next.State.offerRoles(who.Roles())
		signedIn := sso.State{
			Proven: proven, Role: next.State.Role, RoleKnown: next.State.RoleKnown, Browser: next.State.Browser,
		}
		begun, err := p.sessions.Begin(ctx, w, had, signedIn)
		if err != nil {
			return err
		}
		out.Cookie = begun.Cookie
		next.State.SID = begun.SID
		next.State.Session = begun.ID
		err = w.Record(ctx, audit.Event{Kind: eventProved, Subject: identity.Ref(proven.UUID),
			After: facts(f.State.Request, proven)})
		if err != nil {
			return err
		}
		out.Kind = proven.Kind
		out.Workplaces = who.Workplaces()
		out.Answer, err = p.goOn(ctx, w, next)
		return err
	})
	return out, first(err)
}

// facts are what an event says of a proof, and of the service for which it was made.
func facts(r request.Request, proven authenticator.Proven) map[string]any {
	return map[string]any{
		"client": r.ClientID, "authenticator": proven.AuthenticatorID, "kind": proven.Kind, "level": proven.Level,
	}
}

// first turns a lost race into fault.Expired: another request already took this step, and whoever comes second
// starts again.
func first(err error) error {
	if errors.Is(err, fault.Conflict) {
		return fmt.Errorf("%w: %w", fault.Expired, err)
	}
	return err
}

// admit reads whom a proof names and refuses those who may not come in with it.
func (p *Provider) admit(
	ctx context.Context, w *db.W, r request.Request, proven authenticator.Proven,
) (claim.Person, error) {
	who, err := claim.Read(ctx, w, proven.UUID)
	refuse := func(why Reason, suitable ...authn.Kind) error {
		return w.Refuse(ctx, audit.Event{Kind: Refused, Subject: identity.Ref(proven.UUID), Reason: string(why),
			After: facts(r, proven),
		}, &Refusal{Reason: why, Suitable: suitable, Workplaces: who.Workplaces()})
	}
	if errors.Is(err, fault.NotFound) {
		return who, refuse(Inactive)
	}
	if err != nil {
		return who, err
	}
	switch {
	case who.Status != identity.Active:
		return who, refuse(Inactive)
	case !r.Takes(proven.UUID):
		return who, refuse(WrongPerson)
	}
	why := NotApproved
	if !r.Asked().Met(proven.Kind, proven.Level) {
		why = LevelTooLow
	} else if who.Approved(proven.Kind) {
		return who, nil
	}
	would, err := suitable(ctx, w, r, who)
	if err != nil {
		return who, err
	}
	return who, refuse(why, would...)
}

// suitable gives the kinds of the person's authenticators that would let them in, each once.
func suitable(ctx context.Context, r db.R, req request.Request, who claim.Person) (kinds []authn.Kind, err error) {
	had, err := authenticator.OfIdentity(ctx, r, who.UUID)
	if err != nil {
		return nil, err
	}
	for _, a := range had {
		usable := a.Status == authenticator.Active && !a.Locked
		if usable && req.Asked().Met(a.Kind, a.Level) && who.Approved(a.Kind) && !slices.Contains(kinds, a.Kind) {
			kinds = append(kinds, a.Kind)
		}
	}
	return kinds, nil
}

// goOn ends the sign-in with a code if it is done, or else saves it for its next page.
func (p *Provider) goOn(ctx context.Context, w *db.W, f Flow) (a Answer, err error) {
	if f.Next() != StepDone {
		return a, p.flows.Save(ctx, w, &f.Flow)
	}
	if err := p.flows.End(ctx, w, f.Flow); err != nil {
		return a, err
	}
	return p.grant(ctx, w, f.State)
}

// ChooseRole takes the role and ends the sign-in.
func (p *Provider) ChooseRole(ctx context.Context, who actor.Actor, f Flow, roleID string) (out Outcome, err error) {
	if f.Next() != StepRole {
		return Outcome{}, fault.Expired
	}
	if !slices.ContainsFunc(f.State.Roles, func(r claim.Role) bool { return r.ID == roleID }) {
		return Outcome{}, fault.Keyed("no-role", fault.OfField("role", "Select the role you are working in"))
	}
	f.State.chooseRole(roleID)
	err = p.o.DB.Update(ctx, who, func(w *db.W) error {
		signedIn := sso.State{Proven: *f.State.Proven, Role: roleID, RoleKnown: true, Browser: f.State.Browser}
		if err := p.sessions.Change(ctx, w, f.State.Session, signedIn); err != nil {
			return fmt.Errorf("remember role: %w", err)
		}
		if out.Answer, err = p.goOn(ctx, w, f); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventRoleChosen, Subject: identity.Ref(f.State.Proven.UUID),
			After: map[string]string{"role": roleID}})
	})
	return out, first(err)
}

// Leave ends the sign-in and gives the answer that tells the service that nobody signed in.
func (p *Provider) Leave(ctx context.Context, f Flow) (a Answer, err error) {
	err = p.o.DB.Jot(ctx, func(k *db.K) error {
		_, err := p.flows.Take(ctx, k, f.ID, f.secret)
		return err
	})
	return p.failure(f.State.Request, request.AccessDenied), err
}
