package board_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"reflect"
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Whatever happens to accounts, the board says of them what a look at each of them says, before and after the job that
// counts has come by.
func TestReadIsExactAfterAnyActs(t *testing.T) {
	a := &acts{world: newWorld(t), chance: rand.New(rand.NewSource(5)), done: map[string]int{}}
	for range 12 {
		for range 20 {
			a.one()
		}
		a.compare()
	}
	if a.done["count"] < 10 || a.corrected < 100 || len(a.done) != len(a.all()) || a.accounts < 100 ||
		a.foundAll < 100 || a.paged < 100 {
		t.Errorf("done %v, %d boards put right, %d accounts seen, %d found, %d pages: the test proves nothing", a.done,
			a.corrected, a.accounts, a.foundAll, a.paged)
	}
}

// acts does one thing after another to accounts.
type acts struct {
	world

	chance    *rand.Rand
	done      map[string]int
	made      int
	corrected int // boards that were read while accounts were not counted as they were
	accounts  int // on all boards
	foundAll  int // by how far they are
	paged     int // pages of organisations
}

type act func(ctx context.Context, u *db.W, id string) error

func (a *acts) all() map[string]func(id string) error {
	all := map[string]func(id string) error{
		"count": func(string) error { _, err := board.Keep(a.Context(), a.DB); return err },
		"say":   a.say,
		"answer": func(id string) error {
			return rollout.Answer(a.Context(), a.DB, id, map[rollout.Question]string{
				rollout.AskIdentity: a.choice(rollout.Choices[rollout.AskIdentity]),
				rollout.AskAccess:   a.choice(rollout.Choices[rollout.AskAccess])})
		},
	}
	for name, part := range map[string]act{
		"add": a.add, "import": a.bringIn, "remove": a.remove,
		"deactivate": func(ctx context.Context, u *db.W, id string) error { return account.Deactivate(ctx, u, id, "left") },
		"reactivate": func(ctx context.Context, u *db.W, id string) error { return account.Reactivate(ctx, u, id, "back") },
		"link": func(ctx context.Context, u *db.W, id string) error {
			if _, err := account.LinkOf(ctx, u, id); !errors.Is(err, fault.NotFound) {
				return err
			}
			return account.AddLink(ctx, u, account.Link{AccountID: id, Issuer: "https://cis2", Subject: id, How: "test"})
		},
		"unlink": func(ctx context.Context, u *db.W, id string) error { return account.RemoveLink(ctx, u, id, "wrong") },
		"join": func(ctx context.Context, u *db.W, id string) error {
			return wave.Join(ctx, u, id, a.Waves[path.Phase(1+a.chance.Intn(3))])
		},
		"move": func(ctx context.Context, u *db.W, id string) error {
			_, err := u.Exec(ctx, `UPDATE account SET region = $2, organisation = $3 WHERE id = $1`, id, a.region(),
				a.organisation())
			return err
		},
		"share": func(ctx context.Context, u *db.W, id string) error {
			_, err := u.Exec(ctx, `UPDATE account SET shared = NOT shared WHERE id = $1 AND NOT linked`, id)
			return err
		},
		"confirm": func(ctx context.Context, u *db.W, id string) error {
			_, err := u.Exec(ctx, `UPDATE account SET email_proved_at = 1 WHERE id = $1`, id)
			return err
		},
	} {
		all[name] = func(id string) error {
			return a.DB.Update(a.Context(), actor.ForCommand("test"), func(u *db.W) error {
				if err := part(a.Context(), u, id); err != nil {
					return err
				}
				return u.Record(a.Context(), audit.Event{Kind: "board.tested"})
			})
		}
	}
	return all
}

func (a *acts) choice(of []string) string { return of[a.chance.Intn(len(of))] }

func (a *acts) region() string { return a.choice([]string{"", "r1", "r2"}) }

func (a *acts) organisation() string { return a.choice([]string{"", "A1", "B2", "C3"}) }

func (a *acts) kind() account.Kind {
	return []account.Kind{account.Individual, account.Individual, account.Individual, account.Shared,
		account.Machine}[a.chance.Intn(5)]
}

func (a *acts) add(ctx context.Context, u *db.W, _ string) error {
	a.made++
	_, err := account.Add(ctx, u, account.New{Username: fmt.Sprint("user", a.made), Kind: a.kind(), Region: a.region(),
		Email: fmt.Sprintf("user%d@example.nhs.uk", a.made), Organisation: a.organisation(),
		EmailProved: a.chance.Intn(2) == 0})
	return err
}

func (a *acts) bringIn(ctx context.Context, u *db.W, _ string) error {
	var list []account.Imported
	for range 3 {
		a.made++
		list = append(list, account.Imported{Username: fmt.Sprint("user", a.made), Kind: a.kind(), Region: a.region(),
			Email: fmt.Sprintf("user%d@example.nhs.uk", a.made), Active: a.chance.Intn(3) > 0})
	}
	_, err := account.AddImported(ctx, u, list)
	return err
}

func (a *acts) remove(ctx context.Context, u *db.W, id string) error {
	n, err := db.Value[int](ctx, u, `SELECT COUNT(*) FROM account WHERE id = $1 AND NOT linked
		AND NOT EXISTS (SELECT 1 FROM account_link WHERE account_id = $1)`, id)
	if err != nil || n == 0 {
		return err
	}
	return account.RemoveImported(ctx, u, id)
}

// say has the care identity side say something about some accounts.
func (a *acts) say(id string) error {
	a.Clock.Advance(time.Hour)
	answer := []extract.Answer{ready, unplaced, {Found: extract.None}, {Found: extract.Several}}[a.chance.Intn(4)]
	list := []standing.Standing{standing.Of(id, answer)}
	if other := a.any(); other != id {
		list = append(list, standing.Of(other, answer))
	}
	return standing.Keep(a.Context(), a.DB, list)
}

// any gives an account, or what is none where there are none.
func (a *acts) any() string {
	ids := worldtest.Read(a.World.World, func(ctx context.Context, r db.R) ([]string, error) {
		return db.All(ctx, r, db.Column[string], `SELECT id FROM account ORDER BY username`)
	})
	return a.choice(append(ids, "nobody"))
}

// one does one thing, which may be refused.
func (a *acts) one() {
	a.Helper()
	all := a.all()
	names := slices.Sorted(maps.Keys(all))
	name := a.choice(append(names, "add", "import", "say"))
	err := all[name](a.any())
	var refused *fault.Fault
	if err != nil && !errors.As(err, &refused) && !errors.Is(err, fault.NotFound) && !errors.Is(err, fault.Conflict) {
		a.Fatalf("%s: %v", name, err)
	}
	if err == nil {
		a.done[name]++
	}
}

// compare reads boards of all sorts in both ways.
func (a *acts) compare() {
	a.Helper()
	for _, within := range []account.Reach{everywhere, {Regions: []string{"r1"}}, {Organisations: []string{"A1", "B2"}},
		{Regions: []string{"r2"}, Organisations: []string{"A1"}}, {}} {
		for _, region := range []string{"", account.NoRegion, "r1"} {
			for _, organisation := range []string{"", account.NoRegion, "A1"} {
				for _, in := range []string{"", a.Waves[path.Choose]} {
					for _, by := range []string{report.ByRegion, report.ByOrganisation} {
						a.compareOne(report.Selection{Within: within, Region: region, Organisation: organisation, Wave: in}, by)
					}
				}
			}
		}
	}
}

func (a *acts) compareOne(s report.Selection, by string) {
	a.Helper()
	if a.Count(untallied) > 0 {
		a.corrected++
	}
	got := a.read(s, by)
	want := worldtest.Read(a.World.World, func(ctx context.Context, r db.R) (*board.Board, error) {
		return board.ReadEach(ctx, r, s, by)
	})
	a.accounts += want.Accounts
	if !reflect.DeepEqual(got, want) {
		a.Errorf("%+v by %s:\n%+v\nwant\n%+v", s, by, got, want)
	}
	if by == report.ByOrganisation {
		a.paged += a.comparePages(s, want)
	}
	if by == report.ByRegion && s.Organisation != account.NoRegion { // by which no list of users goes
		a.foundAll += a.compareFound(s)
	}
}

// comparePages reads the organisations of a board page by page, and gives how many pages it read.
func (w world) comparePages(s report.Selection, want *board.Board) (n int) {
	w.Helper()
	for _, onPage := range []int{1, 2, 50} {
		var all []board.Place
		for skip := 0; skip <= len(want.Places); skip += onPage {
			total := -1
			read := func(ctx context.Context, r db.R) (list []board.Place, err error) {
				list, total, err = board.Organisations(ctx, r, s, skip, onPage)
				return list, err
			}
			all = append(all, worldtest.Read(w.World.World, read)...)
			if total != len(want.Places) && skip < len(want.Places) {
				w.Errorf("%+v: %d organisations, want %d", s, total, len(want.Places))
			}
			n++
		}
		if !slices.EqualFunc(all, want.Places, func(x, y board.Place) bool { return reflect.DeepEqual(x, y) }) {
			w.Errorf("%+v, %d on a page:\n%+v\nwant\n%+v", s, onPage, all, want.Places)
		}
	}
	return n
}

// compareFound looks for those who are so far whom a board counts, and gives how many there are.
func (w world) compareFound(s report.Selection) (n int) {
	w.Helper()
	people := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]board.Person, error) {
		return board.People(ctx, r, s)
	})
	for _, state := range append(planning.States(), "no such") {
		var want []string
		for _, p := range people {
			if p.Plan.State == state {
				want = append(want, p.Account)
			}
		}
		got := w.found(s, state, 2*board.MaxChanged)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			w.Errorf("%+v %s: found %v, want %v", s, state, got, want)
		}
		n += len(got)
	}
	return n
}

// found gives the ids of those whom a search finds, so many at most.
func (w world) found(s report.Selection, state planning.State, limit int) []string {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (ids []string, err error) {
		search := account.Search{Within: s.Within, Region: s.Region, Organisation: s.Organisation,
			Among: board.Among{Wave: s.Wave, Progress: planning.Progress(state)}.Conditions()}
		found, err := account.Find(ctx, r, search, account.Place{}, limit)
		for _, f := range found.Accounts {
			ids = append(ids, f.ID)
		}
		if err == nil && min(found.Total, limit) != len(ids) {
			err = fmt.Errorf("%d are counted, %d listed", found.Total, len(ids))
		}
		slices.Sort(ids)
		return ids, err
	})
}

// untallied counts what is not counted as it is.
const untallied = `SELECT (SELECT COUNT(*) FROM wave_member WHERE tallied <> wave_id)
	+ (SELECT COUNT(*) FROM rollout_answer WHERE NOT tallied)
	+ (SELECT COUNT(*) FROM standing WHERE tallied <> said || ' ' || CAST(since_at AS TEXT))`

// Where more changed than can be put right while somebody waits, each account is looked at; the job then counts them.
func TestReadOfManyChanges(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, manyAccounts, board.MaxChanged+1)
		return err
	})
	s := report.Selection{Within: everywhere}
	if n := w.read(s, report.ByRegion).Accounts; n != board.MaxChanged+1 {
		t.Errorf("%d accounts before they are counted", n)
	}
	if n := w.compareFound(s); n != board.MaxChanged+1 {
		t.Errorf("%d accounts are found before they are counted", n)
	}
	w.countAll()
	if n := w.compareFound(s); n != board.MaxChanged+1 {
		t.Errorf("%d accounts are found", n)
	}
	n := w.read(s, report.ByRegion).Accounts
	if sum := w.Count(`SELECT SUM(n) FROM tally_count`); n != board.MaxChanged+1 || sum != 2*int64(n) {
		t.Errorf("%d accounts, %d counted by organisation and by region", n, sum)
	}
}

// countAll lets the job count until nothing is left.
func (w world) countAll() {
	w.Helper()
	for more := true; more; {
		var err error
		more, err = board.Keep(w.Context(), w.DB)
		w.Must(err)
	}
}

// The longest wait is that of the first who still waits, whether those before are counted by now or not.
func TestReadOldest(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for _, name := range []string{"amy", "bob", "cat"} {
		ids = append(ids, w.account(name, "north", "A1", path.Choose, &unplaced).ID)
		w.Clock.Advance(24 * time.Hour)
	}
	w.countAll()
	for i, want := range []int{3, 2, 1, 0} {
		for _, when := range []string{"before", "after"} {
			for _, by := range []string{report.ByRegion, report.ByOrganisation} {
				var days int
				if oldest := w.read(report.Selection{Within: everywhere}, by).Oldest; !oldest.IsZero() {
					days = int(w.DB.Now().Sub(oldest).Hours() / 24)
				}
				if days != want {
					t.Errorf("%d ready, %s that is counted, by %s: %d days, want %d", i, when, by, days, want)
				}
			}
			w.countAll()
		}
		if i < len(ids) {
			w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(ids[i], ready)}))
		}
	}
}
