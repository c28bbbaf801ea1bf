package site_test

import (
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
)

// Other administrators hear of each new way in to the account of one who decides about others, and of no other account.
func TestColleaguesHearOfANewWayIn(t *testing.T) {
	w := newWorld(t)
	w.administrator() // boss, who manages users everywhere
	for username, grants := range map[string]account.Grants{
		"second": account.UserAdministrator.In(account.Everywhere),
		"desk":   account.Desk.In(account.Everywhere),
		"mover":  account.ProgrammeTeam.In(account.Everywhere),
		"reader": account.Commissioner.In(account.Everywhere),
		"plain":  nil,
	} {
		w.account(account.New{Username: username, FirstName: "P", Email: username + "@example.nhs.uk", EmailProved: true,
			Grants: grants}, path.Choose)
	}
	heard := func() int { return w.Mailed("signin.colleague", "boss@example.nhs.uk") }
	for username, tells := range map[string]int{"second": 1, "desk": 1, "mover": 1, "reader": 0, "plain": 0} {
		before := heard()
		if got := w.browser().resets(username, ""); got.location != "/" {
			t.Fatalf("%s: %d to %q", username, got.status, got.location)
		}
		if told := heard() - before; told != tells {
			t.Errorf("%s sets a password by mail: %d mails to a colleague, want %d", username, told, tells)
		}
	}
	if n := w.Mailed("signin.colleague", "second@example.nhs.uk"); n != 2 {
		t.Errorf("another administrator has %d mails, want those about the desk and the mover alone", n)
	}
}
