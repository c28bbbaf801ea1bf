package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/once"
	"signpost/internal/platform/relying/relyingtest"
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
		nobody := w.browser().do(method, at, nil)
		switch {
		case route.Guard == "signed in":
			tried++
			if nobody.status != http.StatusSeeOther || nobody.location != "/?signed-out=1" {
				t.Errorf("%s without a session: %d to %q", route.Pattern, nobody.status, nobody.location)
			}
		case strings.HasPrefix(route.Guard, "may "):
			tried++
			if nobody.status != http.StatusSeeOther || nobody.location != "/?signed-out=1" {
				t.Errorf("%s without a session: %d to %q", route.Pattern, nobody.status, nobody.location)
			}
			if got := in.do(method, at, nil); got.status != http.StatusForbidden {
				t.Errorf("%s without the permission: %d", route.Pattern, got.status)
			}
		case route.Guard != "anyone":
			t.Errorf("%s has a guard this test does not know: %s", route.Pattern, route.Guard)
		}
		if got := w.browser().do(http.MethodDelete, at,
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
	w.account(account.New{Username: "robot", Email: "robot@example.nhs.uk", WebServiceOnly: true}, path.Prepare)
	w.account(account.New{Username: "late", FirstName: "L", Email: "late@example.nhs.uk"}, path.Require)
	w.account(account.New{Username: "team", Email: "team@example.nhs.uk", Shared: true}, path.Choose)
	w.account(account.New{Username: "team.over", Email: "over@example.nhs.uk", Shared: true}, path.Closed)
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

func activity(p *relyingtest.Person, code string) {
	p.Roles = []map[string]any{{"person_orgid": "1", "person_roleid": "2", "org_code": "Z99Z9",
		"role_name": `"a":"b":"c"`, "role_code": "S8001:G8002:R8008", "activity_codes": []string{code}}}
}

func TestProviderLogoutEndsItsSessionOnce(t *testing.T) {
	w := newWorld(t)
	w.link()
	first := w.browser()
	other := w.browser()
	first.careIdentity()
	w.issuer.Person.SID = "another sign-in"
	other.careIdentity()
	if !first.signedIn() || !other.signedIn() {
		t.Fatal("not signed in")
	}
	token := w.issuer.LogoutToken(t, clientID, w.issuer.Person.Subject, "session-of-ada", nil)
	if got := w.browser().post("/backchannel-logout", "logout_token", token); got.status != http.StatusOK {
		t.Fatalf("logout: %d %s", got.status, got.body)
	}
	if first.signedIn() || !other.signedIn() {
		t.Errorf("after logout of one sign-in: its session %v, the other %v", first.signedIn(), other.signedIn())
	}
	var y tally
	y.attack(t, "replayed", w.browser().post("/backchannel-logout", "logout_token", token).status == http.StatusOK)
	y.attack(t, "nonsense", w.browser().post("/backchannel-logout", "logout_token", "x.y.z").status == http.StatusOK)
	y.attack(t, "for another client", w.browser().post("/backchannel-logout", "logout_token",
		w.issuer.LogoutToken(t, "other", w.issuer.Person.Subject, "another sign-in", nil)).status == http.StatusOK)
	if !other.signedIn() {
		t.Error("a refused logout token ended a session")
	}
	y.report(t, "logout tokens")
}

// A logout ends the sessions at once; a daily sweep removes the used tokens.
func TestLogoutTokensThatAreOverAreForgotten(t *testing.T) {
	w := newWorld(t)
	logout := func() (count int64) {
		t.Helper()
		token := w.issuer.LogoutToken(t, clientID, w.issuer.Person.Subject, "session-of-ada", nil)
		if got := w.browser().post("/backchannel-logout", "logout_token", token); got.status != http.StatusOK {
			t.Fatalf("logout: %d %s", got.status, got.body)
		}
		return w.count(`SELECT COUNT(*) FROM once`)
	}
	logout()
	w.clock.Advance(time.Hour)
	if count := logout(); count != 2 {
		t.Errorf("a logout swept: %d tokens kept, want 2", count)
	}
	w.update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, once.SweepJob{}) })
	jobtest.Settle(t, w.jobs)
	if count := w.count(`SELECT COUNT(*) FROM once`); count != 1 {
		t.Errorf("after the sweep %d tokens are kept, want 1", count)
	}
}

func TestSessionEndsByIdlenessAndByTheDay(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	w.clock.Advance(14 * time.Minute)
	if !b.signedIn() {
		t.Error("signed out before 15 minutes")
	}
	w.clock.Advance(15 * time.Minute)
	if b.signedIn() {
		t.Error("signed in after 15 idle minutes")
	}
	b.withPassword("ada", goodPass)
	for range 12 * 6 {
		w.clock.Advance(10 * time.Minute)
		b.get("/")
	}
	if b.signedIn() {
		t.Error("signed in after 12 hours")
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
	if got := b.post("/questions", "identity", "active", "email", "same", "access",
		"no-position"); got.location != "/" {
		t.Fatalf("answers: %d %s", got.status, got.body)
	}
	if got := b.get("/"); !strings.Contains(got.body, "Ask your registration authority for the DoS") ||
		strings.Contains(got.body, asks) {
		t.Error("the checklist does not follow the answers")
	}
}

// Somebody who holds an account but may not link it gets a page with the reason, at an address without a code.
func TestWhoMayNotLinkHasAPageOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "early", Email: "early@example.nhs.uk"}, path.Prepare)
	w.account(account.New{Username: "team", Email: "team@example.nhs.uk", Shared: true}, path.Choose)
	w.account(account.New{Username: "desk", Email: "reception@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "second", Email: "second@example.nhs.uk"}, path.Choose)
	w.link()
	linked := w.issuer.Person.Subject
	for _, tt := range []struct{ username, subject, location, message string }{
		{"early", "500000000099", "/link/refused/too-early", "Linking has not opened for your account yet"},
		{"team", "500000000099", "/request-account?shared=1", "each person who uses it needs an account of their own"},
		{"desk", "500000000099", "/link/refused/team-mailbox", "A team’s email address cannot prove who you are"},
		{"second", linked, "/link/refused/taken", "This account or this Care Identity is linked already"},
	} {
		w.issuer.Person.Subject = tt.subject
		b := w.browser()
		if got := b.withPassword(tt.username, goodPass); got.status != http.StatusSeeOther {
			t.Fatalf("%s cannot sign in: %d", tt.username, got.status)
		}
		got := b.careIdentity()
		if got.location != tt.location {
			t.Fatalf("%s: %d to %q, want %q", tt.username, got.status, got.location, tt.location)
		}
		if page := b.get(got.location); page.status != http.StatusOK || !strings.Contains(page.body, tt.message) ||
			!strings.Contains(page.body, "<h1") {
			t.Errorf("%s: the page lacks %q", tt.username, tt.message)
		}
	}
	for _, at := range []string{"overtaken", "identity-low"} {
		b := w.browser()
		b.cookies["__Host-once"] = "/link/refused/" + at
		if page := b.get("/link/refused/" + at); page.status != http.StatusOK ||
			!strings.Contains(page.body, "Nothing was") {
			t.Errorf("%s: %d", at, page.status)
		}
	}
	early := w.browser()
	early.withPassword("early", goodPass)
	if got := early.get("/link"); got.location != "/link/refused/too-early" {
		t.Errorf("linking too early begins: %d to %q", got.status, got.location)
	}
	if got := early.get("/account"); strings.Contains(got.body, `href="/link"`) ||
		!strings.Contains(got.body, "Linking has not opened") {
		t.Error("the account page offers to link too early")
	}
}

// R2: an account is proposed by an equal, proved address and still asks for its password.
func TestCandidateIsProposedAndNotLinked(t *testing.T) {
	const proposal = "has the email address of your Care Identity"
	w := newWorld(t)
	b := w.browser()
	if got := b.careIdentity(); got.location != "/sign-in/no-account" {
		t.Fatalf("%d to %q", got.status, got.location)
	}
	if page := b.get("/sign-in/no-account"); !strings.Contains(page.body, "The account ada "+proposal) ||
		!strings.Contains(page.body, `value="ada"`) {
		t.Error("the account is not proposed")
	}
	if got := b.post("/link/claim", "username", "ada", "password",
		""); got.status != http.StatusUnprocessableEntity || w.linked(w.ada.ID) {
		t.Errorf("linked without the password: %d", got.status)
	}
	if got := b.post("/link/claim", "username", "", "password",
		goodPass); got.status != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "Enter your Directory of Services username") {
		t.Errorf("no username: %d", got.status)
	}
	if got := b.claim("ada", goodPass); got.location != "/link/confirm" {
		t.Errorf("with the password: %d", got.status)
	}
	for name, change := range map[string]func(p *relyingtest.Person){
		"drifted":    func(p *relyingtest.Person) { p.Email = "ada@oldtrust.example" },
		"unverified": func(p *relyingtest.Person) { p.EmailVerified = false },
	} {
		w := newWorld(t)
		change(&w.issuer.Person)
		b := w.browser()
		b.careIdentity()
		if page := b.get("/sign-in/no-account"); strings.Contains(page.body, proposal) ||
			strings.Contains(page.body, `value="ada"`) {
			t.Errorf("%s: an account is proposed", name)
		}
	}
}

// The pages show the words of the notice where people need them.
func TestNoticeWords(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "riverside", Email: "team@example.nhs.uk", Shared: true}, path.Choose)
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
		{w.browser(), "/help", []string{"MFA-DoS - ", "Service Now Portal", "short description",
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
		Username:    "admin",
		FirstName:   "Priya",
		Email:       "priya@example.nhs.uk",
		Permissions: []account.Permission{account.ManageUsers},
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
	if page := admin.get("/users/" + bo.ID); !strings.Contains(page.body, "Let them link by email") {
		t.Error("linking by email is not offered")
	}
	if got := admin.post("/users/" + bo.ID + "/relink"); got.location != "/users/"+bo.ID {
		t.Fatalf("leave: %d %s", got.status, got.body)
	}
	w.issuer.Person.Subject = "500000000099"
	w.issuer.Person.Email = "bo@example.nhs.uk"
	b := w.browser()
	b.careIdentity()
	w.issuer.Person.Name = "Bo Example"
	w.issuer.Person.GivenName = "Bo"
	if got := b.claim("bo", ""); got.location != "/link/confirm" {
		t.Fatalf("claim with leave: %d %s", got.status, got.body)
	}
	if got := b.post("/link/confirm", "code", w.code("bo@example.nhs.uk")); got.location != "/linked" ||
		!w.linked(bo.ID) {
		t.Errorf("link with leave: %d", got.status)
	}
}

// The page that confirms a link names a change of address that somebody began, and the link cancels it (L4).
func TestPendingChangeIsShownAtTheLink(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	b.post("/account/email", "email", "attacker@example.nhs.uk")
	b.careIdentity()
	if page := b.get("/link/confirm"); !strings.Contains(page.body, "attacker@example.nhs.uk") {
		t.Error("the page does not name the change under way")
	}
}

// A sign-in as somebody else removes anything that was begun on the browser before.
func TestAnotherSignInEndsWhatWasBegun(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	b := w.begun()
	b.withPassword("bo", goodPass)
	if got := b.post("/link/confirm"); got.status != http.StatusGone || w.linked(w.ada.ID) {
		t.Errorf("the link of the one before goes on: %d", got.status)
	}
	if n := w.sessions(w.ada.ID); n != 0 {
		t.Errorf("%d sessions of the one before", n)
	}
}
