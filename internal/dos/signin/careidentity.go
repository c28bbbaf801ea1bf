package signin

import (
	"context"
	"time"

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
	Access relying.Access // with which CIS2 is asked about them again
	Role   string         // the id of the role that they chose here, or act in already; empty if they did not
}

// chosen gives the role that a visitor chose, here or at CIS2.
func (v Visitor) chosen() string {
	if v.Role != "" {
		return v.Role
	}
	return v.Person.SelectedRoleID
}

// decide gives the account of a visitor, if one is linked to their care identity, and the decision about them.
func decide(ctx context.Context, r db.R, v Visitor) (account.Account, Decision, error) {
	p := v.Person
	a, err := account.ByCareIdentity(ctx, r, p.Issuer, p.Subject)
	if err != nil && !absent(err) {
		return a, Decision{}, err
	}
	return a, Decide(Facts{
		Linked: err == nil, Active: a.Active && a.Kind != account.Machine, Organisation: a.Organisation, Roles: p.Roles,
		Chosen: v.chosen(), IdentityLevel: p.IdentityLevel,
	}), nil
}

// Admit decides, within an Update, whether a visitor may enter, and notes that somebody does.
func (d *Door) Admit(ctx context.Context, w *db.W, v Visitor) (portal.Admission[State], error) {
	p := v.Person
	a, decided, err := decide(ctx, w, v)
	if err != nil {
		return portal.Admission[State]{}, err
	}
	switch decided.Outcome {
	case Enter:
	case ChooseRole:
		asked := audit.Event{Kind: eventRoleAsked, Subject: account.Ref(a.ID)}
		return portal.Admission[State]{Outcome: string(ChooseRole), Asked: true, Event: asked}, nil
	default:
		refused := audit.Event{Kind: NotIn, Subject: CareIdentity(p), After: decided.Outcome}
		return portal.Admission[State]{Outcome: string(decided.Outcome), Event: refused}, nil
	}
	if err := account.NoteLogin(ctx, w, a.ID); err != nil {
		return portal.Admission[State]{}, err
	}
	return portal.Admission[State]{
		Admitted: true, Subject: a.ID, State: d.state(v, decided.Role), Ends: d.ends(v),
		Outcome: string(decided.Outcome),
		Event: audit.Event{Kind: SignedIn, Subject: account.Ref(a.ID), After: map[string]any{
			"how": ByCareIdentity, "acr": p.ACR, "amr": p.AMR, "level": p.AuthenticationLevel.Number(),
			"role": decided.Role.PersonRoleID, "organisation": decided.Role.OrgCode}},
	}, nil
}

// state gives what the session of a visitor holds who enters in a role.
func (d *Door) state(v Visitor, role cis2.NationalRole) State {
	return State{
		How: ByCareIdentity, Proved: v.Person.AuthTime, CareIdentity: v.Person.Subject,
		Role: role.PersonRoleID, Organisation: role.OrgCode,
		Access: d.sealed(v),
	}
}

// sealed gives the access token of a visitor as it is kept.
func (d *Door) sealed(v Visitor) access {
	token := d.Box.Seal([]byte(v.Access.Token), accessContext(v.Person.Subject))
	return access{Sealed: token, Ends: v.Access.Ends}
}

// ends gives when a visitor has to sign in again where nobody can be asked about them after the access token has ended;
// zero where somebody can.
func (d *Door) ends(v Visitor) time.Time {
	if d.Asker != nil {
		return time.Time{}
	}
	return v.Access.Ends
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
