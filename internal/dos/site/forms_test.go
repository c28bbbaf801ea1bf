package site_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	ceremony "signpost/internal/dos/linking"
	"signpost/internal/dos/rollout/followup"
	cases "signpost/internal/dos/shared"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

func TestFormsFilledInAsNobodyShould(t *testing.T) {
	w := newWorld(t)
	open := w.openingForms()
	empty := newWorld(t) // a directory that nobody administers yet
	setUp := empty.setUpLink()
	webtest.PostFormsOpened(t, w.site, func(route web.Route) (*webtest.Browser, string) {
		if strings.Contains(route.Pattern, ceremony.SetUpPath) {
			return empty.browser().Browser, setUp
		}
		return open(route)
	})
}

// A database that does not answer refuses nobody.
func TestABrokenDatabaseRefusesNobody(t *testing.T) {
	w := newWorld(t)
	open := w.openingForms()
	webtest.Walk{
		Site: w.site, Sealer: w.sealer(), Samples: map[string]string{
			"username": "bo", "password": goodPass, "organisation": "FXX01", "profession": "nurse",
			"reason": "Because I need it for work.", "phone": "0113 496 0000",
			"POST /request-account email": "new@example.nhs.uk",
			"category":                    "other", "subject": "It fails", "reference": "",
			"POST /requests/{id}/approve group": "provider-user",
			"POST /requests/invite colleagues":  "Bo Example, invited@example.nhs.uk",
			"POST /waves/new name":              "Somebody’s wave",
			"text":                              "Logins are off tonight.", "until": "1 January 2027", "until_time": "8pm",
			"days": "7", "allowance": "7", "approve": "yes",
			"answer": "They are away until May.",
			"choose": "", "require": "",
			"close":                            "",
			"POST /aliases/new one":            "nhs.net",
			"POST /aliases/new other":          "another.nhs.uk",
			"POST /requests/invite file":       "",
			"POST /tickets/{id}/work priority": "1",
		},
		Open: func(route web.Route) (map[string]string, string) {
			b, at := open(route)
			if at == "/sign-in" {
				b = w.browser().Browser // on which nobody is logged in
			}
			w.Settle()
			return b.Cookies, home + at
		},
	}.Broken(t, dbtest.Breaking(t, w.DB), "POST /link/another", "POST /link/code", "POST /link/confirm",
		"POST /undo-link/code", "POST /request-account/code", "POST /set-up/{account}/{secret}",
		"POST /sign-in/organisation", "POST /forgotten-password/code", "POST /account/merge/code",
		"POST /my-ticket/code")
}

// openingForms gives what brings a browser to a form that it may send, and gives the form's path.
func (w *world) openingForms() func(route web.Route) (*webtest.Browser, string) {
	w.Helper()
	w.account(account.New{
		Username: "all", FirstName: "Al", Email: "al@example.nhs.uk", Organisation: "FXX01",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ApproveUser, account.InviteUser, account.ReviewLinks,
			account.BreakGlass, account.EditCapacity, account.EditService, account.ManageWaves,
			account.WorkTickets, account.ServiceDesk),
	}, path.Choose)
	bo := w.account(account.New{Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk"}, path.Choose)
	w.link()
	w.confirmed()
	team := w.reception()
	var service directory.Service
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		service, err = directory.Add(ctx, u, directory.Service{Name: "Pharmacy", Type: 13, ODSCode: "FXX01"}, "")
		return err
	})
	reviewed := w.waits("bo")
	usual := w.browser()
	usual.withPassword("all", goodPass)
	opened := 0
	return func(route web.Route) (*webtest.Browser, string) {
		_, at, _ := strings.Cut(route.Pattern, " ")
		opened++
		usual.Address = fmt.Sprintf("10.2.%d.%d:1234", opened/250, opened%250) // so that no network asks too often
		if at == "/requests/invite/send" {
			usual.post("/requests/invite", "colleagues", fmt.Sprintf("Bo Example, invited%d@example.nhs.uk", opened))
			return usual.Browser, at
		}
		if strings.HasPrefix(at, followup.Path) {
			return usual.Browser, w.stillWorksLink("bo")
		}
		if strings.HasPrefix(at, "/reminders/") {
			return usual.Browser, w.reminderLink("bo")
		}
		if strings.HasPrefix(at, "/mailings/{id}") {
			if to := w.mailToActOn(at); to != "" {
				return usual.Browser, to
			}
			return usual.Browser, strings.Replace(at, "{id}", w.prepared("all"), 1)
		}
		if b, to := w.mergeForm(usual, at, opened); b != nil {
			return b.Browser, to
		}
		if strings.HasPrefix(at, "/requests/") {
			return usual.Browser, strings.Replace(at, "{id}", w.requestToDecide(usual, opened), 1)
		}
		if b := w.underWay(at, fmt.Sprintf("10.0.%d.%d:1234", opened/250, opened%250+1)); b != nil {
			return b.Browser, at
		}
		if at == "/my-request/{id}/{secret}" {
			return usual.Browser, w.ownLink()
		}
		if at == "/users/{id}/organisation" {
			w.claims(bo.ID, "RXK")
			return usual.Browser, strings.Replace(at, "{id}", bo.ID, 1)
		}
		if strings.HasPrefix(at, "/who-are-you") {
			b := w.browser()
			b.withPassword("reception", goodPass)
			return b.Browser, at
		}
		if strings.HasPrefix(at, cases.DenyPath) {
			w.saysTwo(team, opened)
			w.Settle()
			return usual.Browser, w.mailedLink(fmt.Sprint("ann", opened, "@riverside.example"), cases.DenyPath)
		}
		if strings.HasPrefix(at, "/shared-account/") {
			return usual.Browser, w.ownOf(team, opened)
		}
		if strings.Contains(at, "/shared/begin") {
			return usual.Browser, strings.Replace(at, "{id}", w.night(opened).ID, 1)
		}
		if strings.Contains(at, "/shared/") {
			w.saysTwo(team, opened)
			return usual.Browser, strings.Replace(at, "{id}", team.ID, 1)
		}
		if strings.HasPrefix(at, frame.EmergencyPage+"/{id}") {
			id := w.emergencyOf(w.night(opened), account.Everywhere, stateFor(at))
			return usual.Browser, strings.Replace(at, "{id}", id, 1)
		}
		if strings.HasPrefix(at, "/link-reviews/") {
			return usual.Browser, strings.Replace(at, "{id}", reviewed, 1)
		}
		if strings.HasPrefix(at, "/email-drift/{id}") {
			w.differs(bo, "bo.example@nhs.net")
			return usual.Browser, strings.Replace(at, "{id}", bo.ID, 1)
		}
		if strings.HasPrefix(at, frame.BannersPage+"/{id}") {
			return usual.Browser, w.bannerFor(at)
		}
		if strings.HasPrefix(at, "/waves/{id}/starts/") {
			w.resume(w.waves[path.Prepare])
			return usual.Browser, w.started() + "/undo"
		}
		if strings.HasPrefix(at, "/waves/{id}/mirrors/") {
			return usual.Browser, w.mirrored() + "/cancel"
		}
		if strings.HasPrefix(at, "/waves/{id}/phase/") {
			w.resume(w.waves[path.Prepare])
		}
		if at == "/waves/{id}/resume" {
			w.pause(w.waves[path.Prepare])
		}
		if strings.HasPrefix(at, "/users/{id}/exception") {
			return usual.Browser, strings.Replace(at, "{id}", w.excepted(opened, at), 1)
		}
		if at == frame.OwnException {
			w.sql(`DELETE FROM wave_exception_request`)
		}
		if at == frame.PutOffPath {
			w.sql(`UPDATE wave SET allowance = 30`)
		}
		if strings.HasPrefix(at, "/waves/{id}/guidance") {
			w.lacking(opened)
		}
		if strings.HasPrefix(at, "/waves/{id}") {
			return usual.Browser, strings.NewReplacer("{id}", w.waves[path.Prepare], "{phase}", "choose").Replace(at)
		}
		if b, to := w.ticketForm(usual, at); b != nil {
			return b.Browser, to
		}
		if strings.HasPrefix(at, "/aliases/{id}") {
			id := w.proposedAlias(fmt.Sprintf("trust%d.nhs.uk", opened))
			return usual.Browser, strings.Replace(at, "{id}", id, 1)
		}
		if strings.HasPrefix(at, "/services/") {
			return usual.Browser, strings.Replace(at, "{id}", service.ID, 1)
		}
		return usual.Browser, strings.Replace(at, "{id}", w.ada.ID, 1)
	}
}

// underWay gives a browser from an address that has come to a form of linking; nil if it is another form.
func (w *world) underWay(at, address string) *browser {
	w.Helper()
	b := w.browser()
	b.Address = address
	w.issuer.Person.Subject = "500000000099" // nobody's yet
	w.issuer.Person.GivenName = "Bo"
	w.issuer.Person.Roles = relyingtest.Ada().Roles
	switch at {
	case "/forgotten-password/code":
		b.post("/forgotten-password", "username", "bo")
	case "/sign-in/role":
		w.issuer.Person.Subject = "500000000017" // Ada's
		w.issuer.Person.Roles = positionsAt("Z99Z9", "Z99Z9")
		b.careIdentity()
	case "/sign-in/organisation":
		w.issuer.Person.Subject = "500000000017"
		w.issuer.Person.Roles = positionsAt("RXK")
		b.careIdentity()
	case "/link/names", "/link/another":
		w.issuer.Person.GivenName = "Leila"
		fallthrough
	case "/link/confirm":
		b.withPassword("bo", goodPass)
		b.careIdentity()
	case "/link/claim", "/link/code":
		b.careIdentity()
	case "/request-account/code":
		b.post("/request-account", asked("email", "at"+strings.TrimSuffix(address, ":1234")+"@example.nhs.uk")...)
	case "/my-request/answer":
		b.confirm(asked("email", "at"+strings.TrimSuffix(address, ":1234")+"@example.nhs.uk")...)
		w.question()
	case "/my-request/identity", "/my-request/without", "/my-request/withdraw":
		b.confirm(asked("email", "at"+strings.TrimSuffix(address, ":1234")+"@example.nhs.uk")...)
	case "/account/unlink", frame.AskEmergency:
		w.issuer.Person.Subject = "500000000017" // Ada's
		b.careIdentity()
	default:
		return nil
	}
	return b
}

// Whoever finds a form of theirs held reads which wave, account or request it is about, and not only what they typed.
func TestFormsNameTheRecordTheyAreAbout(t *testing.T) {
	w := newWorld(t)
	webtest.FormsNameTheirRecord(t, w.site, w.sealer(), w.openingForms(), "/users/{id}/groups",
		"/users/{id}/groups/take", "/users/{id}/reactivate", "/users/{id}/shared/reject-all", "/waves/{id}/accounts",
		"/waves/{id}/others/check")
}
