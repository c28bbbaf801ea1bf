package console_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// A database that does not answer refuses nobody, at whichever statement of a page or of a form that is filled in.
func TestABrokenDatabaseRefusesNobody(t *testing.T) {
	w := open(t)
	w.assign(manager)
	w.addSupplier()
	b := w.signedIn()
	team := b.team("Fenmarch Software")
	opened := 0
	webtest.Walk{
		Site: w.site, Sealer: w.sealer(),
		Samples: map[string]string{
			"invite": w.another("Ben"), "token_endpoint_auth_method": "client_secret_post", "jwks_uri": "", "jwks": "",
			"post_logout_redirect_uris": "",
			"redirect_uris":             "https://rota.example/callback", "backchannel_logout_uri": "https://rota.example/logout",
			"contact": "rota@fenmarch.example", "scope": "openid", "name": "Oak Tree Software",
			"organisation": "Z90001", "photo": "passport", "ending": "4821", "address": "utility-bill", "other": "tenancy",
			"POST /people/organisations/new code": "Z90077", "parent": "ZTR", "postcode": "",
			"POST /people/organisations/{code}/code code": "Z90078", "POST /people/organisations/take-on code": "Z90002",
			"POST /people/organisations/{code}/host host": "ZTR", "web": "", "monday": "", "tuesday": "", "wednesday": "",
			"thursday": "", "friday": "", "saturday": "", "sunday": "09:00-12:00", "phone": "01632 960 001",
			approvalsForm + " kinds": "security_key", approvalsForm + " rule": "any", approvalsForm + " before": "0",
			"birth_date": "31 3 1980", "ni_number": "AB 12 34 56 C", "mobile": "07700 900 123", "body": "gmc", "number": "17", "typed": "CLOSE",
			"POST /people/person/{uuid}/change/name family_name": "Renamed",
			"POST /people/person/{uuid}/change/email email":      "renamed@example.nhs.uk",
			"people": w.another("Cat"), "day": "31 3 2027", "room": "", "here": "yes",
			"POST /clinics/{clinic}/people/{uuid} link": "", "POST /clinics/{clinic}/people/{uuid} give": "",
			"POST /requests/{id}/again position": "directory", "starts": "", "ends": "",
			"POST /applications/new email": "applied@example.nhs.uk", "POST /applications/{id}/link email": "again@example.nhs.uk",
			"POST /applications/{id}/decide decision": "reject", "POST /apply-for-care-id/photo-id photo": "passport",
			"POST /people/person/{uuid}/positions/give starts": "", "POST /people/person/{uuid}/positions/give ends": "",
			"POST /people/organisations/{code}/positions/new name": "Clerk", "profiles": "R8008 B0166",
			"POST /people/organisations/{code}/positions/{position}/change name":    "Clerk",
			"POST /people/organisations/{code}/positions/{position}/change version": "1",
			"POST /ask-your-ra need": "reactivate", "POST /ask-your-ra/need need": "reactivate", "POST /ask-your-ra/details number": "",
			"POST /ask-your-ra organisation": "Z90001", "POST /ask-your-ra name": "Bo",
			"text":       "I start on the 111 desk",
			"given_name": "Quentin", "family_name": "Unheard", "email": "quentin@example.nhs.uk",
		},
		Open: func(route web.Route) (map[string]string, string) {
			opened++
			if asking, at := w.opensAsking(route.Pattern); asking != nil {
				return asking.Cookies, address + at
			}
			at := prepared{w: w, b: b, team: team, n: opened}
			if ofApplications(route.Pattern) {
				applied := w.applications()
				if route.Guard == "anyone" {
					at.b = w.browser()
					at.b.Cookies[applyCookie] = applied.cookie
				}
				return at.b.Cookies, address + applied.path(route.Pattern)
			}
			if route.Guard == "anyone" {
				at.b = w.browser()
			} else {
				at.prepare(route)
			}
			_, path, _ := strings.Cut(at.names().Replace(route.Pattern), " ")
			return at.b.Cookies, address + path
		},
	}.Broken(t, dbtest.Breaking(t, w.DB), "POST /ask-your-ra/code", "POST /connections/clients/{client}/approval/withdraw",
		"POST /connections/clients/{client}/change", "POST /people/person/{uuid}/change/photo",
		"POST /applications-from-file", "POST /apply-for-care-id/id-front", "POST /apply-for-care-id/face",
		"POST /apply-for-care-id/address-1",
		"POST /apply-for-care-id/address-2", "POST /apply-for-care-id/card-photo",
		"POST /view-your-profile/email/code")
}

// approvalsForm is sent from a page that the page before leads to with what was chosen.
const approvalsForm = "POST /people/organisations/{code}/authenticators/change"

// prepared is what a form is about, and the browser of somebody who may send it.
type prepared struct {
	w    *world
	b    *browser
	team string
	n    int // tells those of one form from those of another

	client, person, organisation, request, position, assignment, batch, clinic string
	sent                                                                       sent
}

func (p *prepared) names() *strings.Replacer {
	return strings.NewReplacer("{message}", p.sent.message, "{number}", p.sent.number,
		"{team}", idOf(p.team), "{client}", idOf(p.client), "{uuid}", p.person,
		"{code}", p.organisation, "{id}", p.request, "{position}", p.position, "{assignment}", p.assignment,
		"{batch}", p.batch, "{clinic}", idOf(p.clinic))
}

// prepare makes what a route is about, in the state that its form is for.
func (p *prepared) prepare(route web.Route) {
	mailbox := fmt.Sprintf("bea%d@example.nhs.uk", p.n)
	p.person = p.w.helped("Bea", mailbox)
	p.organisation = fmt.Sprintf("Z8%03d", p.n)
	p.w.Update(func(ctx context.Context, u *db.W) error {
		clinic := organisation.Organisation{Code: p.organisation, Name: "Clinic", RAParent: "ZTR"}
		return organisation.Add(ctx, u, clinic)
	})
	if strings.Contains(route.Pattern, "{position}") {
		p.position = p.w.positionAt(p.organisation)
	}
	if strings.Contains(route.Pattern, "/staff-record/") {
		p.sent = p.w.staffSends(p.organisation)
	}
	if strings.Contains(route.Pattern, "{client}") {
		p.client = p.b.register(p.team, named(fmt.Sprint("Service ", p.n)))
	}
	if strings.Contains(route.Pattern, "{clinic}") {
		p.clinic = p.w.clinicOf(p.person)
	}
	_, path, _ := strings.Cut(route.Pattern, " ")
	if strings.Contains(path, "{batch}") {
		p.batch = p.w.batchOf(p.person)
	}
	if strings.Contains(path, "{id}") {
		p.request = p.w.asked(p.person).forForm(path)
	}
	switch path {
	case "/connections/teams/{team}/withdraw":
		p.b.post(p.team+"/invite", "invite", p.person)
	case "/connections/teams/{team}/remove":
		p.team = p.b.team(fmt.Sprint("Team ", p.n)) // which its maker leaves
		p.w.joins(p.team, p.person)
	case "/connections/invitations/accept", "/connections/invitations/decline":
		other := p.w.signedInAs(p.person)
		other.post(other.team(fmt.Sprint("Team ", p.n))+"/invite", "invite", p.w.ada)
	case "/connections/clients/{client}/secret/end":
		p.b.post(p.client+"/secret", "overlap", "1h")
	case "/connections/clients/{client}/notices/again":
		p.w.failedNotice(idOf(p.client))
	case "/connections/clients/{client}/approval/approve", "/connections/clients/{client}/approval/refuse":
		p.b.post(p.client + "/approval/ask")
		p.b = p.w.operator("Olive")
	case "/people/person/{uuid}/verify":
		p.person = p.w.migrated("Mo")
	case "/people/person/{uuid}/ni-number/show":
		p.b.post("/people/person/"+p.person+"/change/ni-number", "ni_number", "AB123456D")
	case "/people/person/{uuid}/positions/give":
		p.w.positionAt("Z90001")
	case "/people/person/{uuid}/positions/{assignment}/dates":
		p.assignment = p.w.gives(p.person)
	case "/people/person/{uuid}/position/end":
		p.b.post("/people/person/"+p.person+"/position", "position", "directory", "organisation", "Z90001")
	case "/desk/sessions/{uuid}/unlock":
		p.person, _ = p.w.locked("Lou", "lou"+mailbox)
	}
}
