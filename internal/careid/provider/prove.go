package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/request"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/careid/provider/standing"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Prove accepts a proof in one Update: the proof is used up, the SSO session begins, and the service's code is made
// if nothing else is needed. oldCookie is the cookie of the browser's previous session.
func (p *Provider) Prove(
	ctx context.Context, by actor.Actor, f Flow, oldCookie string, proof authenticator.Proof,
) (Outcome, error) {
	if f.State.Proven != nil || f.Next() == StepOver {
		return Outcome{}, authenticator.ErrOvertaken
	}
	old, err := p.sessions.Old(ctx, oldCookie)
	if err != nil {
		return Outcome{}, err
	}
	out, err := p.prove(ctx, by, f, old, proof)
	if old.ID != "" && errors.Is(err, fault.Conflict) {
		out, err = p.proveAgain(ctx, by, f, oldCookie, proof, err)
	}
	return out, err
}

// proveAgain proves once more after a conflict if it was because the browser's old session has ended meanwhile. The new
// session then does not follow it.
func (p *Provider) proveAgain(
	ctx context.Context, by actor.Actor, f Flow, oldCookie string, proof authenticator.Proof, conflict error,
) (Outcome, error) {
	old, err := p.sessions.Old(ctx, oldCookie)
	if err != nil {
		return Outcome{}, err
	}
	if old.ID != "" {
		return Outcome{}, conflict
	}
	return p.prove(ctx, by, f, old, proof)
}

func (p *Provider) prove(
	ctx context.Context, by actor.Actor, f Flow, old sso.Session, proof authenticator.Proof,
) (Outcome, error) {
	out, err := db.Write(ctx, p.o.DB, by, func(w *db.W) (Outcome, error) {
		asked := ask(ctx, w, standing.AskClient(f.State.Request, w.Now()))
		proven, owner, err := accept(ctx, w, proof)
		if wrong, is := authenticator.AsWrongAnswer(err); is {
			return Outcome{}, p.refuseAnswer(ctx, w, f, wrong)
		}
		if err != nil {
			return Outcome{}, err
		}
		person, err := p.admit(ctx, w, f, proven, owner)
		if err != nil {
			return Outcome{}, err
		}
		next := f
		next.State.Proven = &proven
		next.State.Ceremony = nil
		next.State.Answers.Problem = nil
		next.State.RoleKnown = false
		next.State.offerRoles(person.Roles())
		signedIn := sso.State{
			Proven: proven, Role: next.State.Role, RoleKnown: next.State.RoleKnown, Browser: next.State.Browser,
		}
		begun, err := p.sessions.Begin(ctx, w, old, signedIn)
		if err != nil {
			return Outcome{}, err
		}
		next.State.SID = begun.SID
		next.State.Session = begun.ID
		err = w.Record(ctx, audit.Event{Kind: eventProved, Subject: identity.Ref(proven.UUID),
			After: facts(f.State.Request, proven)})
		if err != nil {
			return Outcome{}, err
		}
		answer, err := p.advance(ctx, w, next, asked)
		return Outcome{
			Answer: answer, Cookie: begun.Cookie, Kind: proven.Kind, UUID: proven.UUID, Proven: proven.AuthenticatorID,
			Workplaces: person.Workplaces(),
		}, err
	})
	if err == nil {
		return out, nil
	}
	answer, err := p.outcome(ctx, f.State.Request, Answer{}, err)
	return Outcome{Answer: answer}, err
}

// accept accepts a proof. The function that it returns reads the owner, who was asked for together with the proof's
// first question where the owner is known before.
func accept(
	ctx context.Context, w *db.W, proof authenticator.Proof,
) (authenticator.Proven, func() (claim.Person, error), error) {
	if proof.Owner == "" {
		proven, err := proof.Accept(ctx, w)
		return proven, func() (claim.Person, error) { return claim.Read(ctx, w, proven.UUID) }, err
	}
	owner := claim.ReadSoon(ctx, w, proof.Owner)
	proven, err := proof.Accept(ctx, w)
	if err == nil && proven.UUID != proof.Owner {
		err = fmt.Errorf("a proof of %s, where one of %s was expected", proven.UUID, proof.Owner)
	}
	return proven, owner, err
}

// admit reads the person of a proof, and refuses people who may not sign in with it.
func (p *Provider) admit(
	ctx context.Context, w *db.W, f Flow, proven authenticator.Proven, owner func() (claim.Person, error),
) (claim.Person, error) {
	r := f.State.Request
	person, err := owner()
	refuse := func(reason Reason, suitable ...authn.Kind) error {
		refusal := Refusal{Reason: reason, Suitable: suitable, Workplaces: person.Workplaces()}
		return p.refuseProof(ctx, w, f, proven, refusal)
	}
	if errors.Is(err, fault.NotFound) {
		return person, refuse(Inactive)
	}
	if err != nil {
		return person, err
	}
	switch {
	case person.Status != identity.Active:
		return person, refuse(Inactive)
	case !r.Accepts(proven.UUID):
		return person, refuse(WrongPerson)
	}
	stranger, err := standing.IsStranger(ctx, w, r, proven.UUID)
	if err != nil {
		return person, err
	}
	if stranger {
		return person, refuse(OnTrial)
	}
	reason := NotApproved
	if !r.WantedClass().Met(proven.Kind, proven.Level) {
		reason = LevelTooLow
	} else if person.Approved(proven.Kind, proven.Model) {
		return person, nil
	}
	kinds, err := suitable(ctx, w, r, person)
	if err != nil {
		return person, err
	}
	return person, refuse(reason, kinds...)
}

// suitable lists the kinds of the person's authenticators that would be enough for the request, each once.
func suitable(ctx context.Context, r db.R, req request.Request, person claim.Person) (kinds []authn.Kind, err error) {
	all, err := authenticator.OfIdentity(ctx, r, person.UUID)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		usable := a.Status == authenticator.Active && !a.Locked
		if usable && req.WantedClass().Met(a.Kind, a.Level) && person.Approved(a.Kind, a.Model) &&
			!slices.Contains(kinds, a.Kind) {
			kinds = append(kinds, a.Kind)
		}
	}
	return kinds, nil
}
