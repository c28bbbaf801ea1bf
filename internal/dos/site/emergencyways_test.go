package site_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// Whoever came by a password reads what to do at night: the button that lets them link and come with their Care
// Identity, and who can change the service meanwhile, those with a telephone number first.
func TestWhatToDoWithAPasswordInAnEmergency(t *testing.T) {
	e := newEmergency(t)
	north := e.region("North")
	var ward directory.Service
	e.update(func(ctx context.Context, u *db.W) (err error) {
		ward, err = directory.Add(ctx, u, directory.Service{Name: "Ward", Type: 13, Parent: north, ODSCode: "FXX09"}, "")
		return err
	})
	lead := func(username, region, phone string) {
		e.account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Details: account.Details{Phone: phone}, Grants: account.DoSLead.In(account.InRegion(region))}, path.Choose)
	}
	lead("aled", north, "")
	lead("bea", north, "0113 496 0003")
	lead("cal", e.region("South"), "0113 496 0004")
	provider := func(username string, phase path.Phase) *browser {
		e.account(account.New{Username: username, FirstName: "Bo", Email: username + "@example.nhs.uk",
			Organisation: "FXX01", Region: north, Grants: account.ProviderUser.In(account.OwnOrganisation)}, phase)
		b := e.browser()
		b.withPassword(username, goodPass)
		return b
	}
	bo := provider("bo", path.Choose)
	at := "/emergency-rights?service=" + ward.ID
	bo.get("/services/"+ward.ID).mustHave(t, `href="`+at+`"`)
	for _, page := range []string{at, "/emergency-rights"} {
		shown := bo.get(page)
		shown.mustHave(t, "Log in with Care Identity", `href="/link"`, "0113 496 0003", "aled@example.nhs.uk")
		mustLack(t, shown, "cal@example.nhs.uk")
		if strings.Index(shown.body, "aled@example.nhs.uk") < strings.Index(shown.body, "bea@example.nhs.uk") {
			t.Errorf("%s: who has no number stands first", page)
		}
	}
	bo.get(at).mustHave(t, "Who can change Ward now")
	e.sql(`UPDATE account SET phone = '' WHERE username = 'admin'`)
	bo.get("/emergency-rights?service="+e.clinic.ID).mustHave(t, "We know no telephone number here of anybody",
		"To ask the service desk for help:", "admin@example.nhs.uk")
	early := provider("early", path.Prepare).get(at)
	early.mustHave(t, "Linking has not opened for your account yet.", "0113 496 0003")
	mustLack(t, early, `href="/link"`)
	mustLack(t, e.ada.get("/emergency-rights"), "Who can change")
}
