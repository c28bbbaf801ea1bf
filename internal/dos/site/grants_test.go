package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// loggedIn gives a browser of somebody with the grants, who is logged in.
func (w *world) loggedIn(username string, grants account.Grants) *browser {
	w.Helper()
	w.account(account.New{Username: username, FirstName: "Priya", Email: username + "@example.nhs.uk",
		Organisation: "ZIB", Region: "north", Grants: grants}, path.Choose)
	b := w.browser()
	b.withPassword(username, goodPass)
	return b
}

// An administrator of a region finds, sees and changes the accounts of that region and no others.
func TestAdministratorsOfARegionSeeTheirOwn(t *testing.T) {
	w := newWorld(t)
	own := w.account(account.New{Username: "own.user", FirstName: "Owen", Email: "own@example.nhs.uk",
		Region: "north"}, path.Choose)
	foreign := w.account(account.New{Username: "foreign.user", FirstName: "Fay", Email: "foreign@example.nhs.uk",
		Region: "south"}, path.Choose)
	b := w.loggedIn("regional", account.UserAdministrator.In(account.InRegion("north")))
	list := b.get("/users").body
	if !strings.Contains(list, "own.user") || strings.Contains(list, "foreign.user") {
		t.Errorf("the list is not that of the region: %s", list)
	}
	if strings.Contains(b.get("/users?q=foreign").body, "foreign.user") {
		t.Error("a search finds an account of another region")
	}
	b.get("/users/"+own.ID).mustHave(t, "own.user", "Make a code for them")
	var y worldtest.Tally
	y.Refused(t, "the page of an account of another region", b.get("/users/"+foreign.ID).status != http.StatusForbidden)
	y.Refused(t, "a code for it", b.post("/users/"+foreign.ID+"/relink").status != http.StatusForbidden)
	if w.count(`SELECT COUNT(*) FROM account WHERE relink_digest IS NOT NULL`) != 0 {
		t.Error("a code was made")
	}
	if b.makeCode(own.ID) == "" {
		t.Error("the honest twin: no code for an account of the region")
	}
	y.Report(t, "accounts of another region")
}

// The service desk sees why somebody cannot log in, and changes nothing.
func TestTheServiceDeskLooksOnly(t *testing.T) {
	w := newWorld(t)
	user := w.account(account.New{Username: "user", FirstName: "Una", Email: "user@example.nhs.uk"}, path.Choose)
	b := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	b.get("/users").mustHave(t, ">user<")
	page := b.get("/users/" + user.ID)
	page.mustHave(t, "Una")
	var y worldtest.Tally
	y.Refused(t, "a button for a code", strings.Contains(page.body, "Make a code"))
	y.Refused(t, "a code", b.post("/users/"+user.ID+"/relink").status != http.StatusForbidden)
	y.Refused(t, "links where the names differ", b.get("/users/names").status != http.StatusForbidden)
	y.Refused(t, "a link to them", strings.Contains(b.get("/users").body, "/users/names"))
	y.Report(t, "acts of the service desk")
}

// A session of an account that becomes a machine's ends.
func TestMachinesNeverUseThePages(t *testing.T) {
	w := newWorld(t)
	b := w.loggedIn("robot", nil)
	if !b.signedIn() {
		t.Fatal("the honest twin is not logged in")
	}
	w.update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE account SET web_service_only = TRUE WHERE username = 'robot'`)
	})
	if b.signedIn() {
		t.Error("a machine uses the pages")
	}
}
