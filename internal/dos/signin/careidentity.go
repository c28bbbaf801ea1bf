package signin

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
)

// Visitor is somebody who signed in at CIS2.
type Visitor struct {
	Person cis2.Person
	Access relying.Access // by which CIS2 is asked about them again
}

// Admit decides, within an Update, whether a visitor may enter, and notes that somebody does.
func (d *Door) Admit(ctx context.Context, w *db.W, v Visitor) (portal.Admission[State], error) {
	p := v.Person
	a, err := account.ByCareIdentity(ctx, w, p.Issuer, p.Subject)
	known := err == nil
	if err != nil && !absent(err) {
		return portal.Admission[State]{}, err
	}
	active := a.Active && a.Kind != account.Machine
	facts := Facts{Linked: known, Active: active, Position: HoldsPosition(p.Roles), IdentityLevel: p.IdentityLevel}
	outcome := Decide(facts)
	if outcome != Enter {
		event := audit.Event{Kind: NotIn, Subject: CareIdentity(p), After: outcome}
		return portal.Admission[State]{Outcome: string(outcome), Event: event}, nil
	}
	if err := account.NoteLogin(ctx, w, a.ID); err != nil {
		return portal.Admission[State]{}, err
	}
	return portal.Admission[State]{
		Admitted: true, Subject: a.ID, State: d.state(v), Ends: d.ends(v), Outcome: string(outcome),
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
