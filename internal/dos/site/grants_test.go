package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// linkTo links an account to a Care Identity of its own.
func (w *world) linkTo(a account.Account) {
	w.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: w.issuer.Name,
			Subject: "number of " + a.Username, How: "test"})
	})
}

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

// An administrator gives and takes a group on a person's page, and sees what they cannot give.
func TestGroupsAreGivenByPages(t *testing.T) {
	w := newWorld(t)
	user := w.account(account.New{Username: "user", FirstName: "Una", Email: "user@example.nhs.uk",
		Organisation: "FXX01"}, path.Choose)
	b := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	at := "/users/" + user.ID
	b.get(at).mustHave(t, "The account has no group", `href="`+at+`/groups"`)
	b.get(at+"/groups").mustHave(t, "Provider user", "At the home organisation, FXX01", "Everywhere",
		"Change the capacity of services; change the opening hours and details of services",
		"Groups that you cannot give", "Programme team", "decide when a wave of accounts moves to Care Identity")
	b.post(at+"/groups", "group", "provider-user").mustHave(t, "Choose where the group holds")
	if got := b.post(at+"/groups", "group", "provider-user", "where", "own-organisation:"); got.location != at {
		t.Fatalf("given: %d %s", got.status, got.body)
	}
	b.get(at).mustHave(t, "Provider user, at the home organisation, FXX01", "change the capacity of services",
		"Take away Provider user")
	b.post(at+"/groups", "group", "provider-user", "where", "own-organisation:").
		mustHave(t, "has this group there already")
	got := b.post(at+"/groups", "group", "programme-team", "where", "everywhere:")
	got.mustHave(t, "does not let you decide when a wave", `href="#group"`)
	if got.status != http.StatusUnprocessableEntity {
		t.Errorf("a group that they do not hold: %d", got.status)
	}
	if got := b.post(at+"/groups/take", "group", "provider-user", "where", "own-organisation:"); got.location != at {
		t.Fatalf("taken: %d %s", got.status, got.body)
	}
	b.get(at).mustHave(t, "The account has no group")
}

// A service is found by its name, to give a group for it and what is below it.
func TestAGroupForAService(t *testing.T) {
	w := newWorld(t)
	user := w.account(account.New{Username: "user", FirstName: "Una", Email: "user@example.nhs.uk"}, path.Choose)
	b := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	var service directory.Service
	w.update(func(ctx context.Context, u *db.W) (err error) {
		service, err = directory.Add(ctx, u, directory.Service{Name: "Hub of the North", Type: 17}, "")
		return err
	})
	at := "/users/" + user.ID
	b.get(at+"/groups?service=nowhere").mustHave(t, "No service has this name")
	b.get(at+"/groups?service=hub").mustHave(t, "For the service Hub of the North and all below it")
	got := b.post(at+"/groups", "service", "hub", "group", "provider-user", "where", "service:"+service.ID)
	if got.location != at {
		t.Fatalf("given: %d %s", got.status, got.body)
	}
	b.get(at).mustHave(t, "Provider user, for the service Hub of the North and all below it")
}

// Whoever cannot change an account is told why, and sees no button.
func TestWhyAnAccountCannotBeChanged(t *testing.T) {
	w := newWorld(t)
	peer := w.account(account.New{Username: "peer", FirstName: "Pia", Email: "peer@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	b := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	page := b.get("/users/" + peer.ID)
	page.mustHave(t, "This account manages users everywhere, so nobody can change it here. Its holder can give the group "+
		"up. If they have left, ask those who run the Directory of Services: they deactivate it with signpost admin account.")
	user := w.account(account.New{Username: "user", FirstName: "Una", Email: "user@example.nhs.uk"}, path.Choose)
	b.get("/users/"+user.ID+"/groups").mustHave(t, "Nothing is wider than everywhere: there they give it up themselves")
	w.linkTo(peer)
	page = b.get("/users/" + peer.ID)
	for _, lacks := range []string{"Take away", "Give a group", "Deactivate the account", "Undo the link"} {
		if strings.Contains(page.body, lacks) {
			t.Errorf("the page of a peer has %q", lacks)
		}
	}
	var y worldtest.Tally
	at := "/users/" + peer.ID
	y.Refused(t, "the page to give", b.get(at+"/groups").status != http.StatusForbidden)
	y.Refused(t, "a deactivation", b.post(at+"/deactivate", "deactivation", "left").status != http.StatusForbidden)
	y.Refused(t, "taking", b.post(at+"/groups/take", "group", "user-administrator", "where",
		"everywhere:").status != http.StatusForbidden)
	y.Refused(t, "undoing the link", b.post(at+"/unlink", "reason", "wrong").status != http.StatusForbidden)
	y.Report(t, "acts on a peer")
	w.linkTo(user)
	b.get("/users/"+user.ID).mustHave(t, "Undo the link", "You then get a code to give to them")
}

// Whoever could not give all that an account has is offered no code for its holder, and is not promised one.
func TestCodesAreOfferedToWhoGivesAll(t *testing.T) {
	w := newWorld(t)
	north := w.region("North")
	wide := w.account(account.New{Username: "wide", FirstName: "Una", Email: "wide@example.nhs.uk", Region: north,
		Grants: account.ProviderUser.In(account.Everywhere)}, path.Choose)
	admin := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	local := w.loggedIn("local", account.UserAdministrator.In(account.InRegion(north)))
	at := "/users/" + wide.ID
	admin.get(at).mustHave(t, "Make a code for them")
	if strings.Contains(local.get(at).body, "Make a code for them") {
		t.Error("a code is offered that would be refused")
	}
	var y worldtest.Tally
	y.Refused(t, "a code", local.post(at+"/relink").status != http.StatusForbidden)
	y.Report(t, "codes for accounts that may do more")
	w.linkTo(wide)
	local.get(at).mustHave(t, "they need a code of an administrator who looks after a wider area")
}

func TestAccountsAreDeactivatedByPages(t *testing.T) {
	w := newWorld(t)
	user := w.account(account.New{Username: "user", FirstName: "Una", Email: "user@example.nhs.uk"}, path.Choose)
	b := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	other := w.loggedIn("other", account.UserAdministrator.In(account.Everywhere))
	at := "/users/" + user.ID
	b.post(at+"/deactivate").mustHave(t, "Enter why the account is deactivated")
	if got := b.post(at+"/deactivate", "deactivation", "left in March"); got.location != at {
		t.Fatalf("deactivated: %d %s", got.status, got.body)
	}
	b.get(at).mustHave(t, "left in March", "You deactivated this account, so another DoS user administrator must")
	if got := b.post(at+"/reactivate", "reactivation", "a mistake"); got.status != http.StatusForbidden {
		t.Errorf("activated by the same administrator: %d", got.status)
	}
	other.get(at).mustHave(t, "left in March", "Activate the account again")
	if got := other.post(at+"/reactivate", "reactivation", "came back"); got.location != at {
		t.Errorf("activated: %d %s", got.status, got.body)
	}
	b.get(at).mustHave(t, "Deactivate the account")
}
