package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/population"
	"signpost/internal/platform/web/webtest"
)

// A name in a script that is written from right to left leaves the words around it in their order.
func TestNamesAreIsolatedFromTheTextAroundThem(t *testing.T) {
	const first, last, name, team = "שרה", "כהן", "שרה כהן", "צוות תורנות"
	w := open(t)
	sarah := w.Person(population.Person{GivenName: first, FamilyName: last, Organisation: "Z90001"}).ID
	ben := w.another("Ben")
	b := w.signedInAs(sarah)
	at := b.team(team)
	path := b.register(at, rota())
	b.post(at+"/invite", "invite", ben)
	change := rota()
	change.Set("version", "1")
	change.Set("description", "From the first")
	b.do(http.MethodPost, path+"/change", change)
	w.Clock.Advance(time.Minute)
	change.Set("description", "From the second")
	pages := map[string]page{
		"front": b.get("/"), "profile": b.get("/view-your-profile"), "team": b.get(at), "history": b.get(path + "/history"),
		"clash": b.do(http.MethodPost, path+"/change", change), "log out": b.get("/sign-out"),
	}
	w.assign("S8000:G8000:R5080")
	desk := w.signedInAs(w.ada)
	pages["somebody's sessions"] = desk.get("/desk/sessions?find=" + first)
	w.another(first)
	pages["people found"] = desk.get("/desk/sessions?find=" + first)
	pages["invitation"] = w.signedInAs(ben).get("/connections")
	for at, page := range pages {
		seen := false
		for _, name := range []string{name, team} {
			seen = seen || strings.Contains(page.markup, "<bdi>"+name+"</bdi>") ||
				strings.Contains(page.markup, ">"+name+"<")
			for _, text := range webtest.InSentences(page.markup, name) {
				t.Errorf("%s: %q", at, text)
			}
		}
		if !seen {
			t.Errorf("%s shows no name: %d %s", at, page.status, page.text)
		}
	}
}
