package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// Every route refuses people who are not signed in, and people without the permission that it needs.
func TestRoutesAndTheirGuards(t *testing.T) {
	w := newWorld(t)
	in := w.browser()
	in.withPassword("ada", goodPass)
	tried := 0
	for _, route := range w.site.Routes() {
		method, pattern, _ := strings.Cut(route.Pattern, " ")
		at := strings.NewReplacer("{id}", w.ada.ID, "{outcome}", "no-position", "{$}", "", "{token}",
			"x").Replace(pattern)
		stranger := w.browser()
		stranger.movesOn()
		nobody := stranger.do(method, at, nil)
		switch {
		case route.Guard == "signed in":
			tried++
			if nobody.status != http.StatusSeeOther || nobody.location != "/" {
				t.Errorf("%s without a session: %d to %q", route.Pattern, nobody.status, nobody.location)
			}
		case strings.HasPrefix(route.Guard, "may "):
			tried++
			if nobody.status != http.StatusSeeOther || nobody.location != "/" {
				t.Errorf("%s without a session: %d to %q", route.Pattern, nobody.status, nobody.location)
			}
			if got := in.do(method, at, nil); got.status != http.StatusForbidden {
				t.Errorf("%s without the permission: %d", route.Pattern, got.status)
			}
		case route.Guard != "anyone":
			t.Errorf("%s has a guard this test does not know: %s", route.Pattern, route.Guard)
		}
		elsewhere := w.browser()
		elsewhere.Address = fmt.Sprintf("10.3.0.%d:1234", tried) // as one address may ask only so often
		if got := elsewhere.do(http.MethodDelete, at,
			nil); got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
			t.Errorf("DELETE %s: %d", at, got.status)
		}
	}
	if tried < 15 {
		t.Errorf("only %d guarded routes were tried", tried)
	}
}

func TestPasswordSignIn(t *testing.T) {
	w := newWorld(t)
	old, err := bcrypt.GenerateFromPassword([]byte(goodPass), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	w.account(account.New{
		Username:     "imported",
		FirstName:    "I",
		Email:        "i@example.nhs.uk",
		PasswordHash: string(old),
	}, path.Prepare)
	w.account(account.New{Username: "robot", Email: "robot@example.nhs.uk", Kind: account.Machine}, path.Prepare)
	w.account(account.New{Username: "late", FirstName: "L", Email: "late@example.nhs.uk"}, path.Require)
	w.account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared}, path.Choose)
	w.account(account.New{Username: "team.over", Email: "over@example.nhs.uk", Kind: account.Shared}, path.Closed)
	for _, tt := range []struct {
		name, username, plain string
		status                int
		message               string
	}{
		{"right", "ada", goodPass, http.StatusSeeOther, ""},
		{"wrong", "ada", "wrong", http.StatusUnprocessableEntity, "The username or password is not right"},
		{"no password", "ada", "", http.StatusUnprocessableEntity, "Enter your password"},
		{"no username", "", goodPass, http.StatusUnprocessableEntity, "Enter your username"},
		{"nobody", "nobody", goodPass, http.StatusUnprocessableEntity, "The username or password is not right"},
		{"a machine's", "robot", goodPass, http.StatusUnprocessableEntity, "The username or password is not right"},
		{"imported bcrypt", "imported", goodPass, http.StatusSeeOther, ""},
		{"imported bcrypt, upgraded", "imported", goodPass, http.StatusSeeOther, ""},
		{"shared in the choose phase", "team", goodPass, http.StatusSeeOther, ""},
		{"shared when it is over", "team.over", goodPass, http.StatusForbidden,
			"Shared accounts can no longer be used"},
		{"shared when it is over, wrong password", "team.over", "wrong", http.StatusUnprocessableEntity,
			"The username or password is not right"},
		{"in the require phase", "late", goodPass, http.StatusForbidden, "Your password no longer opens"},
	} {
		b := w.browser()
		got := b.withPassword(tt.username, tt.plain)
		if strings.HasPrefix(got.location, "/sign-in/") { // a page that can be gone back to
			got = b.get(got.location)
		}
		if got.status != tt.status || !strings.Contains(got.body, tt.message) ||
			b.signedIn() != (tt.status == http.StatusSeeOther) {
			t.Errorf("%s: %d, want %d with %q", tt.name, got.status, tt.status, tt.message)
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM account WHERE username = 'imported'
		AND password_hash LIKE '$argon2id$%'`); n != 1 {
		t.Error("the imported hash was not made anew")
	}
}

func TestTooManyWrongPasswordsLockForAWhile(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		w.browser().withPassword("ada", "wrong")
	}
	if w.browser().withPassword("ada", goodPass).status == http.StatusSeeOther {
		t.Fatal("the right password works after ten wrong ones")
	}
	w.clock.Advance(15 * time.Minute)
	if got := w.browser().withPassword("ada", goodPass); got.status != http.StatusSeeOther {
		t.Errorf("after the wait: %d", got.status)
	}
}

func TestWhoDoesNotComeInHasAPageOfTheirOwn(t *testing.T) {
	for name, tt := range map[string]struct {
		change   func(w *world)
		location string
		message  string
	}{
		"enters": {func(*world) {}, "/", "You are logged in with your Care Identity"},
		"no account": {func(w *world) { w.issuer.Person.Subject = "500000000099" }, "/sign-in/no-account",
			"No Directory of Services account is linked"},
		"no position":      {func(w *world) { w.issuer.Person.Roles = nil }, "/sign-in/no-position", "R8008"},
		"another activity": {func(w *world) { activity(&w.issuer.Person, "B0267") }, "/sign-in/no-position", "B0166"},
		"identity too low": {func(w *world) { w.issuer.Person.IdentityLevel = "2" }, "/sign-in/identity-low",
			"identity level 3"},
		"level as a number": {func(w *world) {
			w.issuer.Person.IdentityLevel = 3
			w.issuer.Person.AuthenticationLevel = 3
		}, "/", "You are logged in"},
		"no role chosen": {func(w *world) { w.issuer.Person.SelectedRoleID = "" }, "/", "You are logged in"},
		"no email given": {func(w *world) { w.issuer.Person.Email = "" }, "/", "You are logged in"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.link()
			tt.change(w)
			b := w.browser()
			got := b.careIdentity()
			if got.location != tt.location {
				t.Fatalf("%d to %q, want %q: %s", got.status, got.location, tt.location, got.body)
			}
			page := b.get(got.location)
			if tt.location == "/" { // the first page is the search
				if page.location != "/services" {
					t.Errorf("the first page is %d %q", page.status, page.location)
				}
				page = b.get("/services")
			}
			if !strings.Contains(page.body, tt.message) {
				t.Errorf("the page lacks %q", tt.message)
			}
			if b.signedIn() != (tt.location == "/") {
				t.Errorf("signed in: %v", b.signedIn())
			}
		})
	}
}

// Without an extract, as with the national service, the checklist is made from what people say.
func TestQuestionsStandInForTheExtract(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	const asks = "Say whether you have a Care Identity"
	if got := b.get("/"); !strings.Contains(got.body, asks) {
		t.Fatalf("the checklist does not ask: %s", got.body)
	}
	if got := b.post("/questions", "email", "same"); got.status != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "Choose an answer") {
		t.Errorf("the first question left out: %d", got.status)
	}
	login := b.post("/questions", "identity", "active", "email", "same", "access", "no-position")
	if !asksForProof(t, login.location) {
		t.Fatalf("answers: %d %s", login.status, login.body)
	}
	back := w.issuer.SignIn(t, login.location)
	back.Del("code")
	back.Set("error", "access_denied")
	if got := b.get("/signin/callback?" + back.Encode()); got.location != "/" {
		t.Fatalf("cancelled: %d to %q", got.status, got.location)
	}
	b.saysOnce(t, "You cancelled the login. Your answers have been saved.")
	if got := b.get("/"); !strings.Contains(got.body, "Ask your registration authority for the DoS") ||
		strings.Contains(got.body, asks) {
		t.Error("the checklist does not follow the answers")
	}
}

// The pages show the words of the notice where people need them.
func TestNoticeWords(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "riverside", Email: "team@example.nhs.uk", Kind: account.Shared}, path.Choose)
	team := w.browser()
	ada := w.browser()
	team.withPassword("riverside", goodPass)
	ada.withPassword("ada", goodPass)
	for _, tt := range []struct {
		b       *browser
		at      string
		message []string
	}{
		{w.browser(), "/request-account",
			[]string{"Tell us why you need access to NHS Directory of Services",
				"I currently use a shared username (provide username you currently use) and require an individual " +
					"username for MFA readiness."}},
		{team, "/request-account",
			[]string{"I currently use a shared username (riverside) and require an individual " +
				"username for MFA readiness."}},
		{ada, "/account", []string{"My Account Details", "Email Id", "Save"}},
		{w.browser(), "/help", []string{"MFA-DoS - ", "Raise a ticket", "short description",
			`href="https://cim.example/find-your-ra"`}},
		{w.browser(), "/sign-in/no-position", []string{"R8008", "B0166", `href="https://cim.example/find-your-ra"`}},
		{w.browser(), "/sign-in/identity-low", []string{`href="https://cim.example/find-your-ra"`}},
		{w.browser(), "/sign-in/account-inactive", []string{"DoS user administrator", `href="/help"`}},
	} {
		tt.b.cookies["__Host-once"] = tt.at // where it is a page about what has just happened
		page := tt.b.get(tt.at)
		for _, words := range tt.message {
			if page.status != http.StatusOK || !strings.Contains(page.body, words) {
				t.Errorf("%s: %d, lacks %q", tt.at, page.status, words)
			}
		}
	}
}

// An administrator undoes a link and lets people link by email, and may do neither without a reason or
// the permission.
func TestAdministratorsPages(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username:  "admin",
		FirstName: "Priya",
		Email:     "priya@example.nhs.uk",
		Grants:    account.Everywhere.Of(account.ManageUsers, account.ReviewLinks),
	}, path.Choose)
	bo := w.account(account.New{
		Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk", EmailProved: true,
	}, path.Closed)
	w.link()
	admin := w.browser()
	admin.withPassword("admin", goodPass)
	at := "/users/" + w.ada.ID
	if page := admin.get(at); !strings.Contains(page.body, "Undo the link") {
		t.Fatal("the undo is not offered")
	}
	if got := admin.post(at+"/unlink", "reason", " "); got.status != http.StatusUnprocessableEntity ||
		!w.linked(w.ada.ID) {
		t.Errorf("without a reason: %d", got.status)
	}
	if got := admin.post(at+"/unlink", "reason", "the wrong person"); got.location != at || w.linked(w.ada.ID) {
		t.Errorf("undo: %d", got.status)
	}
	if page := admin.get(at); !strings.Contains(page.body, "Give this code to the person") {
		t.Error("the undo gives no code to link again")
	}
	if page := admin.get("/users/" + bo.ID); !strings.Contains(page.body, "Let them link without their password") {
		t.Error("linking without the password is not offered")
	}
	code := admin.makeCode(bo.ID)
	if page := admin.get("/users/" + bo.ID); strings.Contains(page.body, code) {
		t.Error("the code is shown twice")
	}
	w.issuer.Person.Subject = "500000000099"
	w.issuer.Person.Email = "bo@example.nhs.uk"
	b := w.browser()
	b.careIdentity()
	w.issuer.Person.Name = "Bo Example"
	w.issuer.Person.GivenName = "Bo"
	if got := b.post("/link/claim", "username", "bo", "password", ""); got.status != http.StatusUnprocessableEntity {
		t.Errorf("claim without a password: %d", got.status)
	}
	b.get("/sign-in/no-account")
	for _, wrong := range []string{"BCDF2345", ""} {
		got := b.post("/link/code", "username", "bo", "code", wrong)
		if got.status != http.StatusUnprocessableEntity || strings.Contains(got.body, "bo@example.nhs.uk") {
			t.Errorf("code %q: %d", wrong, got.status)
		}
	}
	to := b.post("/link/code", "username", "bo", "code", code).location
	if got := b.get("/signin/callback?" + w.issuer.SignIn(t, to).Encode()); got.location != "/link/confirm" {
		t.Fatalf("claim with a relink code: %d %s", got.status, got.body)
	}
	if got := b.post("/link/confirm", "code", w.code("bo@example.nhs.uk")); got.location != "/linked" ||
		!w.linked(bo.ID) {
		t.Errorf("link with a relink code: %d", got.status)
	}
}

// The page that says that a password no longer opens the account is no answer to a post, so that one can come back to
// where its links led from.
func TestPageOfAnEndedPasswordIsNoAnswerToAPost(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "late", FirstName: "L", Email: "late@example.nhs.uk"}, path.Require)
	b := w.browser()
	sent := b.withPassword("late", goodPass)
	if sent.status != http.StatusSeeOther {
		t.Fatalf("the post was answered with %d: %s", sent.status, sent.body)
	}
	page := b.get(sent.location)
	if page.status != http.StatusForbidden || !strings.Contains(page.body, "Your password no longer opens") ||
		webtest.Quoted(page.body) == "" {
		t.Errorf("the page says %d: %s", page.status, page.body)
	}
	if again := b.get(sent.location); again.location != "/" {
		t.Errorf("loaded again: %d, to %q", again.status, again.location)
	}
	if stranger := w.browser().get(sent.location); stranger.location != "/" {
		t.Errorf("somebody else: %d, to %q", stranger.status, stranger.location)
	}
}
