package site_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/web/webtest"
)

var quoted = regexp.MustCompile(`If you ask for help, quote the reference ([A-Z0-9]{4} [A-Z0-9]{4})(?: |$)`)

// refusals gives the events of refusals that the reference on a page finds, or stops the test if it shows none.
func (w *world) refusals(page string) (events []audit.Entry) {
	w.Helper()
	m := quoted.FindStringSubmatch(webtest.Text(page))
	if m == nil {
		w.Fatalf("no reference: %s", webtest.Text(page))
	}
	w.View(func(ctx context.Context, r db.R) (err error) {
		events, err = audit.Refusals(ctx, r, reference.Read(m[1]))
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
			w.desk = "Desk: 01632 960900, desk@a.example"
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
			if n := strings.Count(shown, `"mailto:desk@a.example"`); n != 1 {
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
	got = w.browser().withPassword("late", goodPass)
	if events := w.refusals(got.body); len(events) != 1 || events[0].Kind != "signin.password-over" {
		t.Errorf("a password that is over: %+v", events)
	}
	w.desk = "Desk: 01632 960900, desk@a.example"
	w.makeSite()
	if n := strings.Count(w.browser().get("/nowhere").body, `"mailto:desk@a.example"`); n != 1 {
		t.Errorf("the service desk's address stands %d times on the page of an error", n)
	}
	if got := b.get("/nowhere"); got.status != http.StatusNotFound || !quoted.MatchString(webtest.Text(got.body)) {
		t.Errorf("an address where nothing is: %s", webtest.Text(got.body))
	}
}
