package results_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/rollout/results"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

var everywhere = account.Reach{Everywhere: true}

// world has people of two waves who log in, link and raise tickets.
type world struct {
	*dostest.World

	desk         *signin.PasswordSignIn
	watch        outcome.Watch
	office       results.Office
	north, south string
}

func newWorld(t *testing.T, at time.Time) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, at)}
	w.Start()
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.watch = outcome.Watch{DB: w.DB}
	w.office = results.Office{DB: w.DB, Post: w.Post, Home: "https://dos.example"}
	w.north = w.Wave(wave.Wave{Name: "North", Phase: path.Choose})
	w.south = w.Wave(wave.Wave{Name: "South", Phase: path.Require})
	return w
}

func (w *world) person(name, waveID, organisation string) account.Account {
	return w.Account(account.New{Username: name, Email: name + "@example.nhs.uk", Organisation: organisation,
		PasswordHash: w.Hash}, waveID)
}

func (w *world) types(a account.Account) {
	w.Helper()
	_, _ = w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger}, // what it opens is what is counted
		signin.Typed{Username: a.Username, Password: dostest.Password}, "")
}

func (w *world) told(a account.Account, waveID string) {
	w.Update(func(ctx context.Context, u *db.W) error {
		return guidance.Give(ctx, u, a.ID, wave.Wave{ID: waveID, Phase: path.Choose}, guidance.ByMail)
	})
}

func (w *world) link(a account.Account) {
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: "https://issuer.example",
			Subject: a.Username, How: "test"})
	})
}

func (w *world) raise(a account.Account, category ticket.Category) {
	w.Update(func(ctx context.Context, u *db.W) error {
		id := fmt.Sprint(category, u.Now().UnixNano(), a.ID)
		_, err := u.Exec(ctx, `INSERT INTO ticket (id, number, state, way, category, priority, subject, name, email,
			email_key, phone, account_id, reference, raised_by, network, assigned_to, assigned_name, created_at,
			left_ms, changed_at, merged_into, merged_state)
			VALUES ($1, (SELECT COUNT(*) + 1 FROM ticket), 'new', 'form', $2, 3, 'x', '', '', '', '', $3, '', '', '',
				'', '', $4, 0, $4, '', '')`, id, string(category), a.ID, u.Now())
		return err
	})
}

// until moves the clock to a time.
func (w *world) until(at time.Time) { w.Clock.Advance(at.Sub(w.Clock.Now())) }

func (w *world) count() {
	w.Helper()
	w.Clock.Advance(time.Minute)
	w.Must(w.watch.Count(w.Context()))
}

func (w *world) read(s outcome.Selection) results.Results {
	w.Helper()
	v, err := db.Read(w.Context(), w.DB, func(r db.R) (results.Results, error) {
		return results.Read(w.Context(), r, s)
	})
	w.Must(err)
	return v
}

func (w *world) month(m results.Month, within account.Reach) (v results.Results, err error) {
	err = w.DB.View(w.Context(), func(r db.R) (err error) {
		v, err = results.OfMonth(w.Context(), r, m, within)
		return err
	})
	return v, err
}

// What came of the move is said by way, wave and category, for those of a reach alone.
func TestWhatCameOfTheMove(t *testing.T) {
	w := newWorld(t, time.Date(2026, 7, 2, 8, 0, 0, 0, time.UTC))
	from := outcome.DayOf(w.Clock.Now())
	var people []account.Account
	for i := range 6 {
		a := w.person(fmt.Sprint("north", i), w.north, []string{"RXK", "RXZ"}[i%2])
		people = append(people, a)
		w.types(a)
		w.told(a, w.north)
	}
	out := w.person("south", w.south, "RXK")
	w.types(out)
	for i, a := range people {
		w.Clock.Advance(24 * time.Hour)
		if i < 5 {
			w.link(a)
		}
	}
	early := w.person("early", w.south, "RXK")
	w.link(early)
	w.raise(people[0], "link")
	w.raise(people[1], "link")
	w.raise(out, "log-in")
	w.raise(account.Account{}, "other")
	w.count()
	all := outcome.Selection{From: from, Until: outcome.DayOf(w.Clock.Now()).AddDate(0, 0, 1), Within: everywhere}
	text, err := json.Marshal(w.read(all))
	w.Must(err)
	for _, want := range []string{
		`"from":"2026-07-02","until":"2026-07-08"`,
		`"logins":[{"way":"password","title":"Password","came_in":6,"turned_away":1}]`,
		`"times":1`, `{"wave":"North","tickets":2,"people":6}`, `{"wave":"South","tickets":1,"people":2}`,
		`{"wave":"Nobody is known","tickets":1,"people":0}`, `{"category":"link","tickets":2}`,
		`{"wave":"North","people":5,"median_days":3,"p90_days":5,"linked_before_told":0}`,
		`{"wave":"South","people":0,"median_days":0,"p90_days":0,"linked_before_told":1}`,
		`"lock_outs":{"times":1,"people":1}`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not there: %s", want, text)
		}
	}
	all.Within = account.Reach{Organisations: []string{"RXZ"}}
	text, err = json.Marshal(w.read(all))
	w.Must(err)
	for _, want := range []string{`"came_in":3,"turned_away":0`, `[{"wave":"North","tickets":1,"people":3}]`,
		`"lock_outs":{"times":0,"people":0}`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("of one organisation, %s is not there: %s", want, text)
		}
	}
	all.Within = everywhere
	all.Wave = w.south
	if v := w.read(all); v.Wave != "South" || v.AllTickets() != 1 || v.All().Tries() != 1 || v.LockOuts.Times != 1 {
		t.Errorf("of one wave: %+v", v)
	}
}

// The results of a month are told on the morning of the first day in London, once, and stay as they were told.
func TestAMonthIsToldOnce(t *testing.T) {
	w := newWorld(t, time.Date(2026, 7, 30, 8, 0, 0, 0, time.UTC))
	w.Account(account.New{Username: "mover", Email: "mover@example.nhs.uk", PasswordHash: w.Hash,
		Grants: account.Everywhere.Of(account.ManageWaves)}, "")
	a := w.person("ada", w.north, "RXK")
	w.types(a)
	w.raise(a, "link")
	july, _ := results.ParseMonth("2026-07")
	w.until(time.Date(2026, 7, 31, 22, 59, 0, 0, time.UTC)) // 23:59 in London
	w.types(a)
	w.until(time.Date(2026, 7, 31, 23, 1, 0, 0, time.UTC)) // August
	w.types(a)
	for _, tt := range []struct {
		at    time.Time
		count bool
		want  int
	}{
		{time.Date(2026, 8, 1, 6, 59, 0, 0, time.UTC), true, 0},  // 07:59 in London
		{time.Date(2026, 8, 1, 7, 30, 0, 0, time.UTC), false, 1}, // its logins were counted before
		{time.Date(2026, 8, 1, 9, 0, 0, 0, time.UTC), false, 1},
		{time.Date(2026, 8, 20, 9, 0, 0, 0, time.UTC), true, 1},
	} {
		w.until(tt.at)
		if tt.count {
			w.Must(w.watch.Count(w.Context()))
		}
		w.Must(w.office.Tell(w.Context()))
		if got := w.Mailed("results.told", "mover@example.nhs.uk"); got != tt.want {
			t.Errorf("at %v: %d mails", tt.at, got)
		}
	}
	if w.Mailed("results.told", "ada@example.nhs.uk") != 0 {
		t.Error("somebody else was told")
	}
	v, err := w.month(july, everywhere)
	w.Must(err)
	if v.All().CameIn != 2 || v.AllTickets() != 1 || v.Until != "2026-07-31" {
		t.Errorf("July is %+v", v)
	}
	text := w.Mails.To("mover@example.nhs.uk")[0].Text
	for _, want := range []string{"July 2026", "Locked out: nobody", "Logins that came in: 2 of 2, of 2",
		"Tickets: 1, of 2 people", "https://dos.example/outcome/month?month=2026-07"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there: %s", want, text)
		}
	}
	w.raise(a, "other") // in August
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `DELETE FROM ticket`)
		return err
	})
	if again, err := w.month(july, everywhere); err != nil || again.AllTickets() != 1 {
		t.Errorf("later July is %+v, %v", again, err)
	}
	if mine, err := w.month(july, account.Reach{Organisations: []string{"RXK"}}); err != nil || mine.AllTickets() != 0 ||
		mine.All().CameIn != 2 {
		t.Errorf("July of one organisation is %+v, %v", mine, err)
	}
}

// A month is not told while logins of it are not counted, nor where nothing happened in it.
func TestAMonthIsToldWhenItIsCounted(t *testing.T) {
	w := newWorld(t, time.Date(2026, 7, 30, 8, 0, 0, 0, time.UTC))
	w.Account(account.New{Username: "mover", Email: "mover@example.nhs.uk", PasswordHash: w.Hash,
		Grants: account.Everywhere.Of(account.ManageWaves)}, "")
	w.Must(w.office.Tell(w.Context())) // June, of which there is nothing
	w.types(w.person("ada", w.north, "RXK"))
	w.until(time.Date(2026, 8, 2, 9, 0, 0, 0, time.UTC))
	w.Must(w.office.Tell(w.Context()))
	if n := w.Mailed("results.told", "mover@example.nhs.uk"); n != 0 {
		t.Errorf("%d mails before the logins were counted", n)
	}
	w.count()
	w.Must(w.office.Tell(w.Context()))
	if n := w.Mailed("results.told", "mover@example.nhs.uk"); n != 1 {
		t.Errorf("%d mails after", n)
	}
	for _, text := range []string{"2026-09", "2024-01"} {
		m, _ := results.ParseMonth(text)
		if _, err := w.month(m, everywhere); err == nil {
			t.Errorf("there is a report of %s", text)
		}
	}
	if _, is := results.ParseMonth("July"); is {
		t.Error("July is read as a month")
	}
}

// A share of few is said in numbers, and no share is rounded up to all.
func TestShare(t *testing.T) {
	for _, tt := range []struct {
		part, of int
		want     string
	}{{0, 0, "–"}, {9, 9, "9 of 9"}, {9, 10, "90%"}, {9_999, 10_000, "99%"}, {10, 10, "100%"}, {2, 12, "17%"}} {
		if got := results.Share(tt.part, tt.of); got != tt.want {
			t.Errorf("%d of %d is said as %q", tt.part, tt.of, got)
		}
	}
}
