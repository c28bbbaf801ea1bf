package console_test

import (
	"net/http"
	"regexp"
	"testing"

	"signpost/internal/platform/web/webtest"
)

var breadcrumb = regexp.MustCompile(`(?s)<nav class="nhsuk-breadcrumb.*?</nav>`)

// The breadcrumb names a client by its saved name, not by the name that was typed since.
func TestTheWayBackNamesTheClient(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	bad := rota()
	bad.Set("version", "1")
	bad.Set("client_name", "Renamed")
	bad.Set("contact", "nobody")
	refused := b.do(http.MethodPost, path+"/change", bad)
	if refused.status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", refused.status, refused.text)
	}
	for name, p := range map[string]page{"asked": b.get(path + "/change"), "refused": refused} {
		if got := webtest.Text(breadcrumb.FindString(p.markup)); got != "Home Connections RotaBack to Rota" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
