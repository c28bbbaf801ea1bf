package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// Whoever answers the telephone finds what a caller reads out, in the one box that finds people too, and reads what to
// tell them.
func TestAdministratorsFindWhatWasRefused(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "admin", FirstName: "Priya", Email: "priya@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks),
	}, path.Choose)
	late := w.account(account.New{
		Username: "late", FirstName: "Li\u0301am", LastName: "O'Dowd", Email: "late@example.nhs.uk",
	}, path.Require)
	w.link()
	admin := w.browser()
	admin.withPassword("admin", goodPass)
	look := func(typed string) string { return webtest.Text(admin.get("/users?q=" + url.QueryEscape(typed)).body) }
	for _, typed := range []string{"late", "liam", "dowd", "odowd", "late@example.nhs.uk"} {
		if found := look(typed); !strings.Contains(found, "/users/"+late.ID) && !strings.Contains(found, "late") {
			t.Errorf("%q does not find the account: %s", typed, found)
		}
	}
	subject := w.issuer.Person.Subject
	grouped := subject[:4] + " " + subject[4:8] + " " + subject[8:]
	if page := admin.get("/users?q=" + url.QueryEscape(grouped)); !strings.Contains(page.body, "/users/"+w.ada.ID) {
		t.Errorf("the Care Identity number %q does not find its account", grouped)
	}
	refused := w.browser()
	shown := webtest.Quoted(refused.get(refused.withPassword("late", goodPass).location).body)
	for _, typed := range []string{shown, strings.ToLower(shown), strings.ReplaceAll(shown, " ", "-"), " " + shown} {
		found := look(typed)
		for _, want := range []string{
			"What happened", "Reference " + shown, "no longer opens the account", "Tell the caller",
			"Log in with your Care Identity", "O'Dowd, username late", "192.0.2.0/24",
		} {
			if !strings.Contains(found, want) {
				t.Errorf("%q: the page lacks %q: %s", typed, want, found)
			}
		}
	}
	if page := webtest.Text(admin.get("/users/" + late.ID).body); !strings.Contains(page, shown) ||
		!strings.Contains(page, "Tell the caller") {
		t.Errorf("the account does not show its refusal: %s", page)
	}
	if found := look(w.ReferenceOfNothing()); !strings.Contains(found, "No refusal has this reference") {
		t.Errorf("a reference of nothing: %s", found)
	}
	late2 := w.browser()
	late2.withPassword("ada", goodPass)
	if got := late2.get("/users?q=" + url.QueryEscape(shown)); got.status == http.StatusOK {
		t.Error("somebody without the permission sees what was refused")
	}
}

// Each reason why a login or a link is refused has words of its own.
func TestEveryReasonIsWordedForAdministrators(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "admin", FirstName: "Priya", Email: "priya@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks),
	}, path.Choose)
	w.account(account.New{Username: "desk", Email: "reception@example.nhs.uk"}, path.Choose)
	admin := w.browser()
	admin.withPassword("admin", goodPass)
	b := w.browser()
	b.withPassword("desk", goodPass)
	got := b.careIdentity()
	link := webtest.Quoted(b.get(got.location).body)
	w.issuer.Person.Subject = "500000000099"
	b = w.browser()
	b.careIdentity()
	login := webtest.Quoted(b.get("/sign-in/no-account").body)
	for typed, want := range map[string]string{
		link: "The email address of the account is a team's", login: "No account is linked to the Care Identity",
	} {
		found := webtest.Text(admin.get("/users?q=" + url.QueryEscape(typed)).body)
		if !strings.Contains(found, want) || strings.Contains(found, "forbidden:") {
			t.Errorf("%s: %s", typed, found)
		}
	}
}
