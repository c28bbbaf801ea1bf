package drift_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/drift"
	"signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// world is a directory, and a care identity side that says of each address what the test has it say.
type world struct {
	*dostest.World

	watch  drift.Watch
	says   map[string]extract.Compared // by the address of the question
	asked  []extract.Question
	away   error
	admin  account.Account
	ofEast account.Account
}

// AskAll answers.
func (w *world) AskAll(_ context.Context, questions []extract.Question) (answers []extract.Answer, err error) {
	for _, q := range questions {
		w.asked = append(w.asked, q)
		a := extract.Answer{Ref: q.Ref, Found: extract.None}
		if c, known := w.says[q.Email]; known {
			a.Compared = &c
		}
		answers = append(answers, a)
	}
	return answers, w.away
}

func newWorld(t testing.TB) *world {
	t.Helper()
	began := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	w := &world{World: dostest.Open(t, began), says: map[string]extract.Compared{}}
	w.Start()
	w.watch = drift.Watch{DB: w.DB, Asker: w}
	w.admin = w.person("admin", func(n *account.New) { n.Grants = account.UserAdministrator.In(account.Everywhere) })
	w.ofEast = w.person("east", func(n *account.New) {
		n.Grants = account.UserAdministrator.In(account.InRegion("east"))
	})
	return w
}

func (w *world) person(username string, change func(n *account.New)) account.Account {
	w.Helper()
	n := account.New{Username: username, FirstName: "Ann", LastName: "Smith", Email: username + "@trust.nhs.uk"}
	if change != nil {
		change(&n)
	}
	return w.Account(n, "")
}

// apart has the care identity side say that somebody's address is another.
func (w *world) apart(a account.Account, theirs string) {
	w.says[a.EmailKey] = extract.Compared{
		By: extract.ByName, Name: extract.NameSame, State: extract.Active, Email: theirs,
	}
}

// run compares all accounts, as the job does in a day.
func (w *world) run() {
	w.Helper()
	w.Clock.Advance(24 * time.Hour)
	for more := true; more; {
		var err error
		more, err = w.watch.Chunk(w.Context())
		w.Must(err)
	}
}

func (w *world) list(f drift.Filter) (cases []drift.Case) {
	w.Helper()
	if f.Within.Organisations == nil && f.Within.Regions == nil {
		f.Within = account.Reach{Everywhere: true}
	}
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]drift.Case, error) {
		list, total, err := drift.List(ctx, r, f, 0, 1000)
		if total != len(list) {
			err = fmt.Errorf("%d listed of %d", len(list), total)
		}
		return list, err
	})
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Username}
}

// seen names a case as its page shows it now; nothing if there is none.
func (w *world) seen(of account.Account) string {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		c, err := drift.Of(ctx, r, of.ID)
		if errors.Is(err, fault.NotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return c.Seen()
	})
}

func (w *world) decide(from, of account.Account, state drift.State, reason string) error {
	return drift.Decide(w.Context(), w.DB, by(from), drift.Decision{AccountID: of.ID, Seen: w.seen(of), State: state,
		Reason: reason})
}

// differ lists the usernames of the accounts whose address differs, as lists of users have them.
func (w *world) differ() (usernames []string) {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]string, error) {
		search := account.Search{State: account.Drifted, Within: account.Reach{Everywhere: true}}
		found, err := account.Find(ctx, r, search, account.Place{}, 1000)
		for _, one := range found.Accounts {
			usernames = append(usernames, one.Username)
		}
		return usernames, err
	})
}

// Lists of users have the accounts whose address differs as long as there is a case, whatever is decided about it.
func TestUsersWhoseAddressDiffers(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann.smith", nil)
	leaver := w.person("leaver", nil)
	w.apart(a, "ann.smith@nhs.net")
	w.apart(leaver, "leaver@nhs.net")
	w.run()
	if got := w.differ(); !slices.Equal(got, []string{"ann.smith", "leaver"}) {
		t.Fatalf("%q differ", got)
	}
	w.Must(w.decide(w.admin, a, drift.Left, "She has two jobs."))
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, leaver.ID, "left") })
	w.run()
	if got := w.differ(); !slices.Equal(got, []string{"ann.smith"}) {
		t.Errorf("%q differ where one stays so and one left", got)
	}
	w.apart(a, a.Email)
	w.run()
	if got := w.differ(); len(got) != 0 || w.Count(`SELECT COUNT(*) FROM account WHERE drifted`) != 0 {
		t.Errorf("%q differ where nobody's does", got)
	}
}

// A case opens when addresses go apart, stays as it was decided while nothing changes, and ends when they are one.
func TestACaseFromItsBeginningToItsEnd(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann.smith", func(n *account.New) { n.Region = "east" })
	w.person("team", func(n *account.New) { n.Kind = account.Shared })
	gone := w.person("gone", nil)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	w.run()
	if len(w.list(drift.Filter{})) != 0 || len(w.asked) != 3 {
		t.Fatalf("nothing differs: %+v, asked %d", w.list(drift.Filter{}), len(w.asked))
	}
	w.apart(a, "ann.smith@nhs.net")
	w.run()
	list := w.list(drift.Filter{})
	if len(list) != 1 || list[0].Cause != drift.DomainMove || list[0].Theirs != "ann.smith@nhs.net" ||
		list[0].State != drift.Open || !list[0].Found.Equal(w.Clock.Now()) {
		t.Fatalf("the case is %+v", list)
	}
	events := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'drift.compared'`)
	w.run()
	if got := w.list(drift.Filter{}); len(got) != 1 || !got[0].Found.Equal(list[0].Found) ||
		w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'drift.compared'`) != events {
		t.Errorf("a day without a change: %+v", got)
	}
	w.Must(w.decide(w.ofEast, a, drift.Left, "Both are read"))
	w.run()
	left := w.list(drift.Filter{State: drift.Left})
	if len(w.list(drift.Filter{})) != 0 || len(left) != 1 || left[0].Reason != "Both are read" {
		t.Errorf("what was left is %+v", left)
	}
	w.apart(a, "a.smith@nhs.net")
	w.run()
	if got := w.list(drift.Filter{}); len(got) != 1 || got[0].Reason != "" {
		t.Errorf("after another change: %+v", got)
	}
	w.apart(a, a.EmailKey)
	w.run()
	if got := w.list(drift.Filter{}); len(got) != 0 {
		t.Errorf("after they are one: %+v", got)
	}
}

// An account that was deactivated needs nothing any more.
func TestADeactivatedAccountIsNotListed(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann.smith", nil)
	w.apart(a, "ann.smith@nhs.net")
	w.run()
	if len(w.list(drift.Filter{})) != 1 {
		t.Fatal("the honest twin is not listed")
	}
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.ID, "left") })
	w.run()
	if got := w.list(drift.Filter{}); len(got) != 0 {
		t.Errorf("listed is %+v", got)
	}
}

// What somebody sees to is open again where it did not help for two weeks.
func TestWhatDidNotHelpIsOpenAgain(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann.smith", nil)
	w.apart(a, "ann.smith@nhs.net")
	w.run()
	w.Must(w.decide(w.admin, a, drift.Done, "They change it today"))
	w.run()
	if len(w.list(drift.Filter{State: drift.Done})) != 1 {
		t.Error("it is not seen to")
	}
	w.Clock.Advance(13 * 24 * time.Hour)
	w.run()
	if len(w.list(drift.Filter{})) != 1 {
		t.Error("after two weeks it is not open again")
	}
}

// A list is narrowed by cause, region and age, and has only the accounts that its reader looks after, who alone decide.
func TestWhoSeesAndDecides(t *testing.T) {
	w := newWorld(t)
	east := w.person("ann.smith", func(n *account.New) { n.Region = "east" })
	west := w.person("bo.lee", func(n *account.New) { n.Region = "west"; n.FirstName = "Bo"; n.LastName = "Lee" })
	w.apart(east, "ann.smith@nhs.net")
	w.run()
	w.Clock.Advance(48 * time.Hour)
	w.says[west.EmailKey] = extract.Compared{By: extract.ByAddress, Name: extract.NameOther, State: extract.Active}
	w.run()
	ofEast := account.Reach{Regions: []string{"east"}}
	for name, tt := range map[string]struct {
		filter drift.Filter
		want   int
	}{
		"all": {drift.Filter{}, 2}, "a region": {drift.Filter{Within: ofEast}, 1},
		"a cause":        {drift.Filter{Cause: drift.Recycled}, 1},
		"older":          {drift.Filter{Before: w.Clock.Now().Add(-24 * time.Hour)}, 1},
		"chosen region":  {drift.Filter{Region: "west"}, 1},
		"nobody's":       {drift.Filter{Within: account.Reach{Regions: []string{"north"}}}, 0},
		"of both causes": {drift.Filter{Within: ofEast, Cause: drift.Recycled}, 0},
	} {
		if got := w.list(tt.filter); len(got) != tt.want {
			t.Errorf("%s: %+v, want %d", name, got, tt.want)
		}
	}
	var y worldtest.Tally
	y.Refused(t, "an account of another region", w.decide(w.ofEast, west, drift.Left, "x") == nil)
	y.Refused(t, "by its holder", w.decide(east, east, drift.Left, "x") == nil)
	w.apart(w.ofEast, "of.east@nhs.net")
	w.run()
	y.Refused(t, "by an administrator, about themselves", w.decide(w.ofEast, w.ofEast, drift.Left, "x") == nil)
	y.Refused(t, "without a reason", w.decide(w.admin, east, drift.Left, " ") == nil)
	y.Refused(t, "to nothing", w.decide(w.admin, east, "gone", "x") == nil)
	y.Refused(t, "where nothing differs", w.decide(w.admin, w.admin, drift.Left, "x") == nil)
	w.Must(w.decide(w.ofEast, east, drift.Left, "x"))
	y.Report(t, "decisions about email drift")
}

// All accounts are compared in batches, once a day; a run that failed goes on where it was.
func TestAllAreComparedOnceADay(t *testing.T) {
	w := newWorld(t)
	for i := range 450 {
		w.apart(w.person(fmt.Sprintf("person%d", i), nil), fmt.Sprintf("person%d@nhs.net", i))
	}
	w.Clock.Advance(24 * time.Hour)
	more, err := w.watch.Chunk(t.Context())
	if err != nil || !more || len(w.asked) != 200 {
		t.Fatalf("the first batch: %d, %v, %v", len(w.asked), more, err)
	}
	w.away = errors.New("away")
	if _, err := w.watch.Chunk(t.Context()); err == nil {
		t.Fatal("nobody answered, and that is no failure")
	}
	w.away = nil
	w.asked = nil
	for more := true; more; {
		more, err = w.watch.Chunk(t.Context())
		w.Must(err)
	}
	if len(w.asked) != 252 {
		t.Errorf("the rest are %d", len(w.asked))
	}
	if got := len(w.list(drift.Filter{})); got != 450 {
		t.Errorf("%d cases", got)
	}
	w.asked = nil
	w.Clock.Advance(22 * time.Hour)
	if more, err := w.watch.Chunk(t.Context()); more || err != nil || len(w.asked) != 0 {
		t.Errorf("on the same day %d are asked about again, %v", len(w.asked), err)
	}
	run := worldtest.Read(w.World.World, drift.LastRun)
	if run.Compared != 452 || run.Ended.IsZero() {
		t.Errorf("the run is %+v", run)
	}
}

// Linked accounts are asked about by their Care Identity, and addresses of before are told.
func TestWhatIsAsked(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann.smith", nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		link := account.Link{AccountID: a.ID, Issuer: "i", Subject: "500", How: "x"}
		if err := account.AddLink(ctx, u, link); err != nil {
			return err
		}
		_, err := u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
			VALUES ($1, 'old@nhs.net', 'old@nhs.net', $2, $2)`, a.ID, u.Now())
		return err
	})
	w.says[a.EmailKey] = extract.Compared{By: extract.BySubject, Name: extract.NameSame, State: extract.Active,
		Email: "old@nhs.net"}
	w.Must(w.watch.CompareOne(t.Context(), a))
	q := w.asked[0]
	if q.Subject != "500" || q.Compare.Given != "Ann" || q.Compare.Family != "Smith" || len(q.Compare.Former) != 1 {
		t.Errorf("asked %+v", q)
	}
	found := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (drift.Case, error) {
		return drift.Of(ctx, r, a.ID)
	})
	if !found.Linked || found.Change != drift.InCareIdentity {
		t.Errorf("the case is %+v", found)
	}
	if _, err := db.Read(t.Context(), w.DB, func(r db.R) (drift.Case, error) {
		return drift.Of(t.Context(), r, w.admin.ID)
	}); !errors.Is(err, fault.NotFound) {
		t.Errorf("of somebody else: %v", err)
	}
}

// Whoever's address changed, or who was linked, is compared at once; the others wait for the day's comparison.
func TestAChangeIsComparedAtOnce(t *testing.T) {
	w := newWorld(t)
	moved := w.person("ann.smith", nil)
	linked := w.person("bo.lee", nil)
	gone := w.person("di.fox", nil)
	w.apart(w.person("cy.till", nil), "cy.till@nhs.net")
	w.Clock.Advance(time.Hour)
	w.Must(w.watch.Recent(t.Context()))
	if len(w.asked) != 0 {
		t.Errorf("nothing changed, and %d are asked about", len(w.asked))
	}
	w.apart(moved, "ann.smith@nhs.net")
	w.apart(linked, "bo.lee@nhs.net")
	w.Update(func(ctx context.Context, u *db.W) error {
		link := account.Link{AccountID: linked.ID, Issuer: "i", Subject: "500", How: "x"}
		if err := account.AddLink(ctx, u, link); err != nil {
			return err
		}
		for _, a := range []account.Account{moved, gone} {
			if _, err := u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
				VALUES ($1, 'old@nhs.net', 'old@nhs.net', $2, $2)`, a.ID, u.Now()); err != nil {
				return err
			}
		}
		return account.Deactivate(ctx, u, gone.ID, "left") // of whom nothing is asked
	})
	w.Clock.Advance(time.Minute)
	w.Must(w.watch.Recent(t.Context()))
	if got := w.list(drift.Filter{}); len(got) != 2 || len(w.asked) != 2 {
		t.Errorf("a minute later %d are asked about: %+v", len(w.asked), got)
	}
	w.asked = nil
	w.Clock.Advance(time.Hour)
	w.Must(w.watch.Recent(t.Context()))
	if len(w.asked) != 0 {
		t.Errorf("an hour later %d are asked about again", len(w.asked))
	}
	w.Update(func(ctx context.Context, u *db.W) error { // the link moves, and keeps its age
		link, err := account.LinkOf(ctx, u, linked.ID)
		if err != nil {
			return err
		}
		return account.MoveLink(ctx, u, link, moved.ID, "merge", "one person")
	})
	w.Must(w.watch.Recent(t.Context()))
	if len(w.asked) != 2 {
		t.Errorf("after a link moved %d are asked about, not both accounts", len(w.asked))
	}
}
