package app

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/worldtest"
)

// No request is answered that hides behind another one whose end a proxy may have read differently, whatever address,
// host or path it was for.
func TestNothingIsHiddenInARequest(t *testing.T) {
	sites := hosts{sites: map[string]http.Handler{}, rest: http.HandlerFunc(unknownHost)}
	sites.add("http://dos.localhost:8080", http.NotFoundHandler())
	ops := &operations{registry: prometheus.NewRegistry()}
	serving := listening(t,
		Listener{Name: "listen", Address: "127.0.0.1:0", Handler: sites},
		Listener{Name: "operations", Address: "127.0.0.1:0", Handler: ops.handler()},
	)
	const (
		body   = "0\r\n\r\n"
		hidden = "GET /hidden HTTP/1.1\r\nHost: dos.localhost\r\nConnection: close\r\n\r\n"
		honest = "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" + hidden
	)
	attacks := []string{
		"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 88\r\nTransfer-Encoding: chunked\r\n\r\n" + body + hidden,
		"POST %s HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\nContent-Length: 88\r\n\r\n" + body + hidden,
		"GET %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + body + hidden,
		"POST %s HTTP/1.0\r\nHost: %s\r\nConnection: keep-alive\r\nContent-Length: 5\r\n" +
			"Transfer-Encoding: chunked\r\n\r\n" + body + hidden,
	}
	tried := 0
	for i, open := range serving.open {
		at := open.socket.Addr().String()
		for _, host := range []string{"dos.localhost", "elsewhere.example", "127.0.0.1"} {
			for _, path := range []string{"/", "/healthz", "/readyz", "/metrics"} {
				if n := answers(t, at, fmt.Sprintf(honest, path, host)); n != 2 {
					t.Fatalf("listener %d, %s%s: of two honest requests %d were answered", i, host, path, n)
				}
				for _, attack := range attacks {
					tried++
					if n := answers(t, at, fmt.Sprintf(attack, path, host)); n != 1 {
						t.Errorf("listener %d, %s%s: %d answers to\n%s", i, host, path, n, attack)
					}
				}
			}
		}
	}
	t.Logf("tried %d, answered 0", tried)
}

// answers sends raw text over one connection, which it leaves open, and counts what is answered until it is closed.
func answers(t *testing.T, address, requests string) int {
	t.Helper()
	conn := worldtest.Must(new(net.Dialer).DialContext(t.Context(), "tcp", address))(t)
	defer func() { _ = conn.Close() }()
	worldtest.Check(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err := io.WriteString(conn, requests)
	worldtest.Check(t, err)
	said, _ := io.ReadAll(conn)
	return strings.Count(string(said), "HTTP/1.")
}
