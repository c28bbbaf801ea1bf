package app

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"signpost/internal/config"
)

// listening opens addresses and serves them until the test ends.
func listening(t *testing.T, list ...Listener) *Serving {
	t.Helper()
	s, err := Listen(t.Context(), slog.New(slog.DiscardHandler), list...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, config.Stop{FinishSeconds: 5}) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// Connections that ask nothing keep nobody out, however many there are.
func TestServersBoundTheirConnections(t *testing.T) {
	empty := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	serving := listening(t, Listener{Address: "127.0.0.1:0", Handler: empty, Connections: 10})
	at := serving.open[0].socket.Addr().String()
	closed := 0
	var idle []net.Conn
	for range 100 {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		idle = append(idle, c)
	}
	if got := status(t, at, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); got != http.StatusNoContent {
		t.Errorf("one that asks: %d", got)
	}
	for _, c := range idle {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
			closed++
		}
	}
	if closed < 90 {
		t.Errorf("of 100 that ask nothing, %d were closed", closed)
	}
}

// A client that is slow or large is shut out by the server itself, before any site sees it.
func TestServersLimitTheirClients(t *testing.T) {
	empty := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	serving := listening(t, Listener{Address: "127.0.0.1:0", Handler: empty})
	s := serving.open[0].server
	for name, limit := range map[string]int64{
		"reading the header": int64(s.ReadHeaderTimeout), "reading a request": int64(s.ReadTimeout), "writing an answer": int64(s.WriteTimeout),
		"waiting for the next": int64(s.IdleTimeout), "size of the header": int64(s.MaxHeaderBytes),
	} {
		if limit <= 0 {
			t.Errorf("%s has no limit", name)
		}
	}
	const start = "GET / HTTP/1.1\r\nHost: x\r\n"
	for _, tt := range []struct {
		name, request string
		want          int
	}{
		{"an honest request", start + "\r\n", 204},
		{"a header too large", start + "X: " + strings.Repeat("x", headerBytes+8<<10) + "\r\n\r\n", 431},
		{"two lengths of one body", start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
		{"a coding nobody knows", start + "Transfer-Encoding: chunked, odd\r\n\r\n", 501},
		{"two hosts", start + "Host: y\r\n\r\n", 400},
	} {
		if got := status(t, serving.open[0].socket.Addr().String(), tt.request); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// status sends raw text and reads the status of the answer.
func status(t *testing.T, address, request string) int {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprint(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// A door with TLS is one more entry of the list, and ends with the others.
func TestListenersMaySpeakTLS(t *testing.T) {
	said := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, text) })
	}
	borrowed := httptest.NewTLSServer(nil) // for its certificate, and a client that trusts it
	defer borrowed.Close()
	door := &tls.Config{Certificates: borrowed.TLS.Certificates, MinVersion: tls.VersionTLS12}
	s := listening(t,
		Listener{Address: "127.0.0.1:0", Handler: said("plain")},
		Listener{Address: "127.0.0.1:0", Handler: said("sealed"), TLS: door},
	)
	for i, want := range []string{"http://%s plain", "https://%s sealed"} {
		scheme, text, _ := strings.Cut(want, " ")
		res, err := borrowed.Client().Get(fmt.Sprintf(scheme, s.open[i].socket.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(body) != text {
			t.Errorf("%s: %q, %v", want, body, err)
		}
	}
}

// HTTP/2 is spoken by nobody here: one of its connections carries many requests, which no bound on connections bounds.
func TestListenersSpeakOneRequestAtATime(t *testing.T) {
	borrowed := httptest.NewTLSServer(nil)
	defer borrowed.Close()
	s := listening(t, Listener{
		Address: "127.0.0.1:0", Handler: http.NotFoundHandler(),
		TLS: &tls.Config{Certificates: borrowed.TLS.Certificates, MinVersion: tls.VersionTLS12},
	})
	pool := borrowed.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	d := tls.Dialer{Config: &tls.Config{
		RootCAs: pool, ServerName: "example.com", NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
	}}
	c, err := d.DialContext(t.Context(), "tcp", s.open[0].socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if spoken := c.(*tls.Conn).ConnectionState().NegotiatedProtocol; spoken != "http/1.1" {
		t.Errorf("%q is spoken", spoken)
	}
}

// An address that is taken gives back those that were opened before it.
func TestListenOpensAllOrNone(t *testing.T) {
	taken := listening(t, Listener{Address: "127.0.0.1:0"}).open[0].socket.Addr().String()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	first := free.Addr().String()
	_ = free.Close()
	if _, err := Listen(t.Context(), slog.New(slog.DiscardHandler), Listener{Address: first}, Listener{Address: taken}); err == nil {
		t.Fatal("an address that is taken was opened")
	}
	listening(t, Listener{Address: first})
}
