package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/explain"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/allowance"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

type world struct {
	*dostest.World

	names map[string]string // of accounts, by their ids
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)), names: map[string]string{}}
	w.AddWaves()
	return w
}

func (w *world) account(n account.New, phase path.Phase) account.Account {
	w.Helper()
	if n.Email == "" {
		n.Email = n.Username + "@example.nhs.uk"
	}
	a := w.Account(n, w.Waves[phase])
	w.names[a.ID] = a.Username
	return a
}

func (w *world) link(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: "https://cis2", Subject: a.ID, How: "test"})
	})
}

// says has the care identity side have said something about somebody.
func (w *world) says(a account.Account, answer extract.Answer) {
	w.Helper()
	w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
}

var (
	ready = extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.Yes,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	unplaced = extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true},
		Authority:     &extract.Authority{Organisation: "Fenmarch RA", Code: "RX9"}}
)

func (w *world) run(s simulation.Switch) *simulation.Result {
	w.Helper()
	result, err := simulation.Run(w.Context(), w.DB, s)
	w.Must(err)
	return result
}

// lockedOut gives the usernames of those who would be locked out, with whether they are already.
func (w *world) lockedOut(r *simulation.Result) map[string]bool {
	found := map[string]bool{}
	for _, p := range r.LockedOut {
		found[w.names[p.Account]] = p.Already
	}
	return found
}

func TestRun(t *testing.T) {
	w := newWorld(t)
	hash := w.Hash
	w.says(w.account(account.New{Username: "ready", PasswordHash: hash, Organisation: "A1"}, path.Choose), ready)
	w.says(w.account(account.New{Username: "unplaced", PasswordHash: hash, Organisation: "A1"}, path.Choose), unplaced)
	linked := w.account(account.New{Username: "linked", Organisation: "A1"}, path.Choose)
	w.link(linked)
	w.says(linked, ready)
	broken := w.account(account.New{Username: "broken", Organisation: "B2"}, path.Choose)
	w.link(broken)
	w.says(broken, unplaced)
	w.account(account.New{Username: "unknown", PasswordHash: hash, Organisation: "B2"}, path.Choose)
	w.account(account.New{Username: "team", Kind: account.Shared, PasswordHash: hash}, path.Choose)
	w.account(account.New{Username: "robot", Kind: account.Machine, PasswordHash: hash}, path.Choose)
	w.says(w.account(account.New{Username: "elsewhere", PasswordHash: hash, Organisation: "A1"}, path.Prepare), unplaced)

	got := w.run(simulation.Switch{Wave: w.Waves[path.Choose], Phase: path.Require})
	if got.Accounts != 6 || got.Machines != 1 {
		t.Errorf("%d accounts and %d machines", got.Accounts, got.Machines)
	}
	for outcome, want := range map[simulation.Outcome][2]int{simulation.Enters: {5, 1}, simulation.Links: {0, 1},
		simulation.Unsure: {0, 1}, simulation.LockedOut: {1, 3}} {
		if got.Now[outcome] != want[0] || got.After[outcome] != want[1] {
			t.Errorf("%s: %d now and %d after, want %v", outcome, got.Now[outcome], got.After[outcome], want)
		}
	}
	if out := w.lockedOut(got); len(out) != 3 || out["team"] || out["unplaced"] || !out["broken"] {
		t.Errorf("locked out: %v", out)
	}
	if first := got.Fixes[0]; first.People != 2 || first.Already != 1 || first.Authority.Code != "RX9" ||
		first.Bars[0].What != path.GetPosition {
		t.Errorf("the first to fix: %+v", first)
	}
	if len(got.Unsure) != 1 || got.Told != 4 || got.Untold != 1 ||
		got.Fixes[got.Unsure[0].Fix].Of != simulation.Unsure {
		t.Errorf("not known are %+v; told %d, not told %d", got.Unsure, got.Told, got.Untold)
	}
	if want := "3 of 6 would be locked out, of whom 1 already now. Not known: 1 more."; got.Headline() !=
		want {
		t.Errorf("the headline is %s", got.Headline())
	}
	if got.Places[0].LockedOut != 1 || len(got.Places) != 3 {
		t.Errorf("places: %+v", got.Places)
	}
	never := w.Account(account.New{Username: "never", Email: "never@example.nhs.uk", Organisation: "A1"}, "")
	w.Update(func(ctx context.Context, u *db.W) error { return wave.JoinWithoutPassword(ctx, u, never.ID) })
	if all := w.run(simulation.Switch{Phase: path.Prepare}); all.Accounts != 7 || len(all.LockedOut) != 1 {
		t.Errorf("all in Prepare: %d, locked out %v", all.Accounts, w.lockedOut(all))
	}
}

// Where everybody who can edit would be gone, or all but one, is told; whoever edits there from another wave counts.
func TestCover(t *testing.T) {
	w := newWorld(t)
	editor := func(username, organisation string, phase path.Phase, says extract.Answer, at account.Scope) {
		w.says(w.account(account.New{Username: username, PasswordHash: w.Hash, Organisation: organisation,
			Grants: at.Of(account.EditService)}, phase), says)
	}
	editor("anna", "GONE", path.Choose, unplaced, account.OwnOrganisation)
	editor("ben", "GONE", path.Choose, unplaced, account.OwnOrganisation)
	editor("cara", "ONE", path.Choose, unplaced, account.OwnOrganisation)
	editor("dan", "ONE", path.Choose, ready, account.OwnOrganisation)
	editor("eve", "OTHERS", path.Choose, unplaced, account.OwnOrganisation)
	editor("finn", "OTHERS", path.Prepare, unplaced, account.OwnOrganisation)
	editor("gita", "OTHERS", path.Prepare, unplaced, account.OwnOrganisation)
	w.account(account.New{Username: "ivy", PasswordHash: w.Hash, Organisation: "UNKNOWN",
		Grants: account.OwnOrganisation.Of(account.EditService)}, path.Choose)
	editor("hal", "X", path.Choose, ready, account.BelowService("s1"))
	got := w.run(simulation.Switch{Wave: w.Waves[path.Choose], Phase: path.Require})
	own := func(home string, now, after int) simulation.Cover {
		return simulation.Cover{Scope: account.OwnOrganisation, Home: home, Now: now, After: after}
	}
	unknown := own("UNKNOWN", 1, 0)
	unknown.Unsure = 1
	want := []simulation.Cover{own("GONE", 2, 0), unknown, own("ONE", 2, 1)}
	if !slices.Equal(got.Covers, want) {
		t.Errorf("covers: %+v, want %+v", got.Covers, want)
	}
}

// Somebody whose link is held for a reviewer is locked out by the end of passwords. Somebody whose Care Identity was
// found by another address is not said to lack what nobody looked for.
func TestHeldAndFoundByAnotherAddress(t *testing.T) {
	w := newWorld(t)
	held := w.account(account.New{Username: "held", PasswordHash: w.Hash, Organisation: "A1"}, path.Choose)
	w.says(held, ready)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO link_review (id, account_id, issuer, subject, kinds, holds, facts, opened_at)
			VALUES ('1', $1, 'https://cis2', '1', 'names_differ', TRUE, '{}', 1)`, held.ID)
		return err
	})
	w.says(w.account(account.New{Username: "elsewhere", PasswordHash: w.Hash, Organisation: "A1"}, path.Choose),
		extract.Answer{Found: extract.None, Compared: &extract.Compared{By: extract.ByFormer, Name: extract.NameSame,
			State: extract.Active}})
	answers := w.account(account.New{Username: "answers", PasswordHash: w.Hash, Organisation: "A1"}, path.Closed)
	w.Must(rollout.Answer(w.Context(), w.DB, answers.ID, map[rollout.Question]string{rollout.AskIdentity: "active",
		rollout.AskEmail: "same", rollout.AskAccess: "both"}))
	got := w.run(simulation.Switch{Phase: path.Require})
	if got.After[simulation.Links] != 1 {
		t.Errorf("who answered themselves that they have all: %v", got.After)
	}
	if out := w.lockedOut(got); len(out) != 1 || got.After[simulation.Unsure] != 1 ||
		got.Fixes[0].Bars[0].What != "decide_link" {
		t.Errorf("locked out %v, not known %d, to do %+v", out, got.After[simulation.Unsure], got.Fixes)
	}
}

// What is simulated is what the doors then do: of accounts of every sort, in every phase, whoever is said to be locked
// out is let in by no door and can link by none, and everybody else is or can.
func TestSimulatedIsWhatHappens(t *testing.T) {
	w := newWorld(t)
	dice := rand.New(rand.NewPCG(1, 2))
	var accounts []account.Account
	for n := range 120 {
		new := account.New{Username: fmt.Sprintf("user%d", n)}
		if dice.IntN(6) > 0 {
			new.Organisation = "A1"
		}
		if dice.IntN(5) > 0 {
			new.PasswordHash = w.Hash
		}
		if dice.IntN(6) == 0 {
			new.Kind = account.Shared
		}
		if dice.IntN(6) == 0 {
			new.Email = fmt.Sprintf("reception.%d@example.nhs.uk", n)
		}
		a := w.account(new, path.Phase(1+dice.IntN(4)))
		switch {
		case new.Kind == account.Shared && dice.IntN(3) == 0:
			w.Update(func(ctx context.Context, u *db.W) error {
				return account.SetRetirement(ctx, u, a.ID, u.Now().Add(-time.Hour))
			})
		case new.Kind != account.Shared && new.PasswordHash == "" && dice.IntN(2) == 0:
			w.link(a)
			w.review(a, []string{"", "names_differ", "reactivated"}[dice.IntN(3)])
		case new.Kind != account.Shared && new.PasswordHash != "" && dice.IntN(4) == 0:
			w.Update(func(ctx context.Context, u *db.W) error {
				_, err := u.Exec(ctx, `INSERT INTO password_by_mail (account_id, set_at) VALUES ($1, 1)`, a.ID)
				return err
			})
		}
		if new.Kind != account.Shared {
			w.says(a, ready)
		}
		accounts = append(accounts, a)
	}
	w.grantDays(accounts, dice)
	tried := map[bool]int{}
	limited, moved := 0, false
	for _, phase := range []path.Phase{path.Require, path.Choose, path.Prepare, path.Require, path.Closed} {
		w.Clock.Advance(time.Minute)
		got := w.run(simulation.Switch{Phase: phase})
		out := w.lockedOut(got)
		limited += got.After[simulation.Limited]
		for from, id := range w.Waves {
			if from != phase || moved { // a wave that is in the phase already is not moved to it
				w.Update(func(ctx context.Context, u *db.W) error {
					return wave.SetPhase(ctx, u, id, phase, "test")
				})
			}
		}
		moved = true
		for _, a := range accounts {
			_, locked := out[a.Username]
			if in := w.comesIn(a); in == locked {
				t.Errorf("%s (%s) in phase %d: simulated as locked out %v, comes in %v", a.Username, a.Kind, phase,
					locked, in)
			}
			tried[locked]++
		}
	}
	if limited < 30 {
		t.Errorf("%d with days left: the test proves little of these", limited)
	}
	if tried[true] < 100 || tried[false] < 100 {
		t.Errorf("locked out %d, not locked out %d: the test proves little", tried[true], tried[false])
	}
	t.Logf("simulated and lived: %d locked out, %d not", tried[true], tried[false])
}

// grantDays has half of the waves let passwords work for 2 days in Require, of which the accounts have used some, and
// gives some of these an exception.
func (w *world) grantDays(accounts []account.Account, dice *rand.Rand) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		for _, phase := range []path.Phase{path.Choose, path.Require} {
			if err := wave.SetAllowance(ctx, u, w.Waves[phase], 2, "test"); err != nil {
				return err
			}
		}
		for _, a := range accounts {
			of, err := wave.Of(ctx, u, a.ID)
			if err != nil {
				return err
			}
			worked := dice.IntN(4)
			_, err = u.Exec(ctx, `INSERT INTO worked_day (account_id, phase, entered_at, days, last_day)
				VALUES ($1, $2, $3, $4, $5)`, a.ID, int(of.Phase), of.Since.UnixMilli(), worked,
				allowance.Day(u.Now().AddDate(0, 0, -dice.IntN(2))))
			if err != nil {
				return err
			}
			if dice.IntN(6) > 0 {
				continue
			}
			_, err = u.Exec(ctx, `INSERT INTO wave_exception (account_id, begun_at, ends_at, given_by, given_name, reason)
				VALUES ($1, 1, $2, 'x', 'Xena', 'test')`, a.ID, u.Now().Add(time.Hour))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// review makes a case about the link of an account that waits for somebody; none where there is no kind.
func (w *world) review(a account.Account, kind string) {
	w.Helper()
	if kind == "" {
		return
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO link_review (id, account_id, issuer, subject, kinds, holds, facts, opened_at)
			VALUES ($1, $1, 'https://cis2', $1, $2, FALSE, '{}', 1)`, a.ID, kind)
		return err
	})
}

// comesIn reports whether a door opens for the holder of an account with a Care Identity that has everything, or
// whether they can link it.
func (w *world) comesIn(a account.Account) bool {
	w.Helper()
	e := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (answers []explain.Answer, err error) {
		a, err := account.ByID(ctx, r, a.ID)
		if err != nil {
			return nil, err
		}
		login, err := explain.Login(ctx, r, a)
		if err != nil {
			return nil, err
		}
		if a.Organisation == "" { // whoever links it is asked for one, which an administrator has to confirm
			return login.Answers, nil
		}
		link, err := explain.Link(ctx, r, a)
		return append(login.Answers, link.Answers...), err
	})
	for _, answer := range e {
		if answer.Yes {
			return true
		}
	}
	return false
}

// BenchmarkRun simulates a switch of 100,000 accounts.
func BenchmarkRun(b *testing.B) {
	const accounts = 100_000
	w := newWorld(b)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account (id, username, username_key, first_name, last_name, email, email_key,
			email_since, shared, web_service_only, active, password_hash, organisation, created_at)
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
			SELECT 'user' || n, 'user' || n, 'user' || n, 'Ann', 'Smith', 'user' || n || '@trust.nhs.uk',
			'user' || n || '@trust.nhs.uk', 1, FALSE, FALSE, TRUE, 'x', 'ORG' || (n % 2000), 1 FROM numbers`)
		if err != nil {
			return err
		}
		if _, err = u.Exec(ctx, `INSERT INTO wave_member (account_id, wave_id) SELECT id, $1 FROM account`,
			w.Waves[path.Choose]); err != nil {
			return err
		}
		_, err = u.Exec(ctx, `INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)
			SELECT id, 'editService', 'own-organisation', '', '' FROM account`)
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
		if got := w.run(simulation.Switch{Phase: path.Require}); len(got.LockedOut) != accounts/10 {
			b.Fatalf("%d locked out", len(got.LockedOut))
		}
	}
}

// Those whom days of work keep in for a while are named, with what they need before these are used up.
func TestWhoRunsOutOfDaysIsNamed(t *testing.T) {
	w := newWorld(t)
	in := w.Wave(wave.Wave{Name: "north", Phase: path.Choose, Allowance: 3})
	for username, said := range map[string]extract.Answer{"ready": ready, "unplaced": unplaced} {
		a := w.Account(account.New{Username: username, Email: username + "@example.nhs.uk", PasswordHash: w.Hash,
			Organisation: "A1"}, in)
		w.names[a.ID] = username
		w.says(a, said)
	}
	got := w.run(simulation.Switch{Wave: in, Phase: path.Require})
	if got.After[simulation.Limited] != 2 || len(got.LockedOut) != 0 || got.Later != 1 || len(got.RunOut) != 1 {
		t.Fatalf("%+v", got)
	}
	of := got.Fixes[got.RunOut[0].Fix]
	if w.names[got.RunOut[0].Account] != "unplaced" || of.Of != simulation.Limited || of.People != 1 ||
		of.Bars[0].What != path.GetPosition || of.Authority.Code != "RX9" {
		t.Errorf("%+v: %+v", got.RunOut, of)
	}
}
