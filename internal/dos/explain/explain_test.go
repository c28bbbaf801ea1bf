package explain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/explain"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// world has accounts of every sort, and the door for passwords.
func world(t testing.TB) (*dostest.World, *signin.PasswordSignIn) {
	t.Helper()
	w := dostest.Open(t, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	w.AddWaves()
	for _, made := range []struct {
		n     account.New
		phase path.Phase
	}{
		{account.New{Username: "choose"}, path.Choose}, {account.New{Username: "early"}, path.Prepare},
		{account.New{Username: "late"}, path.Require}, {account.New{Username: "closed"}, path.Closed},
		{account.New{Username: "team", Kind: account.Shared}, path.Choose},
		{account.New{Username: "robot", Kind: account.Machine}, path.Choose},
		{account.New{Username: "left"}, path.Choose}, {account.New{Username: "linked"}, path.Choose},
		{account.New{Username: "locked"}, path.Choose},
		{account.New{Username: "retired", Kind: account.Shared}, path.Choose},
		{account.New{Username: "off", Kind: account.Shared}, path.Choose}, // retired, and its use ended
	} {
		made.n.Email = made.n.Username + "@example.nhs.uk"
		made.n.PasswordHash = w.Hash
		if made.n.Username == "linked" {
			made.n.PasswordHash = ""
		}
		a := w.Account(made.n, w.Waves[made.phase])
		switch a.Username {
		case "left":
			w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.ID, "left") })
		case "retired", "off":
			w.Update(func(ctx context.Context, u *db.W) error {
				return account.SetRetirement(ctx, u, a.ID, u.Now().Add(-time.Hour))
			})
			if a.Username == "off" {
				w.Update(func(ctx context.Context, u *db.W) error { return account.SetUse(ctx, u, a.ID, false) })
			}
		case "linked":
			link := account.Link{AccountID: a.ID, Issuer: "https://cis2", Subject: "5", How: "test"}
			w.Update(func(ctx context.Context, u *db.W) error { return account.AddLink(ctx, u, link) })
		}
	}
	door := &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	for range 10 {
		_, _ = door.WithPassword(t.Context(), stranger, signin.Typed{Username: "locked", Password: "wrong"}, "")
	}
	return w, door
}

var stranger = actor.Actor{Kind: actor.Stranger}

func explained(w *dostest.World, username string, link bool) explain.Explanation {
	w.Helper()
	e, err := db.Read(w.Context(), w.DB, func(r db.R) (explain.Explanation, error) {
		a, err := explain.Find(w.Context(), r, username)
		if err != nil || !link {
			w.Must(err)
			return explain.Login(w.Context(), r, a)
		}
		return explain.Link(w.Context(), r, a)
	})
	w.Must(err)
	return e
}

// What is explained of a password is what happens to whoever types it.
func TestExplainedLoginsAreAsTheyHappen(t *testing.T) {
	w, door := world(t)
	opened := 0
	for username, why := range map[string]string{
		"choose": "opens the account", "early": "opens the account", "team": "opens the account",
		"late": "no longer opens", "closed": "no longer used", "robot": "for a program", "left": "not active",
		"linked": "has no password", "locked": "Too many tries", "retired": "Shared accounts can no longer",
		"off": "Shared accounts can no longer",
	} {
		password := explained(w, username, false).Answers[0]
		_, err := door.WithPassword(t.Context(), stranger,
			signin.Typed{Username: username, Password: dostest.Password}, "")
		if password.Yes != (err == nil) {
			t.Errorf("%s: explained as %v, and it is %v", username, password.Yes, err)
		}
		if !strings.Contains(password.Why, why) || !password.Yes && password.Cure == "" {
			t.Errorf("%s: %+v", username, password)
		}
		if password.Yes {
			opened++
		}
	}
	if opened != 3 {
		t.Errorf("%d accounts opened: the test proves nothing", opened)
	}
}

// Each account says whether it can be linked by its password, for the reason that its holder meets.
// Emergency rights are said as long as they are open.
func TestOpenEmergencyRightsAreExplained(t *testing.T) {
	w, _ := world(t)
	says := func() bool {
		return strings.Contains(strings.Join(explained(w, "linked", false).Lines(), "\n"),
			"Emergency rights: Open until 24 November 2026 at 1pm, everywhere")
	}
	before := says()
	w.Update(func(ctx context.Context, u *db.W) error {
		a, err := account.ByUsername(ctx, u, "linked")
		if err != nil {
			return err
		}
		return widening.Open(ctx, u, widening.Widening{ID: "use", AccountID: a.ID, Subject: "5", ScopeKind: "everywhere",
			Opened: u.Now(), Ends: u.Now().Add(4 * time.Hour)})
	})
	open := says()
	w.Clock.Advance(4 * time.Hour)
	if before || !open || says() {
		t.Errorf("said before %v, while open %v, afterwards %v", before, open, says())
	}
}

func TestLinksAreExplained(t *testing.T) {
	w, _ := world(t)
	for username, why := range map[string]string{
		"choose": "", "late": "", "locked": "", "early": "has not opened", "closed": "The date is past",
		"team": "shared account", "robot": "for a program", "left": "not active", "linked": "linked already",
	} {
		answer := explained(w, username, true).Answers[0]
		if answer.Yes != (why == "") || !strings.Contains(answer.Why, why) {
			t.Errorf("%s: %+v", username, answer)
		}
	}
	text := strings.Join(explained(w, "LINKED@example.nhs.uk", true).Lines(), "\n")
	for _, want := range []string{
		"linked (linked)", "Care Identity: 5 at https://cis2", "Password: None", "Last login: Never",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q: %s", want, text)
		}
	}
}

// A link that somebody looks at, or refused, is named for as long as it stops the pair.
func TestLinkReviewsAreExplained(t *testing.T) {
	w, _ := world(t)
	says := func(want string) bool {
		return strings.Contains(strings.Join(explained(w, "choose", true).Lines(), "\n"), want)
	}
	if says("Link review") {
		t.Fatal("a review is named where there is none")
	}
	reviewer := w.Account(account.New{Username: "ruth", Email: "ruth@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ReviewLinks)}, "")
	by := actor.Actor{Kind: actor.Person, ID: reviewer.ID, Name: "Ruth Reviewer"}
	held, err := db.Write(t.Context(), w.DB, by, func(u *db.W) (review.Found, error) {
		a, err := account.ByUsername(t.Context(), u, "choose")
		w.Must(err)
		theirs := review.IdentityFacts{Issuer: "https://cis2", Subject: "500123"}
		facts := review.Facts{Account: review.FactsOf(a), CareIdentity: theirs}
		return review.Hold(t.Context(), u, a.ID, []review.Kind{review.Recycled}, facts)
	})
	w.Must(err)
	if !says("ending 123 waits for somebody to look at it since 24 November 2026") {
		t.Error("the review that waits is not named")
	}
	w.Must(w.DB.Update(t.Context(), by, func(u *db.W) error {
		seen, err := held.Case.Seen()
		w.Must(err)
		_, err = review.Decide(t.Context(), u, held.Case.ID, review.Decision{Reason: "not them", Seen: seen})
		return err
	}))
	if !says("ending 123 was refused by Ruth Reviewer and cannot be made before 1 December 2026") {
		t.Error("the refusal is not named")
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: held.Case.AccountID, Issuer: "https://cis2", Subject: "500123"})
	})
	if !says("ending 123 is not the holder’s, as Ruth Reviewer decided, but is too old to be undone") {
		t.Error("the refusal of a link that stays is not named")
	}
	w.Clock.Advance(review.GoodFor)
	if says("Link review") {
		t.Error("a refusal is named that stops nothing any more")
	}
}

// BenchmarkLogin explains a login among accounts; it is to take less than 20 ms.
func BenchmarkLogin(b *testing.B) {
	w, _ := world(b)
	for b.Loop() {
		explained(w, "choose", false)
	}
}
