package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

const otherPass = "another horse staple"

// resets sets another password with a code, or the newest code that came, and gives the answer.
func (b *browser) resets(username, code string) page {
	b.w.Helper()
	b.post("/forgotten-password", "username", username)
	if code == "" {
		code = b.w.code(username + "@example.nhs.uk")
	}
	return b.post("/forgotten-password/code", "code", code, "password", otherPass)
}

// Somebody who forgot their password sets another one, and everybody else is out.
func TestAForgottenPassword(t *testing.T) {
	w := newWorld(t)
	before := w.browser()
	before.withPassword("ada", goodPass)
	b := w.browser()
	if got := b.resets("ada", ""); got.location != "/" {
		t.Fatalf("set: %d to %q %s", got.status, got.location, got.body)
	}
	b.get("/").mustHave(t, "Your password has been changed")
	if before.signedIn() {
		t.Error("a session of before goes on")
	}
	before.get("/").mustHave(t, "because the password of the account was changed")
	if b.withPassword("ada", goodPass); b.signedIn() {
		t.Error("the old password still works")
	}
	if b.withPassword("ada", otherPass); !b.signedIn() {
		t.Error("the new password does not work")
	}
	if n := w.Mailed("signin.password-set", "ada@example.nhs.uk"); n != 1 {
		t.Errorf("%d mails tell of it", n)
	}
}

// A stranger who locks a username does not keep its holder out, who sets another password.
func TestALockedPasswordIsSet(t *testing.T) {
	w := newWorld(t)
	stranger := w.browser()
	for range 11 {
		stranger.withPassword("ada", "wrong password here")
	}
	b := w.browser()
	if b.withPassword("ada", goodPass); b.signedIn() {
		t.Fatal("the username is not locked on other browsers")
	}
	b.resets("ada", "")
	if b.withPassword("ada", otherPass); !b.signedIn() {
		t.Error("the holder is kept out by a stranger")
	}
}

// L34, R13: nobody gets a code but whose password still opens their own account, and the pages do not tell.
func TestWhoseForgottenPasswordIsSet(t *testing.T) {
	var y tally
	w := newWorld(t)
	w.link()
	for username, n := range map[string]account.New{
		"team": {Kind: account.Shared}, "robot": {Kind: account.Machine}, "left": {}, "none": {}, "late": {}, "done": {},
	} {
		n.Username = username
		n.FirstName = "P"
		n.Email = username + "@example.nhs.uk"
		phase := map[string]path.Phase{"late": path.Require, "done": path.Closed}[username]
		if username != "late" && username != "done" {
			phase = path.Choose
		}
		a := w.account(n, phase)
		w.update(func(ctx context.Context, u *db.W) error {
			switch username {
			case "left":
				return account.Deactivate(ctx, u, a.ID, "left")
			case "none":
				return account.SetPassword(ctx, u, a.ID, "")
			}
			_, err := wave.Of(ctx, u, a.ID)
			return err
		})
	}
	nobody := w.browser()
	expected := nobody.post("/forgotten-password", "username", "nobody")
	shown := webtest.Unsealed(nobody.get("/forgotten-password/code").body)
	for _, username := range []string{"ada", "team", "robot", "left", "none", "late", "done"} {
		b := w.browser()
		got := b.post("/forgotten-password", "username", username)
		if got.location != expected.location || webtest.Unsealed(b.get("/forgotten-password/code").body) != shown {
			t.Errorf("%s: the page tells that there is such an account: %d to %q", username, got.status, got.location)
		}
		y.attack(t, username, w.Mailed("signin.password-code", username+"@example.nhs.uk") != 0)
		b.post("/forgotten-password/code", "code", "KDF7 2M9X", "password", otherPass)
	}
	if n := w.count(`SELECT COUNT(*) FROM password_by_mail`); n != 0 {
		t.Errorf("%d passwords were set", n)
	}
	y.report(t, "L34 forgotten passwords")
}

// Codes do not do twice, nor for others, nor after a link; and none is used up by a password that cannot be.
func TestCodesOfForgottenPasswords(t *testing.T) {
	var y tally
	w := newWorld(t)
	b := w.browser()
	b.post("/forgotten-password", "username", "ada")
	code := w.code("ada@example.nhs.uk")
	for _, plain := range []string{"", "short", "password1234", "ada example is me"} {
		b.post("/forgotten-password/code", "code", code, "password", plain)
		y.attack(t, "the password "+plain, w.count(`SELECT COUNT(*) FROM password_by_mail`) != 0)
	}
	other := w.browser()
	other.post("/forgotten-password", "username", "nobody")
	other.post("/forgotten-password/code", "code", code, "password", otherPass)
	y.attack(t, "on another browser", w.count(`SELECT COUNT(*) FROM password_by_mail`) != 0)
	w.link()
	b.post("/forgotten-password/code", "code", code, "password", otherPass)
	y.attack(t, "after the account was linked", w.count(`SELECT COUNT(*) FROM password_by_mail`) != 0)

	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk", EmailProved: true}, path.Choose)
	b = w.browser()
	b.post("/forgotten-password", "username", "bo")
	code = w.code("bo@example.nhs.uk")
	b.post("/forgotten-password/code", "code", code, "password", "short")
	if got := b.post("/forgotten-password/code", "code", code, "password", otherPass); got.location != "/" {
		t.Errorf("the code after a password that cannot be: %d to %q %s", got.status, got.location, got.body)
	}
	const third = "a third horse staple"
	b.post("/forgotten-password/code", "code", code, "password", third)
	y.attack(t, "twice", w.browser().withPassword("bo", third).status == http.StatusSeeOther)
	if w.browser().withPassword("bo", otherPass).status != http.StatusSeeOther {
		t.Error("the password that was set does not work")
	}
	y.report(t, "L20, L34 codes of forgotten passwords")
}

// Whoever reads the mailbox of an administrator and sets a password by it decides about nobody: not on one page of
// those who look after people, nor with a fresh proof. What concerns services is theirs.
func TestAMailedPasswordManagesNobody(t *testing.T) {
	var y tally
	w := newWorld(t)
	before := w.loggedIn("priya", append(account.Everywhere.Of(account.All()...),
		account.UserAdministrator.In(account.Everywhere)...))
	pages := []string{"/users", "/users/" + w.ada.ID, "/requests", frame.ReviewsPage, "/users/export",
		frame.BoardPage, frame.OutcomePage, frame.SimulationPage}
	for _, page := range pages {
		if got := before.get(page); got.status != http.StatusOK {
			t.Fatalf("the honest twin at %s: %d", page, got.status)
		}
	}
	b := w.browser()
	b.resets("priya", "")
	b.withPassword("priya", otherPass)
	if !b.signedIn() {
		t.Fatal("not logged in")
	}
	for _, page := range pages {
		got := b.get(page)
		y.attack(t, page, got.status == http.StatusOK)
		if !strings.Contains(got.body, "a password that was set by a code we emailed") {
			t.Errorf("%s does not say why: %d %s", page, got.status, got.body)
		}
	}
	b.post("/account/prove", "password", otherPass)
	for act, typed := range map[string][]string{
		"deactivate": {"reason", "test"},
		"relink":     {},
		"groups":     {"group", "searchOnly", "scope", "everywhere"},
	} {
		b.post("/users/"+w.ada.ID+"/"+act, typed...)
	}
	n := w.count(`SELECT COUNT(*) FROM account WHERE id = $1 AND active AND relink_digest IS NULL`, w.ada.ID)
	y.attack(t, "acts on an account", n != 1)
	b.get("/services").mustHave(t, "Users", "Requests")
	y.report(t, "powers of a mailed password")
}

// R3: whoever reads the mailbox alone cannot link the account by a password that they set with it.
func TestAMailedPasswordDoesNotLink(t *testing.T) {
	var y tally
	w := newWorld(t)
	b := w.browser()
	b.resets("ada", "")
	b.withPassword("ada", otherPass)
	if !b.signedIn() {
		t.Fatal("not logged in")
	}
	to := b.careIdentity()
	y.attack(t, "by a session", to.location == "/link/confirm")
	b.get(to.location).mustHave(t, "You need a code from your administrator")
	stranger := w.browser()
	stranger.careIdentity()
	y.attack(t, "by typing it", stranger.claim("ada", otherPass).location == "/link/confirm")
	y.report(t, "R3 mailed passwords")
	got := stranger.post("/link/code", "username", "ada", "code", w.administrator().makeCode(w.ada.ID))
	if !strings.HasPrefix(got.location, w.issuer.Name) {
		t.Errorf("with a code of an administrator: %d %s", got.status, got.body)
	}
}

// L34: a walk over every form of the site that takes a password: that of a linked account opens nothing at any.
func TestNoFormTakesThePasswordOfALinkedAccount(t *testing.T) {
	var y tally
	w := newWorld(t)
	w.link()
	taken := map[string]bool{}
	for _, route := range w.site.Routes() {
		method, at, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodPost || strings.Contains(at, "{") || !takesPassword(w, at) {
			continue
		}
		taken[at] = true
		b := w.underWay(at, "10.9.9.9:1")
		if b == nil {
			b = w.browser()
		}
		b.post(at, "username", "ada", "password", goodPass, "code", "KDF7 2M9X")
		y.attack(t, at, b.signedIn() || w.sessions(w.ada.ID) != 0 ||
			w.count(`SELECT COUNT(*) FROM account WHERE id = $1 AND password_hash <> ''`, w.ada.ID) != 0)
	}
	for _, at := range []string{"/sign-in", "/link/claim", "/account/prove", "/forgotten-password/code"} {
		if !taken[at] {
			t.Errorf("the walk did not come to %s", at)
		}
	}
	y.report(t, "L34 forms that take a password")
}

// takesPassword reports whether a form has a field for a password.
func takesPassword(w *world, at string) bool {
	for _, sent := range w.site.Routes() {
		if _, path, _ := strings.Cut(sent.Pattern, " "); path == at && sent.Form {
			return hasPassword(sent)
		}
	}
	return false
}

func hasPassword(route web.Route) bool {
	return strings.Contains(strings.Join(route.Fields, " "), "password")
}
