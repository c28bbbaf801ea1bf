// Package connections bounds how many connections a server keeps open. Where another comes and there is no room, the
// one that has been idle for longest is closed. Where all are in use, it waits for one of them.
package connections

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// Listener accepts connections up to a number.
type Listener struct {
	net.Listener

	max  int
	mu   sync.Mutex
	room *sync.Cond // there may be room for one more, or one that may be closed
	open int
	idle *list.List // of *conn: those that are idle, or have not sent anything yet, the longest idle in front
	over bool
}

// Limit lets a listener keep so many connections open. Its server must tell it their states, with Watch.
func Limit(l net.Listener, maxOpen int) *Listener {
	b := &Listener{Listener: l, max: maxOpen, idle: list.New()}
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
	at       *list.Element // in the listener's list of idle ones; nil while it is in use
	closed   bool
}

// Accept waits for a connection, and for room for it.
func (l *Listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	for l.open >= l.max && !l.over {
		if oldest := l.idle.Front(); oldest != nil {
			l.end(oldest.Value.(*conn))
			continue
		}
		l.room.Wait()
	}
	defer l.mu.Unlock()
	if l.over {
		_ = accepted.Close()
		return nil, net.ErrClosed
	}
	l.open++
	c := &conn{Conn: accepted, listener: l}
	c.at = l.idle.PushBack(c)
	return c, nil
}

// end closes a connection, once. The listener is locked.
func (l *Listener) end(c *conn) {
	if c.closed {
		return
	}
	c.closed = true
	l.inUse(c)
	l.open--
	l.room.Signal()
	_ = c.Conn.Close() // whoever uses it learns of that
}

func (l *Listener) inUse(c *conn) {
	if c.at != nil {
		l.idle.Remove(c.at)
		c.at = nil
	}
}

// Watch notes whether a connection is in use. It is the server's ConnState.
func (l *Listener) Watch(watched net.Conn, state http.ConnState) {
	if secure, is := watched.(*tls.Conn); is {
		watched = secure.NetConn()
	}
	c, ours := watched.(*conn)
	if !ours {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch state {
	case http.StateActive, http.StateHijacked:
		l.inUse(c)
	case http.StateIdle:
		if c.at == nil && !c.closed {
			c.at = l.idle.PushBack(c)
			l.room.Signal()
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

// Close closes the connection, and makes room for another.
func (c *conn) Close() error {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	c.listener.end(c)
	return nil
}
