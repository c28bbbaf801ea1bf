package mailing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// many adds users of an organisation.
func (w *world) many(n int, organisation string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range n {
			username := fmt.Sprintf("many%03d", i)
			_, err := account.Add(ctx, u, account.New{Username: username, FirstName: "Many", Organisation: organisation,
				Email: username + "@example.nhs.uk"})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// A mail to many waits a minute, in which it can be stopped before anybody has it. One to a few goes at once.
func TestAMailToManyCanBeStoppedFirst(t *testing.T) {
	w := newWorld(t)
	w.many(21, "N1")
	m := w.sent(w.boss, mailing.Selection{Words: "many"}, reminder)
	if want := w.DB.Now().Add(time.Minute); m.State != mailing.Sending || m.Sent != 0 || !m.Starts.Equal(want) {
		t.Errorf("a mail to 21: %+v", m)
	}
	w.Must(w.office.Stop(t.Context(), by(w.boss), m.ID))
	w.Clock.Advance(time.Minute)
	if m = w.goesOn(m); m.State != mailing.Stopped || m.Sent != 0 {
		t.Errorf("a minute after it was stopped: %+v", m)
	}
	let := w.sent(w.boss, mailing.Selection{Words: "many"}, reminder)
	w.Clock.Advance(time.Minute)
	if let = w.goesOn(let); let.State != mailing.Finished || let.Sent != 21 {
		t.Errorf("a minute after it was let: %+v", let)
	}
	if few := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder); few.Sent != 3 {
		t.Errorf("a mail to three: %+v", few)
	}
}

const (
	subject = "Correction"
	words   = "The date is 1 May, and not 1 March."
)

// correct sends a correction, and gives it as it went.
func (w *world) correct(from account.Account, wrong mailing.Mailing) (mailing.Mailing, error) {
	w.Helper()
	m, err := w.office.Correct(w.Context(), by(from), wrong.ID, subject, words)
	if err != nil {
		return m, err
	}
	if err := w.office.Send(w.Context(), by(from), m.ID); err != nil {
		return m, err
	}
	w.Settle()
	return w.read(m.ID), nil
}

// A correction goes to exactly those who had the mail, on the same day, and says which it corrects.
func TestACorrection(t *testing.T) {
	w := newWorld(t)
	team := w.person("user.team", account.Shared, "N1", nil)
	wrong := w.sent(w.boss, mailing.Selection{Words: "user", Teams: true}, reminder)
	if wrong.Sent != 4 {
		t.Fatalf("%+v", wrong)
	}
	w.person("user.new", account.Individual, "N1", nil) // since then
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.users[0].ID, "left") })
	prepared, err := w.office.Correct(t.Context(), by(w.boss), wrong.ID, subject, words)
	w.Must(err)
	tally, err := w.office.Tally(t.Context(), prepared, mailing.Look{})
	w.Must(err)
	if tally.Found != 4 || tally.Gets != 3 || tally.LeftOut[mailing.NotActive] != 1 {
		t.Errorf("foretold %+v", tally)
	}
	right, err := w.correct(w.boss, wrong)
	w.Must(err)
	if right.Sent != 3 || right.Skipped != 1 || right.State != mailing.Finished {
		t.Errorf("it went %+v", right)
	}
	for to, want := range map[string]int{w.users[1].Email: 1, w.users[2].Email: 1, team.Email: 1,
		w.users[0].Email: 0, "user.new@example.nhs.uk": 0, w.south.Email: 0} {
		if n := w.Mailed("mailing.own", to); n != want {
			t.Errorf("%s had %d corrections", to, n)
		}
	}
	text := w.Mails.To(w.users[1].Email)[1].Text
	want := `This corrects the mail "` + wrong.Text.Subject + `", which you had on 1 November 2026.` + "\n\n" + words
	if !strings.Contains(text, want) {
		t.Errorf("no %q in %s", want, text)
	}
	if again := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder); again.LeftOut[mailing.HadOne] != 2 {
		t.Errorf("another mail on the same day: %+v", again)
	}
}

// What a correction cannot correct: a mail that nobody had, one that is being sent, one of long ago, another
// correction, one that was corrected, and one of another for people whom somebody does not look after.
func TestWhatCannotBeCorrected(t *testing.T) {
	w := newWorld(t)
	peer := w.person("peer", account.Individual, "S1", account.UserAdministrator.In(account.OwnOrganisation))
	near := w.person("near", account.Individual, "S1", nil)
	tried, accepted := 0, 0
	refused := func(name string, from account.Account, wrong mailing.Mailing, want error) {
		t.Helper()
		tried++
		_, err := w.correct(from, wrong)
		if err == nil {
			accepted++
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	unsent, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"}, reminder)
	w.Must(err)
	refused("a mail that is not sent", w.boss, unsent, fault.Conflict)
	refused("a mail of another that is not sent", w.south, unsent, fault.Conflict)
	refused("a mail that is being sent", w.boss, w.begun(w.boss, mailing.Selection{Words: "user"}), fault.Conflict)

	wrong := w.sent(w.boss, mailing.Selection{}, reminder)
	refused("a mail for others, too", peer, wrong, mailing.ErrSome)
	refused("a user", near, wrong, fault.Forbidden)
	right, err := w.correct(w.boss, wrong)
	w.Must(err)
	refused("a mail that was corrected", w.boss, wrong, fault.Conflict)
	refused("a correction", w.boss, right, fault.Conflict)

	w.Clock.Advance(mailing.Often)
	of := w.sent(w.south, mailing.Selection{Words: "near"}, reminder)
	if got, err := w.correct(peer, of); err != nil || got.Sent != 1 || got.Writer != "peer" {
		t.Errorf("by another who looks after all of them: %+v, %v", got, err)
	}
	w.Clock.Advance(mailing.Often)
	old := w.sent(w.south, mailing.Selection{Words: "near"}, reminder)
	w.Clock.Advance(3 * 24 * time.Hour)
	refused("a mail of days ago", w.south, old, fault.Conflict)
	t.Logf("corrections that cannot be: tried %d, accepted %d", tried, accepted)
}

// Two corrections of one mail are prepared, and one is sent. One that was stopped before anybody had it is none.
func TestOneOfTwoCorrectionsIsSent(t *testing.T) {
	w := newWorld(t)
	w.many(21, "N1")
	wrong := w.sent(w.boss, mailing.Selection{Words: "many"}, reminder)
	w.Clock.Advance(time.Minute)
	wrong = w.goesOn(wrong)
	prepare := func() mailing.Mailing {
		m, err := w.office.Correct(t.Context(), by(w.boss), wrong.ID, subject, words)
		w.Must(err)
		return m
	}
	first, second, third := prepare(), prepare(), prepare()
	w.Must(w.office.Send(t.Context(), by(w.boss), first.ID))
	if err := w.office.Send(t.Context(), by(w.boss), second.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("the second, while the first waits: %v", err)
	}
	w.Must(w.office.Stop(t.Context(), by(w.boss), first.ID))
	w.Must(w.office.Send(t.Context(), by(w.boss), second.ID))
	w.Clock.Advance(time.Minute)
	if got := w.goesOn(second); got.Sent != 21 {
		t.Errorf("the second: %+v", got)
	}
	if err := w.office.Send(t.Context(), by(w.boss), third.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("the third, once the second was sent: %v", err)
	}
}

// The check says from when on those can get a mail who had one.
func TestFromWhenOnAMailIsPossible(t *testing.T) {
	w := newWorld(t)
	first := w.DB.Now()
	w.sent(w.boss, mailing.Selection{Words: "user0"}, reminder)
	w.Clock.Advance(time.Hour)
	last := w.DB.Now()
	w.sent(w.boss, mailing.Selection{Words: "user1"}, reminder)
	m, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"}, reminder)
	w.Must(err)
	got, err := w.office.Tally(t.Context(), m, mailing.Look{})
	w.Must(err)
	if !got.First.Equal(first.Add(mailing.Often)) || !got.Last.Equal(last.Add(mailing.Often)) {
		t.Errorf("from %s to %s", got.First, got.Last)
	}
}
