package outcome_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/relying"
)

const issuer = "https://issuer.example"

// world has people who log in, and what counts it.
type world struct {
	*dostest.World

	desk  *signin.PasswordSignIn
	door  *signin.Door
	watch outcome.Watch
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 7, 2, 8, 0, 0, 0, time.UTC))}
	w.Start()
	w.AddWaves()
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.door = &signin.Door{DB: w.DB, Box: w.Box}
	w.watch = outcome.Watch{DB: w.DB}
	return w
}

func (w *world) person(username string, phase path.Phase, change ...func(n *account.New)) account.Account {
	w.Helper()
	n := account.New{Username: username, FirstName: "Ada", Email: username + "@example.nhs.uk", Organisation: "Z99Z9",
		PasswordHash: w.Hash}
	for _, fn := range change {
		fn(&n)
	}
	return w.Account(n, w.Waves[phase])
}

// types logs in with a password, wherever that leads.
func (w *world) types(username, password string) error {
	_, err := w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
		signin.Typed{Username: username, Password: password}, "")
	return err
}

// comes logs in at CIS2, as package portal has the door decide.
func (w *world) comes(subject, amr string, roles ...cis2.NationalRole) (admitted bool) {
	w.Helper()
	p := cis2.Person{Issuer: issuer, Subject: subject, IdentityLevel: 3, AMR: []string{amr}, Roles: roles}
	w.Update(func(ctx context.Context, u *db.W) error {
		admission, err := w.door.Admit(ctx, u, signin.Visitor{Person: p, Access: relying.Access{Token: "t"}})
		admitted = admission.Admitted
		switch {
		case err != nil:
			return err
		case admission.Admitted:
			return u.Record(ctx, admission.Event)
		}
		return u.RecordRefusal(ctx, admission.Event)
	})
	return admitted
}

func (w *world) link(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: issuer, Subject: a.Username, How: "test",
			Linked: u.Now()})
	})
}

func position() cis2.NationalRole {
	return cis2.NationalRole{PersonRoleID: "1", OrgCode: "Z99Z9", RoleCode: "S8002:G8003:R8008",
		ActivityCodes: []string{"B0166"}}
}

// count counts what is old enough.
func (w *world) count() {
	w.Helper()
	w.Clock.Advance(time.Minute)
	w.Must(w.watch.Count(w.Context()))
}
