package backchannel_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/worldtest"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is a ledger over a database that can be closed and opened again.
type world struct {
	t      *testing.T
	clock  *clocktest.Manual
	source string
	box    *seal.Box
	d      *db.DB
	ledger *backchannel.Ledger
	queue  *job.Queue
	ada    actor.Actor
	stop   func()
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: clocktest.At(nine), source: dbtest.Source(t, schema.Files), box: worldtest.Box(t)}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

// start opens the database and begins to work, as a program does.
func (w *world) start() {
	w.t.Helper()
	d := dbtest.Reopen(w.t, w.source, schema.Files, w.clock)
	w.d = d
	keys := &key.Ring{DB: d, Box: w.box}
	w.ledger = &backchannel.Ledger{
		Issuer: issuer, DB: d, Keys: keys, Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: w.clock,
		Pauses: []time.Duration{time.Millisecond},
	}
	ws := job.NewWorkers()
	w.ledger.Work(ws)
	careidtest.Seed(w.t, keys)
	w.queue = jobtest.Run(w.t, d, ws)
	w.stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := errors.Join(w.queue.Stop(ctx), d.Close()); err != nil {
			w.t.Errorf("stop: %v", err)
		}
	}
}

// service is a relying party that is told of sign-outs.
type service struct {
	*httptest.Server
	mu       sync.Mutex
	status   int
	body     string
	tokens   []string
	requests chan struct{}
}

func (s *service) serve(rw http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status == http.StatusOK {
		s.tokens = append(s.tokens, r.PostFormValue("logout_token"))
	}
	rw.WriteHeader(s.status)
	_, _ = io.WriteString(rw, s.body)
	s.requests <- struct{}{}
}

func (s *service) answer(status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
	s.body = body
}

func (s *service) tokensReceived() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.tokens...)
}

func (w *world) register(id, address string) {
	w.t.Helper()
	w.update(func(u *db.W) error {
		return client.Register(w.t.Context(), u, w.box, client.Client{
			ID: id, Name: "Rota", AuthMethod: client.ClientSecretPost,
			RedirectURIs: []string{"https://rota.example/cb"}, Scopes: []string{"openid"},
			BackchannelLogoutURI: address, Active: true,
		}, "a secret from a file")
	})
}

func (w *world) update(fn func(u *db.W) error) {
	w.t.Helper()
	if err := w.d.Update(w.t.Context(), actor.ForCommand("test"), fn); err != nil {
		w.t.Fatal(err)
	}
}

// end ends a session that had signed in to some services.
func (w *world) end(sid string, clients ...string) {
	w.t.Helper()
	w.update(func(u *db.W) error {
		for _, id := range clients {
			if err := backchannel.Visit(w.t.Context(), u, sid, id, "800000000101"); err != nil {
				return err
			}
		}
		if err := backchannel.Notify(w.t.Context(), u, sid, "800000000101"); err != nil {
			return err
		}
		return u.Record(w.t.Context(), audit.Event{Kind: "signin.ended"})
	})
}

func (w *world) notices(id string) (list []backchannel.Notice) {
	w.t.Helper()
	err := w.d.View(w.t.Context(), func(r db.R) (err error) {
		list, err = backchannel.Of(w.t.Context(), r, id, 0, 1000)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// until asks again and again, for up to 20 seconds, until what it waits for has come.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			w.t.Fatalf("%s: not within 20 seconds; the ledger says %+v", what, w.notices(rotaID))
		}
	}
}

func (w *world) all(state string) func() bool {
	return func() bool {
		list := w.notices(rotaID)
		for _, n := range list {
			if n.State != state {
				return false
			}
		}
		return len(list) > 0
	}
}
