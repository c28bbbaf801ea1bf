package mailing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// begun gives a mail of somebody of which a batch is on its way: others wait for it.
func (w *world) begun(from account.Account, s mailing.Selection) mailing.Mailing {
	w.Helper()
	m, err := w.office.Prepare(w.Context(), by(from), s, reminder)
	w.Must(err)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE mailing SET state = 'sending', begun_at = $2 WHERE id = $1`, m.ID, u.Now())
		return err
	})
	return m
}

// Whoever looks after all for whom a mail is meant can stop it; whoever looks after some sees it; others do not.
func TestWhoStopsAMail(t *testing.T) {
	w := newWorld(t)
	admin := func(username, organisation string, s account.Scope) account.Account {
		return w.person(username, account.Individual, organisation, account.UserAdministrator.In(s))
	}
	peer, north := admin("peer", "S1", account.OwnOrganisation), admin("northern", "N1", account.OwnOrganisation)
	chief := admin("chief", "", account.Everywhere)
	near := w.person("near", account.Individual, "S1", nil)
	onlyNorth := []string{w.users[0].ID, w.users[1].ID}
	tests := map[string]struct {
		writer    account.Account
		selection mailing.Selection
		stopper   account.Account
		want      mailing.Share
	}{
		"its writer":                           {w.south, mailing.Selection{}, w.south, mailing.All},
		"another of the same organisation":     {w.south, mailing.Selection{}, peer, mailing.All},
		"one of another organisation":          {w.south, mailing.Selection{}, north, mailing.None},
		"one who looks after everybody":        {w.south, mailing.Selection{}, chief, mailing.All},
		"a user":                               {w.south, mailing.Selection{}, near, mailing.None},
		"one who looks after some":             {w.boss, mailing.Selection{}, north, mailing.Some},
		"all that were chosen":                 {w.boss, mailing.Selection{Chosen: true, Only: onlyNorth}, north, mailing.All},
		"none of the chosen":                   {w.boss, mailing.Selection{Chosen: true, Only: onlyNorth}, peer, mailing.None},
		"all of one organisation of the whole": {w.boss, mailing.Selection{Organisation: "N1"}, north, mailing.All},
		"all that words find":                  {w.boss, mailing.Selection{Words: "user"}, north, mailing.All},
		"some of the chosen": {w.boss, mailing.Selection{Chosen: true, Only: append([]string{near.ID}, onlyNorth...)},
			north, mailing.Some},
	}
	tried, accepted := 0, 0
	for name, tt := range tests {
		m := w.begun(tt.writer, tt.selection)
		var listed bool
		w.View(func(ctx context.Context, r db.R) error {
			reach, err := account.ReachNow(ctx, r, tt.stopper.ID, account.ManageUsers)
			if errors.Is(err, fault.Forbidden) {
				return nil
			}
			others, problem := mailing.Others(ctx, r, tt.stopper.ID, reach)
			listed = slices.ContainsFunc(others, func(one mailing.Mailing) bool { return one.ID == m.ID })
			return errors.Join(err, problem)
		})
		own := tt.writer.ID == tt.stopper.ID
		if want := !own && tt.want != mailing.None; listed != want {
			t.Errorf("%s: listed %t", name, listed)
		}
		err := w.office.Stop(t.Context(), by(tt.stopper), m.ID)
		got := w.read(m.ID)
		if tt.want == mailing.All {
			if err != nil || got.State != mailing.Stopped || got.EndedName != tt.stopper.Name() {
				t.Errorf("%s: %v, %+v", name, err, got)
			}
			continue
		}
		tried++
		if err == nil || got.State == mailing.Stopped {
			accepted++
		}
		if !errors.Is(err, fault.Forbidden) || errors.Is(err, mailing.ErrSome) != (tt.want == mailing.Some) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Logf("stopped by those who may not: tried %d, accepted %d", tried, accepted)

	left := w.begun(w.south, mailing.Selection{})
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.south.ID, "left") })
	if err := w.office.Stop(t.Context(), by(peer), left.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a mail to nobody, by one who looks after some: %v", err)
	}
	w.Must(w.office.Stop(t.Context(), by(chief), left.ID))
}

// One press stops another's mail, and its writer is told who did. Why is said after, once, and the writer is told that
// too. Who had it already has it; nobody else gets it.
func TestAStoppedMailIsToldToItsWriter(t *testing.T) {
	w := newWorld(t)
	peer := w.person("peer", account.Individual, "S1", account.UserAdministrator.In(account.OwnOrganisation))
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 60 {
			if _, err := account.Add(ctx, u, account.New{Username: fmt.Sprintf("many%02d", i), FirstName: "Many",
				Organisation: "S1", Email: fmt.Sprintf("many%02d@example.nhs.uk", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	m := w.begun(w.south, mailing.Selection{Words: "many"})
	w.Must(mailing.Batch(t.Context(), w.office, m.ID))
	w.Must(w.office.Stop(t.Context(), by(peer), m.ID))
	w.Must(mailing.Batch(t.Context(), w.office, m.ID))
	w.Settle()
	got := w.read(m.ID)
	if got.State != mailing.Stopped || got.Sent != 50 || got.EndedName != "peer" {
		t.Errorf("%+v", got)
	}
	if n := w.Count(`SELECT COUNT(*) FROM mail WHERE kind = 'mailing.checklist'`); n != 50 {
		t.Errorf("%d had it", n)
	}
	told := w.Mails.To(w.south.Email)
	if len(told) != 1 || told[0].Kind != "mailing.stopped" {
		t.Fatalf("the writer was told %d times", len(told))
	}
	for _, want := range []string{"peer, peer@example.nhs.uk stopped", "50 users have it already. Nobody else",
		home + "/mailings/" + m.ID} {
		if !strings.Contains(told[0].Text, want) {
			t.Errorf("no %q in %s", want, told[0].Text)
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'mailing.stopped'`); n != 1 {
		t.Errorf("%d events", n)
	}
	w.explained(m, peer)
	w.View(func(ctx context.Context, r db.R) error {
		south := account.Reach{Organisations: []string{"S1"}}
		if _, total, err := mailing.Recipients(ctx, r, m.ID, south, 0, 1); err != nil || total != 50 {
			t.Errorf("who looks after them sees %d: %v", total, err)
		}
		north := account.Reach{Organisations: []string{"N1"}}
		if _, total, err := mailing.Recipients(ctx, r, m.ID, north, 0, 1); err != nil || total != 0 {
			t.Errorf("somebody else sees %d: %v", total, err)
		}
		return nil
	})
}

// explained has somebody say why they stopped a mail, as nobody else can and they cannot twice.
func (w *world) explained(m mailing.Mailing, stopper account.Account) {
	w.Helper()
	const reason = "The date in it is wrong."
	refused := 0
	for _, tt := range []struct {
		from   account.Account
		reason string
		want   error
	}{
		{stopper, " ", fault.Invalid}, {stopper, strings.Repeat("x", 1001), fault.Invalid},
		{w.boss, reason, fault.Conflict}, {w.south, reason, fault.Conflict}, {w.users[0], reason, fault.Forbidden},
	} {
		refused++
		if err := w.office.Explain(w.Context(), by(tt.from), m.ID, tt.reason); !errors.Is(err, tt.want) {
			w.Errorf("%s wrote %.10q: %v", tt.from.Username, tt.reason, err)
		}
	}
	w.Must(w.office.Explain(w.Context(), by(stopper), m.ID, reason))
	if err := w.office.Explain(w.Context(), by(stopper), m.ID, reason); !errors.Is(err, fault.Conflict) {
		w.Errorf("said twice: %v", err)
	}
	w.Logf("reasons that are not taken: tried %d, accepted 0", refused+1)
	w.Settle()
	if got := w.read(m.ID); got.EndedReason != reason {
		w.Errorf("kept %q", got.EndedReason)
	}
	if n := w.Mailed("mailing.stop-reason", w.south.Email); n != 1 {
		w.Errorf("the writer was told why %d times", n)
	}
}

// A mail that is not begun yet is nobody's but its writer's.
func TestAPreparedMailIsItsWriters(t *testing.T) {
	w := newWorld(t)
	m, err := w.office.Prepare(t.Context(), by(w.south), mailing.Selection{Teams: true}, reminder)
	w.Must(err)
	if err := w.office.Stop(t.Context(), by(w.boss), m.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("given up by another: %v", err)
	}
	w.Must(w.office.Stop(t.Context(), by(w.south), m.ID))
	w.Settle()
	if n := w.Mailed("mailing.stopped", w.south.Email); n != 0 {
		t.Errorf("the writer was told of their own act")
	}
}

// What the check says before a mail is sent adds up, and is what happens.
func TestTheTallyIsWhatHappens(t *testing.T) {
	w := newWorld(t)
	w.sent(w.boss, mailing.Selection{Words: "user0"}, reminder)
	w.person("user.team", account.Shared, "N1", nil)
	w.person("reception.user", account.Individual, "N1", nil)
	w.person("user.robot", account.Machine, "N1", nil)
	gone := w.person("user.gone", account.Individual, "N1", nil)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	for _, tt := range []struct {
		name      string
		selection mailing.Selection
		found     int64
		meant     int64
		gets      int64
		leftOut   map[mailing.Reason]int64
	}{
		{"all that were found", mailing.Selection{Words: "user"}, 7, 7, 2, map[mailing.Reason]int64{
			mailing.HadOne: 1, mailing.TeamReads: 2, mailing.ForProgram: 1, mailing.NotActive: 1}},
		{"chosen", mailing.Selection{Words: "user", Chosen: true, Teams: true,
			Only: []string{w.users[0].ID, w.users[1].ID, gone.ID}}, 7, 3, 0, map[mailing.Reason]int64{
			mailing.HadOne: 2, mailing.NotActive: 1}},
		{"those of teams too", mailing.Selection{Words: "user", Teams: true}, 7, 7, 2, map[mailing.Reason]int64{
			mailing.HadOne: 3, mailing.ForProgram: 1, mailing.NotActive: 1}},
	} {
		m, err := w.office.Prepare(t.Context(), by(w.boss), tt.selection, reminder)
		w.Must(err)
		got, err := w.office.Tally(t.Context(), m, mailing.Look{})
		w.Must(err)
		if got.Found != tt.found || got.Meant != tt.meant || got.Gets != tt.gets ||
			fmt.Sprint(got.LeftOut) != fmt.Sprint(tt.leftOut) {
			t.Errorf("%s: %+v", tt.name, got)
		}
		var leftOut int64
		for _, n := range got.LeftOut {
			leftOut += n
		}
		if got.Meant != leftOut+got.Gets {
			t.Errorf("%s: %d meant, %d left out and %d who get it", tt.name, got.Meant, leftOut, got.Gets)
		}
		w.Must(w.office.Send(t.Context(), by(w.boss), m.ID))
		w.Settle()
		if sent := w.read(m.ID); sent.Sent != got.Gets || sent.Skipped != leftOut || sent.Total != got.Meant ||
			fmt.Sprint(sent.LeftOut) != fmt.Sprint(tt.leftOut) {
			t.Errorf("%s: foretold %+v, and it went %+v", tt.name, got, sent)
		}
	}
}

// Those for whom a mail is meant are all counted, however many they are.
func TestTheTallyOfMany(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 510 {
			username := fmt.Sprintf("many%03d", i)
			_, err := account.Add(ctx, u, account.New{Username: username, FirstName: "M", Email: username + "@example.nhs.uk"})
			if err != nil {
				return err
			}
		}
		return nil
	})
	m, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "many"}, reminder)
	w.Must(err)
	got, err := w.office.Tally(t.Context(), m, mailing.Look{})
	w.Must(err)
	if got.Found != 510 || got.Meant != 510 || got.Gets != 510 {
		t.Errorf("%+v", got)
	}
}
