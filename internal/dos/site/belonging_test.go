package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
)

// Whoever cannot confirm an organisation reads so beforehand, and can still say that it is not theirs.
func TestTheDecisionSaysWhoCannotConfirm(t *testing.T) {
	w := newWorld(t)
	local := w.account(account.New{Username: "local", FirstName: "Lou", LastName: "Local",
		Email: "local@example.nhs.uk", Region: "north", Grants: account.UserAdministrator.In(account.OwnOrganisation),
	}, path.Choose)
	w.claims(local.ID, "RXK")
	w.account(account.New{Username: "norma", FirstName: "Nor", LastName: "Ma", Email: "norma@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.InRegion("north"))}, path.Choose)
	norma := w.browser()
	norma.withPassword("norma", goodPass)
	at := "/users/" + local.ID + "/organisation"
	page := norma.get(at)
	page.mustHave(t, "You cannot confirm this organisation", "who looks after a wider area", `value="no"`)
	if strings.Contains(page.body, `type="radio" value="yes"`) {
		t.Error("the page offers a yes")
	}
	got := norma.post(at, norma.seeing(at, "belongs", "yes", "reason", "I rang them")...)
	if got.status == http.StatusSeeOther && got.location == "/users/organisations" {
		t.Errorf("confirmed: %d to %s", got.status, got.location)
	}
	if n := w.count(`SELECT COUNT(*) FROM account WHERE organisation = 'RXK'`); n != 0 {
		t.Error("the account was moved")
	}
	if got := norma.post(at, norma.seeing(at, "belongs", "no", "reason", "not theirs")...); got.location !=
		"/users/organisations" {
		t.Errorf("refused it: %d to %s %s", got.status, got.location, got.body)
	}
}
