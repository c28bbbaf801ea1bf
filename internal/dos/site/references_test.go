package site_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/reference"
	webpage "signpost/internal/platform/web/page"
	"signpost/internal/platform/web/webtest"
)

// refusals gives the events of refusals that the reference on a page finds, or stops the test if it shows none.
func (w *world) refusals(page string) (events []audit.Entry) {
	w.Helper()
	quoted := webtest.Quoted(page)
	if quoted == "" {
		w.Fatalf("no reference: %s", webtest.Text(page))
	}
	w.View(func(ctx context.Context, r db.R) (err error) {
		events, err = audit.Refusals(ctx, r, reference.Read(quoted))
		return err
	})
	return events
}

// Whoever is not let in can quote a reference, by which the refusal itself is found.
func TestRefusalsHaveReferences(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(w *world)
		at     string
	}{
		"no account":       {func(w *world) { w.issuer.Person.Subject = "500000000099" }, "/sign-in/no-account"},
		"no position":      {func(w *world) { w.issuer.Person.Roles = nil }, "/sign-in/no-position"},
		"identity too low": {func(w *world) { w.issuer.Person.IdentityLevel = "2" }, "/sign-in/identity-low"},
		"not active": {func(w *world) {
			w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.ada.ID, "left") })
		}, "/sign-in/account-inactive"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.desk = webpage.Desk{Line: "Desk: 01632 960900, desk@a.example", Email: "desk@a.example", Telephone: "01632 960900"}
			w.makeSite()
			w.link()
			tt.change(w)
			b := w.browser()
			if got := b.careIdentity(); got.location != tt.at {
				t.Fatalf("%d to %q", got.status, got.location)
			}
			shown := b.get(tt.at).body
			if events := w.refusals(shown); len(events) != 1 || events[0].Kind != "signin.not-in" {
				t.Errorf("the reference finds %+v", events)
			}
			if n := strings.Count(shown, `"mailto:desk@a.example?`); n != 1 {
				t.Errorf("the service desk's address stands %d times on the page", n)
			}
		})
	}
}

func TestRefusedLinksAndPasswordsHaveReferences(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "desk", Email: "reception@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "late", FirstName: "L", Email: "late@example.nhs.uk"}, path.Require)
	b := w.browser()
	b.withPassword("desk", goodPass)
	got := b.careIdentity()
	if events := w.refusals(b.get(got.location).body); len(events) != 1 || events[0].Kind != "link.refused" {
		t.Errorf("a link that is refused: %+v", events)
	}
	late := w.browser()
	got = late.get(late.withPassword("late", goodPass).location)
	if events := w.refusals(got.body); len(events) != 1 || events[0].Kind != "signin.password-over" {
		t.Errorf("a password that is over: %+v", events)
	}
	w.desk = webpage.Desk{Line: "Desk: 01632 960900, desk@a.example", Email: "desk@a.example", Telephone: "01632 960900"}
	w.makeSite()
	if n := strings.Count(w.browser().get("/nowhere").body, `"mailto:desk@a.example?`); n != 1 {
		t.Errorf("the service desk's address stands %d times on the page of an error", n)
	}
	if got := b.get("/nowhere"); got.status != http.StatusNotFound || webtest.Quoted(got.body) == "" {
		t.Errorf("an address where nothing is: %s", webtest.Text(got.body))
	}
}

// Whatever is refused or fails gives a reference that the desk finds: by its event, or, where nothing is kept, such as
// of guesses at names that nobody has, by what the reference says itself. Both look the same.
func TestTheDeskFindsWhatLeavesNoEvent(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "admin", FirstName: "Priya", Email: "priya@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks),
	}, path.Choose)
	admin := w.browser()
	admin.withPassword("admin", goodPass)
	w.account(account.New{Username: "locked", FirstName: "Lo", Email: "locked@example.nhs.uk"}, path.Choose)
	for range 11 {
		w.browser().withPassword("locked", "wrong")
	}
	b := w.browser()
	for name, tt := range map[string]struct {
		page string
		says string
	}{
		"a try while locked":     {w.browser().withPassword("locked", goodPass).body, "There were too many tries"},
		"a guess at nobody":      {b.withPassword("nobody", "wrong").body, "What was entered to log in was not right"},
		"a wrong password":       {b.withPassword("ada", "wrong").body, "The username or the password was wrong"},
		"nothing at the address": {b.get("/nowhere").body, "There is no such page or record"},
		"too many codes to undo": {tooOften(w.browser()), "There were too many tries"},
	} {
		quoted := webtest.Quoted(tt.page)
		if quoted == "" {
			t.Errorf("%s: no reference: %s", name, webtest.Text(tt.page))
			continue
		}
		found := webtest.Text(admin.get("/users?q=" + url.QueryEscape(quoted)).body)
		if !strings.Contains(found, tt.says) || !strings.Contains(found, "Tell the caller") {
			t.Errorf("%s, %s: %s", name, quoted, found)
		}
	}
	if page := w.browser().post("/sign-in", "username", ""); webtest.Quoted(page.body) != "" {
		t.Error("a field that was left empty has a reference")
	}
}

// tooOften asks for more codes for nobody's link than one network may, and gives the page that says so.
func tooOften(b *browser) string { return tooOftenAt(b, "/undo-link") }

// tooOftenAt asks for codes at a page until it is refused.
func tooOftenAt(b *browser, at string) (page string) {
	for range 11 {
		page = b.post(at, "username", "nobody").body
	}
	return page
}
