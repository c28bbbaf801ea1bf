package console_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/request"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// asksFor makes a request about somebody new, and gives it.
func (w *world) asksFor(by actor.Actor, at, name string) request.Request {
	w.Helper()
	uuid := w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: at}).ID
	return worldtest.Must(db.Write(w.Context(), w.DB, by, func(u *db.W) (request.Request, error) {
		return request.Open(w.Context(), u, request.New{Subject: request.Subject{UUID: uuid}, Organisation: at,
			What: request.Ask(request.SomethingElse), Reason: "asked"})
	}))(w)
}

// The forecast says nothing before enough was decided, then when each will be ready and how good that was; those of
// another registration authority are neither counted nor shown.
func TestWhenPeopleWillBeReady(t *testing.T) {
	w := open(t)
	w.assign(manager)
	sponsor := actor.Actor{Kind: actor.Person, ID: w.another("Sue")}
	ada := actor.Actor{Kind: actor.Person, ID: w.ada}
	w.signedInAs(w.ada).get("/queue/forecast").has(t, "Too little was decided in the last 8 weeks")
	for day := range 30 { // two a day are asked for, and decided the day after
		var asked []request.Request
		for n := range 2 {
			asked = append(asked, w.asksFor(sponsor, "Z90001", fmt.Sprintf("D%dN%d", day, n)))
		}
		w.Clock.Advance(24 * time.Hour)
		for _, q := range asked {
			w.Must(deciding.LookAt(w.Context(), w.DB, ada, q.ID))
			w.Must(deciding.Approve(w.Context(), w.DB, ada, q.ID, "done"))
		}
	}
	for n := range 6 {
		w.asksFor(sponsor, "Z90001", fmt.Sprintf("Waits%d", n))
	}
	w.asksFor(sponsor, "Z90002", "Stranger")
	b := w.signedInAs(w.ada)
	b.get("/queue").has(t, "When people will be ready")
	p := b.get("/queue/forecast")
	p.has(t, "Waits0 Example", "Waits5 Example", "As likely as not by", "25 December 2026", "27 December 2026",
		"were decided by the later day", "within 0 days of the earlier day")
	p.lacks(t, "Stranger", "Too little")
	checker := w.holding("Ida", "Z90001", rbac.AdminClinicalSupport, rbac.CheckIdentity)
	checker.get("/queue").lacks(t, "When people will be ready")
	una := w.holding("Una", "Z90001", rbac.AdminClinicalSupport)
	if p := una.get("/queue/forecast"); p.status != http.StatusForbidden {
		t.Errorf("somebody without a job: %d", p.status)
	}
}
