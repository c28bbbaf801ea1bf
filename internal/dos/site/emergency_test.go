package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web/webtest"
)

const insertEmergency = `INSERT INTO break_glass (id, account_id, issuer, subject, scope_kind, scope_id, reason, state,
	asked_at, waits_until, opened_at, ended_at) VALUES ($1, $2, 'https://cis2.example', $2, $3, $4,
	'A flood has closed the clinic.', $5, $6, $7, $6, $6)`

// emergencyOf makes a use of emergency rights of an account in a state, and gives its id.
func (w *world) emergencyOf(a account.Account, s account.Scope, state breakglass.State) string {
	w.Helper()
	id := random.ID()
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, insertEmergency, id, a.ID, string(s.Kind), s.ID, string(state), u.Now(),
			u.Now().Add(time.Hour))
		return err
	})
	return id
}

// stateFor gives the state in which a use has to be for a form of its page.
func stateFor(at string) breakglass.State {
	if strings.HasSuffix(at, "/review") {
		return breakglass.Ended
	}
	return breakglass.Waiting
}

// emergency has a clinic and two regions, Ada, who may change another service, and an administrator.
type emergency struct {
	*world
	clinic directory.Service
	ada    *browser
	admin  *browser
}

func newEmergency(t *testing.T) emergency {
	t.Helper()
	w := newWorld(t)
	e := emergency{world: w}
	w.link()
	w.update(func(ctx context.Context, u *db.W) (err error) {
		if e.clinic, err = directory.Add(ctx, u, directory.Service{Name: "Flu Clinic", Type: 13, ODSCode: "FXX01"},
			""); err != nil {
			return err
		}
		return account.AddGroup(ctx, u, w.ada.ID, account.ProviderUser, account.OwnOrganisation)
	})
	w.account(account.New{Username: "admin", FirstName: "Ann", LastName: "Admin", Email: "admin@example.nhs.uk",
		Details: account.Details{Phone: "0113 496 0001"},
		Grants:  account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	e.ada = w.browser()
	w.issuer.Person.AuthTime = w.clock.Now()
	e.ada.careIdentity()
	e.admin = w.browser()
	e.admin.Address = "198.51.100.20:1234"
	e.admin.withPassword("admin", goodPass)
	return e
}

func (e emergency) ask() page {
	return e.ada.post("/emergency-rights/ask", "where", "service:"+e.clinic.ID,
		"reason", "A flood has closed the clinic.")
}

func (e emergency) capacity() page {
	return e.ada.post("/services/"+e.clinic.ID+"/capacity", "status", "RED", "lasts", "0", "notes", "flood")
}

// From the page of a service somebody gets the right to change it, for 4 hours, under a strip on every page. What they
// did is listed, and somebody else reviews it.
func TestEmergencyRightsFromThePageOfAService(t *testing.T) {
	e := newEmergency(t)
	e.ada.get("/services/"+e.clinic.ID).mustHave(t, "/emergency-rights/ask?service="+e.clinic.ID)
	if got := e.capacity(); got.status != http.StatusForbidden {
		t.Fatalf("changed without emergency rights: %d", got.status)
	}
	e.ada.get("/emergency-rights/ask?service="+e.clinic.ID).mustHave(t, "Flu Clinic", "All services everywhere",
		"They open at once, except where", "Somebody else has to open these with you",
		"change the opening hours and details of services")
	asked := e.ask()
	use, is := strings.CutPrefix(asked.location, "/emergency-rights/")
	if !is {
		t.Fatalf("asked: %d to %q %s", asked.status, asked.location, asked.body)
	}
	for _, at := range []string{"/services", "/account", "/help", "/services/" + e.clinic.ID, "/users",
		"/nothing-here", "/services/nothing"} {
		if got := webtest.Text(e.ada.get(at).body); !strings.Contains(got, "Open until 24 November 2026 at 1pm") {
			t.Errorf("%s does not say that emergency rights are open: %s", at, got)
		}
	}
	if got := e.admin.get("/services"); strings.Contains(got.body, "signpost-banner--notice") {
		t.Error("the strip stands on pages of somebody else")
	}
	if got := e.capacity(); got.status != http.StatusSeeOther {
		t.Fatalf("with emergency rights: %d %s", got.status, got.body)
	}
	e.admin.get("/emergency-rights").mustHave(t, "Ada Example", "Flu Clinic", "/emergency-rights/"+use)
	e.admin.get("/emergency-rights/"+use).mustHave(t, "Service changed", "Flu Clinic",
		"Capacity: before Not reported, then Red: no capacity. flood", "End the emergency rights now")
	e.ada.get("/account/activity").mustHave(t, "Service changed, with emergency rights")
	e.ada.post("/account/phone", "phone", "0113 496 0000")
	e.ada.post("/emergency-rights/" + use + "/end")
	acts := e.admin.get("/emergency-rights/" + use)
	acts.mustHave(t, "2 acts, the newest first", "Their own account", "Telephone number changed")
	mustLack(t, acts, "Emergency rights ended")
	if got := e.capacity(); got.status != http.StatusForbidden ||
		!strings.Contains(webtest.Text(got.body), "Your emergency rights ended on 24 November 2026 at 9am") {
		t.Errorf("after the end: %d %s", got.status, webtest.Text(got.body))
	} else {
		got.mustHave(t, "What you typed is kept for an hour", `<a href="/held">See what you typed</a>`)
		held := e.ada.get("/held")
		held.mustHave(t, "Your emergency rights ended while you were working", "flood",
			"They ended on 24 November 2026 at 9am, before this reached us.", "/emergency-rights/ask")
		if strings.Contains(held.body, "You were logged out") || strings.Contains(held.body, "no longer logged in") {
			t.Errorf("somebody who is logged in reads that they are not: %s", webtest.Text(held.body))
		}
	}
	if got := e.ada.get("/services"); strings.Contains(got.body, "signpost-banner--notice") {
		t.Error("the strip stands there after the end")
	}
	reviewed := e.admin.post("/emergency-rights/"+use+"/review", "decision", "right", "finding",
		"I telephoned the clinic about it.")
	if reviewed.location != "/emergency-rights" {
		t.Errorf("reviewed: %d %s", reviewed.status, reviewed.body)
	}
	e.ada.get("/emergency-rights/"+use).mustHave(t, "Reviewed: right", "I telephoned the clinic about it.")
}

// While emergency rights are open their page leads to the service, and the account page says what they widen and until
// when. They promise no reports, which show people and so are not for them.
func TestOpenEmergencyRightsLeadOn(t *testing.T) {
	e := newEmergency(t)
	mustLack(t, e.ada.get("/account"), "by emergency rights")
	mustLack(t, e.ada.get("/emergency-rights/ask"), "reports")
	at := e.ask().location
	shown := e.ada.get(at)
	shown.mustHave(t, `href="/services/`+e.clinic.ID+`"`, "Go to Flu Clinic")
	mustLack(t, e.admin.get(at), "Go to Flu Clinic")
	if strings.Index(shown.body, "Go to Flu Clinic") > strings.Index(shown.body, "End the emergency rights now") {
		t.Error("the button that ends them stands before the way on")
	}
	for _, page := range []page{shown, e.ada.get("/services")} {
		mustLack(t, page, `href="/board"`)
	}
	text := webtest.Text(e.ada.get("/account").body)
	if want := "For the service Flu Clinic and all below it, by emergency rights until 24 November 2026 at 1pm change " +
		"the capacity of services"; !strings.Contains(text, want) {
		t.Errorf("the account page lacks %q: %s", want, text)
	}
	e.ada.post(at + "/end")
	mustLack(t, e.ada.get(at), "Go to Flu Clinic")
	mustLack(t, e.ada.get("/account"), "by emergency rights")
}

// Whoever can open emergency rights that wait reads so on every other page, until they are opened, declined or over.
func TestWaitingEmergencyRightsStandOnEachPage(t *testing.T) {
	e := newEmergency(t)
	const waits = "Somebody needs them now, and you can open them with them."
	outside := e.browser()
	e.account(account.New{Username: "cy", FirstName: "Cy", Email: "cy@example.nhs.uk", Organisation: "FXX02",
		Grants: account.UserAdministrator.In(account.OwnOrganisation)}, path.Choose)
	outside.Address = "198.51.100.21:1234"
	outside.withPassword("cy", goodPass)
	e.clock.Advance(11 * time.Hour)
	e.issuer.Person.AuthTime = e.clock.Now()
	e.ada.careIdentity()
	e.admin.withPassword("admin", goodPass)
	outside.withPassword("cy", goodPass)
	pages := []string{"/", "/services", "/users", "/account"}
	for _, at := range pages {
		mustLack(t, e.admin.get(at), waits)
	}
	use := e.ask().location
	for _, at := range pages {
		e.admin.get(at).mustHave(t, waits, `href="`+use+`"`)
		mustLack(t, e.ada.get(at), waits)
		mustLack(t, outside.get(at), waits)
	}
	mustLack(t, e.admin.get(use), waits)
	other := e.account(account.New{Username: "di", FirstName: "Di", Email: "di@example.nhs.uk"}, path.Choose)
	e.emergencyOf(other, account.Everywhere, breakglass.Waiting)
	e.admin.get("/services").mustHave(t, "2 people need them now", `href="/emergency-rights"`)
	e.sql(`DELETE FROM break_glass WHERE account_id = '` + other.ID + `'`)
	e.clock.Advance(time.Hour - time.Second)
	e.admin.withPassword("admin", goodPass)
	e.admin.get("/services").mustHave(t, waits)
	e.clock.Advance(time.Second)
	mustLack(t, e.admin.get("/services"), waits)
}

// Outside office hours the page names who can open the rights, with their telephone; they do so on the same address.
func TestEmergencyRightsAtNight(t *testing.T) {
	e := newEmergency(t)
	e.clock.Advance(12 * time.Hour)
	e.issuer.Person.AuthTime = e.clock.Now()
	e.ada.careIdentity()
	e.admin.withPassword("admin", goodPass)
	e.ada.get("/emergency-rights/ask").mustHave(t, "Somebody else has to open them with you now",
		"Who can open them with you", "Ann Admin", "0113 496 0001", "Telephone one of them as well.")
	at := e.ask().location
	e.ada.get(at).mustHave(t, "Somebody has to open them with you", "Ann Admin", "0113 496 0001",
		"admin@example.nhs.uk", "Withdraw what was asked for")
	e.sql(`UPDATE account SET phone = '' WHERE username = 'admin'`)
	e.ada.get(at).mustHave(t, "we have no telephone number of any of them", "We have none", "admin@example.nhs.uk")
	e.account(account.New{Username: "zoe", FirstName: "Zoe", Email: "zoe@example.nhs.uk",
		Grants:  account.UserAdministrator.In(account.Everywhere),
		Details: account.Details{Phone: "0113 496 0002"}}, path.Choose)
	both := e.ada.get(at)
	both.mustHave(t, "Telephone one of them.", "0113 496 0002", "We have none")
	if strings.Index(both.body, "zoe@example.nhs.uk") > strings.Index(both.body, "admin@example.nhs.uk") {
		t.Error("who has no telephone number stands before who has one")
	}
	if got := e.capacity(); got.status != http.StatusForbidden {
		t.Errorf("changed before somebody opened the rights: %d", got.status)
	}
	if got := e.ada.post(at + "/open"); got.status != http.StatusForbidden {
		t.Errorf("opened alone: %d", got.status)
	}
	e.admin.get(at).mustHave(t, "Do you open these rights with them?", "Decline")
	if got := e.admin.post(at + "/open"); got.location != at {
		t.Fatalf("opened: %d %s", got.status, got.body)
	}
	if got := e.capacity(); got.status != http.StatusSeeOther {
		t.Errorf("with emergency rights: %d", got.status)
	}
}

// Before somebody asks at night the page names who can open the rights: those with a number first, and for which
// places. Where nobody has given one it says so, and how to reach the service desk.
func TestWhoCanOpenIsNamedBeforeSomebodyAsks(t *testing.T) {
	e := newEmergency(t)
	var north directory.Service
	e.update(func(ctx context.Context, u *db.W) (err error) {
		north, err = directory.Add(ctx, u, directory.Service{Name: "North", Type: directory.RegionType}, "")
		return err
	})
	e.clock.Advance(12 * time.Hour)
	e.issuer.Person.AuthTime = e.clock.Now()
	e.ada.careIdentity()
	e.sql(`UPDATE account SET phone = '' WHERE username = 'admin'`)
	at := "/emergency-rights/ask?service=" + e.clinic.ID
	const nobody = "nobody who can open them has given a telephone number"
	text := webtest.Text(e.ada.get(at).body)
	for _, want := range []string{nobody, "Ann Admin: admin@example.nhs.uk (we have no telephone number)",
		"To ask the service desk for help:"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q: %s", want, text)
		}
	}
	for i := range 5 {
		name := []string{"una", "val", "wes", "xia", "yan"}[i]
		scope := account.InRegion(north.ID)
		if i == 0 {
			scope = account.Everywhere
		}
		e.account(account.New{Username: name, FirstName: name, Email: name + "@example.nhs.uk",
			Grants:  scope.Of(account.BreakGlass),
			Details: account.Details{Phone: "0113 496 001" + string(rune('0'+i))}}, path.Choose)
	}
	shown := e.ada.get(at)
	text = webtest.Text(shown.body)
	if strings.Contains(text, nobody) || strings.Contains(text, "To ask the service desk") {
		t.Errorf("says that nobody can be telephoned: %s", text)
	}
	for _, want := range []string{"Telephone one of them as well.", "There are more. The next page names them.",
		"una: una@example.nhs.uk, telephone 0113 496 0010 val",
		"xia: xia@example.nhs.uk, telephone 0113 496 0013, only for the region North"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q: %s", want, text)
		}
	}
	if strings.Contains(text, "Ann Admin") {
		t.Error("who has no number stands before one of the five who have")
	}
}

// Whoever may open emergency rights and has given no telephone number reads so where they begin, until they give one.
func TestWhoCanOpenIsAskedForATelephoneNumber(t *testing.T) {
	e := newEmergency(t)
	const asks = "they cannot telephone you"
	began := []string{"/", "/services", "/users", frame.EmergencyPage}
	for _, at := range began {
		mustLack(t, e.admin.get(at), asks)
		mustLack(t, e.ada.get(at), asks)
	}
	e.sql(`UPDATE account SET phone = '' WHERE username IN ('admin', 'ada')`)
	for _, at := range began {
		e.admin.get(at).mustHave(t, asks, `href="/account#phone"`)
		mustLack(t, e.ada.get(at), asks)
	}
	e.admin.get("/account").mustHave(t, `id="phone"`)
	mustLack(t, e.admin.get("/account"), asks)
	e.admin.post("/account/phone", "phone", "0113 496 0001")
	mustLack(t, e.admin.get("/users"), asks)
}

// A password never gets anybody there; the page says what to do.
func TestEmergencyRightsNeedACareIdentity(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk", Organisation: "FXX01",
		Grants: account.ProviderUser.In(account.OwnOrganisation)}, path.Choose)
	bo := w.browser()
	bo.withPassword("bo", goodPass)
	const says = "You logged in with a password, so you cannot ask for emergency rights."
	for _, got := range []page{bo.get("/emergency-rights/ask"),
		bo.post("/emergency-rights/ask", "where", "everywhere:", "reason", "A flood has closed the clinic.")} {
		if got.status != http.StatusForbidden || !strings.Contains(got.body, says) {
			t.Errorf("by password: %d %s", got.status, webtest.Text(got.body))
		}
	}
	bo.get("/emergency-rights").mustHave(t, says)
}

// The use of emergency rights is nothing for others: only for whoever used them and for those who look after them.
func TestWhoSeesAUseOfEmergencyRights(t *testing.T) {
	e := newEmergency(t)
	at := e.ask().location
	of := func(organisation, address string) *browser {
		username := "admin." + organisation
		e.account(account.New{Username: username, FirstName: "Cy", Email: username + "@example.nhs.uk",
			Organisation: organisation, Grants: account.UserAdministrator.In(account.OwnOrganisation)}, path.Choose)
		b := e.browser()
		b.Address = address
		b.withPassword(username, goodPass)
		return b
	}
	cy := of("FXX02", "198.51.100.21:1234")
	dee := of("FXX01", "198.51.100.22:1234")
	if got := e.admin.get(at); got.status != http.StatusOK {
		t.Errorf("an administrator of everything: %d", got.status)
	}
	if got := dee.get(at); got.status != http.StatusOK {
		t.Errorf("an administrator of the organisation of the service: %d", got.status)
	}
	dee.get(frame.EmergencyPage).mustHave(t, at)
	if got := cy.get(at); got.status != http.StatusForbidden {
		t.Errorf("an administrator of another organisation: %d", got.status)
	}
	if got := cy.get(frame.EmergencyPage); strings.Contains(got.body, at) {
		t.Error("the list shows a use that is nothing for them")
	}
}

// Each event of somebody with emergency rights has their mark, whatever it is about.
func TestEachActHasTheMark(t *testing.T) {
	e := newEmergency(t)
	use := strings.TrimPrefix(e.ask().location, "/emergency-rights/")
	e.ada.post("/account/phone", "phone", "0113 496 0000")
	e.capacity()
	for _, kind := range []audit.Kind{"account.phone-changed", "service.changed"} {
		events := e.Events(kind)
		if len(events) == 0 || events[0].Role != "break-glass "+use {
			t.Errorf("%s has no mark: %+v", kind, events)
		}
	}
}
