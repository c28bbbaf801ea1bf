package site_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// Somebody sees what was done with their account and in their name, in words, and nothing of anybody else's.
func TestMyActivity(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "all", FirstName: "Al", LastName: "Lead", Email: "al@example.nhs.uk", Organisation: "FXX01",
		Grants: account.Everywhere.Of(account.ManageUsers, account.EditCapacity),
	}, path.Choose)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	w.link()
	var service directory.Service
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		service, err = directory.Add(ctx, u, directory.Service{Name: "High Street Pharmacy", Type: 13, ODSCode: "FXX01"}, "")
		return err
	})
	all := w.browser()
	all.withPassword("all", goodPass)
	all.post("/services/"+service.ID+"/capacity/now", "status", "GREEN")
	all.post("/users/"+w.ada.ID+"/unlink", "reason", "not theirs")
	w.browser().withPassword("all", "wrong")

	shown := all.get("/account/activity").body
	text := webtest.Text(shown)
	for _, want := range []string{"Logged in with a password",
		"What Service changed About High Street Pharmacy By whom You",
		"Link to the Care Identity undone About Ada Example, username ada By whom You",
		"Wrong password About Your account By whom Somebody who was not logged in"} {
		if !strings.Contains(text, want) {
			t.Errorf("Al's activity lacks %q: %s", want, text)
		}
	}
	if !strings.Contains(shown, `href="/services/`+service.ID+`"`) {
		t.Error("the service is no link")
	}
	bo := w.browser()
	bo.withPassword("bo", goodPass)
	if text := webtest.Text(bo.get("/account/activity").body); strings.Contains(text, "Pharmacy") ||
		strings.Contains(text, "Ada") || !strings.Contains(text, "Logged in with a password") {
		t.Errorf("Bo's activity: %s", text)
	}
}

// A login with a Care Identity was by oneself, and a group that was given or taken away is named with its place.
func TestMyActivitySaysWhichGroupAndThatOneLoggedIn(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "all", FirstName: "Al", LastName: "Lead", Email: "al@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.Everywhere),
	}, path.Choose)
	w.link()
	all := w.browser()
	all.withPassword("all", goodPass)
	for _, at := range []string{"/groups", "/groups/take"} {
		all.post("/users/"+w.ada.ID+at, "group", string(account.ProviderUser), "where", "everywhere:")
	}
	unlinked := actor.Actor{Kind: actor.Person, ID: "555000000001"}
	w.Must(w.DB.Update(w.Context(), unlinked, func(u *db.W) error {
		return u.Record(w.Context(), audit.Event{Kind: signin.SignedIn, Subject: account.Ref(w.ada.ID),
			After: map[string]any{"how": signin.ByCareIdentity}})
	}))
	b := w.browser()
	b.careIdentity()
	text := webtest.Text(b.get("/account/activity").body)
	for _, want := range []string{"Logged in with a Care Identity About Your account By whom You",
		"By whom A Care Identity that is not linked to the account now",
		"Group given: Provider user, everywhere About Your account By whom Al Lead",
		"Group taken away: Provider user, everywhere About Your account By whom Al Lead"} {
		if !strings.Contains(text, want) {
			t.Errorf("Ada's activity lacks %q: %s", want, text)
		}
	}
}

// Fifty entries are on a page.
func TestMyActivityHasPages(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for range 60 {
		b.withPassword("ada", goodPass)
	}
	if text := webtest.Text(b.get("/account/activity").body); !strings.Contains(text, "1 to 50 of 6") {
		t.Errorf("the first page: %s", text)
	}
	if text := webtest.Text(b.get("/account/activity?page=2").body); !strings.Contains(text, "page 2 of 2") {
		t.Errorf("the second page: %s", text)
	}
}

// Somebody ends their sessions on other browsers, one or all, and nobody else's. Whoever was logged out is told.
func TestMySessions(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	browsers := map[string]*browser{}
	for _, name := range []string{"here", "home", "ward", "bo"} {
		browsers[name] = w.browser()
		username := "ada"
		if name == "bo" {
			username = "bo"
		}
		browsers[name].withPassword(username, goodPass)
	}
	ids := map[string]string{}
	for name, b := range browsers {
		ids[name], _, _ = strings.Cut(b.cookies["__Host-dos"], ".")
	}
	here := browsers["here"]
	text := webtest.Text(here.get("/account/sessions").body)
	if strings.Count(text, "Session since") != 2 || strings.Count(text, "This browser") != 1 {
		t.Errorf("Ada's sessions: %s", text)
	}
	if got := here.post("/account/sessions/" + ids["home"] + "/end"); got.location != "/account/sessions" {
		t.Errorf("ending one: %d to %q", got.status, got.location)
	}
	if browsers["home"].signedIn() || !browsers["ward"].signedIn() || !here.signedIn() {
		t.Error("not that one session was ended")
	}
	out := browsers["home"].get(browsers["home"].get("/account").location)
	if text := webtest.Text(out.body); !strings.Contains(text, "from another browser") {
		t.Errorf("the browser that was logged out reads %s", text)
	}
	var y tally
	for _, name := range []string{"bo", "here", "home"} {
		got := here.post("/account/sessions/" + ids[name] + "/end")
		y.attack(t, "ending the session of "+name, !strings.Contains(here.get(got.location).body, "Nothing changed"))
	}
	if !browsers["bo"].signedIn() || !here.signedIn() {
		t.Error("a refused form ended a session")
	}
	here.post("/account/sessions/end-others")
	if browsers["ward"].signedIn() || !here.signedIn() || !browsers["bo"].signedIn() {
		t.Error("not all other sessions of Ada's were ended, or more than those")
	}
	y.report(t, "sessions")
}

// Nobody who shares an account is shown what the others did with it, or where they are.
func TestSharedAccountsShowNobodysActivity(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "ward", Email: "ward@example.nhs.uk", Kind: account.Shared}, path.Choose)
	b := w.browser()
	b.withPassword("ward", goodPass)
	own := w.browser()
	own.withPassword("ada", goodPass)
	for _, at := range []string{"/account/activity", "/account/sessions"} {
		if got := own.get(at); got.status != http.StatusOK {
			t.Errorf("the honest twin at %s: %d", at, got.status)
		}
		got := b.get(at)
		if got.status != http.StatusForbidden || strings.Contains(got.body, "Logged in") {
			t.Errorf("a shared account at %s: %d %s", at, got.status, webtest.Text(got.body))
		}
		if strings.Contains(b.get("/account").body, fmt.Sprintf(`href=%q`, at)) {
			t.Errorf("the account page of a shared account leads to %s", at)
		}
	}
}

// My account details say what one may do and where, and who they are, and keep a telephone number.
func TestMyAccountDetails(t *testing.T) {
	w := newWorld(t)
	var region, service directory.Service
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		region, err = directory.Add(ctx, u, directory.Service{Name: "North East", Type: directory.RegionType}, "")
		w.Must(err)
		service, err = directory.Add(ctx, u, directory.Service{Name: "High Street Pharmacy", Type: 13}, "")
		return err
	})
	w.account(account.New{
		Username: "al", FirstName: "Al", LastName: "Lead", Email: "al@example.nhs.uk", Organisation: "FXX01",
		Region: region.ID, Grants: append(account.DoSLead.In(account.InRegion(region.ID)),
			account.ProviderUser.In(account.BelowService(service.ID))...),
	}, path.Choose)
	b := w.browser()
	b.withPassword("al", goodPass)
	text := webtest.Text(b.get("/account").body)
	for _, want := range []string{"Home organisation FXX01", "Region North East",
		"In the region North East change the capacity of services change the opening hours and details of services",
		"For the service High Street Pharmacy and all below it change the capacity"} {
		if !strings.Contains(text, want) {
			t.Errorf("Al's account lacks %q: %s", want, text)
		}
	}
	if got := b.post("/account/phone", "phone", "01632 960 001 ext 12"); got.location != "/account" {
		t.Errorf("saving a telephone number: %d to %q", got.status, got.location)
	}
	if n := w.count(`SELECT COUNT(*) FROM account WHERE username = 'al' AND phone = '01632 960 001 ext 12'`); n != 1 {
		t.Error("the telephone number was not kept")
	}
	refused := b.post("/account/phone", "phone", "call me")
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("what is no telephone number: %d", refused.status)
	}
	if n := w.count(`SELECT COUNT(*) FROM account WHERE username = 'al' AND phone = '01632 960 001 ext 12'`); n != 1 {
		t.Error("what is no telephone number was kept")
	}
}

// The last login is kept, by password and by Care Identity, and written once a minute at most.
func TestTheLastLoginIsKept(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	last := func() (at time.Time) {
		t.Helper()
		at, err := db.Read(w.Context(), w.DB, func(r db.R) (time.Time, error) {
			return account.LastLogin(w.Context(), r, w.ada.ID)
		})
		w.Must(err)
		return at
	}
	if !last().IsZero() {
		t.Error("somebody logged in before")
	}
	b.withPassword("ada", goodPass)
	w.link()
	w.clock.Advance(time.Hour)
	b.careIdentity()
	first := w.clock.Now()
	if !last().Equal(first) {
		t.Errorf("the last login was at %s", last())
	}
	w.clock.Advance(30 * time.Second)
	b.careIdentity()
	if !last().Equal(first) {
		t.Errorf("30 seconds later it is %s", last())
	}
	w.clock.Advance(time.Minute)
	b.careIdentity()
	if !last().Equal(w.clock.Now()) {
		t.Errorf("more than a minute later it is %s", last())
	}
}
