package console_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/hosting"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// Every form that is refused gives a reference, which the desk finds.
func TestEveryRefusedFormHasAReference(t *testing.T) {
	w := open(t)
	w.assign(manager)
	w.addSupplier()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	b := w.signedIn()
	b.team("Fenmarch Software")
	by := func(at string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return b.post(at, typed...).markup }
	}
	asks := func(page string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return w.browser().post("/ask-your-ra"+page, typed...).markup }
	}
	const client = "/connections/clients/none"
	asked := w.asked(bea)
	mine := "/requests/" + asked.mine
	theirs := "/requests/" + asked.open
	own := "/people/person/" + w.ada
	webtest.CheckReferences(t, w.site, map[string]webtest.Refused{
		"POST /sign-in":         nil,
		"POST /log-in-stronger": nil, // leads to CIS2
		"POST /held/drop":       nil, // discards what is there
		"POST /view-your-profile/authenticators/add": by("/view-your-profile/authenticators/add",
			"kind", "passkey", "declaration", "yes"),
		"POST /view-your-profile/email": func(testing.TB) (page string) {
			for range 6 {
				page = b.post("/view-your-profile/email", "email", "new@example.nhs.uk").markup
			}
			return page
		},
		"POST /view-your-profile/email/code":                   by("/view-your-profile/email/code", "code", "KDF7 2M9X"),
		"POST /connections/teams":                              by("/connections/teams", "name", "Fenmarch Software"),
		"POST /connections/invitations/accept":                 by("/connections/invitations/accept", "invitation", "none"),
		"POST /connections/invitations/decline":                by("/connections/invitations/decline", "invitation", "none"),
		"POST /connections/teams/{team}/invite":                by("/connections/teams/none/invite", "invite", "500000000017"),
		"POST /connections/teams/{team}/withdraw":              by("/connections/teams/none/withdraw", "invitation", "none"),
		"POST /connections/teams/{team}/remove":                by("/connections/teams/none/remove", "member", "none"),
		"POST /connections/teams/{team}/register":              by("/connections/teams/none/register"),
		"POST /connections/clients/{client}/change":            by(client + "/change"),
		"POST /connections/clients/{client}/secret":            by(client+"/secret", "overlap", "0"),
		"POST /connections/clients/{client}/secret/end":        by(client + "/secret/end"),
		"POST /connections/clients/{client}/status":            by(client+"/status", "move", "suspend"),
		"POST /connections/clients/{client}/approval/ask":      by(client + "/approval/ask"),
		"POST /connections/clients/{client}/approval/withdraw": by(client + "/approval/withdraw"),
		"POST /connections/clients/{client}/approval/approve":  by(client + "/approval/approve"),
		"POST /connections/clients/{client}/approval/refuse":   by(client+"/approval/refuse", "reason", "no"),
		"POST /connections/clients/{client}/notices/again":     by(client+"/notices/again", "all", "yes"),
		"POST /connections/clients/{client}/notices/test":      by(client + "/notices/test"),
		"POST /desk/sessions/{uuid}/end":                       by("/desk/sessions/"+bea+"/end", "session", "none", "reason", "asked"),
		"POST /desk/sessions/{uuid}/unlock":                    by("/desk/sessions/none/unlock", "authenticator", "none", "why", "asked"),
		"POST /ask-your-ra":                                    nil, // asks again for what is not right
		"POST /ask-your-ra/need":                               asks("/need", "need", "reactivate"),
		"POST /ask-your-ra/about":                              asks("/about", "name", "Bea", "organisation", "Z90001"),
		"POST /ask-your-ra/details":                            asks("/details", "text", "I start on Monday"),
		"POST /ask-your-ra/email":                              asks("/email", "email", "b@example.nhs.uk"),
		"POST /ask-your-ra/code":                               asks("/code", "code", "KDF7 2M9X"),
		"POST /ask-your-ra/check":                              asks("/check", "shown", "none"),
		"POST /my-ask/{id}/{secret}/withdraw":                  by("/my-ask/none/none/withdraw"),
		"POST /my-ask/{id}/{secret}/again":                     by("/my-ask/none/none/again", "text", "I start on Monday"),
		"POST /people/find":                                    nil, // finds, or says what is missing
		"POST /people/new": by("/people/new", "given_name", "Bea", "family_name", "Example", "email", "b@example.nhs.uk",
			"organisation", "Z90002", "photo", "passport", "ending", "1234", "address", "utility-bill", "other",
			"council-tax", "declaration", "yes"),
		"POST /people/organisations/new": by("/people/organisations/new", "code", "Z91111", "name", "Elsewhere",
			"parent", "Z90002"),
		"POST /people/organisations/take-on": func(testing.TB) string {
			w.Update(func(ctx context.Context, u *db.W) error {
				return hosting.SetReach(ctx, u, hosting.Reach{Code: "Z90002", Phone: "01632 960 002"})
			})
			return b.post("/people/organisations/take-on", "code", "Z90002", "reason", "asked").markup
		},
		"POST /people/organisations/{code}/host": by("/people/organisations/Z90002/host", "host", "", "reason", "asked"),
		"POST /people/organisations/reach":       nil, // a manager is asked about their own authority alone
		"POST /people/organisations/{code}/code": by("/people/organisations/Z90001/code", "code", "Z90002"),
		"POST /people/organisations/{code}/authenticators/change": by("/people/organisations/Z90002/authenticators/change",
			"kinds", "security_key", "rule", "any", "before", "0", "why", "asked"),
		"POST /people/person/{uuid}/positions/give":               by("/people/person/"+w.ada+"/positions/give", "positions", "none"),
		"POST /people/person/{uuid}/positions/{assignment}/dates": by("/people/person/" + bea + "/positions/none/dates"),
		"POST /people/organisations/{code}/positions/new": by("/people/organisations/Z90002/positions/new",
			"name", "Clerk", "profiles", "R8008", "how", "asked", "participants", "Ada"),
		"POST /people/organisations/{code}/positions/{position}/change": by(
			"/people/organisations/Z90001/positions/none/change", "name", "Clerk", "profiles", "R8008", "version", "1",
			"how", "asked", "participants", "Ada"),
		"POST /people/organisations/{code}/positions/{position}/close": by(
			"/people/organisations/Z90001/positions/none/close", "why", "asked", "approver", "Ada", "sure", "yes",
			"typed", "CLOSE"),
		"POST /people/organisations/{code}/positions/{position}/assignable": by(
			"/people/organisations/Z90001/positions/none/assignable", "assignable", "none"),
		"POST /people/organisations/{code}/staff-record/messages/{message}/again": by(
			"/people/organisations/Z90001/staff-record/messages/m1/again"),
		"POST /people/organisations/{code}/staff-record/messages/{message}/drop": by(
			"/people/organisations/Z90001/staff-record/messages/m1/drop", "reason", "asked"),
		"POST /people/organisations/{code}/staff-record/positions/{number}/link": by(
			"/people/organisations/Z90001/staff-record/positions/P1/link", "asked", "none"),
		"POST /people/organisations/{code}/staff-record/positions/{number}/decline": by(
			"/people/organisations/Z90001/staff-record/positions/P1/decline", "asked", "none", "reason", "asked"),
		"POST /people/person/{uuid}/position": by("/people/person/"+w.ada+"/position", "position", "directory",
			"organisation", "Z90001"),
		"POST /people/person/{uuid}/position/end": by("/people/person/"+w.ada+"/position/end", "assignment", "none",
			"why_end", "asked"),
		"POST /people/person/{uuid}/smartcard":        by("/people/person/"+w.ada+"/smartcard", "act", "issue"),
		"POST /people/person/{uuid}/smartcard/cancel": by("/people/person/"+w.ada+"/smartcard/cancel", "why", "asked"),
		"POST /people/person/{uuid}/authenticators/link": by("/people/person/"+w.ada+"/authenticators/link", "kind", "any",
			"witness", "in-person"),
		"POST /people/person/{uuid}/authenticators/link/withdraw": by("/people/person/"+w.ada+"/authenticators/link/withdraw",
			"link", "none", "why_withdraw", "asked"),
		"POST /people/person/{uuid}/authenticators/act": by("/people/person/"+w.ada+"/authenticators/act", "authenticator",
			"none", "act", "remove", "why_act", "asked", "sure", "yes"),
		"POST /people/person/{uuid}/access-pass":           by("/people/person/"+w.ada+"/access-pass", "hours", "1", "why_pass", "x"),
		"POST /people/person/{uuid}/access-pass/confirm":   by("/people/person/"+w.ada+"/access-pass/confirm", "pass", "none"),
		"POST /people/person/{uuid}/status":                by("/people/person/"+w.ada+"/status", "move", "suspend", "why", "asked"),
		"POST /people/person/{uuid}/ni-number/show":        by("/people/person/" + w.ada + "/ni-number/show"),
		"POST /people/person/{uuid}/change/name":           by(own+"/change/name", "given_name", "A", "family_name", "B"),
		"POST /people/person/{uuid}/change/birth-date":     by(own+"/change/birth-date", "birth_date", "31 3 1980"),
		"POST /people/person/{uuid}/change/ni-number":      by(own+"/change/ni-number", "ni_number", "AB123456C"),
		"POST /people/person/{uuid}/change/smartcard-name": by(own+"/change/smartcard-name", "card_name", "A"),
		"POST /people/person/{uuid}/change/mobile":         by(own+"/change/mobile", "mobile", ""),
		"POST /people/person/{uuid}/change/email":          by(own+"/change/email", "email", "a@example.nhs.uk"),
		"POST /people/person/{uuid}/change/registration":   by(own+"/change/registration", "body", "gmc", "number", "1"),
		"POST /people/person/{uuid}/change/photo":          by(own + "/change/photo"),
		"POST /people/person/{uuid}/close":                 by(own+"/close", "reason", "left", "note", "x", "sure", "yes", "typed", "CLOSE"),
		"POST /people/person/{uuid}/notes":                 by(own+"/notes", "note", "x"),
		"POST /people/person/{uuid}/verify": by(own+"/verify", "photo", "passport", "ending", "1234", "address",
			"utility-bill", "other", "council-tax", "declaration", "yes"),
		"POST /apply-for-care-id/link/{token}": by("/apply-for-care-id/link/none"),
		"POST /apply-for-care-id/code":         by("/apply-for-care-id/code", "code", "123456"),
		"POST /apply-for-care-id/name":         by("/apply-for-care-id/name", "given_name", "Bea", "family_name", "Okafor"),
		"POST /apply-for-care-id/birth-date":   by("/apply-for-care-id/birth-date", "birth_date", "31 3 1980"),
		"POST /apply-for-care-id/ni-number":    by("/apply-for-care-id/ni-number", "ni_number", "AB123456C"),
		"POST /apply-for-care-id/photo-id":     by("/apply-for-care-id/photo-id", "photo", "passport", "ending", "1234"),
		"POST /apply-for-care-id/id-front":     by("/apply-for-care-id/id-front"),
		"POST /apply-for-care-id/id-back":      by("/apply-for-care-id/id-back"),
		"POST /apply-for-care-id/face":         by("/apply-for-care-id/face"),
		"POST /apply-for-care-id/address-1":    by("/apply-for-care-id/address-1", "kind", "council-tax"),
		"POST /apply-for-care-id/address-2":    by("/apply-for-care-id/address-2", "kind", "council-tax"),
		"POST /apply-for-care-id/card-photo":   by("/apply-for-care-id/card-photo"),
		"POST /apply-for-care-id/submit":       by("/apply-for-care-id/submit", "declaration", "yes"),
		"POST /apply-for-care-id/withdraw":     by("/apply-for-care-id/withdraw", "sure", "yes"),
		"POST /batches":                        nil, // makes one, or says what is wrong
		"POST /batches/{batch}/next":           by("/batches/none/next", "next", "send"),
		"POST /applications/new": by("/applications/new", "given_name", "Bea", "family_name", "Okafor", "email", "bea.o@example.nhs.uk", "mobile", "07700 900 123",
			"reason", "asked", "organisation", "Z90002"),
		"POST /applications/{id}/link": by("/applications/none/link", "given_name", "Bea", "family_name", "Okafor", "email", "bea.o@example.nhs.uk", "mobile", "07700 900 123",
			"reason", "asked"),
		"POST /applications-from-file":             nil, // reads, or says what is wrong with the file
		"POST /applications-from-file/{file}/send": by("/applications-from-file/none/send"),
		"POST /applications/{id}/withdraw":         by("/applications/none/withdraw"),
		"POST /applications/{id}/look":             by("/applications/none/look"),
		"POST /applications/{id}/leave":            by("/applications/none/leave"),
		"POST /applications/{id}/decide":           by("/applications/none/decide", "decision", "reject", "notes", "asked"),
		"POST /clinics/new":                        nil, // made, or says what is wrong with what was typed
		"POST /clinics/{clinic}/people":            by("/clinics/none/people", "people", w.ada),
		"POST /clinics/{clinic}/end":               by("/clinics/none/end", "sure", "yes"),
		"POST /clinics/{clinic}/people/{uuid}":     by("/clinics/none/people/"+w.ada, "here", "yes"),
		"POST /requests/new":                       by("/requests/new", "uuid", w.ada, "kind", "reactivate", "reason", "asked"),
		"POST /requests/{id}/look":                 by(mine + "/look"),
		"POST /requests/{id}/leave":                by(mine + "/leave"),
		"POST /requests/{id}/approve":              by(mine + "/approve"),
		"POST /requests/{id}/reject":               by(mine+"/reject", "decision", "Something else", "fix", "x"),
		"POST /requests/{id}/again":                by(theirs+"/again", "position", "directory", "reason", "asked"),
		"POST /requests/{id}/withdraw":             by(theirs + "/withdraw"),
		"POST /cancel":                             nil,
	}, func(route web.Route) (*webtest.Browser, string) {
		names := strings.NewReplacer("POST ", "", "{team}", "none", "{uuid}", bea, "{client}", "none", "{id}",
			asked.mine)
		return b.Browser, names.Replace(route.Pattern)
	}, func(reference string) bool {
		return strings.Contains(b.get("/desk/sessions?find="+url.QueryEscape(reference)).markup, "Tell the caller")
	})
}
