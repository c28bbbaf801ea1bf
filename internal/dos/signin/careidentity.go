package signin

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
)

// Pending is a sign-in at CIS2 that was started here and has not come back.
type Pending struct {
	Relying relying.Pending
	LinkFor string // the account that is to be linked, signed in by password on this browser; else empty
	Session string // that sign-in's session
}

// pendings are bound to the browser by a cookie and taken once.
var pendings = session.Flows[Pending]{Name: "dos.sign-in", Life: 15 * time.Minute}

// Start begins a sign-in at CIS2 and gives where to send the browser and the cookie to set on it. With a
// current password session the sign-in is for linking its account.
func (d *Desk) Start(ctx context.Context, current *Current) (to, cookie string, err error) {
	to, asked, err := d.Relying.Start(ctx, relying.Ask{})
	if err != nil {
		return "", "", err
	}
	p := Pending{Relying: asked}
	if current != nil {
		p.LinkFor, p.Session = current.Account.ID, current.Session.ID
	}
	err = d.DB.Keep(ctx, func(k *db.K) error {
		id, secret, err := pendings.Start(ctx, k, p)
		cookie = session.Cookie(id, secret)
		return err
	})
	return to, cookie, err
}

// ErrNotStarted is said to a browser on which no sign-in is under way, or no longer.
var ErrNotStarted = fault.SayCure(fault.Expired, "This sign-in was not started in this browser, or has been used already.",
	"Start again from the sign-in page.")

// Redeem takes the pending sign-in, once, and gives whom CIS2 vouches for.
func (d *Desk) Redeem(ctx context.Context, cookie string, query url.Values) (Pending, cis2.Person, error) {
	id, secret := session.Split(cookie)
	var p Pending
	err := d.DB.Keep(ctx, func(k *db.K) error {
		flow, err := pendings.Take(ctx, k, id, secret)
		p = flow.State
		return err
	})
	if errors.Is(err, fault.Expired) {
		return p, cis2.Person{}, ErrNotStarted
	}
	if err != nil {
		return p, cis2.Person{}, fmt.Errorf("take pending sign-in: %w", err)
	}
	person, err := d.Relying.Redeem(ctx, p.Relying, query)
	return p, person, err
}

// Complete decides what becomes of a person and, if they come in, begins their session. The session that
// the browser had before is over either way, as somebody else may have had it.
func (d *Desk) Complete(ctx context.Context, who actor.Actor, p cis2.Person, before string) (outcome Outcome, cookie string, err error) {
	who.Kind, who.ID, who.Name = actor.Person, p.Subject, p.Name
	if role, chosen := p.SelectedRole(); chosen {
		who.Role = role.PersonRoleID
	}
	err = d.DB.Update(ctx, who, func(w *db.W) error {
		a, err := account.ByCareIdentity(ctx, w, p.Issuer, p.Subject)
		known := err == nil
		if err != nil && !absent(err) {
			return err
		}
		if err := endBefore(ctx, w, before); err != nil {
			return err
		}
		facts := Facts{Linked: known, Active: a.Active, Position: holdsPosition(p), IdentityLevel: p.IdentityLevel}
		if outcome = Decide(facts); outcome != Enter {
			return w.Record(ctx, audit.Event{Kind: eventNotIn, Subject: CareIdentity(p), After: outcome})
		}
		cookie, err = Sessions.Begin(ctx, w, session.New[State]{Subject: a.ID, SID: p.SID, State: State{How: ByCareIdentity}})
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventIn, Subject: account.Ref(a.ID), After: map[string]any{
			"how": ByCareIdentity, "acr": p.ACR, "amr": p.AMR, "level": p.AuthenticationLevel.Number()}})
	})
	return outcome, cookie, err
}

// CareIdentity names somebody's care identity in events.
func CareIdentity(p cis2.Person) audit.Ref {
	return audit.Ref{Kind: "care-identity", ID: p.Issuer + " " + p.Subject}
}
