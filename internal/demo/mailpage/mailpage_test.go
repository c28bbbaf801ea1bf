package mailpage_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/demo/mailpage"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
)

// The drawer is made when a page is shown, and a site gives what is in it now.
func TestDrawer(t *testing.T) {
	box := &mail.Mailbox{}
	drawer := mailpage.Drawer(box, "http://mail.localhost")
	s := web.New(web.Options{
		Name: "dos", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
	})
	mailpage.MountDrawer(s, box, "http://mail.localhost")
	for n := range 7 {
		m := mail.Message{To: "ada@fenmarch.example", Subject: fmt.Sprintf("Mail %d", n), Text: "http://cis2.localhost/bind"}
		at := time.Date(2026, 11, 28, 9, n, 0, 0, time.UTC)
		if err := box.Deliver(t.Context(), m.Subject, m, at); err != nil {
			t.Fatal(err)
		}
	}
	var onPage strings.Builder
	if err := drawer.Render(t.Context(), &onPage); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/demo/mail", nil))
	for place, text := range map[string]string{"on a page": onPage.String(), "asked for": w.Body.String()} {
		for want, there := range map[string]bool{
			"Mail (7)": true, "Mail 6": true, "Mail 2": true, "Mail 1<": false, `href="http://cis2.localhost/bind"`: true,
			`href="http://mail.localhost"`: true,
		} {
			if strings.Contains(text, want) != there {
				t.Errorf("the drawer %s: %q is there: %v", place, want, !there)
			}
		}
	}
}
