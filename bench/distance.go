package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"time"
)

// distance puts a PostgreSQL server further away: a proxy on loopback that passes on later what is sent to the
// server, and what comes back at once. A journey there and back so takes the delay longer. It counts the journeys.
type distance struct {
	server   string
	delay    time.Duration
	listener net.Listener
	journeys atomic.Int64
}

// furtherAway starts a proxy in front of the server that a URL names, and gives the URL of the proxy.
func furtherAway(ctx context.Context, source string, delay time.Duration) (*distance, string, error) {
	u, err := url.Parse(source)
	if err != nil || u.Hostname() == "" {
		return nil, "", errors.New("-delay needs a URL of a PostgreSQL server with a host")
	}
	port := u.Port()
	if port == "" {
		port = "5432"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("listen for connections to the database: %w", err)
	}
	d := &distance{server: net.JoinHostPort(u.Hostname(), port), delay: delay, listener: listener}
	go d.accept(ctx)
	u.Host = listener.Addr().String()
	return d, u.String(), nil
}

// close ends the proxy; connections end with whoever holds them.
func (d *distance) close() error { return d.listener.Close() }

func (d *distance) accept(ctx context.Context) {
	for {
		near, err := d.listener.Accept()
		if err != nil {
			return // it was closed
		}
		far, err := new(net.Dialer).DialContext(ctx, "tcp", d.server)
		if err != nil {
			_ = near.Close()
			continue
		}
		go d.connect(near, far)
	}
}

// parcel holds what was sent at once, and when it is to arrive.
type parcel struct {
	content []byte
	due     time.Time
}

// maxUnderway is how many parcels of a connection may be underway.
const maxUnderway = 64

// connect passes on what either end sends, until one of them has enough.
func (d *distance) connect(near, far net.Conn) {
	var answered atomic.Bool // since something was last sent
	answered.Store(true)
	underway := make(chan parcel, maxUnderway)
	go d.send(near, underway, &answered)
	go deliver(far, underway)
	_, _ = io.Copy(noting{near, &answered}, far)
	_ = near.Close()
	_ = far.Close()
}

// send takes what one end sends. Something new after an answer is a new journey.
func (d *distance) send(near net.Conn, underway chan<- parcel, answered *atomic.Bool) {
	defer close(underway)
	for {
		content := make([]byte, 16<<10)
		n, err := near.Read(content)
		if err != nil {
			return
		}
		if answered.Swap(false) {
			d.journeys.Add(1)
		}
		underway <- parcel{content: content[:n], due: time.Now().Add(d.delay)}
	}
}

// deliver writes parcels when they are due.
func deliver(far net.Conn, underway <-chan parcel) {
	for p := range underway {
		time.Sleep(time.Until(p.due))
		if _, err := far.Write(p.content); err != nil {
			break
		}
	}
	_ = far.Close()
	for range underway { // whoever sends must not wait for ever
	}
}

// noting passes on what comes back, and notes that something did.
type noting struct {
	net.Conn
	answered *atomic.Bool
}

// Write passes it on.
func (n noting) Write(p []byte) (int, error) {
	n.answered.Store(true)
	return n.Conn.Write(p)
}
