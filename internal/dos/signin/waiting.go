package signin

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
)

// waiting is a visitor who is asked something before they enter, as they are kept for their browser.
type waiting struct {
	Person      cis2.Person
	Access      access
	Asked       bool
	ActiveAgain time.Time `json:",omitzero"`
}

var waitings = session.Flows[waiting]{Name: "dos.visitor", Life: 15 * time.Minute}

// Waiting is a visitor who is asked something, with their account and what was decided.
type Waiting struct {
	Visitor
	Account account.Account
	Outcome Outcome
	Offered []cis2.NationalRole // roles that they may choose from
}

// Wait keeps a visitor for a short time and gives the cookie to set on their browser.
func (d *Door) Wait(ctx context.Context, v Visitor) (cookie string, err error) {
	return db.Keep(ctx, d.DB, func(k *db.K) (string, error) {
		id, secret, err := waitings.Start(ctx, k, waiting{Person: v.Person, Access: d.sealed(v), Asked: v.Asked,
			ActiveAgain: v.ActiveAgain})
		return session.Cookie(id, secret), err
	})
}

// Waits gives the visitor who waits on a browser, as they stand now.
func (d *Door) Waits(ctx context.Context, cookie string) (Waiting, error) {
	return db.Read(ctx, d.DB, func(r db.R) (Waiting, error) { return d.WaitsIn(ctx, r, cookie) })
}

// WaitsIn does what Waits does, within a transaction.
func (d *Door) WaitsIn(ctx context.Context, r db.R, cookie string) (w Waiting, err error) {
	id, secret := session.Split(cookie)
	flow, err := waitings.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		return w, portal.ErrNotStarted
	}
	if err != nil {
		return w, err
	}
	token, err := d.Box.Open(flow.State.Access.Sealed, accessContext(flow.State.Person.Subject))
	if err != nil {
		return w, err
	}
	w.Visitor = Visitor{
		Person: flow.State.Person, Access: relying.Access{Token: string(token), Ends: flow.State.Access.Ends},
		Asked: flow.State.Asked, ActiveAgain: flow.State.ActiveAgain,
	}
	a, decided, err := d.decide(ctx, r, w.Visitor)
	w.Account = a
	w.Outcome = decided.Outcome
	w.Offered = decided.Offered
	return w, err
}

// AdmitIn decides, within an Update, whether the visitor who waits on a browser may enter in a role. If they may, they
// wait no more.
func (d *Door) AdmitIn(ctx context.Context, u *db.W, cookie, role string) (portal.Admission[State], error) {
	w, err := d.WaitsIn(ctx, u, cookie)
	if err != nil {
		return portal.Admission[State]{}, err
	}
	w.Role = role
	admission, err := d.Admit(ctx, u, w.Visitor)
	if err != nil || !admission.Admitted {
		return admission, err
	}
	id, secret := session.Split(cookie)
	_, err = waitings.Take(ctx, u, id, secret)
	if errors.Is(err, fault.Expired) {
		err = portal.ErrNotStarted
	}
	return admission, err
}
