package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// leila makes somebody else than Ada sit at CIS2: a colleague whose session is still there.
func (w *world) leila(proved time.Duration) {
	w.issuer.Person.Subject = "500000000018"
	w.issuer.Person.Name = "Leila Haddad"
	w.issuer.Person.GivenName = "Leila"
	w.issuer.Person.FamilyName = "Haddad"
	w.issuer.Person.Email = "leila@example.nhs.uk"
	w.issuer.Person.AuthTime = w.clock.Now().Add(-proved)
}

// asksForProof reports whether an address at CIS2 asks whoever comes there to prove themselves.
func asksForProof(t *testing.T, location string) bool {
	t.Helper()
	to, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return to.Query().Get("prompt") == "login"
}

// A colleague who proved themselves 3 minutes ago on the same computer is nobody's Care Identity to link: every
// act that binds asks for proof now, and an answer with an older one is refused.
func TestEveryActThatBindsAsksForProofNow(t *testing.T) {
	for name, begin := range map[string]func(w *world, b *browser) string{
		"by session": func(_ *world, b *browser) string {
			b.withPassword("ada", goodPass)
			return b.post("/sign-in/care-identity").location
		},
		"by claim": func(_ *world, b *browser) string {
			b.careIdentity()
			return b.post("/link/claim", "username", "ada", "password", goodPass).location
		},
		"by a relink code": func(w *world, b *browser) string {
			admin := w.browser()
			admin.withPassword("admin", goodPass)
			code := admin.makeCode(w.ada.ID)
			b.careIdentity()
			return b.post("/link/code", "username", "ada", "code", code).location
		},
	} {
		w := newWorld(t)
		w.account(account.New{
			Username: "admin", FirstName: "P", Email: "p@example.nhs.uk",
			Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks),
		}, path.Choose)
		b := w.browser()
		w.leila(3 * time.Minute)
		to := begin(w, b)
		if !asksForProof(t, to) {
			t.Errorf("%s: CIS2 is not asked for proof now: %s", name, to)
		}
		back := b.get("/signin/callback?" + w.issuer.SignIn(t, to).Encode())
		if back.status != http.StatusUnauthorized || b.get("/link/confirm").status == http.StatusOK {
			t.Errorf("%s: the session of before goes on: %d to %q", name, back.status, back.location)
		}
	}
	w := newWorld(t)
	if to := w.browser().post("/sign-in/care-identity"); asksForProof(t, to.location) {
		t.Error("coming in binds nothing, and asks for proof all the same")
	}
}

// Where the names differ, a page shows both before anything is linked, and offers another Care Identity first.
func TestTwoNamesAreShownBeforeALink(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "admin", FirstName: "Priya", LastName: "Shah", Email: "priya@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks),
	}, path.Choose)
	admin := w.browser()
	admin.withPassword("admin", goodPass)
	if page := admin.get("/users/names"); !strings.Contains(page.body, "Nobody has linked an account") {
		t.Errorf("before: %s", page.body)
	}
	ada := w.issuer.Person
	w.leila(0)
	b := w.begun()
	to := b.get("/link/confirm").location
	shown := b.get(to)
	for _, words := range []string{"Ada Example (ada)", "Leila Haddad, number ending 018",
		"No, use another Care Identity"} {
		if to != "/link/names" || !strings.Contains(webtest.Text(shown.body), words) {
			t.Errorf("%s lacks %q", to, words)
		}
	}
	if strings.Index(shown.body, "No, use another") > strings.Index(shown.body, "Yes, both are me") {
		t.Error("going on comes first")
	}
	if got := b.post("/link/confirm", "code", w.code("ada@example.nhs.uk")); got.location != "/link/names" ||
		w.linked(w.ada.ID) {
		t.Errorf("the page can be passed by: %d to %q", got.status, got.location)
	}
	w.issuer.Person = ada
	again := b.post("/link/another")
	if !asksForProof(t, again.location) {
		t.Error("another Care Identity is not proved now")
	}
	b.get("/signin/callback?" + w.issuer.SignIn(t, again.location).Encode())
	if page := b.get("/link/confirm"); !strings.Contains(webtest.Text(page.body), "Ada Example, 500000000017") {
		t.Errorf("her own Care Identity: %d to %q", page.status, page.location)
	}
	w.leila(0)
	b = w.begun()
	if got := b.post("/link/names"); got.location != "/link/confirm" {
		t.Fatalf("going on: %d %s", got.status, got.body)
	}
	if got := b.post("/link/confirm", "code", w.code("ada@example.nhs.uk")); got.location != "/linked" {
		t.Fatalf("link: %d %s", got.status, got.body)
	}
	page := admin.get("/users/names")
	if !strings.Contains(page.body, "/users/"+w.ada.ID) {
		t.Error("the list does not lead to the account")
	}
	for _, words := range []string{"Ada Example", "Leila Haddad, number ending 018", "Linked"} {
		if !strings.Contains(webtest.Text(page.body), words) {
			t.Errorf("administrators do not see %q", words)
		}
	}
}

// Whoever is locked out by a wrong link undoes it without coming in.
func TestHolderUndoesALinkWithoutComingIn(t *testing.T) {
	w := newWorld(t)
	linked := w.link()
	if page := linked.get("/linked"); !strings.Contains(page.body, `href="/undo-link"`) ||
		strings.Contains(page.body, "account page") {
		t.Error("the page after linking promises what its reader cannot do")
	}
	b := w.browser()
	if page := b.get("/"); !strings.Contains(page.body, `href="/undo-link"`) {
		t.Error("the first page does not lead there")
	}
	if got := b.post("/undo-link", "username", " "); got.status != http.StatusUnprocessableEntity {
		t.Errorf("no username: %d", got.status)
	}
	if got := b.get("/undo-link/code"); got.location != "/undo-link" {
		t.Errorf("nothing begun: %d to %q", got.status, got.location)
	}
	nobody := w.browser()
	if got := nobody.post("/undo-link", "username", "nobody"); got.location != "/undo-link/code" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := b.post("/undo-link", "username", "ada"); got.location != "/undo-link/code" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if webtest.Unsealed(b.get("/undo-link/code").body) != webtest.Unsealed(nobody.get("/undo-link/code").body) {
		t.Error("the page tells an account that is linked from one that is not there")
	}
	if got := b.post("/undo-link/code", "code", "BCDF2345"); got.status != http.StatusUnprocessableEntity ||
		!w.linked(w.ada.ID) {
		t.Errorf("a wrong code: %d", got.status)
	}
	if got := b.post("/undo-link/code", "code", w.code("ada@example.nhs.uk")); got.location != "/undo-link/done" ||
		w.linked(w.ada.ID) {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if page := b.get("/undo-link/done"); !strings.Contains(page.body, "ask your DoS user administrator") {
		t.Errorf("the page does not say what is next: %d", page.status)
	}
}

// A stranger in the same building uses up no code of a browser on which the holder logged in before.
func TestStrangersInTheSameBuildingKeepNobodyFromUndoing(t *testing.T) {
	w := newWorld(t)
	mine := w.link()
	stranger := w.browser()
	for i := range 12 {
		got := stranger.post("/undo-link", "username", "ada")
		if (got.status == http.StatusSeeOther) != (i < 10) {
			t.Errorf("ask %d of a stranger: %d", i, got.status)
		}
	}
	page := stranger.get("/undo-link")
	if !strings.Contains(page.body, `href="/undo-link/code"`) {
		t.Error("the page does not lead to where a code that was sent is typed")
	}
	if got := w.browser().post("/undo-link", "username", "ada"); got.status != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "ask in a browser in which you logged in before, on another network") {
		t.Errorf("another stranger: %d", got.status)
	}
	if got := mine.post("/undo-link", "username", "ada"); got.location != "/undo-link/code" {
		t.Fatalf("the holder: %d %s", got.status, got.body)
	}
	if got := mine.post("/undo-link/code", "another", "yes"); got.location != "/undo-link/code" {
		t.Errorf("another code: %d", got.status)
	}
	if got := mine.post("/undo-link/code", "code", w.code("ada@example.nhs.uk")); got.location != "/undo-link/done" {
		t.Errorf("the holder's code: %d %s", got.status, got.body)
	}
}

// A page that says what has happened is shown once, to whom it happened; anybody else goes to the start page.
func TestPagesOfWhatHappenedAreShownOnce(t *testing.T) {
	w := newWorld(t)
	tried := 0
	check := func(b *browser, at string) {
		t.Helper()
		tried++
		if other := w.browser().get(at); other.status != http.StatusSeeOther || other.location != "/" {
			t.Errorf("%s says its piece to anybody: %d to %q", at, other.status, other.location)
		}
		if head := b.do(http.MethodHead, at, nil); head.status != http.StatusOK {
			t.Errorf("HEAD %s: %d", at, head.status)
		}
		if page := b.get(at); page.status != http.StatusOK {
			t.Errorf("%s is not shown to whom it happened: %d", at, page.status)
		}
		if again := b.get(at); again.status != http.StatusSeeOther || again.location != "/" {
			t.Errorf("%s is shown again: %d to %q", at, again.status, again.location)
		}
	}
	w.account(account.New{Username: "early", Email: "early@example.nhs.uk"}, path.Prepare)
	early := w.browser()
	early.withPassword("early", goodPass)
	check(early, early.get("/link").location)
	check(w.link(), "/linked")
	w.issuer.Person.Roles = nil
	b := w.browser()
	check(b, b.careIdentity().location)
	out := w.browser()
	out.withPassword("early", goodPass)
	check(out, out.get(out.post("/sign-out").location).location)
	if tried != 4 {
		t.Errorf("tried %d", tried)
	}
}
