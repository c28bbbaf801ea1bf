package console_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/web/webtest"
)

func TestFormsFilledInAsNobodyShould(t *testing.T) {
	w := open(t)
	w.assign(agent)
	w.addSupplier()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	b := w.signedIn()
	team := strings.TrimPrefix(b.team("Fenmarch Software"), "/connections/teams/")
	webtest.PostForms(t, b.Browser, w.site, "{team}", team, "{uuid}", bea, "{client}", "nobody")
}
