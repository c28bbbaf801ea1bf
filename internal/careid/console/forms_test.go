package console_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

func TestFormsFilledInAsNobodyShould(t *testing.T) {
	w := open(t)
	webtest.PostFormsOpened(t, w.site, w.openingForms(),
		"/connections/teams/{team}/withdraw", "/connections/clients/{client}/notices/again",
		"/people/person/{uuid}/authenticators/link/withdraw", "/people/person/{uuid}/access-pass/confirm")
}

// Whoever finds a form of theirs held reads which person, team or connection it is about.
func TestFormsNameTheRecordTheyAreAbout(t *testing.T) {
	w := open(t)
	webtest.FormsNameTheirRecord(t, w.site, w.sealer(), w.openingForms(), "/connections/teams/{team}/withdraw",
		"/connections/teams/{team}/remove", "/connections/clients/{client}/approval/approve",
		"/connections/clients/{client}/approval/refuse", "/connections/clients/{client}/notices/again",
		"/people/person/{uuid}/position/end", "/people/person/{uuid}/smartcard/cancel", "/desk/sessions/{uuid}/unlock",
		"/people/organisations/{code}/authenticators/change",
		"/people/organisations/{code}/positions/{position}/change",
		"/people/person/{uuid}/authenticators/link/withdraw",
		"/people/person/{uuid}/access-pass/confirm")
}

// openingForms gives what brings a browser to a form that it may send, and gives the form's path.
func (w *world) openingForms() func(route web.Route) (*webtest.Browser, string) {
	w.Helper()
	w.assign(manager)
	w.addSupplier()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	mo := w.migrated("Mo")
	b := w.signedIn()
	team := b.team("Fenmarch Software")
	client := b.register(team, named("Fenmarch Rota"))
	names := strings.NewReplacer("{team}", idOf(team), "{uuid}", bea, "{client}", idOf(client), "{code}", "Z90001",
		"{position}", w.positionAt("Z90001"), "{assignment}", w.gives(bea),
		"{batch}", w.batchOf(bea), "{clinic}", idOf(w.clinicOf(bea)))
	asked := w.asked(bea)
	applied := w.applications()
	return func(route web.Route) (*webtest.Browser, string) {
		if asking, at := w.opensAsking(route.Pattern); asking != nil {
			return asking.Browser, at
		}
		if ofApplications(route.Pattern) {
			w.anew(applied)
			b.Cookies[applyCookie] = applied.cookie
			return b.Browser, applied.path(route.Pattern)
		}
		_, path, _ := strings.Cut(names.Replace(route.Pattern), " ")
		if strings.Contains(path, "/staff-record/") {
			path = w.staffSends("Z90001").in(path)
		}
		path = strings.Replace(path, "{id}", asked.forForm(path), 1)
		if strings.HasSuffix(path, "/verify") { // which is for those whose documents nobody has seen
			path = strings.ReplaceAll(path, bea, mo)
		}
		return b.Browser, path
	}
}
