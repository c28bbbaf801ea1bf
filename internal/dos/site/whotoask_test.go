package site_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/holders"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// pagesOfRefusals are the pages that say why somebody is not let in, or an account not linked.
var pagesOfRefusals = []string{
	"/sign-in/account-inactive", "/sign-in/no-position", "/sign-in/identity-low",
	"/link/refused/too-early", "/link/refused/taken", "/link/refused/team-mailbox", "/link/refused/identity-low",
	"/link/refused/overtaken", "/link/refused/identity-not-active", "/link/refused/password-by-mail",
	"/link/refused/set-up-no-position", "/link/refused/position-first", "/link/refused/held",
}

// Each page of a refusal names who can help, with an email address and a telephone number, or says that it does not
// know them.
func TestEachRefusalSaysWhoToAsk(t *testing.T) {
	for name, tt := range map[string]struct{ phone, says string }{
		"with a telephone number":    {"01632 960 123", `href="tel:01632960123"`},
		"without a telephone number": {"", "(we have no telephone number)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.administrator()
			w.update(func(ctx context.Context, u *db.W) error {
				_, err := u.Exec(ctx, `UPDATE account SET phone = $1 WHERE username = 'boss'`, tt.phone)
				return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test", Subject: audit.Ref{Kind: "test", ID: "test"}}))
			})
			w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
			b := w.browser()
			b.withPassword("bo", goodPass)
			for _, at := range pagesOfRefusals {
				b.cookies["__Host-once"] = at + "~"
				page := b.get(at)
				known := strings.Contains(page.body, "Bea Boss") && strings.Contains(page.body, tt.says) &&
					strings.Contains(page.body, "mailto:boss@example.nhs.uk")
				if !known && !strings.Contains(page.body, "We do not know here which registration authority") {
					t.Errorf("%s: %d to %q: %s", at, page.status, page.location, webtest.Text(page.body))
				}
			}
			stranger := w.browser()
			for _, at := range pagesOfRefusals {
				stranger.cookies["__Host-once"] = at + "~"
				if page := stranger.get(at); !strings.Contains(page.body, "We do not know here which") {
					t.Errorf("%s of a stranger: %d to %q: %s", at, page.status, page.location, webtest.Text(page.body))
				}
			}
		})
	}
}

// Every page that refuses somebody for want of a permission names who can give it, with an email address and a
// telephone number; where nobody whom we know can, it says so.
func TestEachRefusedRouteSaysWhoToAsk(t *testing.T) {
	w := newWorld(t)
	c := w.countryside()
	boss := c.account(account.New{Username: "boss", FirstName: "Bea", LastName: "Boss", Email: "boss@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.InRegion(c.north))}, path.Choose)
	c.account(account.New{Username: "far", FirstName: "Fay", LastName: "Far", Email: "far@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.InRegion(c.south))}, path.Choose)
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account SET phone = '01632 960 123' WHERE id = $1`, boss.ID)
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test", Subject: audit.Ref{Kind: "test", ID: "test"}}))
	})
	refusedAt := map[string]int{}
	for _, role := range []string{"search-only", "provider"} {
		b := c.browserOf(role)
		for _, route := range w.site.Routes() {
			got := c.request(b, route)
			if strings.HasPrefix(got.location, web.FailedPath) {
				got = b.get(got.location)
			}
			if got.status != http.StatusForbidden {
				continue
			}
			refusedAt[role]++
			text := webtest.Text(got.body)
			named := strings.Contains(text, "Bea Boss") &&
				strings.Contains(got.body, "mailto:boss@example.nhs.uk") &&
				strings.Contains(got.body, `href="tel:01632960123"`)
			if !named && !strings.Contains(text, "Nobody who looks after your account can give you this permission") ||
				strings.Contains(text, "Fay Far") {
				t.Errorf("%s as %s: %s", route.Pattern, role, text)
			}
		}
	}
	t.Logf("refused routes that say whom to ask: %v", refusedAt)
	if refusedAt["search-only"] < 40 || refusedAt["provider"] < 40 {
		t.Errorf("only %v routes refused: the check would prove nothing", refusedAt)
	}
}

// A page that is not there is nobody's to give: it names no administrator, whoever opens it.
func TestAPageThatIsNotThereNamesNobody(t *testing.T) {
	w := newWorld(t)
	w.administrator()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	b := w.browser()
	b.withPassword("bo", goodPass)
	for at, want := range map[string]struct {
		status int
		names  bool
	}{"/users": {http.StatusForbidden, true}, "/nothing-here": {http.StatusNotFound, false}} {
		got := b.get(at)
		if strings.HasPrefix(got.location, web.FailedPath) {
			got = b.get(got.location)
		}
		if names := strings.Contains(got.body, "Bea Boss"); got.status != want.status || names != want.names {
			t.Errorf("%s: %d, names somebody: %t", at, got.status, names)
		}
	}
}

// Nobody is named for a permission that they could not give themselves, and nobody who looks after others.
func TestWhoCanGiveAPermission(t *testing.T) {
	w := newWorld(t)
	add := func(username string, grants account.Grants) account.Account {
		return w.account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Region: "north", Grants: grants}, path.Choose)
	}
	asks := add("asks", nil)
	add("manager", account.InRegion("north").Of(account.ManageUsers))
	add("whole", account.UserAdministrator.In(account.InRegion("north")))
	add("elsewhere", account.UserAdministrator.In(account.InRegion("south")))
	add("lead", account.DoSLead.In(account.InRegion("north")))
	for name, tt := range map[string]struct {
		permissions []account.Permission
		want        []string
	}{
		"one that one of them holds":   {[]account.Permission{account.EditService}, []string{"whole"}},
		"one of two that both hold":    {[]account.Permission{account.EditService, account.ManageUsers}, []string{"manager", "whole"}},
		"one that nobody of them has":  {[]account.Permission{account.ManageWaves}, nil},
		"none: who looks after people": {nil, []string{"manager", "whole"}},
	} {
		givers, err := db.Read(t.Context(), w.DB, func(r db.R) ([]account.Account, error) {
			return holders.Givers(t.Context(), r, asks, tt.permissions...)
		})
		w.Must(err)
		var names []string
		for _, one := range givers {
			names = append(names, one.Username)
		}
		slices.Sort(names)
		if !slices.Equal(names, tt.want) {
			t.Errorf("%s: %v, want %v", name, names, tt.want)
		}
	}
}
