package extract

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
)

// answer answers every question from one snapshot of the data.
func (e *Extract) answer(ctx context.Context, request wire.Request) (wire.Response, error) {
	return db.Costly(ctx, e.DB, func(r db.R) (wire.Response, error) {
		response := wire.Response{Version: wire.Version, AsOf: r.Now().UnixMilli()}
		for _, q := range request.Questions {
			a, err := answerOne(ctx, r, q)
			if err != nil {
				return wire.Response{}, err
			}
			response.Answers = append(response.Answers, a)
		}
		return response, nil
	})
}

// answeredEvent makes the event of a call that was answered: how many people were asked about and found, and no
// names.
func answeredEvent(asker string, response wire.Response) audit.Event {
	counts := map[string]int{"questions": len(response.Answers)}
	for _, a := range response.Answers {
		counts[string(a.Found)]++
	}
	return audit.Event{Kind: eventAnswered, Subject: client(asker), After: counts}
}

func answerOne(ctx context.Context, r db.R, q wire.Question) (wire.Answer, error) {
	a := wire.Answer{Ref: q.Ref}
	found, err := find(ctx, r, q)
	if err != nil {
		return a, err
	}
	switch len(found) {
	case 0:
		a.Found = wire.None
		return a, nil
	case 1:
		a.Found = wire.One
		return a, describe(ctx, r, q, found[0], &a)
	}
	a.Found = wire.Several
	return a, nil
}

// find looks for the person whom a question is about, by the subject if it has one, else by the address.
func find(ctx context.Context, r db.R, q wire.Question) ([]identity.Identity, error) {
	if q.Subject == "" {
		return byEmail(ctx, r, q.Email)
	}
	i, err := identity.ByUUID(ctx, r, q.Subject)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	return []identity.Identity{i}, err
}

func byEmail(ctx context.Context, r db.R, key string) ([]identity.Identity, error) {
	if !matchesAutomatically(key) {
		return nil, nil
	}
	return identity.ByEmail(ctx, r, key)
}

// matchesAutomatically reports whether an address in canonical form may be matched with another without a person
// comparing both (rules, R6).
func matchesAutomatically(key string) bool {
	a, err := email.Parse(key)
	if err != nil {
		return false
	}
	canonical, alone := a.Canonical()
	return alone && canonical == key
}

func describe(ctx context.Context, r db.R, q wire.Question, i identity.Identity, a *wire.Answer) error {
	a.State = stateOf(i.Status)
	a.Email = emailOf(i, q.Email)
	profiles, err := access.RoleProfiles(ctx, r, i.UUID, r.Now())
	if err != nil {
		return err
	}
	a.Position = wire.No
	if access.HoldsDirectoryPosition(profiles) {
		a.Position = wire.Yes
	}
	if a.Authenticator, err = bestOf(ctx, r, i); err != nil {
		return err
	}
	authority, err := organisation.RegistrationAuthority(ctx, r, i.Organisation)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	a.Authority = &wire.Authority{Organisation: authority.Name, Code: authority.Code, Contact: authority.Contact}
	return err
}

func stateOf(s identity.Status) wire.State {
	switch s {
	case identity.Active:
		return wire.Active
	case identity.Closed:
		return wire.Closed
	}
	return wire.NotActive
}

// emailOf compares the identity's address with the one in the question.
func emailOf(i identity.Identity, address string) wire.EmailMatch {
	switch {
	case !matchesAutomatically(address):
		return wire.EmailUnknown
	case i.EmailCanonical != address:
		return wire.EmailDifferent
	case !i.EmailVerified.Done():
		return wire.EmailUnverified
	}
	return wire.EmailEqual
}

// bestOf returns the strongest authenticator that can be used now. One that the organisation has approved comes
// before a stronger one that it has not.
func bestOf(ctx context.Context, r db.R, i identity.Identity) (*wire.Authenticator, error) {
	authenticators, err := authenticator.OfIdentity(ctx, r, i.UUID)
	if err != nil {
		return nil, err
	}
	approved, err := organisation.Approved(ctx, r, i.Organisation)
	if err != nil {
		return nil, err
	}
	best := &wire.Authenticator{}
	for _, a := range authenticators {
		if a.Status != authenticator.Active || a.Locked {
			continue
		}
		one := &wire.Authenticator{Level: int(a.Level), Approved: slices.Contains(approved, a.Kind)}
		if one.Approved && !best.Approved || one.Approved == best.Approved && one.Level > best.Level {
			best = one
		}
	}
	return best, nil
}
