package site_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// needFreshProof are the forms by which an intruder would take somebody's account: its email address, its link, and
// what an administrator can do about another's.
var needFreshProof = []string{
	"POST /account/email", "POST /account/unlink", "POST /users/{id}/unlink", "POST /users/{id}/relink",
	"POST /users/{id}/exception", "POST /users/{id}/exception/decide",
	"POST /users/{id}/groups", "POST /users/{id}/groups/take", "POST /users/{id}/deactivate",
	"POST /users/{id}/reactivate", "POST /users/{id}/organisation",
	"POST /link-reviews/{id}/decide", "POST /aliases/new", "POST /aliases/{id}/sign", "POST /aliases/{id}/withdraw",
	"POST /users/{id}/merge/{other}", "POST /merges/{id}/do", "POST /merges/{id}/undo", "POST /account/merge/send",
	"POST /emergency-rights/ask", "POST /emergency-rights/{id}/open", "POST /users/{id}/shared/state",
	"POST /banners/{id}/up", "POST /waves/{id}/phase/{phase}", "POST /waves/{id}/starts/{start}/undo",
}

func TestWhichFormsNeedAFreshProof(t *testing.T) {
	w := newWorld(t)
	walk(t, w).Stale(t, func() { w.clock.Advance(6 * time.Minute) }, func(answer *httptest.ResponseRecorder) bool {
		return answer.Header().Get("Location") == "/account/prove"
	}, needFreshProof...)
}

// Whoever logged in by password types it once more. What they typed waits for that, and is sent once they saw it.
func TestAnEmailAddressWaitsForThePassword(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	bo := w.browser()
	bo.withPassword("bo", goodPass)
	w.clock.Advance(6 * time.Minute)
	if page := bo.get("/account"); !strings.Contains(page.body, `action="/account/email"`) {
		t.Error("6 minutes later the form is not there")
	}
	if got := bo.post("/account/email", "email", "new@example.nhs.uk"); got.location != "/account/prove" {
		t.Errorf("6 minutes later: %d to %q", got.status, got.location)
	}
	if page := bo.get("/account/prove"); !strings.Contains(page.body, `href="/account"`) {
		t.Errorf("no way back: %s", page.body)
	}
	if got := bo.post("/account/prove", "password", "wrong"); !strings.Contains(got.body, "Enter the password of bo") {
		t.Errorf("a wrong password: %d", got.status)
	}
	if got := bo.post("/account/prove", "password", goodPass); got.location != "/held" {
		t.Fatalf("the password: %d to %q", got.status, got.location)
	}
	if page := webtest.Text(bo.get("/held").body); !strings.Contains(page, "Check what you typed, and send it") ||
		!strings.Contains(page, "new@example.nhs.uk") {
		t.Errorf("what was typed does not wait: %s", page)
	}
	again := bo.post("/account/email", "email", "new@example.nhs.uk", "held", "yes")
	if again.location != "/account/email/code" || w.code("new@example.nhs.uk") == "" {
		t.Errorf("after the password: %d to %q", again.status, again.location)
	}
}

// Whoever logged in with their Care Identity proves it at CIS2, and comes back to the page of what they were doing.
func TestALinkIsUndoneWithAFreshProof(t *testing.T) {
	w := newWorld(t)
	w.link()
	ada := w.browser()
	w.issuer.Person.AuthTime = w.clock.Now()
	ada.careIdentity()
	w.clock.Advance(6 * time.Minute)
	got := ada.post("/account/unlink")
	if !asksForProof(t, got.location) || !w.linked(w.ada.ID) {
		t.Errorf("an undo 6 minutes later: %d to %q", got.status, got.location)
	}
	w.issuer.Person.AuthTime = w.clock.Now()
	if back := ada.get("/signin/callback?" + w.issuer.SignIn(t, got.location).Encode()); back.location != "/account" {
		t.Fatalf("proved at CIS2: %d to %q", back.status, back.location)
	}
	if page := ada.get("/account"); !strings.Contains(page.body, "Nothing has been changed yet: press the button") {
		t.Error("the page does not say that the button has to be pressed again")
	}
	if got := ada.post("/account/unlink"); got.location != "/" || w.linked(w.ada.ID) {
		t.Errorf("an undo after the proof: %d to %q", got.status, got.location)
	}
}

// An administrator who typed why a link has to be undone does not type it twice.
func TestAnAdministratorsReasonWaitsForTheProof(t *testing.T) {
	w := newWorld(t)
	w.link()
	w.account(account.New{
		Username: "al", FirstName: "Al", Email: "al@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks),
	}, path.Choose)
	al := w.browser()
	al.withPassword("al", goodPass)
	w.clock.Advance(6 * time.Minute)
	at := "/users/" + w.ada.ID + "/unlink"
	if got := al.post(at, "reason", "She left in May"); got.location != "/account/prove" || !w.linked(w.ada.ID) {
		t.Errorf("6 minutes later: %d to %q", got.status, got.location)
	}
	if page := al.get("/account/prove"); !strings.Contains(page.body, `href="/users/`+w.ada.ID+`"`) {
		t.Error("the page does not lead back to the user")
	}
	if got := al.post("/account/prove", "password", goodPass); got.location != "/held" {
		t.Fatalf("the password: %d to %q", got.status, got.location)
	}
	if page := al.get("/held"); !strings.Contains(page.body, "She left in May") {
		t.Error("the reason does not wait")
	}
	if got := al.post(at, "reason", "She left in May", "held", "yes"); got.status >= 400 || w.linked(w.ada.ID) {
		t.Errorf("after the password: %d to %q", got.status, got.location)
	}
}

// What was only chosen from what the page offered, such as a group and where it holds, waits too, and is shown in the
// words of that page.
func TestWhatWasChosenWaitsForTheProofInWords(t *testing.T) {
	w := newWorld(t)
	al := w.loggedIn("al", account.UserAdministrator.In(account.Everywhere))
	w.clock.Advance(6 * time.Minute)
	at := "/users/" + w.ada.ID + "/groups"
	_, inForm, _ := strings.Cut(al.get(at).body, `action="`+at+`"`)
	sealed := sealValue.FindStringSubmatch(inForm)
	if sealed == nil {
		t.Fatal("the page has no form")
	}
	got := al.post(at, "group", string(account.ProviderUser), "asked-group", "yes", "where", "everywhere:",
		"asked-where", "yes", "service", "",
		web.SealField, sealed[1])
	if got.location != "/account/prove" {
		t.Fatalf("6 minutes later: %d to %q", got.status, got.location)
	}
	if got := al.post("/account/prove", "password", goodPass); got.location != "/held" {
		t.Fatalf("the password: %d to %q", got.status, got.location)
	}
	page := webtest.Text(al.get("/held").body)
	for _, chosen := range []string{account.ProviderUser.Title(), "Everywhere"} {
		if !strings.Contains(page, chosen) {
			t.Errorf("it does not say %q: %s", chosen, page)
		}
	}
}

var sealValue = regexp.MustCompile(`name="` + web.SealField + `" value="([^"]*)"`)
