package linking

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
)

// Arrival is a person who signed in with a Care Identity that no account is linked to. It is stored for a short time
// for their browser, so that they can say which account is theirs.
type Arrival struct {
	Issuer, Subject, Name, Email string
	EmailProved                  bool
	IdentityLevel                int
	Reference                    string // of the refusal to let them in
}

var arrivals = session.Flows[Arrival]{Name: "dos.arrival", Life: 15 * time.Minute}

// KeepArrival stores the arrival of a person, with the reference of its refusal, and gives the cookie to set on their
// browser.
func (l *Linker) KeepArrival(ctx context.Context, p cis2.Person, reference string) (string, error) {
	a := Arrival{
		Issuer: p.Issuer, Subject: p.Subject, Name: p.Name,
		Email: p.Email, EmailProved: p.EmailVerified, IdentityLevel: p.IdentityLevel,
		Reference: reference,
	}
	return db.Keep(ctx, l.DB, func(k *db.K) (string, error) {
		id, secret, err := arrivals.Start(ctx, k, a)
		return session.Cookie(id, secret), err
	})
}

// FindArrival gives the arrival on this browser, or a fault that says to sign in again.
func (l *Linker) FindArrival(ctx context.Context, cookie string) (Arrival, error) {
	id, secret := session.Split(cookie)
	a, err := db.Read(ctx, l.DB, func(r db.R) (Arrival, error) {
		flow, err := arrivals.Load(ctx, r, id, secret)
		return flow.State, err
	})
	if errors.Is(err, fault.Expired) {
		err = portal.ErrNotStarted
	}
	return a, err
}

func (a Arrival) person() cis2.Person {
	return cis2.Person{
		Issuer: a.Issuer, Subject: a.Subject, Name: a.Name,
		Email: a.Email, EmailVerified: a.EmailProved, IdentityLevel: a.IdentityLevel,
	}
}

// FindCeremony gives the ceremony in progress on this browser, or a fault that says to start again.
func (l *Linker) FindCeremony(ctx context.Context, cookie string) (Ceremony, error) {
	return db.Read(ctx, l.DB, func(r db.R) (Ceremony, error) { return findCeremony(ctx, r, cookie) })
}

// Done is a link that was just made on a browser.
type Done struct {
	Account      account.Account
	CareIdentity string // whose it is
	Digits       string // the last of its number
}

// Linked gives the link that was made on a browser, or a fault if none was.
func (l *Linker) Linked(ctx context.Context, cookie string) (Done, error) {
	return db.Read(ctx, l.DB, func(r db.R) (Done, error) {
		flow, err := loadCeremony(ctx, r, cookie)
		if err == nil {
			err = errCeremonyEnded // it is still under way
		}
		if !errors.Is(err, ErrFinished) {
			return Done{}, err
		}
		a, err := account.ByID(ctx, r, flow.State.AccountID)
		return Done{Account: a, CareIdentity: flow.State.Name, Digits: LastDigits(flow.State.Subject)}, err
	})
}

func findCeremony(ctx context.Context, r db.R, cookie string) (Ceremony, error) {
	flow, err := loadCeremony(ctx, r, cookie)
	return flow.State, err
}

func loadCeremony(ctx context.Context, r db.R, cookie string) (session.Flow[Ceremony], error) {
	id, secret := session.Split(cookie)
	flow, err := Ceremonies.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		err = errCeremonyEnded
	}
	if err == nil && flow.State.Finished {
		err = ErrFinished
	}
	if err == nil && flow.State.Held != "" {
		err = refusals[HeldBack]
	}
	return flow, err
}
