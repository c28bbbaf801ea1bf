package console_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/web/webtest"
)

func TestFormsFilledInAsNobodyShould(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	team := strings.TrimPrefix(b.team("Fenmarch Software"), "/connections/teams/")
	webtest.PostForms(t, b.Browser, w.site, "{team}", team, "{uuid}", w.ada, "{client}", "nobody")
}
