// Package connections bounds how many connections a server keeps open, and how many of them it may wait for: for the
// rest of a request that was begun, or for somebody to read an answer. Where another comes and there is no room, one
// that is idle is closed; where too many are waited for, one of them gives way. It is always one of the network that
// has most of them, and of these the oldest, so that many connections of somebody keep nobody else out. Those that the
// server itself keeps waiting are never closed: a new one waits for one of them.
//
// It does not know what is asked.
package connections

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"signpost/internal/platform/peer"
)

// Listener accepts connections up to a number.
type Listener struct {
	net.Listener

	max    int
	server *http.Server
	from   func(*http.Request) netip.Addr

	mu      sync.Mutex
	room    *sync.Cond // there may be room for one more, or one that may be closed
	open    int
	idle    *crowd // those that are idle, have not sent a whole header yet, or gave way
	bodies  *crowd // those whose request has not arrived whole
	answers *crowd // those whose client does not read its answer
	over    bool
}

// The parts of all connections whose request, or whose answer, may be waited for. The rest is for others.
const (
	bodiesPart  = 4 // one in so many
	answersPart = 2
)

// Limit lets a listener keep so many connections open. The server that uses it must be given to Watch.
func Limit(l net.Listener, maxOpen int) *Listener {
	b := &Listener{
		Listener: l, max: maxOpen, idle: newCrowd(maxOpen),
		bodies: newCrowd(max(1, maxOpen/bodiesPart)), answers: newCrowd(max(1, maxOpen/answersPart)),
	}
	b.room = sync.NewCond(&b.mu)
	return b
}

// Max gives how many connections may be open where so many are wanted: of the files that the program may have open,
// half are for others.
func Max(wanted int) int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur/2 >= uint64(max(wanted, 0)) {
		return wanted
	}
	return max(1, int(files.Cur/2))
}

// conn is a connection that was accepted.
type conn struct {
	net.Conn

	listener *Listener
	peer     netip.Addr // the network that it comes from
	client   netip.Addr // the network that its request comes from, through whichever proxies
	at       *place     // in one of the listener's crowds; nil while we are at work on a request
	gaveWay  bool
	closed   bool
}

// unread is how much of an answer the system keeps for a client that does not read it, more or less. By itself it would
// keep some megabytes, which are in no bound on memory of ours.
const unread = 64 << 10 // bytes

// Accept waits for a connection, and for room for it.
func (l *Listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if socket, is := accepted.(*net.TCPConn); is {
		_ = socket.SetWriteBuffer(unread)
	}
	c := &conn{Conn: accepted, listener: l, peer: peerOf(accepted)}
	c.client = c.peer
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open >= l.max && !l.over {
		l.makeRoom()
	}
	if l.over {
		_ = accepted.Close()
		return nil, net.ErrClosed
	}
	l.open++
	l.idle.add(c, c.peer)
	return c, nil
}

func peerOf(c net.Conn) netip.Addr {
	address, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return networkOf(address.Addr().Unmap())
}

// networkOf gives the network that an address counts for.
func networkOf(a netip.Addr) netip.Addr { return peer.Network(a, peer.SiteBits) }

// end closes a connection, once. The listener is locked.
func (l *Listener) end(c *conn) {
	if c.closed {
		return
	}
	c.closed = true
	c.leave(c.at)
	l.open--
	l.room.Signal()
	_ = c.Conn.Close() // whoever uses it learns of that
}

// minIdle is how long a connection may be idle before it is closed for another. In that time it is read from for the
// first time, or told why it gave way.
const minIdle = 100 * time.Millisecond

// makeRoom closes a connection that is idle, or waits until there may be one. The listener is locked.
func (l *Listener) makeRoom() {
	oldest := l.idle.oldest()
	if oldest == nil {
		l.room.Wait()
		return
	}
	if left := minIdle - time.Since(oldest.since); left > 0 {
		later := time.AfterFunc(left, l.room.Broadcast)
		defer later.Stop()
		l.room.Wait()
		return
	}
	l.end(oldest.conn)
}

// offer adds a connection to those that may be closed for others. The listener is locked.
func (l *Listener) offer(c *conn, network netip.Addr) {
	l.idle.add(c, network)
	l.room.Signal()
}

// Watch lets a server that uses the listener tell it what its connections do. from says from which address a request
// comes. The server must have its handler by now.
func (l *Listener) Watch(server *http.Server, from func(*http.Request) netip.Addr) {
	l.server = server
	l.from = from
	server.ConnState = l.noteState
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	server.Handler = l.following(server.Handler)
}

type connKey struct{}

// ours gives the connection of the listener that a server uses.
func ours(used net.Conn) (c *conn, is bool) {
	if secure, over := used.(*tls.Conn); over {
		used = secure.NetConn()
	}
	c, is = used.(*conn)
	return c, is
}

// noteState notes what a connection does now.
func (l *Listener) noteState(watched net.Conn, state http.ConnState) {
	c, is := ours(watched)
	if !is {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch state {
	case http.StateActive, http.StateHijacked:
		c.leave(c.at)
	case http.StateIdle:
		c.client = c.peer
		if c.leave(c.at); !c.closed {
			l.offer(c, c.peer)
		}
	case http.StateNew, http.StateClosed: // Accept and Close saw to it
	}
}

// Open gives how many connections are open.
func (l *Listener) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// Close ends the listener, and leaves the connections.
func (l *Listener) Close() error {
	l.mu.Lock()
	l.over = true
	l.room.Broadcast()
	l.mu.Unlock()
	return l.Listener.Close()
}

// leave takes a connection out of the place that it was given, if it is there still. The listener is locked.
func (c *conn) leave(p *place) {
	if p != nil && c.at == p {
		p.leave()
		c.at = nil
	}
}

// Close closes the connection, and makes room for another.
func (c *conn) Close() error {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	c.listener.end(c)
	return nil
}

// Write writes a part of an answer. Who has not read enough for that is waited for, as long as not too many are: then
// the connection is closed, as nothing can be said to somebody who does not read.
func (c *conn) Write(b []byte) (int, error) {
	waits := c.listener.waitForReader(c)
	defer c.listener.waitsNoMore(c, waits)
	return c.Conn.Write(b)
}

// waitForReader notes that an answer is written to a connection, unless something else is waited for there.
func (l *Listener) waitForReader(c *conn) *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.at != nil || c.closed {
		return nil
	}
	waits := l.answers.add(c, c.client)
	if l.answers.full() {
		l.drop(l.answers.oldest().conn)
	}
	return waits
}

// drop closes a connection and forgets what was written and not read, which the system would keep for a while.
func (l *Listener) drop(c *conn) {
	if socket, is := c.Conn.(*net.TCPConn); is {
		_ = socket.SetLinger(0)
	}
	l.end(c)
}

func (l *Listener) waitsNoMore(c *conn, waits *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.leave(waits)
}

// giveWay ends the wait for the rest of a request. Until its client was told so, the connection makes room for others
// as one that is idle does. The listener is locked.
func (l *Listener) giveWay(c *conn) {
	c.gaveWay = true
	c.leave(c.at)
	_ = c.SetReadDeadline(time.Unix(1, 0)) // whoever reads the request is told that no more of it comes
	l.offer(c, c.client)
}
