package guide_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/demo/guide"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/web/webtest"
)

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

var morning = time.Date(2026, 11, 28, 9, 0, 10, 0, time.UTC)

var people = []guide.Persona{
	{
		ID: "tomasz.nowak", Name: "Tomasz Nowak", Shows: "already there", Story: "Tomasz linked his account.",
		Username: "tomasz.nowak", Password: "a sample password", Email: "tomasz@fenmarch.example", UUID: "800000003100",
		Secret: secret, Try: []string{"Log in."},
		Logins: []guide.Login{{Site: "the Directory of Services", Href: "http://cis2.localhost/be"}},
	},
	{ID: "night.team", Name: "night.team", Shows: "a shared account", Username: "night.team", Password: "a sample password"},
}

func site(t *testing.T, now *clocktest.Manual) (*web.Site, *seal.Box) {
	t.Helper()
	box, err := seal.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Options{
		Name: "guide", Box: box, Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component { return templ.Raw(f.Title) },
	})
	guide.Mount(s, guide.Options{
		Frame: page.Params{SiteName: "Signpost demo"}, People: people, Clock: now, Later: now.Advance,
		Tour: func(context.Context) ([]guide.Step, error) {
			return []guide.Step{
				{Done: true, Parts: []guide.Part{{Text: "Open the mail", Href: "http://mail.localhost"}}},
				{Parts: []guide.Part{{Text: "Log in", Href: "http://dos.localhost"}, {Text: "with a password."}}},
			}, nil
		},
	})
	return s, box
}

func get(t *testing.T, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	s, _ := site(t, clocktest.At(morning))
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestFirstPage(t *testing.T) {
	status, body := get(t, "/")
	for _, want := range []string{
		"1 of 2 done", `<a href="http://mail.localhost">Open the mail</a>`, `<a href="http://dos.localhost">Log in</a>`,
		`href="/be/tomasz.nowak"`, `href="/be/night.team"`, "already there",
	} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("status %d, lacks %s", status, want)
		}
	}
	if n := strings.Count(body, "signpost-guide__tick"); n != 1 {
		t.Errorf("%d steps are ticked off, want 1", n)
	}
}

func TestPageOfAPerson(t *testing.T) {
	now, err := totp.CodeAt(secret, morning)
	if err != nil {
		t.Fatal(err)
	}
	status, body := get(t, "/be/tomasz.nowak")
	for _, want := range []string{
		`data-copy="tomasz.nowak"`, `data-copy="a sample password"`, `data-copy="tomasz@fenmarch.example"`, now, secret,
		"QR code", `href="http://cis2.localhost/be"`, "Log in to the Directory of Services as Tomasz Nowak now",
	} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("status %d, lacks %s", status, want)
		}
	}
	status, body = get(t, "/be/night.team")
	for _, other := range []string{"QR code", "data-code=", "Simulated"} {
		if status != http.StatusOK || strings.Contains(body, other) {
			t.Errorf("a team without an app: status %d, has %s", status, other)
		}
	}
	for _, path := range []string{"/be/nobody", "/be/nobody/code", "/be/night.team/code"} {
		if status, _ := get(t, path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

func TestCodeOfThisMoment(t *testing.T) {
	want, err := totp.CodeAt(secret, morning)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Code    string
		Seconds int
	}
	_, body := get(t, "/be/tomasz.nowak/code")
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Code != want || got.Seconds != 20 {
		t.Errorf("%s (%v), want %s for 20 seconds", body, err, want)
	}
}

// The clock goes on by a day, by a button that nobody else presses.
func TestTheClockGoesOn(t *testing.T) {
	now := clocktest.At(morning)
	s, box := site(t, now)
	b := webtest.New(s)
	b.Sealer = webtest.NewSealer(s, "guide", box, func(*http.Request) string { return "" })
	page := func() string {
		return b.Do(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)).Body.String()
	}
	if got := page(); !strings.Contains(got, "28 November 2026 at 9am") {
		t.Errorf("the page says %s", got)
	}
	b.Do(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/later", nil))
	if got := page(); !strings.Contains(got, "29 November 2026 at 9am") {
		t.Errorf("a day later the page says %s", got)
	}
}
