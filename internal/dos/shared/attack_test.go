package shared_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/shared"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// claimsAs says in a session of its own that somebody of a name has an address.
func (w *world) claimsAs(first, address string) {
	w.Helper()
	w.Clock.Advance(time.Minute)
	c := typed(first)
	c.Email = address
	w.Must(w.cases.Claim(w.Context(), by(w.team), w.team.ID, sitting(worldtest.Must(w.logsIn())(w)), c))
}

// Whoever types a colleague's address makes no use theirs before they show that it is; they are told, and every name
// that was typed for the address is kept.
func TestSomebodyElsesAddress(t *testing.T) {
	w := open(t)
	w.claimsAs("Mallory", "ann@riverside.example")
	w.says("Ann")
	for range 3 {
		w.claimsAs("Mallory", "ann@riverside.example")
	}
	if n := w.unclaimed(); n != 5 {
		t.Errorf("%d of 5 logins unclaimed", n)
	}
	if n := w.Mailed("shared.said", "ann@riverside.example"); n != 1 {
		t.Errorf("Ann got %d mails", n)
	}
	text := w.mailsTo("ann@riverside.example")
	if !strings.Contains(text, w.admin.Email) || strings.Contains(text, "Mallory") {
		t.Errorf("the mail: %s", text)
	}
	names := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (map[string][]string, error) {
		return shared.NamesOf(t.Context(), r, w.claims())
	}))(t)
	if got := strings.Join(names[w.claims()[0].ID], ", "); got != "Mallory Example, Ann Example" {
		t.Errorf("names: %s", got)
	}
	w.Clock.Advance(24 * time.Hour)
	w.claimsAs("Mallory", "ann@riverside.example")
	if n := w.Mailed("shared.said", "ann@riverside.example"); n != 2 {
		t.Errorf("a day later Ann has %d mails", n)
	}
}

// Logins in the name of somebody who has shown that their address is theirs are counted by where they came from, so
// that a thief who types it is seen; nobody's are before that.
func TestUseInSomebodysName(t *testing.T) {
	w := open(t)
	since := w.in(-365)
	by := func() []shared.UseBy {
		return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]shared.UseBy, error) {
			return shared.UseByClaims(ctx, r, w.team.ID, since)
		})
	}
	w.claimsAs("Ann", "ann@riverside.example")
	w.claimsAs("Ann", "ann@riverside.example")
	if got := by(); len(got) != 0 {
		t.Errorf("before it is proved: %+v", got)
	}
	w.proves()
	w.claimsAs("Mallory", "ann@riverside.example")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE shared_use SET network = '198.51.100.0/24', browser = 'Firefox on Linux'
			WHERE at = (SELECT MAX(at) FROM shared_use)`)
		return err
	})
	got := by()
	if len(got) != 2 || got[0].Network != "198.51.100.0/24" || got[0].Logins != 1 || got[1].Logins != 2 ||
		got[0].ClaimID != w.claims()[0].ID || got[1].Browser == "" {
		t.Errorf("by whom: %+v", got)
	}
}

// The page of a case has the claims that wait first, however many there are.
func TestClaimsComeByPages(t *testing.T) {
	w := open(t)
	states := []string{"rejected", "confirmed", "merged", "claimed", "rejected", "claimed"}
	var want []string
	for _, wanted := range []string{"claimed", "confirmed", "rejected merged"} {
		for i := range 1200 {
			n := 1199 - i // the one with the last id came first
			if strings.Contains(wanted, states[n%len(states)]) {
				want = append(want, fmt.Sprintf("c%04d", n))
			}
		}
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 1200 {
			_, err := u.Exec(ctx, `INSERT INTO shared_claim (id, account_id, first_name, last_name, email, email_key,
				organisation, given, state, made_at, own_digest)
				VALUES ($1, $2, 'A', 'B', $1, $1, 'RXK', FALSE, $3, $4, $5)`,
				fmt.Sprintf("c%04d", i), w.team.ID, states[i%len(states)], u.Now().Add(-time.Duration(i)*time.Second),
				[]byte{})
			if err != nil {
				return err
			}
		}
		return nil
	})
	first := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]shared.Claim, error) {
		list, total, err := shared.Claims(t.Context(), r, w.team.ID, 0, 50)
		if total != 1200 {
			t.Errorf("%d claims in all", total)
		}
		return list, err
	}))(t)
	if len(first) != 50 || first[49].State != shared.Claimed {
		t.Errorf("%d claims on the first page", len(first))
	}
	// Each is on one page, those that wait first and then those that were confirmed, as they came.
	var seen []string
	for skip := 0; skip < 1200; skip += 50 {
		page := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]shared.Claim, error) {
			list, _, err := shared.Claims(ctx, r, w.team.ID, skip, 50)
			return list, err
		})
		for _, c := range page {
			seen = append(seen, c.ID)
		}
	}
	if !slices.Equal(seen, want) {
		t.Errorf("the claims come as %v ..., want %v ...", seen[:min(len(seen), 60)], want[:60])
	}
}

// Whoever is confirmed after the account retired early reads that it has stopped.
func TestConfirmedAfterItRetired(t *testing.T) {
	w := open(t)
	w.says("Ann")
	w.proves()
	w.Must(w.cases.Freeze(t.Context(), by(w.admin), w.team.ID))
	w.Clock.Advance(15 * 24 * time.Hour)
	w.Must(w.cases.Retire(t.Context(), by(w.admin), w.team.ID))
	w.Must(w.cases.Confirm(t.Context(), by(w.admin), w.team.ID, w.pick(w.claims()[0].ID)))
	if w.Mailed("shared.confirmed", "ann@riverside.example") != 1 {
		t.Error("not mailed")
	}
	if text := w.mailsTo("ann@riverside.example"); !strings.Contains(text, "has stopped working") {
		t.Errorf("the mail: %s", text)
	}
}

// A login shortly after the daily mail is in the next one, however late that comes.
func TestNoLoginIsLostBetweenTwoMails(t *testing.T) {
	w := open(t)
	told := func() int { return w.Mailed("shared.unclaimed", w.admin.Email) }
	w.Clock.Advance(40 * 24 * time.Hour)
	w.Must(w.cases.Due(t.Context()))
	w.Clock.Advance(5 * time.Minute)
	worldtest.Must(w.logsIn())(t)
	w.Clock.Advance(3 * 24 * time.Hour)
	w.Must(w.cases.Due(t.Context()))
	if told() != 1 {
		t.Errorf("told %d times of a login 5 minutes after the mail", told())
	}
}

// A case that fails does not hold up those after it.
func TestAFailingCaseHoldsUpNoOther(t *testing.T) {
	w := open(t)
	other := w.Account(account.New{Username: "other.team", Email: "reception@other.example", Kind: account.Shared,
		Organisation: "A81001", PasswordHash: dostest.Password}, w.Waves[path.Choose])
	w.Must(w.cases.Begin(t.Context(), by(w.admin), other.ID, w.in(61)))
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE account SET shared = FALSE, web_service_only = TRUE WHERE id = $1`, w.team.ID)
	})
	w.Clock.Advance(62 * 24 * time.Hour)
	if err := w.cases.Due(t.Context()); err == nil {
		t.Error("the case of no shared account was not told of")
	}
	c := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (shared.Case, error) {
		return shared.Of(t.Context(), r, other.ID)
	}))(t)
	if c.State != shared.Retired {
		t.Errorf("the other case is %s", c.State)
	}
}

// A case that opened by itself, and its mails, are no use of an account: its import can be undone.
func TestTheImportOfASharedAccountIsUndone(t *testing.T) {
	w := open(t)
	var ids []string
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		ids, err = account.AddImported(ctx, u, []account.Imported{
			{Username: "night.team", Email: "night@riverside.example", Kind: account.Shared, Active: true},
		})
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "import.written"}))
	})
	w.Must(w.cases.Due(t.Context()))
	w.Clock.Advance(57 * 24 * time.Hour)
	w.Must(w.cases.Due(t.Context()))
	used := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (bool, error) {
		return account.Used(t.Context(), r, ids[0])
	}))(t)
	if used {
		t.Error("used, by nobody")
	}
	w.Update(func(ctx context.Context, u *db.W) error { return account.RemoveImported(ctx, u, ids[0]) })
	w.Clock.Advance(30 * 24 * time.Hour)
	w.Must(w.cases.Due(t.Context()))
	if n := w.Count(`SELECT COUNT(*) FROM shared_case WHERE account_id = $1 AND state = 'retired'`, ids[0]); n != 1 {
		t.Error("its case goes on")
	}
}

// A shared account that was imported gets a case by itself, which an undone import takes back; others do not.
func TestImportedAccountsGetACase(t *testing.T) {
	w := open(t)
	w.Account(account.New{Username: "no.case", Email: "no.case@riverside.example", Kind: account.Shared}, "")
	var ids []string
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		ids, err = account.AddImported(ctx, u, []account.Imported{
			{Username: "night.team", Email: "night@riverside.example", Kind: account.Shared, Active: true},
			{Username: "old.team", Email: "old@riverside.example", Kind: account.Shared},
			{Username: "one", Email: "one@riverside.example", Kind: account.Individual, Active: true},
		})
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "import.written"}))
	})
	w.Must(w.cases.Due(t.Context()))
	w.Must(w.cases.Due(t.Context()))
	if n := w.Count(`SELECT COUNT(*) FROM shared_case`); n != 2 {
		t.Errorf("%d cases, want that of before and one more", n)
	}
	found := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (shared.Case, error) {
		return shared.Of(t.Context(), r, ids[0])
	}))(t)
	if !found.Retires.Equal(w.Clock.Now().Add(shared.Usual)) {
		t.Errorf("it retires at %s", found.Retires)
	}
}
