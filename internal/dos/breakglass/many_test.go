package breakglass_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
)

// administrators adds accounts that manage users and open emergency rights: one in five everywhere, the others in the
// region of the clinic.
func (w *world) administrators(n int) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range n {
			scope := account.InRegion(w.north)
			if i%5 == 0 {
				scope = account.Everywhere
			}
			_, err := account.Add(ctx, u, account.New{Username: fmt.Sprintf("admin%04d", i), FirstName: "Ada",
				LastName: "Lead", Email: fmt.Sprintf("admin%04d@example.nhs.uk", i), Region: w.north,
				Organisation: "A81001", Grants: account.UserAdministrator.In(scope)})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// How long each act about emergency rights takes its Update, in a directory with 500 administrators, all of whom are
// told of it.
func BenchmarkManyAdministrators(b *testing.B) {
	w := open(b)
	w.administrators(500)
	took := map[string]time.Duration{}
	act := func(name string, do func() error) {
		begun := time.Now()
		w.Must(do())
		took[name] += time.Since(begun)
	}
	for b.Loop() {
		w.Settle()
		w.logIn(w.editor, byCareIdentity("editor"))
		w.logIn(w.first, byCareIdentity("first"))
		var id string
		act("ask", func() error {
			u, err := w.ask(w.editor)
			id = u.ID
			return err
		})
		w.Settle()
		act("end", func() error { return w.office.End(w.Context(), w.by(w.editor), id) })
		w.Settle()
		act("review", func() error {
			return w.office.Review(w.Context(), w.by(w.first), id, false, "Nothing of this was needed.")
		})
		act("openers", func() error {
			return w.DB.View(w.Context(), func(r db.R) error {
				_, err := w.use(id).Openers(w.Context(), r)
				return err
			})
		})
		w.Clock.Advance(7 * 24 * time.Hour)
	}
	for name, total := range took {
		b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/"+name)
	}
	b.ReportMetric(0, "ns/op")
}

// Who may open a use, found for all at once, are those of whom the same is found one by one: in random worlds, in which
// some are the person who asked by an account, a Care Identity or an address of now or before, or by another account
// that has one of those.
func TestWhoMayOpenIsFoundForAllAtOnce(t *testing.T) {
	w := open(t)
	room := w.service(directory.Service{Name: "Room", Type: 17, Parent: w.clinic.ID, ODSCode: "A81001"})
	scopes := []account.Scope{account.Everywhere, account.InRegion(w.north), account.InRegion(w.south),
		account.BelowService(w.clinic.ID), account.BelowService(room.ID), account.OwnOrganisation}
	random := rand.New(rand.NewPCG(7, 11))
	pick := func(n int) int { return random.IntN(n) }
	const holders = 60
	var accounts []account.Account
	for i := range holders {
		username := fmt.Sprintf("holder%02d", i)
		accounts = append(accounts, w.Account(account.New{Username: username, FirstName: "Ada", LastName: "Lead",
			Email: username + "@example.nhs.uk", Region: w.north, Organisation: []string{"A81001", "A81009"}[pick(2)],
			Grants: scopes[pick(len(scopes))].Of(account.BreakGlass)}, ""))
	}
	all := append(accounts, w.editor)
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		for i := range 2 * holders {
			a, other := accounts[pick(holders)], all[pick(len(all))]
			if i%2 == 0 {
				other = all[holders-pick(holders/6)] // few, so that some are of several accounts

				_, err = u.Exec(ctx, `INSERT INTO account_link_past (id, account_id, issuer, subject, linked_at, ended_at)
					VALUES ($1, $2, 'https://cis2.example', $3, $4, $4)`, fmt.Sprint("past", i), a.ID,
					"number of "+other.Username, u.Now())
			} else if pick(3) == 0 {
				_, err = u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
					VALUES ($1, $2, $2, $3, $3)`, a.ID, other.EmailKey, u.Now())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	may, own := 0, 0
	for _, place := range []account.Scope{account.BelowService(w.clinic.ID), account.InRegion(w.north), account.Everywhere} {
		u := breakglass.Use{AccountID: w.editor.ID, Issuer: "https://cis2.example", Subject: "number of editor",
			Scope: place, State: breakglass.Waiting}
		w.View(func(ctx context.Context, r db.R) error {
			got, err := u.Openers(ctx, r)
			w.Must(err)
			list, err := account.HoldersOf(ctx, r, account.BreakGlass)
			w.Must(err)
			want := slices.DeleteFunc(list, func(a account.Account) bool {
				grants, err := account.GrantsOf(ctx, r, a.ID)
				w.Must(err)
				is, err := u.Own(ctx, r, a.ID)
				w.Must(err)
				if is {
					own++
				}
				opens, err := u.MayOpen(ctx, r, a.ID, grants.Reach(a.Organisation, account.BreakGlass))
				w.Must(err)
				return !opens
			})
			if !slices.EqualFunc(got, want, func(a, b account.Account) bool { return a.ID == b.ID }) {
				t.Errorf("%v: %d may open, want %d", place, len(got), len(want))
			}
			may += len(want)
			return nil
		})
	}
	if may < 10 || own < 10 {
		t.Errorf("%d may open and %d are the person: too few to show anything", may, own)
	}
	t.Logf("%d may open, %d are the person", may, own)
}
