package signin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/tries"
)

// Ten wrong passwords close a username for 15 minutes, at both doors, in the same way whether there is such an account
// or not (rule R13).
func TestAUsernameIsClosedAfterTooManyTries(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("robot", path.Choose, func(n *account.New) { n.Kind = account.Machine })
	gone := w.account("gone", path.Choose)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	w.account("bo", path.Choose)
	for _, username := range []string{"ada", "nobody", "robot", "gone"} {
		for try := range 10 {
			if _, err := w.in(username, "wrong"); !errors.Is(err, signin.ErrSignInFailed) {
				t.Fatalf("%s, try %d: %v", username, try, err)
			}
		}
		if _, err := w.in(username, goodPass); !errors.Is(err, signin.ErrTooManyTries) {
			t.Errorf("%s, after ten tries: %v", username, err)
		}
		if err := w.claim(username, goodPass); !errors.Is(err, linking.ErrTooManyTries) {
			t.Errorf("%s, claimed after ten tries: %v", username, err)
		}
	}
	for username, want := range map[string]error{"bo": nil, "somebody": signin.ErrSignInFailed} {
		if _, err := w.in(username, goodPass); !errors.Is(err, want) {
			t.Errorf("%s, whom nobody tried: %v", username, err)
		}
	}
	w.Clock.Advance(15 * time.Minute)
	for username, want := range map[string]error{"ada": nil, "nobody": signin.ErrSignInFailed} {
		if _, err := w.in(username, goodPass); !errors.Is(err, want) {
			t.Errorf("%s, 15 minutes later: %v", username, err)
		}
	}
}

// When a lock has ended the count begins anew: one wrong password every 15 minutes keeps nobody out.
func TestALockThatEndedIsOver(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	for _, username := range []string{"ada", "nobody"} {
		for range 10 {
			w.wrong(username, tries.Browser{})
		}
		w.Clock.Advance(15 * time.Minute)
		for try := range 10 {
			if _, err := w.in(username, "wrong"); !errors.Is(err, signin.ErrSignInFailed) {
				t.Errorf("%s, try %d after the lock: %v", username, try, err)
			}
			if try == 8 {
				w.Clock.Advance(time.Minute)
			}
		}
		if _, err := w.in(username, goodPass); !errors.Is(err, signin.ErrTooManyTries) {
			t.Errorf("%s, after ten more tries: %v", username, err)
		}
		w.Clock.Advance(15*time.Minute - time.Millisecond)
		if _, err := w.in(username, goodPass); !errors.Is(err, signin.ErrTooManyTries) {
			t.Errorf("%s, just before the end of the second lock: %v", username, err)
		}
		w.Clock.Advance(time.Millisecond)
	}
	if _, err := w.in("ada", goodPass); err != nil {
		t.Errorf("after the second lock: %v", err)
	}
}

// Strangers lock out nobody on a browser on which they signed in before: it has tries of its own, at its own accounts.
func TestAKnownBrowserHasTriesOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("bo", path.Choose)
	known := w.browserOf("ada")
	for range 10 {
		w.wrong("ada", tries.Browser{})
		w.wrong("bo", known)
	}
	if _, err := w.on(known, "ada", goodPass); err != nil {
		t.Errorf("ada on her browser, while strangers are locked out: %v", err)
	}
	for name, tt := range map[string]struct {
		browser  tries.Browser
		username string
	}{
		"ada elsewhere":       {tries.Browser{}, "ada"},
		"ada on bo's browser": {w.browserOf("bo"), "ada"},
		"bo on ada's browser": {known, "bo"},
	} {
		if _, err := w.on(tt.browser, tt.username, goodPass); !errors.Is(err, signin.ErrTooManyTries) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 10 {
		w.wrong("ada", known)
	}
	if _, err := w.on(known, "ada", goodPass); !errors.Is(err, signin.ErrTooManyTries) {
		t.Errorf("ada on her browser, after ten wrong passwords there: %v", err)
	}
}

// A browser is known to an account, under whatever username, and not to whoever has its username later.
func TestABrowserIsKnownToAnAccountAndNotToAUsername(t *testing.T) {
	w := newWorld(t)
	before := w.account("ada", path.Choose)
	known := w.browserOf("ada")
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.Rename(ctx, u, before.ID, "ada.before", "another Ada has come")
	})
	w.account("ada", path.Choose, func(n *account.New) { n.Email = "another.ada@example.nhs.uk" })
	for _, username := range []string{"ada", "ada.before"} {
		for range 10 {
			w.wrong(username, tries.Browser{})
		}
	}
	if _, err := w.on(known, "ada", goodPass); !errors.Is(err, signin.ErrTooManyTries) {
		t.Errorf("on the browser of who was called so before: %v", err)
	}
	if _, err := w.on(known, "ada.before", goodPass); err != nil {
		t.Errorf("on her own browser, under her new username: %v", err)
	}
}

// Guesses at names that nobody has are counted; only those at an account are events.
func TestGuessesAtNobodyAreNoEvents(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	const events = `SELECT COUNT(*) FROM event WHERE refused`
	for range 11 {
		w.wrong("ada", tries.Browser{})
	}
	if n := w.Count(events); n != 11 {
		t.Fatalf("%d events of 11 wrong passwords of an account", n)
	}
	for range 12 {
		w.wrong("nobody", tries.Browser{})
	}
	if n := w.Count(events); n != 11 {
		t.Errorf("%d events of 12 guesses at nobody", n-11)
	}
}

// While a username is locked, strangers leave a row and an event, however often they try, whether there is such an
// account or not.
func TestTriesWhileLockedLeaveARow(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	for _, username := range []string{"ada", "nobody"} {
		for range 11 {
			w.wrong(username, tries.Browser{})
		}
		before := w.rows()
		const posts = 50
		for range posts {
			w.wrong(username, tries.Browser{})
		}
		if n := w.rows() - before; n != 0 {
			t.Errorf("%s: %d rows for %d tries while locked", username, n, posts)
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM locked_try WHERE n = 51`); n != 2 {
		t.Errorf("the tries at %d usernames were counted, want 2", n)
	}
}

// rows is how many there are in the tables in which tries leave any.
func (w *world) rows() (n int64) {
	w.Helper()
	for _, table := range []string{"event", "event_detail", "event_address", "wrong_try", "locked_try", "counter"} {
		n += w.Count(`SELECT COUNT(*) FROM ` + table)
	}
	return n
}

// What was typed as a username may be a password, so that the database has only a digest of it.
func TestAnUnknownUsernameIsNotKept(t *testing.T) {
	w := newWorld(t)
	if _, err := w.in("correct horse", "wrong"); err == nil {
		t.Fatal("signed in")
	}
	if w.Count(`SELECT COUNT(*) FROM wrong_try WHERE subject LIKE 'unknown-%'`) != 1 ||
		w.Count(`SELECT COUNT(*) FROM wrong_try WHERE subject LIKE '%horse%'`) != 0 ||
		w.Count(`SELECT COUNT(*) FROM event WHERE subject_id LIKE '%horse%'`) != 0 {
		t.Error("the username is in the database")
	}
}

// A username is one in whatever case it is typed: a guesser has no tries more, and its owner none less, whether there
// is such an account or not.
func TestTriesAreOfAUsernameInAnyCase(t *testing.T) {
	w := newWorld(t)
	w.account("MSmith", path.Choose)
	if _, err := w.in("msmith", goodPass); err != nil {
		t.Fatalf("in small letters: %v", err)
	}
	known := w.browserOf("MSmith")
	for _, username := range []string{"msmith", "nobody"} {
		for try := range 10 {
			typed := username
			if try%2 == 0 {
				typed = strings.ToUpper(username)
			}
			w.wrong(typed, tries.Browser{})
		}
		for _, typed := range []string{username, strings.ToUpper(username)} {
			if _, err := w.in(typed, goodPass); !errors.Is(err, signin.ErrTooManyTries) {
				t.Errorf("%s, after ten tries in either case: %v", typed, err)
			}
		}
	}
	for _, typed := range []string{"msmith", "MSMITH", "MSmith"} {
		if _, err := w.on(known, typed, goodPass); err != nil {
			t.Errorf("%s, on the browser that knows it: %v", typed, err)
		}
	}
}
