package signin_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// Ten wrong passwords close a username for 15 minutes, at both doors, in the same way whether there is such an account
// or not (rule R13).
func TestAUsernameIsClosedAfterTooManyTries(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("robot", path.Choose, func(n *account.New) { n.WebServiceOnly = true })
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

// What was typed as a username may be a password, so that the database has only a digest of it.
func TestAnUnknownUsernameIsNotKept(t *testing.T) {
	w := newWorld(t)
	if _, err := w.in("correct horse", "wrong"); err == nil {
		t.Fatal("signed in")
	}
	if w.Count(`SELECT COUNT(*) FROM counter WHERE subject LIKE 'unknown-%'`) != 1 ||
		w.Count(`SELECT COUNT(*) FROM counter WHERE subject LIKE '%horse%'`) != 0 ||
		w.Count(`SELECT COUNT(*) FROM event WHERE subject_id LIKE '%horse%'`) != 0 {
		t.Error("the username is in the database")
	}
}
