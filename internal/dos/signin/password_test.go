package signin_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
	"signpost/internal/platform/worldtest"
)

func imported(t *testing.T, cost int) func(n *account.New) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(goodPass), cost)
	if err != nil {
		t.Fatal(err)
	}
	return func(n *account.New) { n.PasswordHash = string(hash) }
}

func TestImportedHashIsAcceptedAndMadeAnew(t *testing.T) {
	w := newWorld(t)
	a := w.account("imported", path.Choose, imported(t, bcrypt.MinCost))
	hashed := func(like string) bool {
		return w.Count(`SELECT COUNT(*) FROM account WHERE id = $1 AND password_hash LIKE $2`, a.ID, like) == 1
	}
	if _, err := w.in("imported", "wrong"); err == nil || !hashed("$2a$%") {
		t.Fatalf("a wrong password: %v, or it changed the hash", err)
	}
	for _, time := range []string{"first", "second"} {
		if _, err := w.in("imported", goodPass); err != nil || !hashed("$argon2id$%") {
			t.Errorf("%s sign-in: %v; hash made anew: %v", time, err, hashed("$argon2id$%"))
		}
	}
	if _, err := w.in("imported", "wrong"); err == nil {
		t.Error("a wrong password works after the hash was made anew")
	}
}

// R13: whatever the reason for which a password is refused, the message is the same, here and during linking.
func TestRefusalsSayTheSame(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("robot", path.Choose, func(n *account.New) { n.Kind = account.Machine })
	w.account("imported", path.Choose, imported(t, bcrypt.MinCost))
	w.account("closed", path.Closed)
	gone := w.account("gone", path.Choose)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	moved := w.account("moved", path.Choose)
	w.settle()
	w.link(moved, "moved")
	if _, err := w.in("ada", goodPass); err != nil {
		t.Fatalf("the honest sign-in: %v", err)
	}
	if err := w.claim("ada", goodPass); err != nil {
		t.Fatalf("the honest claim: %v", err)
	}
	var y worldtest.Tally
	said := map[string][]string{}
	for _, tt := range []struct{ name, username, plain string }{
		{"no such account", "nobody", goodPass}, {"another case of letters", "ADA", "wrong"},
		{"wrong password", "ada", "wrong"},
		{"a machine's account", "robot", goodPass}, {"a deactivated account", "gone", goodPass},
		{"a linked account", "moved", goodPass},
		{"an imported account, wrong password", "imported", "wrong"},
		{"a password longer than any", "ada", strings.Repeat("x", 5000)},
	} {
		_, in := w.in(tt.username, tt.plain)
		claimed := w.claim(tt.username, tt.plain)
		y.Refused(t, tt.name, in == nil)
		y.Refused(t, tt.name+", claimed", claimed == nil)
		said["in"] = append(said["in"], in.Error())
		said["claim"] = append(said["claim"], claimed.Error())
	}
	claimed := w.claim("closed", goodPass)
	y.Refused(t, "an account whose wave is closed, claimed", claimed == nil)
	said["claim"] = append(said["claim"], claimed.Error())
	for door, all := range said {
		if slices.Sort(all); len(slices.Compact(all)) != 1 {
			t.Errorf("%s: the words tell accounts apart: %q", door, slices.Compact(all))
		}
	}
	y.Report(t, "R13, L34 passwords")
}

// R13: the time that a refusal takes reveals nothing either, because each computes one hash of every sort.
func TestRefusalsCostTheSame(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("imported", path.Choose, imported(t, bcrypt.MinCost))
	cost := func(name string) password.Checks {
		before := w.desk.Hasher.Checks()
		if _, err := w.in(name, "wrong"); err == nil {
			t.Fatal("a wrong password works")
		}
		after := w.desk.Hasher.Checks()
		return password.Checks{Own: after.Own - before.Own, Imported: after.Imported - before.Imported}
	}
	for _, name := range []string{"nobody", "ada", "imported"} {
		if got := cost(name); got != (password.Checks{Own: 1, Imported: 1}) {
			t.Errorf("%s costs %+v, want one of each", name, got)
		}
	}
}

// A wrong password is recorded with a stranger as the actor, a right one with the account's holder.
func TestEventsNameWhoWasProved(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	_, wrongError := w.in("ada", "wrong")
	_, right := w.in("ada", goodPass)
	if wrongError == nil || right != nil {
		t.Fatalf("wrong: %v, right: %v", wrongError, right)
	}
	const acted = `SELECT COUNT(*) FROM event WHERE kind = $1 AND subject_id = $2 AND actor_kind = $3`
	if w.Count(acted, "signin.password-wrong", a.ID, string(actor.Stranger)) != 1 ||
		w.Count(acted, "signin.in", a.ID, string(actor.Person)) != 1 {
		t.Error("the events do not name a stranger and then the person")
	}
}

// O21: signing in ends the session that the browser had, and no other.
func TestSignInEndsTheBrowsersOldSession(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("bo", path.Choose)
	here, err := w.in("bo", goodPass)
	w.Must(err)
	elsewhere, err := w.in("bo", goodPass)
	w.Must(err)
	_, err = w.desk.WithPassword(t.Context(), actor.Actor{Kind: actor.Stranger},
		signin.Typed{Username: "ada", Password: goodPass}, here)
	w.Must(err)
	if err := w.find(here); !is(err, fault.Unauthenticated) {
		t.Errorf("the old session of this browser: %v", err)
	}
	if err := w.find(elsewhere); err != nil {
		t.Errorf("a session elsewhere: %v", err)
	}
}

func TestPhaseDecidesWhatAPasswordOpens(t *testing.T) {
	w := newWorld(t)
	for phase, works := range map[path.Phase]bool{path.Prepare: true, path.Choose: true, path.Require: false,
		path.Closed: false} {
		for _, kind := range []account.Kind{account.Individual, account.Shared} {
			shared := kind == account.Shared
			name := string(kind) + string(rune('0'+phase))
			w.account(name, phase, func(n *account.New) { n.Kind = kind })
			_, err := w.in(name, goodPass)
			if (err == nil) != works || ended(err) == works {
				t.Errorf("phase %d, shared %v: %v", phase, shared, err)
			}
			if !works && shared != strings.Contains(err.Error(), "Shared accounts") {
				t.Errorf("phase %d, shared %v: said %v", phase, shared, err)
			}
			if _, wrongError := w.in(name, "wrong"); wrongError == nil || ended(wrongError) ||
				errors.Is(wrongError, fault.Forbidden) {
				t.Errorf("phase %d, shared %v: a wrong password is told %v", phase, shared, wrongError)
			}
		}
	}
}

// ended reports whether an error says that passwords no longer open the account.
func ended(err error) bool {
	_, is := signin.PasswordsEnded(err)
	return is
}
