package site_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// An administrator reads what a link was made on, also after it was undone.
func TestTheRecordOfALinkIsOnThePageOfItsAccount(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "all", FirstName: "Al", Email: "al@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers)}, path.Choose)
	all := w.browser()
	all.withPassword("all", goodPass)
	w.link()
	at := "/users/" + w.ada.ID
	shown := webtest.Text(all.get(at).body)
	for _, want := range []string{"How the account was linked", "What proved it", "Rules that decided",
		"The link now It stands"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the account's page lacks %q: %s", want, shown)
		}
	}
	all.post(at+"/unlink", "reason", "not theirs")
	if shown := webtest.Text(all.get(at).body); !strings.Contains(shown, "The link now Undone since") {
		t.Errorf("the record of a link that was undone is not on the page: %s", shown)
	}
}
