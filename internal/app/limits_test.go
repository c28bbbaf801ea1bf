package app

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// A client that is slow or large is shut out by the server itself, before any site sees it.
func TestServersLimitTheirClients(t *testing.T) {
	s := server(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), slog.New(slog.DiscardHandler))
	for name, limit := range map[string]int64{
		"reading the header": int64(s.ReadHeaderTimeout), "reading a request": int64(s.ReadTimeout), "writing an answer": int64(s.WriteTimeout),
		"waiting for the next": int64(s.IdleTimeout), "size of the header": int64(s.MaxHeaderBytes),
	} {
		if limit <= 0 {
			t.Errorf("%s has no limit", name)
		}
	}
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
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
		if got := status(t, l.Addr().String(), tt.request); got != tt.want {
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
