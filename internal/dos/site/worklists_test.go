package site_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
)

// The search stands first on the page of users, and the lists of work behind one place that is open for whoever has
// just come to the page. Nobody is shown a place for lists of which none is for them.
func TestListsOfWorkOnTheUsersPage(t *testing.T) {
	w := newWorld(t)
	administrator := w.loggedIn("una", account.UserAdministrator.In(account.Everywhere))
	const lists = `<details class="nhsuk-details nhsuk-expander"`
	for address, is := range map[string]string{
		"/users": " open>", "/users?q=una": ">", "/users?after=a": ">", "/users?organisation=X1": ">",
	} {
		got := administrator.get(address)
		search := strings.Index(got.body, `role="search"`)
		at := strings.Index(got.body, lists+is)
		if search < 0 || at < search {
			t.Errorf("%s: the search is at %d, the lists of work at %d", address, search, at)
		}
		for _, path := range []string{"/shared-accounts", "/merges", "/aliases", "/users/organisations"} {
			if !strings.Contains(got.body[max(at, 0):], `href="`+path+`"`) {
				t.Errorf("%s: no link to %s", address, path)
			}
		}
	}
	helper := w.loggedIn("helper", account.Everywhere.Of(account.ServiceDesk))
	if got := helper.get("/users"); strings.Contains(got.body, lists) || !strings.Contains(got.body, `id="results"`) {
		t.Errorf("for the service desk: %d %s", got.status, got.body)
	}
}
