package site_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// suspended answers about an identity that is active, and says since when it is so again.
type suspended struct {
	since time.Time
	fails bool
}

func (s *suspended) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	if s.fails {
		return extract.Answer{}, fault.Unavailable
	}
	answer := extract.Answer{Ref: q.Ref, Found: extract.One, State: extract.Active, Position: extract.Yes,
		Email: extract.EmailUnknown, Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	if q.Role != "" {
		answer.Role = extract.Yes
	}
	if !s.since.IsZero() {
		answer.ActiveAgain = s.since.UnixMilli()
	}
	return answer, nil
}

// reactivation has Ada, who is linked, and an administrator who reviews links.
type reactivation struct {
	*world
	asked *suspended
	admin *browser
}

func newReactivation(t *testing.T) reactivation {
	t.Helper()
	w := newWorld(t)
	re := reactivation{world: w, asked: &suspended{}}
	w.asker = re.asked
	w.makeSite()
	w.link()
	w.account(account.New{Username: "admin", FirstName: "Ann", LastName: "Admin", Email: "admin@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	re.admin = w.browser()
	re.admin.Address = "198.51.100.20:1234"
	re.admin.withPassword("admin", goodPass)
	return re
}

// logsIn tells where Ada gets who logs in with her Care Identity.
func (re reactivation) logsIn() string {
	re.Helper()
	re.issuer.Person.AuthTime = re.clock.Now()
	return re.browser().careIdentity().location
}

// L27: a link from before the Care Identity was suspended opens nothing until an administrator has approved it again.
func TestL27AReactivatedIdentityNeedsAnApproval(t *testing.T) {
	re := newReactivation(t)
	if got := re.logsIn(); got != "/" {
		t.Fatalf("before it was suspended: to %q", got)
	}
	re.clock.Advance(time.Minute)
	re.asked.since = re.clock.Now() // suspended and reactivated since
	var y tally
	y.attack(t, "L27 the link from before", re.logsIn() == "/")
	re.clock.Advance(time.Minute)
	y.attack(t, "L27 the link from before, once more", re.logsIn() == "/")
	if re.Mailed("link.reactivated", re.ada.Email) != 1 || re.Mailed("link.to-review", "admin@example.nhs.uk") != 1 {
		t.Error("the holder and the administrator were not told, once")
	}
	ada := re.browser()
	re.issuer.Person.AuthTime = re.clock.Now()
	ada.get(ada.careIdentity().location).mustHave(t, "An administrator has to approve the link of your account again",
		"Ann Admin")
	re.admin.get("/users/"+re.ada.ID).mustHave(t, "nobody has approved the link again")

	list := re.admin.get("/link-reviews")
	list.mustHave(t, "Care Identity suspended since the link", "They cannot log in until somebody decides")
	at := list.body[strings.Index(list.body, `href="/link-reviews/`)+len(`href="`):]
	at = at[:strings.Index(at, `"`)]
	re.admin.get(at).mustHave(t, "The Care Identity was suspended or closed after it was linked",
		"is active again since 24 November 2026")
	decided := re.admin.post(at+"/decide",
		re.admin.seeing(at, "decision", "approve", "reason", "It was an error of the authority.")...)
	if decided.location != "/link-reviews" {
		t.Fatalf("approved: %d %s", decided.status, decided.body)
	}
	if re.Mailed("link.approved-again", re.ada.Email) != 1 {
		t.Error("the holder was not told of the approval")
	}
	re.clock.Advance(time.Minute)
	if got := re.logsIn(); got != "/" {
		t.Errorf("after the approval: to %q", got)
	}
	re.clock.Advance(time.Hour)
	re.asked.since = re.clock.Now() // suspended and reactivated a second time
	y.attack(t, "L27 an approval from before", re.logsIn() == "/")
	y.report(t, "L27 logins after a suspension")
}

// Where the administrator finds that it is not the holder, the link is undone.
func TestL27AReactivatedIdentityIsRefused(t *testing.T) {
	re := newReactivation(t)
	re.asked.since = re.clock.Now().Add(time.Minute)
	re.logsIn()
	list := re.admin.get("/link-reviews")
	at := list.body[strings.Index(list.body, `href="/link-reviews/`)+len(`href="`):]
	at = at[:strings.Index(at, `"`)]
	re.admin.post(at+"/decide", re.admin.seeing(at, "decision", "refuse", "reason", "The holder has left.")...)
	if re.linked(re.ada.ID) {
		t.Error("the link is still there")
	}
}

// A link that was made after the identity became active again needs no approval, and neither does that of the only
// administrator, whom nobody else could ever let in.
func TestL27WhoNeedsNoApproval(t *testing.T) {
	re := newReactivation(t)
	re.asked.since = re.clock.Now().Add(-time.Hour)
	re.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account_link SET linked_at = $1`, re.clock.Now().Add(-time.Minute))
		return err
	})
	if got := re.logsIn(); got != "/" {
		t.Errorf("linked since: to %q", got)
	}
	re.asked.since = re.clock.Now()
	re.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `DELETE FROM account_grant`)
		return err
	})
	if got := re.logsIn(); got != "/" || len(re.Events("link.reactivated-alone")) != 1 {
		t.Errorf("nobody could approve it: to %q", got)
	}
}

// Where nobody could be asked at the door, it is asked while they are in.
func TestL27IsAskedAgainAfterTheDoor(t *testing.T) {
	re := newReactivation(t)
	re.asked.since = re.clock.Now().Add(time.Second)
	re.asked.fails = true
	re.issuer.Person.AuthTime = re.clock.Now()
	ada := re.browser()
	if got := ada.careIdentity(); got.location != "/" || !ada.signedIn() {
		t.Fatalf("nobody could be asked: to %q", got.location)
	}
	re.clock.Advance(61 * time.Second)
	if !ada.signedIn() {
		t.Error("logged out though nobody could be asked still")
	}
	re.asked.fails = false
	re.clock.Advance(61 * time.Second)
	if ada.signedIn() {
		t.Error("still in a minute after it was known")
	}
	ada.get("/").mustHave(t, "your Care Identity was suspended after you linked it")
}
