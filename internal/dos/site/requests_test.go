package site_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	asking "signpost/internal/dos/request"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// region makes a region of the directory.
func (w *world) region(name string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		s, err := directory.Add(ctx, u, directory.Service{Name: name, Type: directory.RegionType}, "")
		id = s.ID
		return err
	})
	return id
}

// approver gives the browser of a user administrator of a scope.
func (w *world) approver(username string, s account.Scope) *browser {
	w.Helper()
	w.account(account.New{
		Username: username, FirstName: "Priya", LastName: "Shah", Email: username + "@example.nhs.uk",
		Grants: account.UserAdministrator.In(s),
	}, path.Choose)
	b := w.browser()
	b.withPassword(username, goodPass)
	return b
}

// requestOf gives the path of the request of an address.
func (w *world) requestOf(address string) (at string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		id, err := db.Value[string](ctx, r, `SELECT id FROM request WHERE email = $1`, address)
		at = "/requests/" + id
		return err
	})
	return at
}

// From the list to an account that opens: the administrator sees what was typed beside what Care Identity says.
func TestAnAdministratorApprovesARequest(t *testing.T) {
	w := newWorld(t)
	north := w.region("North")
	w.nia()
	w.issuer.Person.Email = "nia@oldtrust.example"
	asker := w.browser()
	asker.get("/request-account").mustHave(t, "North", "I do not know")
	asker.confirm(asked("region", north)...)
	asker.prove()
	admin := w.approver("priya", account.InRegion(north))
	list := admin.get("/requests")
	list.mustHave(t, "Outstanding User Requests", "Nia Newcomer", "North", "To decide", "Nobody")
	at := w.requestOf(newcomer)
	if page := admin.get(at); strings.Contains(page.body, "Approve") {
		t.Error("somebody who does not look at the request is offered to approve it")
	}
	if got := admin.post(at + "/look"); got.location != at {
		t.Fatalf("look: %d %s", got.status, got.body)
	}
	text := webtest.Text(admin.get(at).body)
	for _, want := range []string{
		"Name Typed Nia Newcomer Care Identity Nia Newcomer", "Email address Typed " + newcomer, "nia@oldtrust.example Differs", "FXX01", "Z99Z9 Differs",
		"500000000031", "Authenticated at level 3", "Identity checked to level 3", "Held: R8008 with B0166",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	nowhere := admin.seeing(at, "group", "provider-user")
	if got := admin.post(at+"/approve", nowhere...); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a group that holds nowhere: %d", got.status)
	}
	beyond := admin.post(at+"/approve", admin.seeing(at, "group", "programme-team", "where", "everywhere:")...)
	beyond.mustHave(t, "does not let you decide when a wave", `href="#group"`, `value="programme-team" selected`)
	if beyond.status != http.StatusUnprocessableEntity {
		t.Errorf("a group beyond one's own: %d", beyond.status)
	}
	got := admin.post(at+"/approve", admin.seeing(at, "group", "provider-user", "where", "region:"+north)...)
	if got.location != "/requests" {
		t.Fatalf("approve: %d %s", got.status, got.body)
	}
	admin.get("/requests").mustHave(t, "Nia Newcomer can log in with their Care Identity now")
	w.issuer.Person.Roles = positionsAt("FXX01") // where the account belongs
	if in := asker.careIdentity(); in.location != "/" || !asker.signedIn() {
		t.Errorf("the asker logs in: %d %q %s", in.status, in.location, in.body)
	}
	w.Must(asking.NoteEntered(t.Context(), w.DB, actor.ForJob("test", "test")))
	times := webtest.Text(admin.get("/requests/times").body)
	if !strings.Contains(times, "Region North Requests 1 Half took at most Less than a minute") {
		t.Errorf("the times by region: %s", times)
	}
	asker.get("/account").mustHave(t, "nia.newcomer")
	done := webtest.Text(admin.get("/account/activity").body)
	if !strings.Contains(done, "Request for an account approved About Request of Nia Newcomer By whom You") {
		t.Errorf("whose request was approved is not told: %s", done)
	}
}

// Who looks at a request is seen, and may be taken over; another region sees nothing of it.
func TestWhoLooksAtARequestIsShown(t *testing.T) {
	w := newWorld(t)
	north := w.region("North")
	w.browser().confirm(asked("region", north)...)
	at := w.requestOf(newcomer)
	first := w.approver("first", account.InRegion(north))
	second := w.approver("second", account.Everywhere)
	other := w.approver("other", account.InRegion(w.region("South")))
	first.post(at + "/look")
	second.get("/requests").mustHave(t, "Priya Shah, since")
	second.get(at).mustHave(t, "Looked at by Priya Shah", "Take it over")
	if got := second.post(at + "/look"); got.status != http.StatusConflict {
		t.Errorf("looked at by two: %d", got.status)
	}
	second.post(at + "/take-over")
	second.get(at).mustHave(t, "Approve")
	if got := first.post(at+"/reject", "reason", "Use another tool."); got.status != http.StatusConflict {
		t.Errorf("rejected by whoever looked before: %d", got.status)
	}
	if got := other.get(at); got.status != http.StatusNotFound {
		t.Errorf("seen from another region: %d", got.status)
	}
	if page := other.get("/requests"); strings.Contains(page.body, "Newcomer") {
		t.Error("listed in another region")
	}
	second.post(at+"/reject", "reason", "Use another tool.")
	asker := w.browser()
	asker.post(w.ownLink())
	asker.post("/request-account/code", "code", w.code(newcomer))
	asker.get("/my-request").mustHave(t, "Your request was rejected", "Use another tool.")
}

// A request with an unvalidated email says so, and cannot be approved.
func TestUnvalidatedEmail(t *testing.T) {
	w := newWorld(t)
	w.browser().post("/request-account", asked()...)
	admin := w.approver("priya", account.Everywhere)
	admin.get("/requests").mustHave(t, "(unvalidated email)")
	at := w.requestOf(newcomer)
	admin.post(at + "/look")
	page := admin.get(at)
	page.mustHave(t, "(unvalidated email)", "Reject")
	if strings.Contains(page.body, at+"/approve") {
		t.Error("it can be approved")
	}
	if got := admin.post(at+"/approve", "group", "search-only", "seen", "any"); got.status != http.StatusConflict {
		t.Errorf("approved: %d", got.status)
	}
}

// Whoever approves is offered the groups that they can give, and no others.
func TestGroupsThatWhoeverApprovesCanGive(t *testing.T) {
	w := newWorld(t)
	admin := w.approver("priya", account.Everywhere)
	var y tally
	for i, g := range account.Groups() {
		if !g.For(account.Individual) {
			continue
		}
		at := "/requests/" + w.requestToDecide(admin, i)
		offered := strings.Contains(admin.get(at).body, `<option value="`+string(g)+`">`)
		got := admin.post(at+"/approve", admin.seeing(at, "group", string(g), "where", "everywhere:")...)
		given := got.status == http.StatusSeeOther
		if given != offered {
			t.Errorf("%s: offered %v, given %v: %d", g, offered, given, got.status)
		}
		if !given {
			y.Refused(t, string(g), false)
		}
	}
	y.Report(t, "groups beyond one's own")
}

// A group by which others are let in takes a proof of a moment ago: an open browser is not enough.
func TestLettingOthersInNeedsAFreshProof(t *testing.T) {
	w := newWorld(t)
	b := w.confirmed()
	w.nia()
	b.prove()
	admin := w.approver("priya", account.Everywhere)
	at := w.requestOf(newcomer)
	admin.post(at + "/look")
	w.clock.Advance(6 * time.Minute)
	administrator := admin.seeing(at, "group", "user-administrator", "where", "everywhere")
	got := admin.post(at+"/approve", administrator...)
	if got.location != "/account/prove" || w.count(`SELECT COUNT(*) FROM account WHERE email = $1`, newcomer) != 0 {
		t.Errorf("without a proof: %d %q", got.status, got.location)
	}
}

// Somebody pastes colleagues and sees the list before anything is sent: those that can be are invited, and each other
// line stays, with what is wrong with it.
func TestInvitingColleaguesByThePage(t *testing.T) {
	w := newWorld(t)
	admin := w.approver("priya", account.Everywhere)
	got := admin.post("/requests/invite", "colleagues",
		"Nia Newcomer, "+newcomer+"\nDesk, reception@example.nhs.uk\nNobody")
	if got.location != "/requests/invite/check" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	w.Settle()
	if n := len(w.Mails.To(newcomer)); n != 0 {
		t.Fatalf("%d mails before the list was sent", n)
	}
	text := webtest.Text(admin.get("/requests/invite/check").body)
	for _, want := range []string{
		"Name Nia Newcomer Email address " + newcomer, "Send 1 invitation",
		"Line 2 What it says Desk, reception@example.nhs.uk Why not The address looks like a team’s",
		"Line 3 What it says Nobody Why not There is no email address",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	admin.get("/requests/invite?change=1").mustHave(t, "Nia Newcomer, "+newcomer, "reception@example.nhs.uk")
	admin.post("/requests/invite/send")
	left := admin.get("/requests/invite/check")
	left.mustHave(t, "1 colleague was invited.", "reception@example.nhs.uk")
	if strings.Contains(left.body, newcomer) || strings.Contains(left.body, "/requests/invite/send") {
		t.Error("a line that was used stays")
	}
	if got := admin.post("/requests/invite/send"); got.status != http.StatusGone && got.status != http.StatusConflict {
		t.Errorf("sent again: %d", got.status)
	}
	w.Settle()
	link := regexp.MustCompile(home + `(/request-account\?invitation=\S+)`).FindStringSubmatch(
		w.Mails.To(newcomer)[0].Text)[1]
	asker := w.browser()
	asker.get(link).mustHave(t, `value="Nia"`, `value="Newcomer"`, `value="`+newcomer+`"`)
	token := strings.TrimPrefix(link, "/request-account?invitation=")
	asker.confirm(append(asked(), "invitation", token)...)
	admin.get(w.requestOf(newcomer)).mustHave(t, "Invited by", "Priya Shah")
	admin.get("/requests/times").mustHave(t, "Nobody whose request was approved")
}

// A DoS lead invites colleagues and decides none of their requests; who invited somebody is told why they do not.
func TestALeadInvitesAndDoesNotDecide(t *testing.T) {
	w := newWorld(t)
	lead := w.loggedIn("lead", account.DoSLead.In(account.InRegion(w.region("North"))))
	lead.get("/services").mustHave(t, `href="/requests/invite"`, "Invite colleagues")
	lead.get("/requests/invite").mustHave(t, "an administrator who did not invite them decides each request")
	lead.post("/requests/invite", "colleagues", "Nia Newcomer, "+newcomer)
	if got := lead.post("/requests/invite/send"); got.location != "/requests/invite/check" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	link := w.linkIn(newcomer, "/request-account")
	asker := w.browser()
	asker.get(link).mustHave(t, `value="`+newcomer+`"`)
	asker.confirm(append(asked(), "invitation", strings.TrimPrefix(link, "/request-account?invitation="))...)
	at := w.requestOf(newcomer)
	for _, path := range []string{"/requests", at} {
		if got := lead.get(path); got.status != http.StatusForbidden {
			t.Errorf("the lead sees %s: %d", path, got.status)
		}
	}
	admin := w.approver("priya", account.Everywhere)
	if page := admin.get("/services").body; strings.Contains(page, `href="/requests/invite"`) {
		t.Error("who has the list of requests finds the page there, and not in the navigation too")
	}
	admin.get(at).mustHave(t, "Invited by", "Look at this request")
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE request SET invited_by = (SELECT id FROM account WHERE username = 'priya')`)
		return err
	})
	page := admin.get(at)
	page.mustHave(t, "You invited this person, so you cannot decide their request.")
	if strings.Contains(page.body, "Look at this request") {
		t.Error("a button is offered that would be refused")
	}
	if got := admin.post(at + "/look"); got.status != http.StatusForbidden {
		t.Errorf("whoever invited them looks: %d", got.status)
	}
}

// A request that came back after its approval names the groups that the account has. None is chosen, and where the
// account lets others in, an open browser is not enough.
func TestASecondApprovalNamesTheGroups(t *testing.T) {
	w := newWorld(t)
	asker := w.confirmed()
	admin := w.approver("priya", account.Everywhere)
	at := w.requestOf(newcomer)
	admin.post(at + "/look")
	admin.post(at+"/approve", admin.seeing(at, "group", "user-administrator", "where", "everywhere")...)
	asker.get("/my-request").mustHave(t, "If you cannot log in with a Care Identity", "Your account waits for you")
	w.nia()
	w.issuer.Person.Name = "Leila Haddad"
	w.issuer.Person.GivenName = "Leila"
	w.issuer.Person.FamilyName = "Haddad"
	asker.prove()
	asker.get("/my-request").mustHave(t, "is the one of Leila Haddad")
	admin.post(at + "/look")
	page := admin.get(at)
	page.mustHave(t, "DoS user administrator, everywhere", "nia.newcomer", "Approve")
	if strings.Contains(page.body, `name="group"`) {
		t.Error("a group is offered")
	}
	w.clock.Advance(6 * time.Minute)
	if got := admin.post(at+"/approve", admin.seeing(at)...); got.location != "/account/prove" {
		t.Errorf("without a proof: %d %q", got.status, got.location)
	}
	asker.post("/my-request/withdraw")
	asker.get("/my-request").mustHave(t, "Your request was withdrawn", "was deactivated")
}
