package signin

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
)

// Admit decides, within an Update, whether a person who signed in at CIS2 may enter.
func Admit(ctx context.Context, r db.R, p cis2.Person) (portal.Admission[State], error) {
	a, err := account.ByCareIdentity(ctx, r, p.Issuer, p.Subject)
	known := err == nil
	if err != nil && !absent(err) {
		return portal.Admission[State]{}, err
	}
	facts := Facts{Linked: known, Active: a.Active, Position: HoldsPosition(p), IdentityLevel: p.IdentityLevel}
	outcome := Decide(facts)
	if outcome != Enter {
		event := audit.Event{Kind: NotIn, Subject: CareIdentity(p), After: outcome}
		return portal.Admission[State]{Outcome: string(outcome), Event: event}, nil
	}
	return portal.Admission[State]{
		Admitted: true, Subject: a.ID, State: State{How: ByCareIdentity, Proved: p.AuthTime}, Outcome: string(outcome),
		Event: audit.Event{Kind: SignedIn, Subject: account.Ref(a.ID), After: map[string]any{
			"how": ByCareIdentity, "acr": p.ACR, "amr": p.AMR, "level": p.AuthenticationLevel.Number()}},
	}, nil
}

// AccountOf gives the id of the account that is linked to a care identity; empty if there is none.
func AccountOf(ctx context.Context, r db.R, issuer, subject string) (string, error) {
	a, err := account.ByCareIdentity(ctx, r, issuer, subject)
	if absent(err) {
		return "", nil
	}
	return a.ID, err
}

// CareIdentity identifies somebody's care identity in events.
func CareIdentity(p cis2.Person) audit.Ref {
	return audit.Ref{Kind: "care-identity", ID: p.Issuer + " " + p.Subject}
}
