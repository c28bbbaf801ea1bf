package console_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// actsOf are the acts of the published matrix that the pages about people are for: whoever may do one of those of a
// route may come to it. Pages that are not here are for managers and agents.
var actsOf = map[string][]permission.Act{
	"GET /people": {permission.Find}, "GET /people/find": {permission.Find}, "POST /people/find": {permission.Find},
	"GET /people/person/{uuid}": {permission.Find}, "GET /people/person/{uuid}/photo": {permission.Find},
	"GET /people/person/{uuid}/positions": {permission.Find}, "GET /people/organisations/{code}": {permission.Find},
	"GET /people/new": {permission.CreateProfile}, "POST /people/new": {permission.CreateProfile},
	"GET /people/person/{uuid}/verify":  {permission.VerifyProfile},
	"POST /people/person/{uuid}/verify": {permission.VerifyProfile},
	"GET /people/person/{uuid}/close":   {permission.CloseProfile}, "POST /people/person/{uuid}/close": {permission.CloseProfile},
	"GET /people/person/{uuid}/status": {permission.CloseProfile}, "POST /people/person/{uuid}/status": {permission.CloseProfile},
	"GET /people/person/{uuid}/notes": {permission.ChangeDetails}, "POST /people/person/{uuid}/notes": {permission.ChangeDetails},
	"GET /people/person/{uuid}/history":                       {permission.ChangeDetails},
	"POST /people/person/{uuid}/ni-number/show":               {permission.ChangeDetails},
	"POST /people/person/{uuid}/position":                     {permission.AssignPosition},
	"POST /people/person/{uuid}/positions/give":               {permission.AssignPosition},
	"POST /people/person/{uuid}/position/end":                 {permission.AssignPosition},
	"GET /people/person/{uuid}/positions/{assignment}/dates":  {permission.AssignPosition},
	"POST /people/person/{uuid}/positions/{assignment}/dates": {permission.AssignPosition},
	"GET /people/person/{uuid}/authenticators":                {permission.BindAuthenticator, permission.UnlockCard},
	"GET /people/person/{uuid}/smartcard":                     {permission.IssueCard, permission.UnlockCard},
	"POST /people/person/{uuid}/smartcard":                    {permission.IssueCard, permission.UnlockCard},
	"POST /people/person/{uuid}/smartcard/cancel":             {permission.IssueCard},
}

// held are the codes of what makes somebody of each job.
var held = map[permission.Job][2]string{
	permission.Manager:       {rbac.RegistrationManager, ""},
	permission.AdvancedAgent: {rbac.RegistrationAgent, permission.UsualAdvancedAgent},
	permission.Agent:         {rbac.RegistrationAgent, ""},
	permission.Sponsor:       {rbac.AdminClinicalSupport, rbac.ApproveRequests},
	permission.IDChecker:     {rbac.AdminClinicalSupport, rbac.CheckIdentity},
	permission.CardUnlocker:  {rbac.AdminClinicalSupport, permission.UsualCardUnlocker},
	permission.User:          {rbac.AdminClinicalSupport, ""},
}

// Every page about people opens to those whose job lets them do what it is for, by the published matrix, and to nobody
// else: each route by each job.
func TestEveryRouteByEveryJob(t *testing.T) {
	w := open(t)
	bea := w.helped("Bea", "bea@example.nhs.uk")
	names := strings.NewReplacer("{uuid}", bea, "{code}", "Z90001", "{assignment}", w.gives(bea), "{position}", "none",
		"{batch}", "none", "{state}", "refused.csv")
	staff := []permission.Job{permission.Manager, permission.AdvancedAgent, permission.Agent}
	var y worldtest.Tally
	opened := 0
	for job, codes := range held {
		b := w.holding("Jo", "ZTR", codes[0], strings.Fields(codes[1])...)
		for _, route := range w.site.Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if !strings.HasPrefix(path, "/people") && !strings.HasPrefix(path, "/batches") {
				continue
			}
			acts, of := actsOf[route.Pattern]
			if strings.Contains(path, "/change/") {
				acts = []permission.Act{permission.ChangeDetails}
				of = true
			}
			if strings.HasPrefix(path, "/batches") {
				acts = []permission.Act{permission.AssignBatch}
				of = true
			}
			want := !of && slices.Contains(staff, job)
			for _, act := range acts {
				answer := permission.Usual().Of(job, act)
				want = want || job != permission.User && (answer == permission.Yes || answer == permission.Assignable)
			}
			p := b.do(method, names.Replace(path), nil)
			refused := p.status == http.StatusForbidden && strings.Contains(p.text, "This page is for")
			if want && refused {
				t.Errorf("%s by %s: refused", route.Pattern, job)
			}
			if want {
				opened++
			} else {
				y.Refused(t, route.Pattern+" by "+string(job), !refused)
			}
		}
	}
	y.Report(t, "pages about people, by those whose job they are not for")
	if opened < 100 {
		t.Errorf("%d were opened", opened)
	}
}

// An ID checker makes a Care Identity and changes details; a sponsor gives what is assignable to them and asks for the
// rest; neither is shown what is not theirs.
func TestWhatCheckersAndSponsorsDoByPages(t *testing.T) {
	w := open(t)
	bea := w.helped("Bea", "bea@example.nhs.uk")
	at := "/people/person/" + bea
	lacks := func(p page, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if strings.Contains(p.text, text) {
				t.Errorf("%q is shown", text)
			}
		}
	}
	checker := w.holding("Ida", "Z90001", rbac.AdminClinicalSupport, rbac.CheckIdentity)
	list := checker.get("/people")
	list.has(t, "People of Oak Tree Pharmacy", "Create a Care Identity", "Bea")
	lacks(list, "Positions of this organisation", "Authenticators to look after")
	made := checker.post("/people/new", "given_name", "Quentin", "family_name", "Unheard", "email",
		"quentin@example.nhs.uk", "organisation", "Z90001", "photo", "passport", "ending", "1234", "address",
		"utility-bill", "other", "tenancy", "declaration", "yes")
	if !strings.HasPrefix(made.location, "/people/person/") {
		t.Fatalf("made: %d %q %s", made.status, made.location, made.text)
	}
	profile := checker.get(made.location)
	profile.has(t, "Quentin Unheard", "Birth date", "Change", "History", "Notes")
	lacks(profile, "Close profile and remove all access", "Suspend", "Authenticators")
	checker.post(made.location+"/change/mobile", "mobile", "07700 900 123")
	checker.get(made.location).has(t, "Mobile number updated.")
	lacks(checker.get(made.location+"/positions"), "Give a position", "End a position")

	clerk, sponsors := w.assignableAt("Z90001")
	sponsor := w.signedInAs(w.holder("Sue", sponsors))
	profile = sponsor.get(at)
	profile.has(t, "Bea Example", "Make a request about them")
	lacks(profile, "Birth date", "National Insurance number", "Change", "Notes", "Create a Care Identity")
	positions := sponsor.get(at + "/positions")
	positions.has(t, "Give positions of an organisation", "Clerk")
	lacks(positions, "Give a position", "Sponsors")
	if p := sponsor.post(at+"/positions/give", "positions", clerk, "ends", "31 3 2027"); p.location != at+"/positions" {
		t.Fatalf("given: %d %q %s", p.status, p.location, p.text)
	}
	sponsor.get(at+"/positions").has(t, "Positions given.", "Clerk", "31 March 2027", "Change dates", "End a position")
	if p := sponsor.post(at+"/positions/give", "positions", sponsors); p.status != http.StatusForbidden {
		t.Errorf("a sponsor makes a sponsor: %d %q", p.status, p.location)
	}
	prepared := sponsor.post(at+"/position", "position", "directory", "organisation", "Z90001")
	if prepared.status != http.StatusForbidden {
		t.Errorf("a sponsor gives what is not assignable to them: %d %q", prepared.status, prepared.location)
	}
}

// assignableAt makes a position at an organisation, and one of sponsors who may give it.
func (w *world) assignableAt(code string) (clerk, sponsors string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		clerk, err = access.AddPosition(ctx, u, access.Position{
			Organisation: code, Name: "Clerk", Profiles: access.One("S8001:G8002:R8008", rbac.DirectoryUIAccess),
		})
		if err != nil {
			return err
		}
		sponsors, err = access.AddPosition(ctx, u, access.Position{
			Organisation: code, Name: "Sponsors", Profiles: access.One("S8001:G8002:R8008", rbac.ApproveRequests),
		})
		if err != nil {
			return err
		}
		return access.SetAssignable(ctx, u, sponsors, []string{clerk})
	})
	return clerk, sponsors
}

// holder makes somebody with a position that there is, and gives their number.
func (w *world) holder(name, position string) (uuid string) {
	w.Helper()
	uuid = w.another(name)
	w.Update(func(ctx context.Context, u *db.W) error { return assignTo(ctx, u, uuid, position) })
	return uuid
}
