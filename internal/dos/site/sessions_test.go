package site_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/once"
	"signpost/internal/platform/relying/relyingtest"
)

func activity(p *relyingtest.Person, code string) {
	p.Roles = []map[string]any{{"person_orgid": "1", "person_roleid": "2", "org_code": "Z99Z9",
		"role_name": `"a":"b":"c"`, "role_code": "S8001:G8002:R8008", "activity_codes": []string{code}}}
}

func TestProviderLogoutEndsItsSessionOnce(t *testing.T) {
	w := newWorld(t)
	w.link()
	first := w.browser()
	other := w.browser()
	first.careIdentity()
	w.issuer.Person.SID = "another sign-in"
	other.careIdentity()
	if !first.signedIn() || !other.signedIn() {
		t.Fatal("not signed in")
	}
	token := w.issuer.LogoutToken(t, clientID, w.issuer.Person.Subject, "session-of-ada", nil)
	if got := w.browser().post("/backchannel-logout", "logout_token", token); got.status != http.StatusOK {
		t.Fatalf("logout: %d %s", got.status, got.body)
	}
	if first.signedIn() || !other.signedIn() {
		t.Errorf("after logout of one sign-in: its session %v, the other %v", first.signedIn(), other.signedIn())
	}
	var y tally
	y.attack(t, "replayed", w.browser().post("/backchannel-logout", "logout_token", token).status == http.StatusOK)
	y.attack(t, "nonsense", w.browser().post("/backchannel-logout", "logout_token", "x.y.z").status == http.StatusOK)
	y.attack(t, "for another client", w.browser().post("/backchannel-logout", "logout_token",
		w.issuer.LogoutToken(t, "other", w.issuer.Person.Subject, "another sign-in", nil)).status == http.StatusOK)
	if !other.signedIn() {
		t.Error("a refused logout token ended a session")
	}
	y.report(t, "logout tokens")
}

// A logout ends the sessions at once; a daily sweep removes the used tokens.
func TestLogoutTokensThatAreOverAreForgotten(t *testing.T) {
	w := newWorld(t)
	logout := func() (count int64) {
		t.Helper()
		token := w.issuer.LogoutToken(t, clientID, w.issuer.Person.Subject, "session-of-ada", nil)
		if got := w.browser().post("/backchannel-logout", "logout_token", token); got.status != http.StatusOK {
			t.Fatalf("logout: %d %s", got.status, got.body)
		}
		return w.count(`SELECT COUNT(*) FROM once`)
	}
	logout()
	w.clock.Advance(time.Hour)
	if count := logout(); count != 2 {
		t.Errorf("a logout swept: %d tokens kept, want 2", count)
	}
	w.update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, once.SweepJob{}) })
	jobtest.Settle(t, w.jobs)
	if count := w.count(`SELECT COUNT(*) FROM once`); count != 1 {
		t.Errorf("after the sweep %d tokens are kept, want 1", count)
	}
}

func TestSessionEndsByIdlenessAndByTheDay(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	w.clock.Advance(14 * time.Minute)
	if !b.signedIn() {
		t.Error("signed out before 15 minutes")
	}
	w.clock.Advance(15 * time.Minute)
	if b.signedIn() {
		t.Error("signed in after 15 idle minutes")
	}
	b.withPassword("ada", goodPass)
	for range 12 * 6 {
		w.clock.Advance(10 * time.Minute)
		b.get("/")
	}
	if b.signedIn() {
		t.Error("signed in after 12 hours")
	}
}

// A sign-in as somebody else removes anything that was begun on the browser before.
func TestAnotherSignInEndsWhatWasBegun(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	b := w.begun()
	b.withPassword("bo", goodPass)
	if got := b.post("/link/confirm"); got.status != http.StatusGone || w.linked(w.ada.ID) {
		t.Errorf("the link of the one before goes on: %d", got.status)
	}
	if n := w.sessions(w.ada.ID); n != 0 {
		t.Errorf("%d sessions of the one before", n)
	}
}
