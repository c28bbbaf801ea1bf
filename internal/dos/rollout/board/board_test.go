package board_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

var (
	ready = extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.Yes,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	unplaced = extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	everywhere = account.Reach{Everywhere: true}
)

type world struct{ *dostest.World }

func newWorld(t testing.TB) world {
	t.Helper()
	w := world{dostest.Open(t, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	w.AddWaves()
	return w
}

func (w world) account(username, region, organisation string, phase path.Phase, says *extract.Answer) account.Account {
	w.Helper()
	a := w.Account(account.New{Username: username, Email: username + "@example.nhs.uk", Region: region,
		Organisation: organisation, PasswordHash: w.Hash, EmailProved: true}, w.Waves[phase])
	if says != nil {
		w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, *says)}))
	}
	return a
}

func (w world) read(s report.Selection, by string) *board.Board {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (*board.Board, error) {
		return board.Read(ctx, r, s, by)
	})
}

// The board counts each account once, where it is and as far as it is; one who looks after a region counts that alone.
func TestRead(t *testing.T) {
	w := newWorld(t)
	w.account("ready", "north", "A1", path.Choose, &ready)
	w.account("unplaced", "north", "A1", path.Choose, &unplaced)
	w.Clock.Advance(48 * time.Hour)
	w.account("later", "north", "B2", path.Choose, &unplaced)
	w.account("unknown", "south", "C3", path.Choose, nil)
	w.account("nowhere", "", "", path.Choose, &ready)
	linked := w.account("linked", "south", "C3", path.Choose, &ready)
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: linked.ID, Issuer: "https://cis2", Subject: "1", How: "x"})
	})
	w.Account(account.New{Username: "robot", Email: "robot@example.nhs.uk", Kind: account.Machine, PasswordHash: w.Hash}, w.Waves[path.Choose])

	all := w.read(report.Selection{Within: everywhere}, report.ByRegion)
	want := map[planning.State]int{planning.Ready: 2, planning.Blocked: 2, planning.Unsure: 1, planning.Moved: 1}
	for state, n := range want {
		if all.States[state] != n {
			t.Errorf("%s: %d, want %d", state, all.States[state], n)
		}
	}
	if all.Accounts != 6 || all.Waiting[path.RegistrationAuthority] != 2 || all.Waiting[path.Person] != 1 ||
		all.Done() != 50 {
		t.Errorf("all: %+v, %d per cent", all.Counts, all.Done())
	}
	if age := w.DB.Now().Sub(all.Oldest); age != 48*time.Hour {
		t.Errorf("the longest wait is %s", age)
	}
	if len(all.Places) != 3 || all.Places[0].ID != "north" || all.Places[0].Accounts != 3 || all.Places[2].ID != "" {
		t.Errorf("regions: %+v", all.Places)
	}
	for name, tt := range map[string]struct {
		s    report.Selection
		want int
	}{
		"a region":             {report.Selection{Within: everywhere, Region: "north"}, 3},
		"no region":            {report.Selection{Within: everywhere, Region: account.NoRegion}, 1},
		"an organisation":      {report.Selection{Within: everywhere, Organisation: "A1"}, 2},
		"a wave":               {report.Selection{Within: everywhere, Wave: w.Waves[path.Closed]}, 0},
		"one's own region":     {report.Selection{Within: account.Reach{Regions: []string{"south"}}}, 2},
		"another's region":     {report.Selection{Within: account.Reach{Regions: []string{"south"}}, Region: "north"}, 0},
		"nothing looked after": {report.Selection{}, 0},
	} {
		if got := w.read(tt.s, report.ByOrganisation).Accounts; got != tt.want {
			t.Errorf("%s: %d accounts, want %d", name, got, tt.want)
		}
	}
}

// What people answered themselves counts where the care identity side has said nothing.
func TestReadAnswers(t *testing.T) {
	w := newWorld(t)
	a := w.account("answers", "", "A1", path.Choose, nil)
	before := w.read(report.Selection{Within: everywhere}, report.ByRegion)
	w.Must(rollout.Answer(w.Context(), w.DB, a.ID, map[rollout.Question]string{rollout.AskIdentity: "active",
		rollout.AskEmail: "same", rollout.AskAccess: "no-position"}))
	after := w.read(report.Selection{Within: everywhere}, report.ByRegion)
	if before.States[planning.Unsure] != 1 || after.States[planning.Blocked] != 1 ||
		after.Waiting[path.RegistrationAuthority] != 1 {
		t.Errorf("before %+v, after %+v", before.Counts, after.Counts)
	}
}

// People are listed with those first about whom somebody has to act, and of them the one that waits longest.
func TestPeople(t *testing.T) {
	w := newWorld(t)
	first := w.account("zoe", "", "A1", path.Choose, &unplaced)
	w.Clock.Advance(time.Hour)
	second := w.account("amy", "", "A1", path.Choose, &unplaced)
	third := w.account("bob", "", "A1", path.Choose, nil)
	last := w.account("cat", "", "A1", path.Choose, &ready)
	w.account("other", "", "B2", path.Choose, &ready)
	people := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]board.Person, error) {
		return board.People(ctx, r, report.Selection{Within: everywhere, Organisation: "A1"})
	})
	var got []string
	for _, p := range people {
		got = append(got, p.Account)
	}
	if want := []string{first.ID, second.ID, third.ID, last.ID}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

const manyAccounts = `INSERT INTO account (id, username, username_key, first_name, last_name, email, email_key,
	email_since, shared, web_service_only, active, password_hash, organisation, region, created_at)
	WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
	SELECT 'user' || n, 'user' || n, 'user' || n, 'Ann', 'Smith', 'user' || n || '@trust.nhs.uk',
	'user' || n || '@trust.nhs.uk', 1, FALSE, FALSE, TRUE, 'x', 'ORG' || (n % 20000), 'region' || (n % 7), 1
	FROM numbers`

// BenchmarkRead counts 100,000 accounts at 20,000 organisations: by region, as the first page of the board does, all
// and the first fifty organisations of one region, those who are so far, and by region with 500 accounts that changed
// since they were counted.
func BenchmarkRead(b *testing.B) {
	const accounts = 100_000
	w := newWorld(b)
	w.Update(func(ctx context.Context, u *db.W) error {
		if _, err := u.Exec(ctx, manyAccounts, accounts); err != nil {
			return err
		}
		_, err := u.Exec(ctx, `INSERT INTO wave_member (account_id, wave_id) SELECT id, $1 FROM account`,
			w.Waves[path.Choose])
		return err
	})
	w.say(accounts, func(n int) extract.Answer {
		if n%10 == 0 {
			return unplaced
		}
		return ready
	})
	w.countAll()
	all := report.Selection{Within: everywhere}
	w.bench(b, "all", all, accounts)
	w.bench(b, "region", report.Selection{Within: everywhere, Region: "region3"}, accounts/7)
	w.benchOrganisations(b, report.Selection{Within: everywhere, Region: "region3"})
	for _, state := range []planning.State{planning.Ready, planning.Blocked, planning.Moved} {
		w.benchFound(b, all, state)
	}
	w.say(500, func(int) extract.Answer { return extract.Answer{Found: extract.Several} })
	w.bench(b, "changed", all, accounts)
}

// benchOrganisations reads the first page of the organisations of a region.
func (w world) benchOrganisations(b *testing.B, s report.Selection) {
	b.Run("organisations", func(b *testing.B) {
		timed(b, func() {
			w.View(func(ctx context.Context, r db.R) error {
				list, total, err := board.Organisations(ctx, r, s, 0, 50)
				if err == nil && (len(list) != 50 || total < 2_000) {
					err = fmt.Errorf("%d of %d organisations", len(list), total)
				}
				return err
			})
		})
	})
}

// benchFound lists the first fifty who are so far, and counts them all.
func (w world) benchFound(b *testing.B, s report.Selection, state planning.State) {
	b.Run("found "+string(state), func(b *testing.B) {
		timed(b, func() { _ = w.found(s, state, 50) })
	})
}

// say has the care identity side say something about the first so many accounts.
func (w world) say(accounts int, what func(n int) extract.Answer) {
	var list []standing.Standing
	for n := range accounts {
		list = append(list, standing.Of(fmt.Sprintf("user%d", n+1), what(n)))
	}
	for some := range slices.Chunk(list, 500) {
		w.Must(standing.Keep(w.Context(), w.DB, some))
	}
}

func (w world) bench(b *testing.B, name string, s report.Selection, minAccounts int) {
	by := report.ByRegion
	if s.Region != "" {
		by = report.ByOrganisation
	}
	b.Run(name, func(b *testing.B) {
		timed(b, func() {
			if got := w.read(s, by); got.Accounts < minAccounts {
				b.Fatalf("%d accounts", got.Accounts)
			}
		})
	})
}

// timed says how long something takes: of a hundred times half and ninety-nine take no longer, and what the processor
// works each time.
func timed(b *testing.B, do func()) {
	b.Helper()
	var took []time.Duration
	before := worldtest.ProcessorTime(b)
	for b.Loop() {
		begun := time.Now()
		do()
		took = append(took, time.Since(begun))
	}
	used := worldtest.ProcessorTime(b) - before
	b.ReportMetric(float64(used.Microseconds())/1000/float64(len(took)), "processor-ms")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[(len(took)-1)*99/100].Microseconds())/1000, "p99-ms")
}
