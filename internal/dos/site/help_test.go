package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/ticket"
	webpage "signpost/internal/platform/web/page"
)

// The help page says how to reach the service desk, or, where nobody set it, who knows.
func TestHelpSaysHowToReachTheServiceDesk(t *testing.T) {
	w := newWorld(t)
	const elsewhere = "has the email address and the telephone number"
	got := w.browser().get("/help")
	if got.status != http.StatusOK || !strings.Contains(got.body, elsewhere) || strings.Contains(got.body, "tel:") {
		t.Errorf("without the setting: %d %s", got.status, got.body)
	}
	w.desk = webpage.Desk{Line: "Desk: 01632 960900, desk@a.example", Portal: "https://portal.example/raise?about={short_description}",
		Prefix: ticket.Prefix, Email: "desk@a.example", Telephone: "01632 960900"}
	w.makeSite()
	got = w.browser().get("/help")
	last := 0
	for _, want := range []string{`<a href="https://portal.example/raise?about=MFA-DoS+-+">`,
		`<a href="mailto:desk@a.example?subject=MFA-DoS%20-%20&amp;body=">`, `<a href="tel:01632960900">`} {
		at := strings.Index(got.body, want)
		if at < last {
			t.Errorf("%s stands at %d, before what is better: %s", want, at, got.body)
		}
		last = at
		if strings.Count(got.body, want) != 1 {
			t.Errorf("the page does not have %s once: %s", want, got.body)
		}
	}
	if strings.Contains(got.body, elsewhere) {
		t.Error("the page says that others know how to reach the service desk, and how to reach it")
	}
}
