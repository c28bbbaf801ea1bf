package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/haproxytest"
	"signpost/internal/platform/web"
)

// The addresses that proxies ask from. Browsers ask from others of this machine.
const (
	firstProxy  = "127.0.0.3"
	secondProxy = "127.0.0.4"
	forged      = "203.0.113.7" // what browsers claim
)

// Through HAProxy, limits count the address that its client asked from, whatever the client claims in lines of its own.
func TestLimitsBehindHAProxy(t *testing.T) {
	haproxytest.Need(t)
	for name, tt := range map[string]struct {
		trusted []string
		through []string // the proxies on the way, nearest to the site last
		from    func(client string) string
	}{
		"one proxy":             {[]string{firstProxy}, []string{firstProxy}, itself},
		"two proxies":           {[]string{firstProxy, secondProxy}, []string{firstProxy, secondProxy}, itself},
		"a proxy not trusted":   {nil, []string{firstProxy}, always(firstProxy)},
		"the first not trusted": {[]string{secondProxy}, []string{firstProxy, secondProxy}, always(firstProxy)},
		"a trusted network":     {[]string{"127.0.0.2/31"}, []string{firstProxy}, itself},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(echoing(tt.trusted))
			defer server.Close()
			address := server.Listener.Addr().String()
			for i := len(tt.through) - 1; i >= 0; i-- {
				address = forwarding(t, address, tt.through[i])
			}
			countsTheTrueAddress(t, address, tt.from)
		})
	}
}

func itself(client string) string { return client }

func always(address string) func(string) string { return func(string) string { return address } }

// forwarding starts a HAProxy that asks a server from an address, and gives where it listens.
func forwarding(t *testing.T, server, from string) string {
	t.Helper()
	address := haproxytest.FreeAddress(t)
	haproxytest.Start(t, fmt.Sprintf(`
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    option forwardfor
listen proxy
    bind %s
    source %s
    server site %s
`, address, from, server), address)
	return address
}

// claims are the lines that browsers send with their requests, to be taken for somebody else.
var claims = [][]string{
	nil, {forged}, {forged, "198.51.100.1"}, {forged + ", " + firstProxy}, {firstProxy, secondProxy},
	{"unknown"}, {forged, ""}, {firstProxy + ", " + forged, secondProxy}, {"127.0.0.9:80, [::1]:80"},
}

var clients = []string{"127.0.0.20", "127.0.0.21"}

// countsTheTrueAddress asks with every claim from two addresses, each more often than it may.
func countsTheTrueAddress(t *testing.T, address string, from func(string) string) {
	t.Helper()
	for _, client := range clients {
		for _, lines := range claims {
			status, seen := askFrom(t, client, "http://"+address+"/who", lines)
			if status != http.StatusOK || seen != from(client) {
				t.Errorf("%s with %q is taken for %s (%d); want %s", client, lines, seen, status, from(client))
			}
		}
	}
	through := map[string]int{}
	for _, client := range clients {
		for _, lines := range claims {
			if status, _ := askFrom(t, client, "http://"+address+"/few", lines); status == http.StatusOK {
				through[from(client)]++
			}
		}
	}
	for counted, n := range through {
		if n != few {
			t.Errorf("%d requests of %s were let through, want %d", n, counted, few)
		}
	}
}

// few is how often one address may ask for the page with a limit.
const few = 3

// echoing is a site that says who asks, and has a page with a limit.
func echoing(trusted []string) *web.Site {
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		TrustedProxies: networks(trusted),
		ErrorPage:      func(*http.Request, web.Failure) templ.Component { return templ.NopComponent },
	})
	who := func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, text(web.Address(r).String()))
	}
	s.Handle("GET /who", web.Anyone, who)
	s.Handle("GET /few", web.Anyone, s.PerMinute(few, who))
	return s
}

// networks reads networks, and addresses that stand for themselves.
func networks(texts []string) (list []netip.Prefix) {
	for _, text := range texts {
		if a, err := netip.ParseAddr(text); err == nil {
			list = append(list, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// askFrom asks from an address of this machine, with lines of X-Forwarded-For, and gives the status and the page.
func askFrom(t *testing.T, client, target string, lines []string) (status int, page string) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(client)}}
	transport := &http.Transport{DialContext: dialer.DialContext}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["X-Forwarded-For"] = lines
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
