package web_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/web"
)

func TestLimitIsForEachAddress(t *testing.T) {
	s, _ := site(t)
	from := func(peer, forwarded string) int {
		return ask(s, "GET", "/few", func(r *http.Request) {
			r.RemoteAddr = peer
		}, header("X-Forwarded-For", forwarded)).Code
	}
	for i, tt := range []struct {
		peer, forwarded string
		want            int
	}{
		{"192.0.2.1:1", "", 200}, {"192.0.2.1:2", "", 200}, {"192.0.2.1:3", "", 429},
		{"192.0.2.1:3", "198.51.100.9", 429}, // not a trusted proxy: its word counts for nothing
		{"192.0.2.2:1", "", 200},
		{"10.0.0.1:1", "198.51.100.1", 200}, {"10.0.0.1:1", "198.51.100.1", 200}, {"10.0.0.1:1", "203.0.113.7, 198.51.100.1", 429},
		{"10.0.0.1:1", "198.51.100.2", 200},
		{"[2001:db8:0:1::1]:1", "", 200}, {"[2001:db8:0:1::2]:1", "", 200}, {"[2001:db8:0:1:ffff::3]:1", "", 429}, // one household
		{"[2001:db8:0:2::1]:1", "", 200},
		{"[::ffff:192.0.2.1]:1", "", 429}, // the first, written otherwise
	} {
		if got := from(tt.peer, tt.forwarded); got != tt.want {
			t.Errorf("request %d from %s for %q: %d, want %d", i, tt.peer, tt.forwarded, got, tt.want)
		}
	}
}

// Behind a gateway many people are, who may ask as often as 25 others.
func TestLimitOfAGateway(t *testing.T) {
	s, _ := site(t)
	for _, tt := range []struct {
		name, peer string
		want       int
	}{
		{"a gateway", "203.0.113.129:1", 50}, {"an address beside it", "203.0.113.144:1", 2},
		{"the gateway, written otherwise", "[::ffff:203.0.113.130]:1", 50},
	} {
		through := 0
		for range 60 {
			if ask(s, "GET", "/few", func(r *http.Request) { r.RemoteAddr = tt.peer }).Code == http.StatusOK {
				through++
			}
		}
		if through != tt.want {
			t.Errorf("%s: %d of 60 were let through, want %d", tt.name, through, tt.want)
		}
	}
}

// A whole site with IPv6 may ask no more than some of its networks together.
func TestLimitIsForASiteToo(t *testing.T) {
	s, _ := site(t)
	through := 0
	for n := range 100 {
		peer := fmt.Sprintf("[2001:db8:7:%x::1]:1", n)
		if ask(s, "GET", "/few", func(r *http.Request) { r.RemoteAddr = peer }).Code == http.StatusOK {
			through++
		}
	}
	if through != 32 { // 16 networks' worth of 2
		t.Errorf("%d of 100 networks of one site were let through", through)
	}
}

// Lines and mailed codes count a whole site with IPv6 as one, as they do all who share an address of IPv4.
func TestASiteIsOneNetwork(t *testing.T) {
	s, _ := site(t)
	networks := map[string]string{}
	s.HandlePlain("GET /network", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		networks[r.RemoteAddr] = web.Actor(r).Network
	}))
	const first, neighbour, other = "[2001:db8:7:1::1]:1", "[2001:db8:7:ffff::2]:1", "[2001:db8:8:1::1]:1"
	for _, peer := range []string{first, neighbour, other, "192.0.2.1:1", "192.0.2.2:1"} {
		ask(s, "GET", "/network", func(r *http.Request) { r.RemoteAddr = peer })
	}
	if networks[first] != networks[neighbour] || networks[first] == networks[other] ||
		networks["192.0.2.1:1"] == networks["192.0.2.2:1"] {
		t.Errorf("networks %v", networks)
	}
}

// Proxies add whom they forward for at the end, each in the line that it found or in one of its own. Only what trusted
// ones added counts.
func TestForwardedForIsReadFromItsEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		lines []string
		same  []string // what comes from the same address
	}{
		"two lines": {
			[]string{"203.0.113.7", "198.51.100.1"}, []string{"198.51.100.1"},
		},
		"a line of the asker's own": {
			[]string{"10.0.0.9", "203.0.113.7, 198.51.100.1"}, []string{"198.51.100.1"},
		},
		"two trusted proxies": {
			[]string{"198.51.100.1, 10.0.0.2"}, []string{"198.51.100.1", "10.0.0.3"},
		},
		"with ports":      {[]string{"198.51.100.1:4711"}, []string{"198.51.100.1"}},
		"IPv6 with ports": {[]string{"[2001:db8::1]:4711"}, []string{"2001:db8::2"}},
	} {
		s, _ := site(t)
		from := func(lines ...string) int {
			return ask(s, "GET", "/few", func(r *http.Request) {
				r.RemoteAddr = "10.0.0.1:1"
				r.Header["X-Forwarded-For"] = lines
			}).Code
		}
		from(tt.lines...)
		from(tt.same...)
		if code := from(tt.lines...); code != http.StatusTooManyRequests {
			t.Errorf("%s: the third request of one address is answered %d", name, code)
		}
		if code := from("198.51.100.77"); code != http.StatusOK {
			t.Errorf("%s: another address is answered %d", name, code)
		}
	}
}

// A service's machine makes all its people's calls from one address; a person's browser does not.
func TestServicesMayCallMoreOftenThanPeople(t *testing.T) {
	s := web.New(web.Options{Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		ErrorPage: func(*http.Request, web.Failure) templ.Component { return templ.NopComponent }})
	done := func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil }
	s.Handle("GET /page", web.Anyone, done)
	s.HandleCalls("GET /call", web.Anyone, done)
	let := func(path string, times int) (through int) {
		for range times {
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
			if rec.Code == http.StatusNoContent {
				through++
			}
		}
		return through
	}
	if n := let("/call", 2000); n != 2000 {
		t.Errorf("%d of 2,000 calls were let through", n)
	}
	if n := let("/page", 2000); n < 400 || n == 2000 {
		t.Errorf("%d of 2,000 pages were let through", n)
	}
}
