package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
)

// guards says who may come to each route of the site. A new route has to be added here.
var guards = map[string]string{
	"GET /assets/": "anyone", "GET /{$}": "anyone", "POST /sign-in": "anyone", "GET /signin/callback": "anyone", "GET /failed": "anyone", "GET /signed-out": "anyone", "GET /sign-out/leave": "anyone", "GET /another-person": "signed in",
	"GET /sign-out": "signed in", "GET /log-in-stronger": "signed in", "POST /log-in-stronger": "signed in",
	"GET /apply": "anyone", "GET /find-your-ra": "anyone", "GET /find-your-ra/embed": "anyone", "GET /find-your-ra.json": "anyone", "POST /backchannel-logout": "anyone", "GET /.well-known/jwks.json": "anyone",
	"GET /ask-your-ra": "anyone", "POST /ask-your-ra": "anyone", "GET /ask-your-ra/need": "anyone", "POST /ask-your-ra/need": "anyone",
	"GET /ask-your-ra/about": "anyone", "POST /ask-your-ra/about": "anyone", "GET /ask-your-ra/details": "anyone",
	"POST /ask-your-ra/details": "anyone", "GET /ask-your-ra/email": "anyone", "POST /ask-your-ra/email": "anyone",
	"GET /ask-your-ra/code": "anyone", "POST /ask-your-ra/code": "anyone", "GET /ask-your-ra/check": "anyone",
	"POST /ask-your-ra/check": "anyone", "GET /ask-your-ra/sent": "anyone", "GET /my-ask/{id}/{secret}": "anyone",
	"POST /my-ask/{id}/{secret}/withdraw": "anyone", "POST /my-ask/{id}/{secret}/again": "anyone",
	"POST /extract/v1/people": "anyone", "POST /extract/v1/changes": "anyone",
	"GET /extract/v1/openapi.json": "anyone",
	"POST /sign-out":               "signed in", "GET /view-your-profile": "signed in",
	"GET /view-your-profile/authenticators/add": "signed in", "POST /view-your-profile/authenticators/add": "signed in",
	"GET /view-your-profile/email": "signed in", "POST /view-your-profile/email": "signed in",
	"GET /view-your-profile/email/code": "signed in", "POST /view-your-profile/email/code": "signed in",
	"GET /desk/sessions": "service desk", "POST /desk/sessions/{uuid}/end": "service desk",
	"POST /desk/sessions/{uuid}/unlock": "service desk", "GET /desk/refusals": "service desk",
	"GET /people": "may find people and organisations", "GET /people/new": "may create a profile",
	"POST /people/new": "may create a profile", "GET /people/person/{uuid}": "may find people and organisations",
	"GET /people/organisations/new": "registration authority", "POST /people/organisations/new": "registration authority",
	"GET /people/organisations/{code}/code": "registration authority", "POST /people/organisations/{code}/code": "registration authority",
	"GET /people/organisations/{code}":                                          "may find people and organisations",
	"GET /people/organisations/take-on":                                         "registration authority",
	"POST /people/organisations/take-on":                                        "registration authority",
	"GET /people/organisations/{code}/host":                                     "registration authority",
	"POST /people/organisations/{code}/host":                                    "registration authority",
	"GET /people/organisations/reach":                                           "registration authority",
	"POST /people/organisations/reach":                                          "registration authority",
	"GET /people/organisations/{code}/authenticators":                           "registration authority",
	"GET /people/organisations/{code}/authenticators/change":                    "registration authority",
	"POST /people/organisations/{code}/authenticators/change":                   "registration authority",
	"POST /people/person/{uuid}/positions/give":                                 "may assign a position, change its dates or remove it",
	"GET /people/person/{uuid}/positions/{assignment}/dates":                    "may assign a position, change its dates or remove it",
	"POST /people/person/{uuid}/positions/{assignment}/dates":                   "may assign a position, change its dates or remove it",
	"GET /people/organisations/{code}/staff-record":                             "registration authority",
	"GET /people/organisations/{code}/staff-record/messages/{message}":          "registration authority",
	"POST /people/organisations/{code}/staff-record/messages/{message}/again":   "registration authority",
	"POST /people/organisations/{code}/staff-record/messages/{message}/drop":    "registration authority",
	"GET /people/organisations/{code}/staff-record/positions/{number}":          "registration authority",
	"POST /people/organisations/{code}/staff-record/positions/{number}/link":    "registration authority",
	"POST /people/organisations/{code}/staff-record/positions/{number}/decline": "registration authority",
	"GET /people/organisations/{code}/positions":                                "registration authority",
	"GET /people/organisations/{code}/positions/new":                            "registration authority",
	"POST /people/organisations/{code}/positions/new":                           "registration authority",
	"GET /people/organisations/{code}/positions/{position}":                     "registration authority",
	"GET /people/organisations/{code}/positions/{position}/edit":                "registration authority",
	"GET /people/organisations/{code}/positions/{position}/change":              "registration authority",
	"POST /people/organisations/{code}/positions/{position}/change":             "registration authority",
	"GET /people/organisations/{code}/positions/{position}/close":               "registration authority",
	"POST /people/organisations/{code}/positions/{position}/close":              "registration authority",
	"POST /people/organisations/{code}/positions/{position}/assignable":         "registration authority",
	"POST /people/person/{uuid}/position":                                       "may assign a position, change its dates or remove it",
	"POST /people/person/{uuid}/position/end":                                   "may assign a position, change its dates or remove it",
	"GET /people/person/{uuid}/authenticators":                                  "may issue or remove somebody's authenticator",
	"POST /people/person/{uuid}/authenticators/link":                            "registration authority",
	"POST /people/person/{uuid}/authenticators/link/withdraw":                   "registration authority",
	"POST /people/person/{uuid}/authenticators/act":                             "registration authority",
	"GET /people/worklist":                                                      "registration authority", "GET /people/worklist.csv": "registration authority",
	"GET /people/person/{uuid}/access-pass":          "registration authority",
	"POST /people/person/{uuid}/access-pass":         "registration authority",
	"POST /people/person/{uuid}/access-pass/confirm": "registration authority",
	"POST /people/person/{uuid}/status":              "may close or reopen a profile",
	"GET /people/person/{uuid}/change/name":          "may change somebody's details", "POST /people/person/{uuid}/change/name": "may change somebody's details",
	"GET /people/person/{uuid}/change/birth-date": "may change somebody's details", "POST /people/person/{uuid}/change/birth-date": "may change somebody's details",
	"GET /people/person/{uuid}/change/ni-number": "may change somebody's details", "POST /people/person/{uuid}/change/ni-number": "may change somebody's details",
	"GET /people/person/{uuid}/change/smartcard-name": "may change somebody's details", "POST /people/person/{uuid}/change/smartcard-name": "may change somebody's details",
	"GET /people/person/{uuid}/change/mobile": "may change somebody's details", "POST /people/person/{uuid}/change/mobile": "may change somebody's details",
	"GET /people/person/{uuid}/change/email": "may change somebody's details", "POST /people/person/{uuid}/change/email": "may change somebody's details",
	"GET /people/person/{uuid}/change/registration": "may change somebody's details", "POST /people/person/{uuid}/change/registration": "may change somebody's details",
	"GET /people/person/{uuid}/change/photo": "may change somebody's details", "POST /people/person/{uuid}/change/photo": "may change somebody's details",
	"GET /people/find": "may find people and organisations", "POST /people/find": "may find people and organisations",
	"GET /people/person/{uuid}/close": "may close or reopen a profile", "POST /people/person/{uuid}/close": "may close or reopen a profile",
	"GET /people/person/{uuid}/notes": "may change somebody's details", "POST /people/person/{uuid}/notes": "may change somebody's details",
	"GET /people/person/{uuid}/history": "may change somebody's details",
	"GET /people/person/{uuid}/verify":  "may verify a profile", "POST /people/person/{uuid}/verify": "may verify a profile",
	"GET /people/person/{uuid}/positions": "may find people and organisations", "GET /people/person/{uuid}/status": "may close or reopen a profile",
	"GET /people/person/{uuid}/photo": "may find people and organisations", "POST /people/person/{uuid}/ni-number/show": "may change somebody's details",
	"GET /people/person/{uuid}/smartcard": "may issue or remove somebody's authenticator", "POST /people/person/{uuid}/smartcard": "may issue or remove somebody's authenticator",
	"POST /people/person/{uuid}/smartcard/cancel": "may issue, repair, clear or cancel a smartcard",
	"POST /smartcards/v1/issue":                   "anyone", "POST /smartcards/v1/renew": "anyone", "POST /smartcards/v1/unlock": "anyone",
	"GET /smartcards/revoked.crl":     "anyone",
	"GET /view-your-profile/activity": "signed in",
	"GET /queue":                      "signed in",
	"GET /queue/forecast":             "signed in",
	"GET /batches":                    "may assign positions to many people", "GET /batches/new": "may assign positions to many people",
	"POST /batches": "may assign positions to many people", "GET /batches/{batch}": "may assign positions to many people",
	"POST /batches/{batch}/next": "may assign positions to many people", "GET /batches/{batch}/{state}": "may assign positions to many people",
	"GET /requests": "signed in", "GET /requests/new": "signed in", "POST /requests/new": "signed in",
	"GET /clinics": "registration authority", "GET /clinics/new": "registration authority",
	"POST /clinics/new": "registration authority", "GET /clinics/{clinic}": "registration authority",
	"POST /clinics/{clinic}/people": "registration authority", "POST /clinics/{clinic}/end": "registration authority",
	"GET /clinics/{clinic}/list": "registration authority", "GET /clinics/{clinic}/list.csv": "registration authority",
	"GET /clinics/{clinic}/people/{uuid}":  "registration authority",
	"POST /clinics/{clinic}/people/{uuid}": "registration authority",
	"GET /requests/{id}":                   "signed in", "POST /requests/{id}/look": "signed in", "POST /requests/{id}/leave": "signed in",
	"GET /reports": "may report on positions", "GET /reports/{report}": "may report on positions",
	"GET /reports/{report}/file.xlsx": "may report on positions",
	"GET /reports/{report}/file.csv":  "may report on positions",
	"POST /requests/{id}/approve":     "signed in", "POST /requests/{id}/reject": "signed in",
	"POST /requests/{id}/again": "signed in", "POST /requests/{id}/withdraw": "signed in",
	"GET /apply-for-care-id": "anyone", "GET /apply-for-care-id/link/{token}": "anyone", "POST /apply-for-care-id/link/{token}": "anyone",
	"GET /apply-for-care-id/code": "anyone", "POST /apply-for-care-id/code": "anyone",
	"GET /apply-for-care-id/name": "anyone", "POST /apply-for-care-id/name": "anyone",
	"GET /apply-for-care-id/birth-date": "anyone", "POST /apply-for-care-id/birth-date": "anyone",
	"GET /apply-for-care-id/ni-number": "anyone", "POST /apply-for-care-id/ni-number": "anyone",
	"GET /apply-for-care-id/photo-id": "anyone", "POST /apply-for-care-id/photo-id": "anyone",
	"GET /apply-for-care-id/id-front": "anyone", "POST /apply-for-care-id/id-front": "anyone",
	"GET /apply-for-care-id/id-back": "anyone", "POST /apply-for-care-id/id-back": "anyone",
	"GET /apply-for-care-id/face": "anyone", "POST /apply-for-care-id/face": "anyone",
	"GET /apply-for-care-id/address-1": "anyone", "POST /apply-for-care-id/address-1": "anyone",
	"GET /apply-for-care-id/address-2": "anyone", "POST /apply-for-care-id/address-2": "anyone",
	"GET /apply-for-care-id/card-photo": "anyone", "POST /apply-for-care-id/card-photo": "anyone",
	"GET /apply-for-care-id/withdraw": "anyone", "POST /apply-for-care-id/withdraw": "anyone",
	"GET /apply-for-care-id/sent/{shot}": "anyone", "GET /apply-for-care-id/check": "anyone", "POST /apply-for-care-id/submit": "anyone",
	"GET /applications": "signed in", "GET /applications/new": "signed in", "POST /applications/new": "signed in",
	"GET /applications/{id}": "signed in", "GET /applications/{id}/link": "signed in", "POST /applications/{id}/link": "signed in",
	"POST /applications/{id}/withdraw": "signed in", "POST /applications/{id}/look": "signed in", "POST /applications/{id}/leave": "signed in",
	"GET /applications/{id}/decide": "signed in", "POST /applications/{id}/decide": "signed in",
	"GET /applications/{id}/picture/{shot}": "signed in",
	"GET /applications-from-file":           "signed in", "POST /applications-from-file": "signed in",
	"GET /applications-from-file/{file}": "signed in", "POST /applications-from-file/{file}/send": "signed in",
	"GET /applications-from-file/{file}/refused.csv": "signed in",
	"GET /connections": "signed in", "POST /connections/teams": "signed in",
	"POST /connections/invitations/accept": "signed in", "POST /connections/invitations/decline": "signed in",
	"GET /connections/teams/{team}": "signed in", "POST /connections/teams/{team}/invite": "signed in",
	"POST /connections/teams/{team}/withdraw": "signed in", "POST /connections/teams/{team}/remove": "signed in",
	"GET /connections/teams/{team}/register": "signed in", "POST /connections/teams/{team}/register": "signed in",
	"GET /connections/clients":          "signed in",
	"GET /connections/clients/{client}": "signed in", "GET /connections/clients/{client}/change": "signed in",
	"POST /connections/clients/{client}/change": "signed in", "POST /connections/clients/{client}/secret": "signed in",
	"POST /connections/clients/{client}/secret/end": "signed in", "POST /connections/clients/{client}/status": "signed in",
	"GET /connections/clients/{client}/delete": "signed in", "GET /connections/clients/{client}/refusals": "signed in",
	"GET /connections/clients/{client}/notices": "signed in", "POST /connections/clients/{client}/notices/again": "signed in",
	"POST /connections/clients/{client}/notices/test": "signed in",
	"GET /connections/clients/{client}/history":       "signed in", "GET /connections/approvals": "signed in",
	"POST /connections/clients/{client}/approval/ask": "signed in", "POST /connections/clients/{client}/approval/withdraw": "signed in",
	"GET /connections/clients/{client}/approval": "signed in", "POST /connections/clients/{client}/approval/approve": "signed in",
	"POST /connections/clients/{client}/approval/refuse": "signed in",
	"GET /held": "signed in", "POST /held/drop": "signed in", "GET /session": "anyone", "POST /session/stay": "signed in",
	"POST /cancel": "anyone", "POST /sign-out/everything": "anyone",
}

func TestEveryRouteIsListed(t *testing.T) {
	w := open(t)
	seen := map[string]bool{}
	for _, route := range w.site.Routes() {
		seen[route.Pattern] = true
		if guards[route.Pattern] != route.Guard {
			t.Errorf("%s is open to %q, want %q", route.Pattern, route.Guard, guards[route.Pattern])
		}
	}
	for pattern := range guards {
		if !seen[pattern] {
			t.Errorf("%s is not there", pattern)
		}
	}
}

func TestGuardedRoutesRefuse(t *testing.T) {
	for name, spoil := range map[string]func(w *world, b *browser){
		"no session":         func(_ *world, b *browser) { b.Cookies = map[string]string{} },
		"session over":       func(w *world, _ *browser) { w.Clock.Advance(16 * time.Minute) },
		"signed out":         func(_ *world, b *browser) { b.post("/sign-out") },
		"forged session":     func(_ *world, b *browser) { b.Cookies["__Host-cim"] = "0198a0f0-0000-7000-8000-000000000000.secret" },
		"identity suspended": func(w *world, _ *browser) { w.move(identity.Suspend) },
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			b := w.signedIn()
			if !b.in() {
				t.Fatal("honest twin: not signed in")
			}
			b.post("/view-your-profile/email", "email", newEmail)
			code := w.code(newEmail)
			spoil(w, b)
			tried := 0
			for pattern, guard := range guards {
				method, path, _ := strings.Cut(pattern, " ")
				if guard == "anyone" {
					continue
				}
				tried++
				p := b.do(method, path, url.Values{"email": {newEmail}, "code": {code}})
				if p.status != http.StatusSeeOther || p.location != "/" {
					t.Errorf("%s: %d %q", pattern, p.status, p.location)
				}
			}
			if tried == 0 || w.identity().Email != oldEmail {
				t.Errorf("tried %d, address now %s", tried, w.identity().Email)
			}
		})
	}
}

// Every page that refuses somebody for want of a role names their registration authority, with how to reach it.
func TestEachRefusedRouteSaysWhoToAsk(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	refused := 0
	for pattern, guard := range guards {
		if guard != "service desk" && guard != "registration authority" && !strings.HasPrefix(guard, "may ") {
			continue
		}
		method, path, _ := strings.Cut(pattern, " ")
		p := b.do(method, path, url.Values{})
		if p.status == http.StatusSeeOther {
			p = b.get(p.location)
		}
		refused++
		named := strings.Contains(p.text, "Fenmarch University Hospitals: ra@ztr.example")
		if p.status != http.StatusForbidden || !named {
			t.Errorf("%s: %d %s", pattern, p.status, p.text)
		}
	}
	if refused < 10 {
		t.Errorf("only %d routes refused: the check would prove nothing", refused)
	}
}

func TestWrongMethodsAndOriginsRefuse(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	asked := 0
	for pattern := range guards {
		asked++
		b.Address = fmt.Sprintf("192.0.2.%d:1", asked%250) // one network may not ask for so many at once
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.TrimSuffix(path, "{$}")
		if other := map[string]string{"GET": "POST", "POST": "PUT"}[method]; guards[other+" "+path] == "" {
			if p := b.do(other, path, url.Values{}); p.status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", other, path, p.status)
			}
		}
		if method != http.MethodPost {
			continue
		}
		for _, site := range []string{"cross-site", "same-site"} {
			p := b.do(method, path, url.Values{"email": {newEmail}},
				func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", site) })
			if p.status != http.StatusForbidden {
				t.Errorf("%s from %s: %d", pattern, site, p.status)
			}
		}
	}
	if !b.in() || w.identity().Email != oldEmail || len(w.Mails.All()) != 0 {
		t.Error("a refused request did something")
	}
}
