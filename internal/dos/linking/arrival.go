package linking

import (
	"context"
	"errors"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
)

// Arrival is somebody whom CIS2 vouched for and whom no account is linked to. It is kept for a while, for
// their browser, so that they can say which account is theirs.
type Arrival struct {
	Issuer, Subject, Name, Email string
	EmailProved                  bool
	IdentityLevel                int
}

var arrivals = session.Flows[Arrival]{Name: "dos.arrival", Life: 15 * time.Minute}

// KeepArrival keeps a person and gives the cookie to set on their browser.
func (l *Linker) KeepArrival(ctx context.Context, p cis2.Person) (cookie string, err error) {
	a := Arrival{
		Issuer: p.Issuer, Subject: p.Subject, Name: p.Name,
		Email: p.Email, EmailProved: p.EmailVerified, IdentityLevel: p.IdentityLevel,
	}
	err = l.DB.Keep(ctx, func(k *db.K) error {
		id, secret, err := arrivals.Start(ctx, k, a)
		cookie = session.Cookie(id, secret)
		return err
	})
	return cookie, err
}

// FindArrival gives the person of this browser, or a fault that says to sign in again.
func (l *Linker) FindArrival(ctx context.Context, cookie string) (a Arrival, err error) {
	id, secret := session.Split(cookie)
	err = l.DB.View(ctx, func(r db.R) error {
		flow, err := arrivals.Load(ctx, r, id, secret)
		a = flow.State
		return err
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

// FindCeremony gives the link that is under way on this browser, or a fault that says to start again.
func (l *Linker) FindCeremony(ctx context.Context, cookie string) (Ceremony, error) {
	return db.Read(ctx, l.DB, func(r db.R) (Ceremony, error) { return findCeremony(ctx, r, cookie) })
}

func findCeremony(ctx context.Context, r db.R, cookie string) (Ceremony, error) {
	id, secret := session.Split(cookie)
	flow, err := Ceremonies.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		err = errCeremonyEnded
	}
	return flow.State, err
}
