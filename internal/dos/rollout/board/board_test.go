package board_test

import (
	"context"
	"fmt"
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

// BenchmarkRead counts 100,000 accounts by region, as the first page of the board does.
func BenchmarkRead(b *testing.B) {
	const accounts = 100_000
	w := newWorld(b)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account (id, username, username_key, first_name, last_name, email, email_key,
			email_since, shared, web_service_only, active, password_hash, organisation, region, created_at)
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
			SELECT 'user' || n, 'user' || n, 'user' || n, 'Ann', 'Smith', 'user' || n || '@trust.nhs.uk',
			'user' || n || '@trust.nhs.uk', 1, FALSE, FALSE, TRUE, 'x', 'ORG' || (n % 2000), 'region' || (n % 7), 1
			FROM numbers`)
		if err != nil {
			return err
		}
		_, err = u.Exec(ctx, `INSERT INTO wave_member (account_id, wave_id) SELECT id, $1 FROM account`,
			w.Waves[path.Choose])
		return err
	})
	var list []standing.Standing
	for n := range accounts {
		answer := ready
		if n%10 == 0 {
			answer = unplaced
		}
		list = append(list, standing.Of(fmt.Sprintf("user%d", n+1), answer))
	}
	for at := 0; at < accounts; at += 1000 {
		w.Must(standing.Keep(w.Context(), w.DB, list[at:at+1000]))
	}
	for b.Loop() {
		if got := w.read(report.Selection{Within: everywhere}, report.ByRegion); got.Accounts != accounts {
			b.Fatalf("%d accounts", got.Accounts)
		}
	}
}
