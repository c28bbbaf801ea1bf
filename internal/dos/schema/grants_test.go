package schema_test

import (
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// Permissions of the first release keep their meaning: with editAnywhere everywhere, else at the own organisation. Who
// managed users can do, and hand out, all that is asked by permissions of its own now.
func TestPermissionsOfTheFirstReleaseAreKept(t *testing.T) {
	before := map[string]string{
		"reception": "editCapacity editService", "lead": "editCapacity editService editAnywhere",
		"idle": "editAnywhere", "admin": "manageUsers", "nobody": "",
	}
	d := upgraded(t, func(w *db.W) error {
		for username, permissions := range before {
			if _, err := w.Exec(t.Context(), usernameBefore, username); err != nil {
				return err
			}
			for _, p := range strings.Fields(permissions) {
				const add = `INSERT INTO account_permission (account_id, permission) VALUES ($1, $2)`
				if _, err := w.Exec(t.Context(), add, username, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
	managing := slices.DeleteFunc(account.All(), func(p account.Permission) bool {
		return p == account.EditCapacity || p == account.EditService
	})
	edit := []account.Permission{account.EditCapacity, account.EditService}
	for username, want := range map[string]account.Grants{
		"reception": account.OwnOrganisation.Of(edit...), "lead": account.Everywhere.Of(edit...), "idle": nil,
		"admin": account.Everywhere.Of(managing...), "nobody": nil,
	} {
		got, err := db.Read(t.Context(), d, func(r db.R) (account.Grants, error) {
			return account.GrantsOf(t.Context(), r, username)
		})
		slices.SortFunc(want, func(a, b account.Grant) int {
			return strings.Compare(string(a.Permission), string(b.Permission))
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s holds %v, %v; want %v", username, got, err, want)
		}
	}
}
