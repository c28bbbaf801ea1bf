package connections_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"signpost/internal/platform/connections"
	"signpost/internal/platform/peer"
)

// pipes is a listener whose connections stay within the program, so that time passes at once.
type pipes struct {
	net.Listener

	come chan net.Conn
	over chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.come:
		return c, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	close(p.over)
	return nil
}

func (p pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.come <- theirs
	return ours
}

// serving serves what reads whole requests, with the times that ours has. It gives what became of each.
func serving(t *testing.T, maxOpen int) (p pipes, read <-chan error) {
	t.Helper()
	p = pipes{come: make(chan net.Conn), over: make(chan struct{})}
	problems := make(chan error, 10)
	l := connections.Limit(p, maxOpen)
	s := &http.Server{
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(io.Discard, r.Body)
			problems <- err
			if err != nil {
				w.WriteHeader(http.StatusRequestTimeout)
			}
		}),
	}
	l.Watch(s, func(r *http.Request) netip.Addr { return peer.Address(r, nil) })
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
	return p, problems
}

// upload sends a body of 192 KiB in pieces, one a second, and then nothing more.
func upload(c net.Conn, perSecond, whole int) {
	const header = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 196608\r\n\r\n"
	_, err := io.WriteString(c, header)
	for sent := 0; err == nil && sent < whole; sent += perSecond {
		time.Sleep(time.Second)
		_, err = c.Write(bytes.Repeat([]byte("a"), min(perSecond, whole-sent)))
	}
}

// What arrives over a bad mobile line is taken, however long it takes; what is slower than any line, or stops, is not.
func TestSlowLinesAreTakenAndSlowClientsAreNot(t *testing.T) {
	for _, tt := range []struct {
		name             string
		perSecond, whole int
		slow             bool
		within           time.Duration
	}{
		{"32 kbit/s", 4_000, 192 << 10, false, time.Minute},
		{"20 kbit/s", 2_500, 192 << 10, false, 2 * time.Minute},
		{"4 kbit/s", 500, 192 << 10, true, 20 * time.Second},
		{"a byte a second", 1, 192 << 10, true, 12 * time.Second},
		{"stops after the first byte", 1, 1, true, 12 * time.Second},
		{"stops after the half", 96 << 10, 96 << 10, true, time.Minute + 12*time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, read := serving(t, maxOpen)
				c := p.dial()
				var client sync.WaitGroup
				defer client.Wait()
				defer func() { _ = c.Close() }()
				begun := time.Now()
				client.Go(func() { upload(c, tt.perSecond, tt.whole) })
				err := <-read
				if took := time.Since(begun); errors.Is(err, connections.ErrSlow) != tt.slow || took > tt.within {
					t.Errorf("read with %v after %s", err, took)
				}
				if got := answered(c); got == tt.slow {
					t.Errorf("answered as taken: %v", got)
				}
			})
		})
	}
}

// However many more come, a connection has a moment to send its request before it is closed for others.
func TestNewConnectionsHaveAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, read := serving(t, 2)
		first := p.dial()
		go func() {
			for range 10 {
				_ = p.dial()
			}
		}()
		time.Sleep(50 * time.Millisecond)
		if _, err := io.WriteString(first, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := <-read; err != nil {
			t.Error(err)
		}
		if !answered(first) {
			t.Error("the first one was not answered")
		}
		time.Sleep(2 * time.Second)
		if len(p.come) > 0 {
			t.Error("others wait still")
		}
	})
}
