package extract

import (
	"context"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
)

// answer answers every question from one snapshot of the data.
func (e *Extract) answer(ctx context.Context, asker string, request wire.Request) (wire.Response, error) {
	return db.Costly(ctx, e.DB, func(r db.R) (wire.Response, error) {
		response := wire.Response{Version: wire.Version, AsOf: r.Now().UnixMilli()}
		facts, err := gather(ctx, r, request.Questions)
		if err != nil {
			return wire.Response{}, err
		}
		for _, q := range request.Questions {
			a := facts.answer(q)
			a.Handles = e.handlesOf(asker, q, facts)
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

func stateOf(s identity.Status) wire.State {
	switch s {
	case identity.Active:
		return wire.Active
	case identity.Closing, identity.Closed:
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
func bestOf(authenticators []authenticator.Authenticator, policies organisation.Policies) *wire.Authenticator {
	best := &wire.Authenticator{}
	for _, a := range authenticators {
		if a.Status != authenticator.Active || a.Locked {
			continue
		}
		one := &wire.Authenticator{Level: int(a.Level), Approved: policies.Take(a.Kind, a.Model)}
		if one.Approved && !best.Approved || one.Approved == best.Approved && one.Level > best.Level {
			best = one
		}
	}
	return best
}
