package site_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// Accounts of people whose organisation is not known are found, counted and said to be so. A program has none, and
// nobody misses it. Of a code that nobody has it is said.
func TestUsersWhoseOrganisationIsNotKnownAreFound(t *testing.T) {
	w := newWorld(t)
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, roles)
			VALUES ('Z99Z9', 'High Street', 'A', '', '', '', '', '')`)
		return err
	})
	none := w.account(account.New{Username: "none", FirstName: "Nan", Email: "none@example.nhs.uk"}, path.Choose)
	other := w.account(account.New{Username: "other", FirstName: "Oz", Email: "other@example.nhs.uk",
		Organisation: "FA999"}, path.Choose)
	w.account(account.New{Username: "robot", Email: "robot@example.nhs.uk", Kind: account.Machine}, path.Choose)
	gone := w.account(account.New{Username: "gone", FirstName: "Gus", Email: "gone@example.nhs.uk"}, path.Choose)
	w.update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	w.account(account.New{Username: "admin", FirstName: "Ann", Email: "admin@example.nhs.uk", Organisation: "Z99Z9",
		Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	b := w.browser()
	b.withPassword("admin", goodPass)
	const to = "/users?state=no-organisation"
	b.get("/users").mustHave(t, `href="`+to+`"`)
	found := b.get(to)
	found.mustHave(t, "1 user")
	for username, is := range map[string]bool{"none": true, "other": false, "ada": false, "robot": false, "gone": false} {
		if strings.Contains(found.body, ">"+username+"<") != is {
			t.Errorf("%s is found: %v", username, !is)
		}
	}
	for at, want := range map[string]string{
		"/users/" + none.ID:  "Organisation Not known",
		"/users/" + other.ID: "Organisation FA999 (no organisation with this code is known here)",
		"/users/counts":      "Organisation not known 1",
		to:                   "none Name Nan Organisation Not known Kind Individual",
	} {
		if text := webtest.Text(b.get(at).body); !strings.Contains(text, want) {
			t.Errorf("%s lacks %q: %s", at, want, text)
		}
	}
}
