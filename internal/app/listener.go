package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"signpost/internal/platform/connections"
	"signpost/internal/platform/peer"
)

// Listener is an address that a program answers at.
type Listener struct {
	Name    string      // of the setting that gives the address, for the log
	Address string      // "127.0.0.1:8080"
	TLS     *tls.Config // nil where a proxy in front ends TLS, or on this machine
	Handler http.Handler

	OneRequest  bool           // a connection carries one request alone, so that each shows its certificate anew
	Connections int            // how many may be open at a time; 0 for as many as usual
	Proxies     []netip.Prefix // whose word is taken for whom a request comes from
}

// Limits on slow and large clients.
const (
	headerTime  = 5 * time.Second
	requestTime = 30 * time.Second
	idleTime    = 2 * time.Minute
	headerBytes = 32 << 10

	usualConnections = 1000
)

// LastWords is how long jobs under way may take to end when we stop.
const LastWords = 10 * time.Second

// server makes an HTTP server with our limits. It speaks HTTP/1 alone, in which a connection carries one request at a
// time, so that a bound on connections bounds requests too.
func (s *Serving) server(l Listener) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	server := &http.Server{
		Handler: ending(&s.stopping, l.Handler), TLSConfig: l.TLS, Protocols: &protocols,
		ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerBytes,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	server.SetKeepAlivesEnabled(!l.OneRequest)
	return server
}

// Serving is a list of addresses that are open.
type Serving struct {
	log      *slog.Logger
	open     []openListener
	stopping atomic.Bool
}

type openListener struct {
	server *http.Server
	socket net.Listener
}

// TakenError is an address at which another program listens already.
type TakenError struct {
	Name    string // of the setting that gives the address
	Address string
}

// Error says which address it is.
func (t TakenError) Error() string { return t.Address + " is in use by another program" }

// ListenError is an address that cannot be opened.
type ListenError struct {
	Name    string // of the setting that gives the address
	Problem error
}

// Error names the setting and says what is wrong.
func (l ListenError) Error() string { return l.Name + ": " + l.Problem.Error() }

// Unwrap gives the problem.
func (l ListenError) Unwrap() error { return l.Problem }

// listenProblem says why an address cannot be opened.
func listenProblem(setting, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return TakenError{Name: setting, Address: address}
	}
	return ListenError{Name: setting, Problem: err}
}

// Listen opens the addresses of a list, all or none. They answer with Serve.
func Listen(ctx context.Context, log *slog.Logger, list ...Listener) (*Serving, error) {
	s := &Serving{log: log}
	for _, l := range list {
		socket, err := new(net.ListenConfig).Listen(ctx, "tcp", l.Address)
		if err != nil {
			return nil, errors.Join(listenProblem(l.Name, l.Address, err), s.Close())
		}
		maxOpen := connections.Max(cmp.Or(l.Connections, usualConnections))
		bounded := connections.Limit(socket, maxOpen)
		server := s.server(l)
		bounded.Watch(server, func(r *http.Request) netip.Addr { return peer.Address(r, l.Proxies) })
		s.open = append(s.open, openListener{server: server, socket: bounded})
	}
	return s, nil
}

// Close gives up addresses that were opened and not served.
func (s *Serving) Close() (err error) {
	for _, l := range s.open {
		err = errors.Join(err, l.socket.Close())
	}
	return err
}

func (l openListener) serve() error {
	if l.server.TLSConfig != nil {
		return l.server.ServeTLS(l.socket, "", "")
	}
	return l.server.Serve(l.socket)
}
