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
	"signpost/internal/platform/web/webtest"
)

// The service for which a group is to hold is found by its name, and the approval comes back with it where something is
// missing.
func TestApprovingForAServiceThatIsFound(t *testing.T) {
	w := newWorld(t)
	w.confirmed()
	admin := w.approver("priya", account.Everywhere)
	var service directory.Service
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		service, err = directory.Add(ctx, u, directory.Service{Name: "Hub of the North", Type: 17}, "")
		return err
	})
	at := w.requestOf(newcomer)
	admin.post(at + "/look")
	admin.get(at+"?service=nowhere").mustHave(t, "No service has this name")
	const found = "The service Hub of the North and all below it"
	admin.get(at+"?service=hub").mustHave(t, found)
	chosen := admin.seeing(at, "service", "hub", "where", "service:"+service.ID)
	admin.post(at+"/approve", append(chosen, "group", "")...).mustHave(t, found)
	got := admin.post(at+"/approve", append(chosen, "group", "provider-user")...)
	if got.location != "/requests" {
		t.Fatalf("approved: %d %s", got.status, got.body)
	}
	if n := w.count(`SELECT COUNT(*) FROM account_grant WHERE scope_kind = 'service' AND scope_id = $1`, service.ID); n != 2 {
		t.Errorf("%d grants", n)
	}
}

// Whoever approves is warned where the Care Identity does not name the organisation that was typed.
func TestATypedOrganisationThatDiffersIsWarnedOf(t *testing.T) {
	for organisation, warned := range map[string]bool{"FXX01": false, "Z99Z9": true} {
		w := newWorld(t)
		w.nia()
		w.issuer.Person.Roles = positionsAt(organisation)
		asker := w.confirmed()
		admin := w.approver("priya", account.Everywhere)
		at := w.requestOf(newcomer)
		admin.post(at + "/look")
		const warning = "an organisation that their Care Identity does not name"
		if strings.Contains(admin.get(at).body, warning) {
			t.Errorf("%s: warned before there is a Care Identity", organisation)
		}
		asker.prove()
		if got := strings.Contains(admin.get(at).body, warning); got != warned {
			t.Errorf("%s: warned %v", organisation, got)
		}
	}
}

// Whoever was not the only one logged in on the computer puts their own Care Identity on the request, and
// administrators see both.
func TestAnotherCareIdentityOnTheRequest(t *testing.T) {
	w := newWorld(t)
	asker := w.confirmed()
	if page := asker.get("/my-request"); strings.Contains(page.body, "another Care Identity") {
		t.Error("another is offered before there is one")
	}
	w.nia()
	w.issuer.Person.Subject = "500000000077"
	w.issuer.Person.Name = "Leila Haddad"
	w.issuer.Person.GivenName = "Leila"
	w.issuer.Person.FamilyName = "Haddad"
	asker.prove()
	asker.get("/my-request").mustHave(t, "has the Care Identity of Leila Haddad", "Log in with another Care Identity")
	w.nia()
	asker.prove()
	asker.get("/my-request").mustHave(t, "has the Care Identity of Nia Newcomer")
	text := webtest.Text(w.approver("priya", account.Everywhere).get(w.requestOf(newcomer)).body)
	for _, want := range []string{"Number 500000000031", "Leila Haddad, number 500000000077"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
}

// Others in the building use up the codes for an address; a browser on which somebody logged in before has its own.
func TestAKnownBrowserHasCodesOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "reception1", Email: "reception1@example.nhs.uk"}, path.Choose)
	known := w.browser()
	known.withPassword("reception1", goodPass)
	if got := w.asksTooOften(); got.status != http.StatusUnprocessableEntity {
		t.Fatalf("asked too often: %d", got.status)
	}
	got := known.post("/request-account", asked("email", "often@example.nhs.uk")...)
	if got.location != "/request-account/code" {
		t.Errorf("on a known browser: %d %s", got.status, got.body)
	}
	if got := known.post("/request-account/code", "another", "yes"); got.status != http.StatusSeeOther {
		t.Errorf("once more: %d %s", got.status, got.body)
	}
}

// Whoever pressed "Approve" beside one Care Identity is told where the asker has put another one there meanwhile.
func TestAnApprovalIsOfWhatThePageShowed(t *testing.T) {
	w := newWorld(t)
	w.nia()
	asker := w.confirmed()
	asker.prove()
	admin := w.approver("priya", account.Everywhere)
	at := w.requestOf(newcomer)
	admin.post(at + "/look")
	looked := admin.seeing(at, "group", "search-only")
	w.issuer.Person.Subject, w.issuer.Person.Name = "500000000099", "Bob Burglar"
	asker.prove()
	got := admin.post(at+"/approve", looked...)
	if got.status != http.StatusConflict || !strings.Contains(got.body, "What you looked at has changed since") {
		t.Errorf("approved: %d %s", got.status, webtest.Text(got.body))
	}
	admin.get(at).mustHave(t, "Bob Burglar")
	if got := admin.post(at+"/approve", admin.seeing(at, "group", "search-only")...); got.location != "/requests" {
		t.Errorf("looked at again: %d %s", got.status, webtest.Text(got.body))
	}
}
