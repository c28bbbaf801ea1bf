package site_test

import (
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// One row says what the address is and whether it is confirmed; nobody confirms the address of a team.
func TestTheAccountHasOneEmailAddress(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared}, path.Choose)
	w.account(account.New{Username: "cy", FirstName: "Cy", Email: "cy@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk", EmailProved: true}, path.Choose)
	for username, want := range map[string]string{
		"team": "team@example.nhs.uk",
		"cy":   "cy@example.nhs.uk Not confirmed",
		"bo":   "bo@example.nhs.uk Confirmed 24 November 2026",
	} {
		b := w.browser()
		b.withPassword(username, goodPass)
		var emails []string
		for _, row := range webtest.Summary(b.get("/account").body) {
			if strings.HasPrefix(row.Key, "Email") {
				emails = append(emails, row.Value)
			}
		}
		if !slices.Equal(emails, []string{want}) {
			t.Errorf("%s: rows about the address: %q, want %q", username, emails, want)
		}
	}
}
