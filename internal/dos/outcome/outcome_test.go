package outcome_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// counts gives what was counted, as "way outcome" by people and tries, of a wave.
func (w *world) counts(waveID string) map[string]string {
	w.Helper()
	list, err := db.Read(w.Context(), w.DB, func(r db.R) ([]outcome.Count, error) {
		return outcome.Counts(w.Context(), r, w.days(account.Reach{Everywhere: true}))
	})
	w.Must(err)
	found := map[string]string{}
	for _, c := range list {
		if c.Wave == waveID {
			found[c.Day.In(clock.London).Format("2 ")+string(c.Way)+" "+string(c.Outcome)] =
				fmt.Sprint(c.People, " of ", c.Tries)
		}
	}
	return found
}

func (w *world) expect(waveID string, want map[string]string) {
	w.Helper()
	got := w.counts(waveID)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("counted %v, want %v", got, want)
	}
}

// Logins are counted by way and outcome, as people and as tries, in the wave of their account. Wrong passwords are no
// logins.
func TestLoginsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.person("bo", path.Choose)
	w.person("cy", path.Choose)
	ada := w.person("ada", path.Require)
	w.person("team", path.Require, func(n *account.New) { n.Kind = account.Shared })
	w.Must(w.types("bo", "correct horse battery"))
	w.Must(w.types("bo", "correct horse battery"))
	w.Must(w.types("cy", "correct horse battery"))
	if err := w.types("cy", "wrong"); !errors.Is(err, signin.ErrSignInFailed) {
		t.Fatal(err)
	}
	for _, username := range []string{"ada", "ada", "team"} {
		if err := w.types(username, "correct horse battery"); err == nil {
			t.Fatal("a password opened an account of a wave in Require")
		}
	}
	w.comes("stranger", "FIDO2", position())
	w.link(ada)
	w.comes("ada", "FIDO2")
	w.comes("ada", "TOTP", position())
	w.count()
	w.expect(w.Waves[path.Choose], map[string]string{"2 password enter": "2 of 3"})
	w.expect(w.Waves[path.Require], map[string]string{
		"2 password care-identity-required": "1 of 2", "2 password shared-accounts-ended": "1 of 1",
		"2 not-known linked": "1 of 1", "2 FIDO2 no-position": "1 of 1", "2 TOTP enter": "1 of 1"})
	w.expect("", map[string]string{"2 FIDO2 no-account": "1 of 1"})
}

// What was counted is not counted again, nor by two who count at once, and somebody who comes on two days is one person
// on each.
func TestNothingIsCountedTwice(t *testing.T) {
	w := newWorld(t)
	w.person("bo", path.Choose)
	w.Must(w.types("bo", "correct horse battery"))
	w.Must(w.watch.Count(w.Context())) // too early: others may still be under way
	w.expect(w.Waves[path.Choose], map[string]string{})
	w.Clock.Advance(time.Minute)
	done := make(chan error)
	for range 4 {
		go func() { done <- w.watch.Count(w.Context()) }()
	}
	for range 4 {
		w.Must(<-done)
	}
	w.Clock.Advance(14*time.Hour + 58*time.Minute) // 23:59 in London
	w.Must(w.types("bo", "correct horse battery"))
	w.Clock.Advance(time.Minute)
	w.Must(w.types("bo", "correct horse battery"))
	w.count()
	w.count()
	w.expect(w.Waves[path.Choose], map[string]string{"2 password enter": "1 of 2", "3 password enter": "1 of 1"})
}

// What else is noted of attempts stands with the counts, or neither does.
func TestWhatFollowsIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	w.person("bo", path.Choose)
	for range 501 {
		w.Update(func(ctx context.Context, u *db.W) error {
			return u.Record(ctx, audit.Event{Kind: signin.NotIn, Subject: audit.Ref{Kind: "care-identity", ID: "i s"},
				After: signin.NoAccount})
		})
	}
	w.Must(w.types("bo", "correct horse battery"))
	seen := 0
	broken := errors.New("broken")
	w.watch.Also = func(context.Context, *db.K, []outcome.Attempt) error { return broken }
	w.Clock.Advance(time.Minute)
	if err := w.watch.Count(w.Context()); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	w.watch.Also = func(_ context.Context, _ *db.K, list []outcome.Attempt) error {
		seen += len(list)
		return nil
	}
	w.count()
	if seen != 502 {
		t.Errorf("%d attempts were seen", seen)
	}
	w.expect("", map[string]string{"2 not-known no-account": "1 of 501"})
}
