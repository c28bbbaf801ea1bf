package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/national/path"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// Every form belongs to the person for whom it was rendered, and to its own path, and must arrive whole. Its address
// leads to its page.
func TestFormsOfOthersAreRefused(t *testing.T) {
	walk := walk(t, newWorld(t))
	walk.Run(t)
	walk.Looks(t)
}

// No error page answers a post: loaded again, it would have the browser ask whether to send the form once more.
func TestNoErrorPageAnswersAPost(t *testing.T) { walk(t, newWorld(t)).Answers(t) }

func walk(t *testing.T, w *world) webtest.Walk {
	t.Helper()
	w.account(account.New{
		Username: "all", FirstName: "Al", Email: "al@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks, account.BreakGlass, account.EditCapacity,
			account.EditService, account.ManageWaves, account.WorkTickets,
			account.ServiceDesk),
	}, path.Choose)
	w.reception()
	browsers := 0
	return webtest.Walk{
		Site: w.site, Sealer: w.sealer(), Unsealed: []string{"POST " + portal.LogoutPath,
			"POST /reminders/{account}/{secret}" + reminder.OneClick},
		Open: func(route web.Route) (map[string]string, string) {
			b := w.browser()
			browsers++
			b.Address = fmt.Sprintf("10.0.%d.%d:1234", browsers/250, browsers%250)
			if (route.Guard != "anyone" || route.Page == "/account") && b.withPassword("all", goodPass).location != "/" {
				t.Fatal("cannot log in")
			}
			if strings.HasPrefix(route.Page, "/who-are-you") {
				b.withPassword("reception", goodPass)
			}
			w.Settle() // the mails of earlier forms make events too
			_, at, _ := strings.Cut(strings.ReplaceAll(route.Pattern, "{id}", w.ada.ID), " ")
			return b.cookies, home + at
		},
		Changed: func() int64 {
			return w.count(`SELECT COUNT(*) FROM event WHERE actor_kind <> 'job'`) +
				w.count(`SELECT COUNT(*) FROM session`) + w.count(`SELECT COUNT(*) FROM mailed_code`)
		},
	}
}

// A form that one person filled in is not saved as another's: the page says who is logged in now and who wrote it. What
// was typed waits for its author.
func TestAFormIsNotSavedAsAnothers(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk"},
		path.Choose)
	b := w.browser()
	b.withPassword("ada", goodPass)
	page := b.get("/account").body
	b.post("/sign-out")
	b.withPassword("bo", goodPass)
	got := b.post("/account/email", "email", "ada.new@example.nhs.uk", "seal", webtest.SealOf(page, "/account/email"))
	if got.location != "/another-person" {
		t.Errorf("a reload would send it again: %d to %q", got.status, got.location)
	}
	got = b.get(got.location)
	if got.status != http.StatusConflict || w.count(`SELECT COUNT(*) FROM mailed_code`) != 0 {
		t.Fatalf("saved as another's: %d", got.status)
	}
	for _, want := range []string{
		"You are logged in as <bdi>Bo Example</bdi>", "was opened by <bdi>Ada Example</bdi>", "Ada Example (ada)",
		"Nothing was changed", "typed is kept for an hour", "Continue as Bo Example", "Log out so that Ada Example can log in",
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %q: %s", want, got.body)
		}
	}
	if again := b.get("/another-person"); again.location != "/" {
		t.Errorf("it is said again: %d", again.status)
	}
	if strings.Contains(got.body, "ada.new") || strings.Contains(b.get("/held").body, "ada.new") {
		t.Error("Bo sees what Ada typed")
	}
	out := b.post("/sign-out", "seal", webtest.SealOf(got.body, "/sign-out"))
	if out.status != http.StatusSeeOther || b.signedIn() {
		t.Fatalf("the way out: %d", out.status)
	}
	if to := b.withPassword("ada", goodPass).location; to != "/held" {
		t.Errorf("Ada logs in and goes to %s", to)
	}
	if held := b.get("/held").body; !strings.Contains(held, "ada.new@example.nhs.uk") ||
		!strings.Contains(held, "Ada Example (ada)") {
		t.Errorf("what Ada typed is not kept: %s", held)
	}
	b.post("/sign-out")
	for name := range b.cookies {
		if strings.HasPrefix(name, "__Host-held-") {
			t.Error("the cookie of what is held outlives the log-out")
		}
	}
}

// The header's log-out belongs to whoever was logged in when its page was shown, and so does a login page.
func TestNobodyLogsAnotherOutOrIn(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk"},
		path.Choose)
	b := w.browser()
	front := b.get("/").body
	b.withPassword("ada", goodPass)
	adas := b.get("/account").body
	b.post("/sign-out")
	b.withPassword("bo", goodPass)
	if got := b.post("/sign-out", "seal", webtest.SealOf(adas, "/sign-out")); got.location != "/another-person" ||
		!b.signedIn() {
		t.Errorf("Ada's page logs Bo out: %d", got.status)
	}
	got := b.post("/sign-in", "username", "ada", "password", goodPass, "seal", webtest.SealOf(front, "/sign-in"))
	got = b.get(got.location)
	if got.status != http.StatusConflict || !strings.Contains(b.get("/account").body, "Bo Example") ||
		!strings.Contains(got.body, "before anybody was logged in") {
		t.Errorf("a login page from before logs Ada in beside Bo: %d %s", got.status, got.body)
	}
	stay := b.post("/session/stay", "seal", webtest.SealOf(adas, "/session/stay"))
	if stay.status == http.StatusNoContent {
		t.Error("Ada's page prolongs Bo's session")
	}
}
