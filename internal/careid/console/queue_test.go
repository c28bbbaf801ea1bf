package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/population"
	"signpost/internal/careid/request"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// The queue has who asked and who did not, leads to each, and goes on page by page.
func TestTheQueueOnPages(t *testing.T) {
	w := open(t)
	w.assign(manager)
	sponsor := actor.Actor{Kind: actor.Person, ID: w.another("Sue")}
	w.migrated("Mo")
	ask := func(name string) {
		uuid := w.another(name)
		w.Must(w.DB.Update(w.Context(), sponsor, func(u *db.W) error {
			_, err := request.Open(w.Context(), u, request.New{Subject: request.Subject{UUID: uuid},
				Organisation: "Z90001", What: request.Ask(request.Reactivate), Reason: "came back"})
			return err
		}))
	}
	ask("Lena")
	w.Clock.Advance(10 * 24 * time.Hour)
	for n := range 51 {
		ask(fmt.Sprintf("P%02d", n))
	}
	stranger := w.browser()
	stranger.asksUntil("/check")
	stranger.sends()
	b := w.signedInAs(w.ada)
	first := b.get("/queue")
	first.has(t, "Lena Example", "Late", "Make usable again", "They cannot log in", "Oak Tree Pharmacy", "P00 Example")
	first.lacks(t, "Mo Example", "Bo Stranger")
	if strings.Index(first.text, "Lena") > strings.Index(first.text, "P00") {
		t.Error("what is late is not first")
	}
	more := b.get("/queue?after" + strings.ReplaceAll(between(first.markup, `href="/queue?after`, `"`), "&amp;", "&"))
	more.has(t, "Queue, further on", "P50 Example", "Bo Stranger", "Mo Example", "No day is set", "Beginning")
	more.lacks(t, "Lena Example", "P00 Example")
	b.get("/queue?kind=verify").has(t, "Mo Example")
	b.get("/queue?kind=verify").lacks(t, "Lena Example")
	b.get("/queue?late=yes").lacks(t, "P00 Example")
	b.get("/queue?at=ztr").has(t, "Nobody waits for what you chose")
	b.get("/queue?kind=nonsense&after=nonsense").has(t, "Lena Example")
	if p := w.holding("Una", "Z90001", rbac.AdminClinicalSupport).get("/queue"); p.status != http.StatusForbidden {
		t.Errorf("somebody without a job: %d", p.status)
	}
	checker := w.holding("Ida", "Z90001", rbac.AdminClinicalSupport, rbac.CheckIdentity)
	checker.get("/queue").has(t, "Mo Example")
	checker.get("/queue").lacks(t, "Lena Example")
}

// Before a position is given, the page says whether there is an authenticator for it, and leads to giving one.
func TestWhoIsGivenAPositionHasAnAuthenticator(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bare := w.another("Bare")
	armed := w.Person(population.Person{GivenName: "Armed", FamilyName: "Example", Organisation: "Z90001",
		Authenticators: []population.Authenticator{{Kind: authn.SecurityKey, Name: "Key"}}}).ID
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "Z90050", Name: "Cards Alone", RAParent: "ZTR", Approved: []authn.Kind{authn.SmartcardInternet}},
	}})
	unapproved := w.Person(population.Person{GivenName: "Unapproved", FamilyName: "Example", Organisation: "Z90050",
		Authenticators: []population.Authenticator{{Kind: authn.SecurityKey, Name: "Key"}}}).ID
	b := w.signedInAs(w.ada)
	sponsor := actor.Actor{Kind: actor.Person, ID: w.another("Sue")}
	for uuid, want := range map[string]string{
		bare: "None that works", armed: "One that works and is approved",
		unapproved: "None that their organisation has approved",
	} {
		id := ""
		w.Must(w.DB.Update(w.Context(), sponsor, func(u *db.W) error {
			q, err := request.Open(w.Context(), u, request.New{Subject: request.Subject{UUID: uuid},
				Organisation: "Z90001", What: request.Grant{Template: "directory"}, Reason: "works on the desk"})
			id = q.ID
			return err
		}))
		for _, at := range []string{"/requests/" + id, "/people/person/" + uuid + "/positions"} {
			p := b.get(at)
			p.has(t, want)
			leads := strings.Contains(p.text, "authenticator first") || strings.Contains(p.text, "Give them one first")
			there := strings.Contains(p.markup, "/people/person/"+uuid+"/authenticators")
			if leads != (uuid != armed) || leads && !there {
				t.Errorf("%s: leads to giving an authenticator: %v", at, leads)
			}
		}
	}
}
