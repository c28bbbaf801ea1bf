package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// In Prepare nothing is asked; in Choose every page asks to link until that is put off; in Require every page says how
// many days are left, on the last one nothing can be changed, and then the door is shut. An exception opens it for 24
// hours as in Choose.
func TestDaysOnPages(t *testing.T) {
	w := newWorld(t)
	id := w.Wave(wave.Wave{Name: "days", Phase: path.Prepare, Allowance: 2})
	of := w.Account(account.New{Username: "dora", FirstName: "Dora", Email: "dora@example.nhs.uk", PasswordHash: w.Hash,
		Grants: account.Everywhere.Of(account.ManageUsers)}, id)
	in := func() *browser {
		b := w.browser()
		b.withPassword("dora", goodPass)
		return b
	}
	says := func(b *browser, at, text string, want bool) {
		t.Helper()
		if has := strings.Contains(webtest.Text(b.get(at).body), text); has != want {
			t.Errorf("%s says %q: %v, want %v", at, text, has, want)
		}
	}
	dora := in()
	phase := func(to path.Phase) {
		w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, id, to, "test") })
		w.clock.Advance(time.Hour)
	}
	const strip = "You will soon log in with your Care Identity alone."
	says(dora, "/services", strip, false)
	phase(path.Choose)
	dora = in()
	says(dora, "/services", strip, true)
	dora.get("/services").mustHave(t, `href="/checklist"`)
	says(dora, "/checklist", "You can put that off on 2 more days that you work.", true)
	if got := dora.post("/checklist/later"); got.status != http.StatusSeeOther {
		t.Fatalf("put off: %d", got.status)
	}
	says(dora, "/checklist", "You are not asked again", true)
	says(dora, "/services", strip, false)
	w.clock.Advance(25 * time.Hour)
	says(in(), "/services", strip, true)

	phase(path.Require)
	dora = in()
	says(dora, "/services", "Your password works on 2 days that you work, today among them.", true)
	says(dora, "/checklist", "Your password stops working once you have worked on 2 days", true)
	says(dora, "/checklist", "On the last one you can only look. From a day that we will tell you", true)
	if strings.Contains(dora.get("/services").body, `href="/link"`) {
		t.Error("whoever may lack something is led to link")
	}
	says(dora, "/users/"+of.ID, "passwords open an account on a few more days of work", true)
	if got := dora.get("/users"); got.status != http.StatusOK {
		t.Errorf("users on the first day: %d", got.status)
	}
	w.clock.Advance(24 * time.Hour)
	dora = in()
	says(dora, "/services", "This is the last day on which your password works", true)
	if got := dora.get("/users"); got.status != http.StatusForbidden ||
		!strings.Contains(got.body, "you can look but change nothing") {
		t.Errorf("users on the last day: %d", got.status)
	}
	if got := dora.get("/link"); got.status != http.StatusOK {
		t.Errorf("linking on the last day: %d", got.status)
	}
	w.clock.Advance(24 * time.Hour)
	b := w.browser()
	if got := b.withPassword("dora", goodPass); got.location != "/sign-in/care-identity-required" {
		t.Errorf("after the last day: %d %q", got.status, got.location)
	}
	given := exception.Office{DB: w.DB, Post: w.Post}.Give(t.Context(), actor.ForCommand("test"), of.ID, "On call")
	w.Must(given)
	dora = in()
	says(dora, "/services", "This is the last day", false)
	if got := dora.get("/users"); got.status != http.StatusOK {
		t.Errorf("users under an exception: %d", got.status)
	}
	w.clock.Advance(24*time.Hour + time.Minute)
	if got := w.browser().withPassword("dora", goodPass); got.location != "/sign-in/care-identity-required" {
		t.Errorf("after the exception: %d %q", got.status, got.location)
	}
	if dora.signedIn() {
		t.Error("a session of the exception goes on after it")
	}
}
