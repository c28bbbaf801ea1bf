package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// hosts sends each request to the site of the host it names; what no site answers to goes to rest.
type hosts struct {
	sites map[string]http.Handler // by host name, without a port
	rest  http.Handler
}

// ServeHTTP answers a request.
func (h hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if site, found := h.sites[hostName(r.Host)]; found {
		site.ServeHTTP(w, r)
		return
	}
	h.rest.ServeHTTP(w, r)
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}

// hostOf is the host name of a site's address.
func hostOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("the address %q must be like https://dos.example.nhs.uk, without a path", address)
	}
	return strings.ToLower(u.Hostname()), nil
}

// unknownHost answers requests for hosts that this node does not run.
func unknownHost(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "No Signpost site answers to this address on this machine.", http.StatusMisdirectedRequest)
}

// Limits on slow and large clients.
const (
	headerTime  = 5 * time.Second
	requestTime = 30 * time.Second
	idleTime    = 2 * time.Minute
	headerBytes = 32 << 10
	lastWords   = 10 * time.Second // for requests under way when we stop
)

// server is an HTTP server with our limits.
func server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// listen opens a TCP address.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// serving is a server on a listener.
type serving struct {
	server   *http.Server
	listener net.Listener
}

// serveAll runs servers until ctx ends or one fails, and then lets requests under way finish.
func serveAll(ctx context.Context, all ...serving) error {
	ended := make(chan error, len(all))
	for _, s := range all {
		go func() { ended <- s.server.Serve(s.listener) }()
	}
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-ended:
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	for _, s := range all {
		failed = errors.Join(failed, s.server.Shutdown(last))
	}
	return failed
}
