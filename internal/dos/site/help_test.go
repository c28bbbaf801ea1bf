package site_test

import (
	"net/http"
	"strings"
	"testing"
)

// The help page says how to reach the service desk, or, where nobody set it, who knows.
func TestHelpSaysHowToReachTheServiceDesk(t *testing.T) {
	w := newWorld(t)
	const elsewhere = "has the address and the number"
	got := w.browser().get("/help")
	if got.status != http.StatusOK || !strings.Contains(got.body, elsewhere) || strings.Contains(got.body, "tel:") {
		t.Errorf("without the setting: %d %s", got.status, got.body)
	}
	w.desk = "Desk: 01632 960900, desk@a.example"
	w.makeSite()
	got = w.browser().get("/help")
	for _, want := range []string{`<a href="tel:01632960900">`, `<a href="mailto:desk@a.example">`} {
		if strings.Count(got.body, want) != 1 {
			t.Errorf("the page does not have %s once: %s", want, got.body)
		}
	}
	if strings.Contains(got.body, elsewhere) {
		t.Error("the page says that others know how to reach the service desk, and how to reach it")
	}
}
