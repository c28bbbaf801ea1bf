package connections_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"signpost/internal/platform/connections"
	"signpost/internal/platform/peer"
)

const maxOpen = 20

// serve serves with a bound. A request of /wait tells that it is there, and waits for the gate.
func serve(t *testing.T, there chan<- bool, gate <-chan bool) *connections.Listener {
	t.Helper()
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := connections.Limit(socket, maxOpen)
	s := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/wait" {
				there <- true
				<-gate
			}
			_, _ = io.WriteString(w, "here")
		}),
	}
	l.Watch(s, func(r *http.Request) netip.Addr { return peer.Address(r, nil) })
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
	return l
}

func dial(t *testing.T, l *connections.Listener) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func send(t *testing.T, c net.Conn, path string) {
	t.Helper()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Error(err)
	}
}

// answered reports whether an answer came.
func answered(c net.Conn) bool {
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK
}

// Hundreds of connections that ask nothing, or nothing more, keep nobody out: the longest idle are closed for others.
func TestTheLongestIdleMakeRoom(t *testing.T) {
	l := serve(t, nil, nil)
	first := dial(t, l)
	send(t, first, "/")
	if !answered(first) {
		t.Fatal("the first one was not answered")
	}
	for range 10 * maxOpen {
		dial(t, l)
	}
	for range 2 * maxOpen {
		c := dial(t, l)
		send(t, c, "/")
		if !answered(c) {
			t.Fatal("one that asks was not answered beside those that do not")
		}
	}
	if n := l.Open(); n > maxOpen {
		t.Errorf("%d are open, of %d", n, maxOpen)
	}
	send(t, first, "/")
	if answered(first) {
		t.Error("the longest idle is open still")
	}
}

// Those in use are not closed: another waits for one of them.
func TestThoseInUseStay(t *testing.T) {
	there := make(chan bool)
	gate := make(chan bool)
	l := serve(t, there, gate)
	var busy []net.Conn
	for range maxOpen {
		c := dial(t, l)
		send(t, c, "/wait")
		<-there
		busy = append(busy, c)
	}
	another := dial(t, l)
	send(t, another, "/")
	close(gate)
	for _, c := range append(busy, another) {
		if !answered(c) {
			t.Error("one was not answered")
		}
	}
}

// A server that stops is not kept by whoever waits for room.
func TestClosingEndsTheWait(t *testing.T) {
	there := make(chan bool)
	gate := make(chan bool)
	defer close(gate)
	l := serve(t, there, gate)
	for range maxOpen {
		send(t, dial(t, l), "/wait")
		<-there
	}
	dial(t, l)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("accepted after it was closed")
	}
}

// What the system keeps of answers that nobody reads is little.
func TestLittleIsKeptForWhoDoesNotRead(t *testing.T) {
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := connections.Limit(socket, maxOpen)
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_ = client.(*net.TCPConn).SetReadBuffer(4 << 10)
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	_ = accepted.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	n, err := accepted.Write(make([]byte, 8<<20))
	if err == nil || n > 512<<10 {
		t.Errorf("%d bytes were taken for a client that reads none: %v", n, err)
	}
}
