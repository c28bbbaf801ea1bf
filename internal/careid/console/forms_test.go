package console_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

func TestFormsFilledInAsNobodyShould(t *testing.T) {
	w := open(t)
	w.assign(manager)
	w.addSupplier()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	b := w.signedIn()
	team := b.team("Fenmarch Software")
	client := b.register(team, named("Fenmarch Rota"))
	names := strings.NewReplacer("{team}", idOf(team), "{uuid}", bea, "{client}", idOf(client), "{code}", "Z90001")
	webtest.PostFormsOpened(t, w.site, func(route web.Route) (*webtest.Browser, string) {
		_, path, _ := strings.Cut(names.Replace(route.Pattern), " ")
		return b.Browser, path
	}, "/connections/teams/{team}/withdraw", "/connections/clients/{client}/notices/again")
}
