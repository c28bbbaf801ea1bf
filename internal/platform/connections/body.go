package connections

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// What a request has to arrive in: so long, and the longer the more of it came. This is 16 kbit/s, half of what a bad
// mobile line carries.
const (
	bodyTime = 10 * time.Second
	perByte  = time.Second / 2000
)

// ErrSlow is the error of reading a request that does not arrive in time, or whose client was one of too many that were
// waited for.
var ErrSlow = errors.New("the rest of the request did not arrive in time")

var errGaveWay = fmt.Errorf("%w: too many were waited for, most of them of its network", ErrSlow)

// following answers as next does, and follows how each request arrives.
func (l *Listener) following(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		used, _ := r.Context().Value(connKey{}).(net.Conn)
		if c, is := ours(used); is {
			r = l.follow(c, r)
		}
		next.ServeHTTP(w, r)
	})
}

// follow notes whose request a connection carries, and that its body is waited for, if it has one: until it was read to
// its end, or the request is over.
func (l *Listener) follow(c *conn, r *http.Request) *http.Request {
	client := networkOf(l.from(r))
	l.mu.Lock()
	defer l.mu.Unlock()
	c.client = client
	if r.ContentLength == 0 || c.closed {
		return r
	}
	r = r.WithContext(r.Context()) // the server's own must keep the body that it gave it
	until := time.Now().Add(bodyTime)
	_ = c.SetReadDeadline(until)
	r.Body = &body{ReadCloser: r.Body, conn: c, until: until}
	l.bodies.add(c, client)
	if l.bodies.full() {
		l.giveWay(l.bodies.oldest().conn)
	}
	return r
}

// body is that of a request, which may arrive as slowly as the times above say.
type body struct {
	io.ReadCloser

	conn  *conn
	until time.Time
	err   error // how it ended
}

// Read gives what arrived.
func (b *body) Read(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	if err := b.conn.waitUntil(b.until); err != nil {
		return 0, b.finish(err)
	}
	n, err = b.ReadCloser.Read(p)
	b.until = b.until.Add(time.Duration(n) * perByte)
	if err != nil {
		return n, b.finish(err)
	}
	return n, nil
}

// waitUntil lets what is read from a connection wait until a time.
func (c *conn) waitUntil(until time.Time) error {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	if c.gaveWay {
		return errGaveWay
	}
	return c.SetReadDeadline(until)
}

// finish notes how a body ended, and gives the error that says so. Where it did not arrive whole, its connection makes
// room for others from now on. Where it did, there is time again for the request and its answer.
func (b *body) finish(err error) error {
	l := b.conn.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	b.err = err
	now := time.Now()
	_ = b.conn.SetWriteDeadline(deadline(now, l.server.WriteTimeout))
	switch {
	case b.conn.closed:
	case errors.Is(err, io.EOF):
		b.conn.leave(b.conn.at)
		_ = b.conn.SetReadDeadline(deadline(now, l.server.ReadTimeout))
	case b.conn.gaveWay:
		b.err = fmt.Errorf("%w: %w", errGaveWay, err)
	default:
		l.giveWay(b.conn)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			b.err = fmt.Errorf("%w: %w", ErrSlow, err)
		}
	}
	return b.err
}

// deadline gives when a span of time from now is over; never, where there is none.
func deadline(now time.Time, span time.Duration) time.Time {
	if span <= 0 {
		return time.Time{}
	}
	return now.Add(span)
}
