package signin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
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

	Asked       bool      // the care identity side was asked about them, or nobody answers there
	ActiveAgain time.Time // since when their identity is active again that was suspended; zero if it never was
}

// askWithin is how long somebody waits at the door for what the care identity side says.
const askWithin = 2 * time.Second

// Ask asks the care identity side what CIS2 does not tell of a visitor: whether their identity was suspended since.
// Where that cannot be found out now, the visitor is given back with an error for the log: they may come in, and it is
// asked again while they are in.
func (d *Door) Ask(ctx context.Context, v Visitor) (Visitor, error) {
	if d.Asker == nil {
		v.Asked = true
		return v, nil
	}
	ctx, done := context.WithTimeout(ctx, askWithin)
	defer done()
	answer, err := d.Asker.Ask(ctx, extract.Question{Ref: v.Person.Subject, Subject: v.Person.Subject})
	if err != nil {
		return v, fmt.Errorf("ask about somebody at the door: %w", err)
	}
	v.Asked = true
	v.ActiveAgain = activeAgain(answer)
	return v, nil
}

// activeAgain gives since when somebody's identity is active again; zero if it never was suspended.
func activeAgain(answer extract.Answer) time.Time {
	if answer.ActiveAgain == 0 {
		return time.Time{}
	}
	return time.UnixMilli(answer.ActiveAgain).UTC()
}

// Links says which links stand although their Care Identity was suspended since they were made. Package linking has
// one.
type Links interface {
	// Approved reports whether somebody has approved the link of an account since a time.
	Approved(ctx context.Context, r db.R, link account.Link, since time.Time) (bool, error)
	// Wait has the link wait for somebody to approve it, and tells whoever can and the holder. It reports false where
	// nobody could.
	Wait(ctx context.Context, w *db.W, a account.Account, p cis2.Person, since time.Time) (bool, error)
}

// reactivated reports whether the link of an account is from before its identity was suspended, and nobody has approved
// it since.
func (d *Door) reactivated(ctx context.Context, r db.R, accountID string, since time.Time) (bool, error) {
	if since.IsZero() || d.Links == nil {
		return false, nil
	}
	link, err := account.LinkOf(ctx, r, accountID)
	if err != nil || !link.Linked.Before(since) {
		return false, err
	}
	approved, err := d.Links.Approved(ctx, r, link, since)
	return !approved, err
}

// chosen gives the role that a visitor chose, here or at CIS2.
func (v Visitor) chosen() string {
	if v.Role != "" {
		return v.Role
	}
	return v.Person.SelectedRoleID
}

// decide gives the account of a visitor, if one is linked to their care identity, and the decision about them.
func (d *Door) decide(ctx context.Context, r db.R, v Visitor) (account.Account, Decision, error) {
	p := v.Person
	a, err := account.ByCareIdentity(ctx, r, p.Issuer, p.Subject)
	if err != nil && !absent(err) {
		return a, Decision{}, err
	}
	f := Facts{
		Linked: err == nil, Active: a.Active && a.Kind != account.Machine, Organisation: a.Organisation, Roles: p.Roles,
		Chosen: v.chosen(), IdentityLevel: p.IdentityLevel,
	}
	if f.Linked {
		if f.Reactivated, err = d.reactivated(ctx, r, a.ID, v.ActiveAgain); err != nil {
			return a, Decision{}, err
		}
	}
	return a, Decide(f), nil
}

// decideNow decides about a visitor who comes in now. One whose link has to be approved again waits for that, unless
// nobody could approve it.
func (d *Door) decideNow(ctx context.Context, w *db.W, v Visitor) (account.Account, Decision, error) {
	a, decided, err := d.decide(ctx, w, v)
	if err != nil || decided.Outcome != Reactivated {
		return a, decided, err
	}
	waits, err := d.Links.Wait(ctx, w, a, v.Person, v.ActiveAgain)
	if err != nil || waits {
		return a, decided, err
	}
	v.ActiveAgain = time.Time{}
	return d.decide(ctx, w, v)
}

// Admit decides, within an Update, whether a visitor may enter, and notes that somebody does.
func (d *Door) Admit(ctx context.Context, w *db.W, v Visitor) (portal.Admission[State], error) {
	p := v.Person
	a, decided, err := d.decideNow(ctx, w, v)
	if err != nil {
		return portal.Admission[State]{}, err
	}
	switch decided.Outcome {
	case Enter:
	case ChooseRole:
		asked := audit.Event{Kind: eventRoleAsked, Subject: account.Ref(a.ID)}
		return portal.Admission[State]{Outcome: string(ChooseRole), Asked: true, Event: asked}, nil
	default:
		refused := audit.Event{Kind: NotIn, Subject: CareIdentity(p), After: Refused{decided.Outcome, p.AMR}}
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
		Access: d.sealed(v), Unasked: !v.Asked && d.Asker != nil,
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

// HolderIn gives the id of the account of the person whom an event is about: their own, or the one that is linked to
// the Care Identity with which they came; empty where neither is known.
func HolderIn(ctx context.Context, r db.R, e audit.Entry) (string, error) {
	switch e.Subject.Kind {
	case account.Ref("").Kind:
		return e.Subject.ID, nil
	case CareIdentity(cis2.Person{}).Kind:
		at := strings.LastIndex(e.Subject.ID, " ")
		return AccountOf(ctx, r, e.Subject.ID[:max(at, 0)], e.Subject.ID[at+1:])
	}
	return "", nil
}

// CareIdentity identifies somebody's care identity in events.
func CareIdentity(p cis2.Person) audit.Ref {
	return audit.Ref{Kind: "care-identity", ID: p.Issuer + " " + p.Subject}
}
