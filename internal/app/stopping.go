package app

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"signpost/internal/config"
)

// ending answers as next does, and ends with its answer each connection that must not carry another request: all once
// the node is stopping, so that the next request is sent elsewhere, and any whose request has an end that is in doubt.
func ending(stopping *atomic.Bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if stopping.Load() || endInDoubt(r) {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// endInDoubt reports whether a proxy in front may have read another end of a request than we did, so that what follows
// may be a part of it (RFC 9112 §6.1). A body in chunks may have come with a length too, and a request of HTTP/1.0 with
// chunks; the server takes the one and the other out of the header before anybody can see it.
func endInDoubt(r *http.Request) bool { return len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) }

// Serve answers until ctx ends or one of the addresses fails. When ctx ends it goes on answering for a while, so that
// whoever sends requests here sees that it is not ready; then requests under way may finish, and what is left is ended.
func (s *Serving) Serve(ctx context.Context, stop config.Stop) error {
	failures := make(chan error, len(s.open))
	for _, l := range s.open {
		go func() { failures <- l.serve() }()
	}
	var failed error
	select {
	case <-ctx.Done():
		failed = s.drain(stop.Wait(), failures)
	case failed = <-failures:
	}
	return errors.Join(failed, s.finish(stop.Finish()))
}

// drain goes on answering for a while, or until one of the addresses fails.
func (s *Serving) drain(wait time.Duration, failures <-chan error) error {
	s.stopping.Store(true)
	s.log.Info("stopping", "answers_for", wait.String())
	over := time.NewTimer(wait)
	defer over.Stop()
	select {
	case <-over.C:
		return nil
	case err := <-failures:
		return err
	}
}

// finish takes no more requests, lets those under way finish, and ends those that take longer.
func (s *Serving) finish(limit time.Duration) (err error) {
	last, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for _, l := range s.open {
		closed := l.server.Shutdown(last)
		if errors.Is(closed, context.DeadlineExceeded) {
			s.log.Warn("ended requests that took too long", "address", l.socket.Addr().String())
			closed = l.server.Close()
		}
		err = errors.Join(err, closed)
	}
	return err
}
