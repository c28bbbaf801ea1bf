package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/population"
	"signpost/internal/careid/request"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

// requests are the ids of some about somebody: two that a sponsor asked for, at one of which Ada looks, and one of
// Ada's that was rejected.
type requests struct{ open, looked, mine string }

// forForm gives the request to which a form can be sent.
func (q requests) forForm(path string) string {
	switch {
	case strings.HasSuffix(path, "/look"):
		return q.open
	case strings.HasSuffix(path, "/again"), strings.HasSuffix(path, "/withdraw"):
		return q.mine
	}
	return q.looked
}

// asked makes requests about somebody.
func (w *world) asked(about string) (q requests) {
	w.Helper()
	ada := actor.Actor{Kind: actor.Person, ID: w.ada}
	sponsor := actor.Actor{Kind: actor.Person, ID: w.another("Sue")}
	ask := func(by actor.Actor) string {
		return worldtest.Must(db.Write(w.Context(), w.DB, by, func(u *db.W) (request.Request, error) {
			return request.Open(w.Context(), u, request.New{
				Subject: request.Subject{UUID: about}, Organisation: "Z90001",
				What: request.Grant{Template: "directory"}, Reason: "works on the 111 desk",
			})
		}))(w).ID
	}
	q = requests{open: ask(sponsor), looked: ask(sponsor), mine: ask(ada)}
	as := func(by actor.Actor, fn func(ctx context.Context, u *db.W) error) {
		w.Must(w.DB.Update(w.Context(), by, func(u *db.W) error { return fn(w.Context(), u) }))
	}
	as(ada, func(ctx context.Context, u *db.W) error { return request.LookAt(ctx, u, q.looked) })
	as(sponsor, func(ctx context.Context, u *db.W) error { return request.LookAt(ctx, u, q.mine) })
	as(sponsor, func(ctx context.Context, u *db.W) error {
		_, err := request.Reject(ctx, u, q.mine, "The dates are wrong", "Say when it starts")
		return err
	})
	return q
}

// holding makes somebody with a position, and a browser of theirs.
func (w *world) holding(given, at, role string, activities ...string) *browser {
	w.Helper()
	return w.signedInAs(w.Person(population.Person{GivenName: given, FamilyName: "Holder", Organisation: at,
		Positions: []population.Position{{Organisation: at, Role: role, Activities: activities}}}).ID)
}

// A sponsor asks, a manager looks and rejects, the sponsor fixes it and sends it again, and the manager approves it:
// then the position is there.
func TestARequestIsFixedAndApprovedByPages(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.colleague("Bea", "bea@example.nhs.uk")
	sponsor := w.holding("Sue", "Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	sponsor.get("/requests").has(t, "Make a request", "You asked for nothing")
	const about = "/requests/new?kind=grant-position&uuid="
	asking := sponsor.get(about + url.QueryEscape(bea[:4]+" "+bea[4:]))
	asking.has(t, "Request about Bea Example", "Give a position", "Start date", "Why?")
	for _, text := range []string{"Position that they have", "Details to change"} {
		if strings.Contains(asking.text, text) {
			t.Errorf("%q is asked for, which this does not need", text)
		}
	}
	sponsor.get(about+"999999999999").has(t, "Enter the 12 digits of a Care Identity number that is known")
	sponsor.get("/requests/new?uuid="+bea).has(t, "Select what you ask for", "End a position")
	if p := sponsor.get("/requests/new?from=profile&uuid=" + bea); strings.Contains(p.text, "There is a problem") {
		t.Error("the link of the profile says that something is wrong")
	}
	sponsor.get("/requests/new?kind=authenticator&uuid="+bea).has(t, "Select what you ask for")
	ask := func(starts string) page {
		return sponsor.post("/requests/new", "uuid", bea, "kind", "grant-position", "position", "directory", "reason",
			"works on the 111 desk", "starts", starts, "ends", "31 3 2027")
	}
	if p := ask("31 February"); strings.HasPrefix(p.location, "/requests/0") {
		t.Error("a date that is none is taken")
	}
	sent := ask("1 12 2026")
	at := sent.location
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(at, "/requests/0") {
		t.Fatalf("asked: %d %q %s", sent.status, sent.location, sent.text)
	}
	sponsor.get(at).has(t, "Give a position", "Directory of Services System", "1 December 2026", "31 March 2027",
		"Withdraw the request")
	ada := w.signedInAs(w.ada)
	ada.get("/requests").has(t, "Open requests", "Bea Example", "Sue Holder", "Nobody")
	ada.get(at).has(t, "Look at this request")
	ada.post(at + "/look")
	ada.get(at).has(t, "You look at this request until", "Approve", "Reject", "Exit request")
	ada.post(at+"/reject", "decision", "The dates are wrong", "fix", "It starts on 2 December")
	sponsor.get("/requests").has(t, "Rejected")
	sponsor.get(at).has(t, "It starts on 2 December", "Fix it and send it again")
	sponsor.post(at+"/again", "position", "directory", "starts", "2 12 2026", "reason", "works on the 111 desk")
	ada.get(at).has(t, "sent 2 times", "2 December 2026")
	ada.post(at + "/look")
	if p := ada.post(at + "/approve"); p.location != "/requests" {
		t.Errorf("approved: %d %q %s", p.status, p.location, p.text)
	}
	ada.get("/requests").has(t, "Closed in the last 30 days", "Completed")
	if n := w.Count(`SELECT COUNT(*) FROM assignment WHERE uuid = $1`, bea); n != 1 {
		t.Errorf("they hold %d positions", n)
	}
	w.Clock.Advance(31 * 24 * time.Hour)
	if p := w.signedInAs(w.ada).get("/requests"); strings.Contains(p.text, "Bea Example") {
		t.Error("what was closed more than 30 days ago is listed")
	}
}

// Nobody sees a request that they cannot decide, but those that they asked for: on no list and at no address.
func TestRequestsAreSeenByThoseWhoCanDecide(t *testing.T) {
	w := open(t)
	bea := w.colleague("Bea", "bea@example.nhs.uk")
	asked := w.asked(bea)
	number := ""
	w.View(func(ctx context.Context, r db.R) error {
		one, err := request.ByID(ctx, r, asked.open)
		number = random.Grouped(one.Number)
		return err
	})
	tried := 0
	for name, tt := range map[string]struct {
		b    *browser
		want bool
	}{
		"without a job":           {w.signedInAs(w.another("Dan")), false},
		"whom it is about":        {w.signedInAs(bea), false},
		"another sponsor":         {w.holding("Eve", "Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests), false},
		"an ID checker":           {w.holding("Eve", "Z90001", rbac.AdminClinicalSupport, rbac.CheckIdentity), false},
		"an agent":                {w.holding("Eve", "ZTR", rbac.RegistrationAgent), true},
		"a manager of the branch": {w.holding("Eve", "Z90001", rbac.RegistrationManager), true},
	} {
		tried++
		list := strings.Contains(tt.b.get("/requests").text, number)
		one := tt.b.get("/requests/" + asked.open).status
		if list != tt.want || (one == http.StatusOK) != tt.want {
			t.Errorf("%s: on the list: %v, at its address: %d", name, list, one)
		}
	}
	if tried < 6 {
		t.Errorf("%d tried", tried)
	}
}

// A change of one's own email address is shown as completed, to oneself.
func TestAChangedEmailIsACompletedRequest(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	const row = "Change your email address"
	if strings.Contains(b.get("/requests").text, row) {
		t.Error("a change is shown that there was not")
	}
	b.post("/view-your-profile/email", "email", newEmail)
	b.post("/view-your-profile/email/code", "code", w.code(newEmail))
	b.get("/requests").has(t, row, "Completed")
	if strings.Contains(w.signedInAs(w.another("Dan")).get("/requests").text, row) {
		t.Error("somebody else is shown it")
	}
	w.Clock.Advance(31 * 24 * time.Hour)
	if strings.Contains(w.signedInAs(w.ada).get("/requests").text, row) {
		t.Error("it is shown after 30 days")
	}
}

// It takes two people to give a job at a registration authority, where there are two.
func TestAJobTakesTwoPeople(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.colleague("Bea", "bea@example.nhs.uk")
	cat := w.colleague("Cat", "cat@example.nhs.uk")
	ada := w.signedInAs(w.ada)
	give := func(uuid, position string) page {
		ada.post("/people/person/"+uuid+"/position", "position", position, "organisation", "ZTR")
		return ada.get("/people/person/" + uuid + "/positions")
	}
	give(bea, "agent").has(t, "Position given.")
	if n := len(w.Events("registration.alone")); n != 1 {
		t.Errorf("%d events say that one person gave it alone", n)
	}
	second := w.holding("Eve", "ZTR", rbac.RegistrationManager)
	give(cat, "directory").has(t, "Position given.")
	give(cat, "agent").has(t, "made. They have the position once another manager approves it.")
	if n := w.Count(`SELECT COUNT(*) FROM assignment WHERE uuid = $1`, cat); n != 1 {
		t.Errorf("they hold %d positions before a second person decided", n)
	}
	at := "/requests/" + worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		list, _, err := request.Filter{Open: true, About: cat}.List(ctx, r, 0, 1)
		return list[0].ID, err
	})
	if p := ada.post(at + "/look"); strings.Contains(ada.get(at).text, "You look at this request") {
		t.Errorf("who asked looks at it: %d", p.status)
	}
	second.post(at + "/look")
	second.post(at + "/approve")
	if n := w.Count(`SELECT COUNT(*) FROM assignment WHERE uuid = $1`, cat); n != 2 {
		t.Errorf("they hold %d positions after a second person decided", n)
	}
}
