package web_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// failing opens a browser at a site whose form fails with an error.
func failing(err error) *webtest.Browser {
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: box(),
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component {
			said := f.Message + "|" + f.Page + "|" + f.Reference
			if f.SendsAgain {
				said += "|load this page again"
			}
			return text(said)
		},
	})
	s.HandleFailures(web.Anyone)
	h := func(http.ResponseWriter, *http.Request) error { return err }
	s.HandlePost("/things/{id}/name", "/things/{id}", web.Anyone, h)
	s.Handle("GET /things/{id}", web.Anyone, h)
	s.HandleCalls("POST /call", web.Anyone, h)
	s.HandleFromAnywhere("POST /anywhere", web.Anyone, h)
	b := webtest.New(s)
	b.Sealer = webtest.NewSealer(s, "test", box(), func(*http.Request) string { return "" })
	return b
}

// Loaded again, the error page of a form sends nothing and says the same, with the same reference.
func TestTheErrorPageOfAFormIsLoadedAgain(t *testing.T) {
	b := failing(fault.Say(fault.Conflict, "It is taken."))
	post := b.Send(webtest.Request(http.MethodPost, "/things/7/name", url.Values{}))
	to := post.Header().Get("Location")
	_, reference, _ := strings.Cut(to, "reference=")
	if post.Code != http.StatusSeeOther || reference == "" {
		t.Fatalf("%d to %q", post.Code, to)
	}
	for range 2 {
		page := b.Send(webtest.Request(http.MethodGet, to, nil))
		if page.Code != http.StatusConflict || page.Body.String() != "It is taken.|/things/7|"+reference {
			t.Errorf("its page: %d %s", page.Code, page.Body)
		}
	}
	for name, at := range map[string]string{"an older failure": web.FailedPath + "?reference=BCDFGHJK", "none": web.FailedPath} {
		if page := b.Send(webtest.Request(http.MethodGet, at, nil)); page.Header().Get("Location") != "/" {
			t.Errorf("the page of %s: %d to %q", name, page.Code, page.Header().Get("Location"))
		}
	}
	forgets := httptest.NewRecorder()
	web.ForgetEntries(forgets, webtest.Request(http.MethodGet, "/", nil))
	if cookie := forgets.Result().Cookies()[0]; b.Cookies[cookie.Name] == "" || cookie.MaxAge >= 0 {
		t.Errorf("who logs out leaves the failure: %v", forgets.Result().Cookies())
	}
}

// Programs see the status, and so does whoever watches over a service that has too much to do.
func TestWhoseFailuresHaveAPageApart(t *testing.T) {
	taken := fault.Say(fault.Conflict, "It is taken.")
	script := func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "cors") }
	browser := func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "navigate") }
	for _, tt := range []struct {
		name, path string
		err        error
		change     func(r *http.Request)
		want       int
	}{
		{"a form", "/things/7/name", taken, browser, http.StatusSeeOther},
		{"a form of an old browser", "/things/7/name", taken, nil, http.StatusSeeOther},
		{"a bug", "/things/7/name", errors.New("disk full"), nil, http.StatusSeeOther},
		{"a refusal", "/things/7/name", fault.Forbidden, nil, http.StatusSeeOther},
		{"unknown whether it was saved", "/things/7/name", fault.Unknown, nil, http.StatusSeeOther},
		{"too long for a cookie", "/things/7/name", fault.Say(fault.Conflict, strings.Repeat("x", 4000)), nil, http.StatusConflict},
		{"what a script sends", "/things/7/name", taken, script, http.StatusConflict},
		{"too much to do", "/things/7/name", fault.Unavailable, nil, http.StatusServiceUnavailable},
		{"too often", "/things/7/name", fault.TooMany, nil, http.StatusTooManyRequests},
		{"what a program calls", "/call", taken, nil, http.StatusConflict},
		{"what another site's page sends", "/anywhere", taken, nil, http.StatusConflict},
		{"nowhere", "/nowhere", taken, nil, http.StatusNotFound},
	} {
		r := webtest.Request(http.MethodPost, tt.path, url.Values{})
		if tt.change != nil {
			tt.change(r)
		}
		if got := failing(tt.err).Send(r); got.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got.Code, tt.want)
		}
	}
}

// Who sent a form that met what is over soon is told that loading the page again sends it once more, with what they
// entered; nobody else is.
func TestWhoseFormIsSentAgain(t *testing.T) {
	busy := fault.Say(fault.Busy, "Others were in the way.")
	for _, tt := range []struct {
		name, method, path string
		err                error
		want               bool
	}{
		{"others in the way", http.MethodPost, "/things/7/name", busy, true},
		{"no answer", http.MethodPost, "/things/7/name", fault.Unavailable, true},
		{"too often", http.MethodPost, "/things/7/name", fault.TooMany, false},
		{"taken", http.MethodPost, "/things/7/name", fault.Conflict, false},
		{"a page", http.MethodGet, "/things/7", busy, false},
		{"what another site's page sends", http.MethodPost, "/anywhere", busy, false},
	} {
		got := failing(tt.err).Send(webtest.Request(tt.method, tt.path, url.Values{}))
		if said := strings.Contains(got.Body.String(), "load this page again"); said != tt.want {
			t.Errorf("%s: %d %q", tt.name, got.Code, got.Body)
		}
	}
}
