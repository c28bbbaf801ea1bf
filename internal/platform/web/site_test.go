package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// site is a small site whose log can be read.
func site(t *testing.T) (*web.Site, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.NewJSONHandler(&log, nil)), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		Box:            box(),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/28")},
		Gateways:       []netip.Prefix{netip.MustParsePrefix("203.0.113.128/28")},
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component {
			return text(fmt.Sprintf("%s|%s|%s|%s", f.Title, f.Message, f.Cure, f.Reference))
		},
	})
	known := web.Guard{Name: "signed in", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		if r.Header.Get("Test-Who") == "" {
			return nil, web.Redirect{To: "/sign-in"}
		}
		web.WithActor(r, actor.Actor{Kind: actor.Person, ID: r.Header.Get("Test-Who"), Name: "Ann Example"})
		return r, nil
	}}
	s.Handle("GET /hello", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, text("hello"+web.Flash(w, r)))
	})
	s.Handle("GET /mine", known, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, text(web.Actor(r).ID))
	})
	s.HandlePost("/save", "/", known, func(w http.ResponseWriter, r *http.Request) error {
		return web.SeeOther(w, r, "/hello", "Saved: it's “done”")
	})
	s.Handle("GET /broken", known, func(http.ResponseWriter, *http.Request) error {
		return errors.New("secret: password is hunter2")
	})
	s.Handle("GET /refused", web.Anyone, func(http.ResponseWriter, *http.Request) error {
		return fmt.Errorf("look up: %w", fault.SayCure(fault.Conflict, "It is taken.", "Choose another."))
	})
	s.Handle("GET /half", web.Anyone, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half a page")
		return errors.New("secret: the rest is lost")
	})
	s.Handle("GET /away", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return web.SeeOther(w, r, r.URL.Query().Get("to"), "")
	})
	s.Handle("GET /form-post", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		web.FormLeadsAnywhere(w)
		return web.Show(w, r, http.StatusOK, text("a form"))
	})
	s.HandlePlain("GET /plain/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "plain")
	}))
	s.Handle("GET /panic", web.Anyone, func(http.ResponseWriter, *http.Request) error { panic("boom") })
	s.HandleCalls("POST /large", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		if _, err := io.ReadAll(r.Body); err != nil {
			return fault.Say(fault.Invalid, "Too large.")
		}
		return web.Show(w, r, http.StatusOK, text("read"))
	})
	s.HandleFromAnywhere("POST /from-anywhere", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, text("taken"))
	})
	s.Handle("GET /few", web.Anyone, s.PerMinute(2, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, text("ok"))
	}))
	return s, &log
}

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

func ask(s http.Handler, method, target string, change ...func(r *http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader("a=b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range change {
		c(r)
	}
	if site, is := s.(*web.Site); is {
		who := func(r *http.Request) string { return r.Header.Get("Test-Who") }
		webtest.NewSealer(site, "test", box(), who).Seal(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// box seals the forms of all sites of these tests.
var box = sync.OnceValue(func() *seal.Box {
	b, err := seal.New(random.Bytes(32))
	if err != nil {
		panic(err)
	}
	return b
})

func header(name, value string) func(r *http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestAnswers(t *testing.T) {
	s, _ := site(t)
	ann := header("Test-Who", "a1")
	for _, tt := range []struct {
		name, method, path string
		change             []func(*http.Request)
		status             int
		contains           string
	}{
		{"a page", "GET", "/hello", nil, 200, "hello"},
		{"nobody signed in", "GET", "/mine", nil, 303, ""},
		{"somebody signed in", "GET", "/mine", []func(*http.Request){ann}, 200, "a1"},
		{"no such address", "GET", "/nowhere", nil, 404, "Page not found"},
		{"wrong method", "POST", "/hello", nil, 405, "cannot be used in this way"},
		{"an error of ours", "GET", "/broken", []func(*http.Request){ann}, 500, "Sorry, there is a problem"},
		{"a fault's own words", "GET", "/refused", nil, 409, "It is taken.|Choose another."},
		{"a panic", "GET", "/panic", nil, 500, "Sorry, there is a problem with the service|"},
		{"a page that broke off", "GET", "/half", nil, 200, "half a page"},
		{"the head of a page", "HEAD", "/hello", nil, 200, ""},
		{"static files", "GET", "/plain/x", nil, 200, "plain"},
		{"a path that goes up", "GET", "/x/../hello", nil, 307, ""},
		{"a post from here", "POST", "/save", []func(*http.Request){ann, header("Sec-Fetch-Site", "same-origin")}, 303, ""},
		{"a post from another site", "POST", "/save", []func(*http.Request){ann, header("Sec-Fetch-Site", "cross-site")}, 403, "another website"},
		{"a post from a sister site", "POST", "/save", []func(*http.Request){ann, header("Sec-Fetch-Site", "same-site")}, 403, "another website"},
		{"a post that may come from anywhere", "POST", "/from-anywhere", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 200, "taken"},
		{"a body of a usual size", "POST", "/large", nil, 200, "read"},
		{"a body too large", "POST", "/large", []func(*http.Request){func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", 200<<10))) }}, 422, "Too large."},
		{"a body said to be too large", "POST", "/save", []func(*http.Request){ann, func(r *http.Request) { r.ContentLength = 200 << 10 }}, 422, "Send less than 190 kilobytes."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := ask(s, tt.method, tt.path, tt.change...)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.contains) {
				t.Errorf("%d %q, want %d with %q", w.Code, w.Body, tt.status, tt.contains)
			}
			for _, inside := range []string{"hunter2", "boom", "secret", ".go:"} {
				if strings.Contains(w.Body.String(), inside) {
					t.Errorf("internal text on a page: %q", w.Body)
				}
			}
			checkHeaders(t, w)
		})
	}
}

// checkHeaders holds an answer, whatever it is, to the headers that every one has.
func checkHeaders(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if w.Header().Get(name) != want {
			t.Errorf("header %s = %q, want %q", name, w.Header().Get(name), want)
		}
	}
	csp := w.Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("policy %q lacks %q", csp, part)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy allows what is inline: %q", csp)
	}
}

func TestOneFormMayLeadAnywhere(t *testing.T) {
	s, _ := site(t)
	w := ask(s, "GET", "/form-post")
	if csp := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(csp, "form-action *") {
		t.Errorf("policy %q", csp)
	}
}

func TestSeeOtherStaysOnTheSite(t *testing.T) {
	s, _ := site(t)
	away := func(to string) *httptest.ResponseRecorder {
		return ask(s, "GET", "/away?"+url.Values{"to": {to}}.Encode())
	}
	if w := away("/account?tab=2"); w.Code != 303 || w.Header().Get("Location") != "/account?tab=2" {
		t.Fatalf("a page of the site: %d to %q", w.Code, w.Header().Get("Location"))
	}
	tried := 0
	accepted := 0
	for _, to := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)", "account", ""} {
		tried++
		if w := away(to); w.Code != 500 || w.Header().Get("Location") != "" {
			accepted++
			t.Errorf("%q: %d to %q", to, w.Code, w.Header().Get("Location"))
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
}

func TestFlashIsShownOnce(t *testing.T) {
	s, _ := site(t)
	saved := ask(s, "POST", "/save", header("Test-Who", "a1"))
	carry := func(from *httptest.ResponseRecorder) func(r *http.Request) {
		return func(r *http.Request) {
			for _, c := range from.Result().Cookies() {
				if c.MaxAge >= 0 {
					r.AddCookie(c)
				}
			}
		}
	}
	shown := ask(s, "GET", "/hello", carry(saved))
	if got := shown.Body.String(); got != "helloSaved: it's “done”" {
		t.Errorf("page = %q", got)
	}
	if again := ask(s, "GET", "/hello", carry(shown)); again.Body.String() != "hello" {
		t.Errorf("page after = %q", again.Body)
	}
	for _, c := range saved.Result().Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" ||
			!strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("cookie %+v", c)
		}
	}
}

func TestLogLineNamesTheActorAndNoPersonalDetail(t *testing.T) {
	s, log := site(t)
	failed := ask(s, "GET", "/broken?secret=x", header("Test-Who", "a1"))
	line := log.String()
	for _, want := range []string{`"actor":"a1"`, `"route":"GET /broken"`, `"status":500`, `"level":"ERROR"`} {
		if !strings.Contains(line, want) {
			t.Errorf("log line lacks %s: %s", want, line)
		}
	}
	if strings.Contains(line, "Ann Example") || strings.Contains(line, "secret=x") {
		t.Errorf("log line tells too much: %s", line)
	}
	if parts := strings.Split(failed.Body.String(), "|"); !strings.Contains(line, parts[len(parts)-1]) {
		t.Errorf("the reference %q on the page is not in the log line %s", parts[len(parts)-1], line)
	}
}

func TestPanicIsLoggedAndCanBeFound(t *testing.T) {
	s, log := site(t)
	shown := strings.Split(ask(s, "GET", "/panic").Body.String(), "|")
	line := log.String()
	for _, want := range []string{`"level":"ERROR"`, "boom", "site_test.go", shown[len(shown)-1]} {
		if want == "" || !strings.Contains(line, want) {
			t.Errorf("log line lacks %q: %s", want, line)
		}
	}
}

// Cookies, bodies and addresses carry secrets; none of them is logged.
func TestLogLineHoldsNoSecret(t *testing.T) {
	s, log := site(t)
	for _, path := range []string{"/hello?code=SECRET", "/nowhere/SECRET?a=SECRET", "/broken", "/away?to=SECRET", "/plain/SECRET", "/x/../SECRET"} {
		ask(s, "GET", path, header("Cookie", "__Host-session=SECRET"), header("Authorization", "Bearer SECRET"),
			header("Test-Who", "a1"),
			header("Referer", "https://x.example/SECRET"), header("User-Agent", "SECRET"))
	}
	ask(s, "POST", "/large?b=SECRET", func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader("password=SECRET"))
	})
	if lines := strings.Count(log.String(), "\n"); lines != 7 {
		t.Errorf("%d log lines for 7 requests", lines)
	}
	if strings.Contains(log.String(), "SECRET") {
		t.Errorf("a secret is in the log: %s", log)
	}
}

// A program is answered in JSON, whatever is wrong, and learns which methods an address takes.
func TestProgramsAreAnsweredInJSON(t *testing.T) {
	s, _ := site(t)
	s.HandleCalls("POST /call", web.Anyone, func(_ http.ResponseWriter, r *http.Request) error {
		switch r.Header.Get("Test-Fail") {
		case "broken":
			return errors.New("secret: password is hunter2")
		case "panic":
			panic("boom")
		}
		return fault.Code(r.Header.Get("Test-Fail"))
	})
	s.HandleCalls("POST /few-calls", web.Anyone, s.PerMinute(0, nil))
	fail := func(how string) func(*http.Request) { return header("Test-Fail", how) }
	for _, tt := range []struct {
		name, method, path string
		change             func(*http.Request)
		status             int
		code               string
	}{
		{"wrong method", "GET", "/call", fail(""), 405, "invalid_request"},
		{"another wrong method", "PUT", "/call", fail(""), 405, "invalid_request"},
		{"a page of another site", "POST", "/call", header("Sec-Fetch-Site", "cross-site"), 403, "invalid_request"},
		{"too large", "POST", "/call", func(r *http.Request) { r.ContentLength = 200 << 10 }, 422, "invalid_request"},
		{"too often", "POST", "/few-calls", fail(""), 429, "temporarily_unavailable"},
		{"not available", "POST", "/call", fail("unavailable"), 503, "temporarily_unavailable"},
		{"broken", "POST", "/call", fail("broken"), 500, "server_error"},
		{"a panic", "POST", "/call", fail("panic"), 500, "server_error"},
	} {
		w := ask(s, tt.method, tt.path, tt.change)
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != tt.status || got["error"] != tt.code ||
			got["error_description"] == "" || got["reference"] == "" || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
		if allow := w.Header().Get("Allow"); (tt.status == 405) != (allow == "POST") {
			t.Errorf("%s: Allow %q", tt.name, allow)
		}
	}
	if allow := ask(s, "POST", "/hello").Header().Values("Allow"); strings.Join(allow, " ") != "GET HEAD" {
		t.Errorf("a page allows %q", allow)
	}
}

// A browser that goes away before its answer is nobody's error.
func TestHangingUpIsNoError(t *testing.T) {
	s, log := site(t)
	s.Handle("GET /slow", web.Anyone, func(_ http.ResponseWriter, r *http.Request) error {
		<-r.Context().Done()
		return fmt.Errorf("read: %w", r.Context().Err())
	})
	for name, tt := range map[string]struct {
		end   func(context.Context) (context.Context, context.CancelFunc)
		level string
	}{
		"gone": {context.WithCancel, "INFO"},
		"too slow": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Millisecond)
		}, "ERROR"},
	} {
		log.Reset()
		ctx, end := tt.end(t.Context())
		if name == "gone" {
			end()
		}
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/slow", nil))
		end()
		if !strings.Contains(log.String(), `"level":"`+tt.level+`"`) {
			t.Errorf("%s: %s", name, log)
		}
	}
}
