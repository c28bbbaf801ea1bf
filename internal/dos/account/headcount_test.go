package account_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/headcount"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// plainly says in SQL which accounts are meant, by what the other tables say.
var plainly = map[account.State]string{
	account.Linked:      "a.active AND EXISTS (SELECT 1 FROM account_link k WHERE k.account_id = a.id)",
	account.NotLinked:   "a.active AND NOT a.web_service_only AND NOT EXISTS (SELECT 1 FROM account_link k WHERE k.account_id = a.id)",
	account.NeverUsed:   "a.active AND NOT EXISTS (SELECT 1 FROM account_login g WHERE g.account_id = a.id)",
	account.Unconfirmed: "a.active AND a.email_proved_at IS NULL",
	account.Deactivated: "NOT a.active",
	account.Drifted:     "a.active AND a.id IN (SELECT x.account_id FROM drift x)",
}

// reaches have each way to say where, in SQL too.
var reaches = []struct {
	reach account.Reach
	sql   string
}{
	{account.Reach{Everywhere: true}, "TRUE"},
	{account.Reach{Regions: []string{"r1"}}, "a.region = 'r1'"},
	{account.Reach{Regions: []string{"r1", "r2"}}, "a.region IN ('r1', 'r2')"},
	{account.Reach{Organisations: []string{"o0"}}, "a.organisation = 'o0'"},
	{account.Reach{Regions: []string{"r2"}, Organisations: []string{"o0", "o1"}},
		"(a.region = 'r2' OR a.organisation IN ('o0', 'o1'))"},
	{account.Reach{}, "FALSE"},
}

// Whatever happens to accounts, they are counted and listed as a plain count by the other tables has them, before and
// after the job that counts has come by.
func TestCountsAreExactAfterAnyActs(t *testing.T) {
	w := newWorld(t)
	acts := &actsOnAccounts{world: w, chance: rand.New(rand.NewSource(11))}
	for range 12 {
		for range 25 {
			acts.one()
		}
		acts.compare()
	}
	if acts.counted < 20 || acts.firstUsed < 5 || len(acts.done) != len(acts.all()) {
		t.Errorf("%d accounts were counted, and %v done, %d used for the first time: the test proves nothing",
			acts.counted, acts.done, acts.firstUsed)
	}
}

// actsOnAccounts does one thing after another to accounts.
type actsOnAccounts struct {
	*world

	chance    *rand.Rand
	ids       []string
	counted   int
	done      map[string]int
	made      int
	firstUsed int // how often an account was met that had been counted before anybody had logged in with it
}

func (a *actsOnAccounts) all() map[string]func(ctx context.Context, u *db.W, id string) error {
	return map[string]func(ctx context.Context, u *db.W, id string) error{
		"add": a.add, "import": a.bringIn,
		"remove": func(ctx context.Context, u *db.W, id string) error {
			if n, err := db.Value[int](ctx, u, `SELECT COUNT(*) FROM account_link WHERE account_id = $1`, id); err != nil || n > 0 {
				return err
			}
			return account.RemoveImported(ctx, u, id)
		},
		"deactivate": func(ctx context.Context, u *db.W, id string) error { return account.Deactivate(ctx, u, id, "left") },
		"reactivate": func(ctx context.Context, u *db.W, id string) error { return account.Reactivate(ctx, u, id, "back") },
		"link": func(ctx context.Context, u *db.W, id string) error {
			return account.AddLink(ctx, u, account.Link{AccountID: id, Issuer: "https://cis2", Subject: id, How: "test"})
		},
		"unlink": func(ctx context.Context, u *db.W, id string) error { return account.RemoveLink(ctx, u, id, "wrong") },
		"log in": account.NoteLogin,
		"differ": a.differ,
		"move": func(ctx context.Context, u *db.W, id string) error {
			_, err := u.Exec(ctx, `UPDATE account SET region = $2 WHERE id = $1`, id, a.region())
			return err
		},
		"confirm": func(ctx context.Context, u *db.W, id string) error {
			_, err := u.Exec(ctx, `UPDATE account SET email_proved_at = 1 WHERE id = $1`, id)
			return err
		},
	}
}

// differ has the address of an account differ from that of the Care Identity, or no longer.
func (a *actsOnAccounts) differ(ctx context.Context, u *db.W, id string) error {
	const put = `INSERT INTO drift (account_id, cause, ours, theirs, staff, changed, linked, found_at, state)
		VALUES ($1, '', '', '', '', '', FALSE, 1, 'open')`
	differs := a.chance.Intn(3) > 0
	_, err := u.Exec(ctx, `DELETE FROM drift WHERE account_id = $1`, id)
	if err == nil && differs {
		_, err = u.Exec(ctx, put, id)
	}
	if err != nil {
		return err
	}
	return account.SetDrifted(ctx, u, differs, id)
}

func (a *actsOnAccounts) region() string { return []string{"", "r1", "r2", "r3"}[a.chance.Intn(4)] }

func (a *actsOnAccounts) kind() account.Kind {
	return []account.Kind{account.Individual, account.Individual, account.Shared, account.Machine}[a.chance.Intn(4)]
}

func (a *actsOnAccounts) add(ctx context.Context, u *db.W, _ string) error {
	a.made++
	_, err := account.Add(ctx, u, account.New{Username: fmt.Sprint("user", a.made), Kind: a.kind(), Region: a.region(),
		Email: fmt.Sprintf("user%d@example.nhs.uk", a.made), Organisation: fmt.Sprint("o", a.chance.Intn(3)),
		EmailProved: a.chance.Intn(2) == 0})
	return err
}

func (a *actsOnAccounts) bringIn(ctx context.Context, u *db.W, _ string) error {
	var list []account.Imported
	for range 3 {
		a.made++
		one := account.Imported{Username: fmt.Sprint("user", a.made), Kind: a.kind(), Region: a.region(),
			Email: fmt.Sprintf("user%d@example.nhs.uk", a.made), Active: a.chance.Intn(3) > 0}
		if a.chance.Intn(2) == 0 {
			one.LastLogin = u.Now()
		}
		list = append(list, one)
	}
	_, err := account.AddImported(ctx, u, list)
	return err
}

// one does one thing, which may be refused, or lets the job that counts come by.
func (a *actsOnAccounts) one() {
	a.Helper()
	if a.chance.Intn(12) == 0 {
		_, err := headcount.Keep(a.Context(), a.DB)
		a.Must(err)
		a.counted++
		return
	}
	all := a.all()
	names := slices.Sorted(maps.Keys(all))
	name := append(names, "add", "import", "log in", "log in")[a.chance.Intn(len(names)+4)]
	id := ""
	if len(a.ids) > 0 {
		id = a.ids[a.chance.Intn(len(a.ids))]
	}
	err := a.try(actor.ForCommand("test"), func(ctx context.Context, u *db.W) error { return all[name](ctx, u, id) })
	if err == nil {
		if a.done == nil {
			a.done = map[string]int{}
		}
		a.done[name]++
	}
	a.ids, err = db.Read(a.Context(), a.DB, func(r db.R) ([]string, error) {
		return db.All(a.Context(), r, db.Column[string], `SELECT id FROM account ORDER BY username`)
	})
	a.Must(err)
}

// compare holds what is counted and found to the plain counts.
func (a *actsOnAccounts) compare() {
	a.Helper()
	a.firstUsed += a.plain(`NOT a.used AND a.active AND a.counted_as <> ''
		AND EXISTS (SELECT 1 FROM account_login g WHERE g.account_id = a.id AND NOT g.noted)`)
	for _, where := range reaches {
		counts, err := db.Read(a.Context(), a.DB, func(r db.R) (account.Counts, error) {
			return account.Count(a.Context(), r, where.reach, "")
		})
		a.Must(err)
		if n := a.plain(where.sql); counts.All != n {
			a.Errorf("%s: %d counted of %d", where.sql, counts.All, n)
		}
		for state, condition := range plainly {
			n := a.plain(where.sql + " AND " + condition)
			s := account.Search{Within: where.reach, State: state}
			if got := a.total(s); counts.States[state] != n || got != n {
				a.Errorf("%s, %s: %d counted and %d found of %d", where.sql, state, counts.States[state], got, n)
			}
			a.compareOrganisation(where.reach, where.sql, s, condition)
			s.Kind = account.Shared
			s.Region = "r2"
			n = a.plain(where.sql + " AND a.shared AND NOT a.web_service_only AND a.region = 'r2' AND " + condition)
			if got := a.total(s); got != n {
				a.Errorf("%s, %s, shared in r2: %d found of %d", where.sql, state, got, n)
			}
		}
	}
}

// compareOrganisation does so for the accounts of one organisation.
func (a *actsOnAccounts) compareOrganisation(within account.Reach, where string, s account.Search, condition string) {
	a.Helper()
	s.Organisation = "o1"
	counts, err := db.Read(a.Context(), a.DB, func(r db.R) (account.Counts, error) {
		return account.Count(a.Context(), r, within, s.Organisation)
	})
	a.Must(err)
	n := a.plain(where + " AND a.organisation = 'o1' AND " + condition)
	if got := a.total(s); counts.States[s.State] != n || got != n {
		a.Errorf("%s, %s, at o1: %d counted and %d found of %d", where, s.State, counts.States[s.State], got, n)
	}
}

func (a *actsOnAccounts) plain(condition string) int {
	return int(a.Count(`SELECT COUNT(*) FROM account a WHERE ` + condition))
}

// total goes through all pages of a search, in both directions, and gives how many accounts are on them.
func (a *actsOnAccounts) total(s account.Search) int {
	a.Helper()
	read := func(at account.Place) (names []string, total int) {
		found, err := db.Read(a.Context(), a.DB, func(r db.R) (account.Results, error) {
			return account.Find(a.Context(), r, s, at, 7)
		})
		a.Must(err)
		for _, one := range found.Accounts {
			names = append(names, one.Username)
		}
		return names, found.Total
	}
	var forwards, backwards []string
	names, total := read(account.Place{})
	for len(names) > 0 {
		forwards = append(forwards, names...)
		names, _ = read(account.Place{After: names[len(names)-1]})
	}
	names, _ = read(account.Place{Before: "~"})
	for len(names) > 0 {
		backwards = append(slices.Clone(names), backwards...)
		names, _ = read(account.Place{Before: names[0]})
	}
	if len(forwards) != total || !slices.Equal(forwards, backwards) || !slices.IsSorted(forwards) {
		a.Errorf("%+v: %d are counted, forwards %q, backwards %q", s, total, forwards, backwards)
	}
	return total
}

// What a program of before left wrong is put right.
func TestCountsAreMended(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@example.nhs.uk")
	_, err := headcount.Keep(t.Context(), w.DB)
	w.Must(err)
	w.Must(w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account_link (account_id, issuer, subject, how, linked_at)
			VALUES ($1, 'https://cis2', '5', 'test', 1)`, a.ID)
		if err != nil {
			return err
		}
		_, err = u.Exec(ctx, `UPDATE account_count SET n = 17`)
		return err
	}))
	w.Must(headcount.Check(t.Context(), w.DB))
	counts, err := db.Read(t.Context(), w.DB, func(r db.R) (account.Counts, error) {
		return account.Count(t.Context(), r, everybody, "")
	})
	if err != nil || counts.All != 1 || counts.States[account.Linked] != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.count-mended'`); n != 1 {
		t.Errorf("%d events", n)
	}
	w.Must(headcount.Check(t.Context(), w.DB))
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.count-mended'`); n != 1 {
		t.Errorf("%d events when there was nothing to mend", n)
	}
}
