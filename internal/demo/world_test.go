package demo_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/careidtest"
	careextract "signpost/internal/careid/extract"
	"signpost/internal/demo"
	"signpost/internal/dos/extract"
	"signpost/internal/dos/rollout"
	dosschema "signpost/internal/dos/schema"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

const (
	directoryID = "100000000001.apps.national"
	cis2        = "http://cis2.localhost:8080"
)

// world is a sample world on databases of its own, with the extract between its sides.
type world struct {
	demo.Systems

	clock *clocktest.Manual
	cast  []demo.Cast
	asker rollout.Asker
	mails *mail.Mailbox
	jobs  *job.Queue
}

// empty is a world in which nothing was made yet.
func empty(t *testing.T) *world {
	t.Helper()
	care := careidtest.Open(t, careidtest.Nine)
	care.Start(careidtest.Idle)
	w := &world{clock: care.Clock, mails: care.Mails, jobs: care.Jobs}
	w.Systems = demo.Systems{
		Care: care.DB, DoS: dbtest.Open(t, dosschema.Files, care.Clock), Box: care.Box, Authenticators: care.Apps.Make, Post: care.Post,
		CIS2: cis2, Issuer: cis2 + "/realm",
	}
	w.asker = w.extract(t)
	return w
}

// made is a world that was made.
func made(t *testing.T) *world {
	t.Helper()
	w := empty(t)
	w.make(t)
	return w
}

func (w *world) make(t *testing.T) {
	t.Helper()
	cast, err := w.Make(t.Context())
	worldtest.Check(t, err)
	w.cast = cast
}

// extract lets the directory ask the care identity side, as it does when both run.
func (w *world) extract(t *testing.T) rollout.Asker {
	t.Helper()
	key := jwttest.Key(t, "directory", jwt.ES256)
	site := web.New(web.Options{Name: "cim", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry())})
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	answering := &careextract.Extract{DB: w.Care, Post: w.Post, Box: w.Box, Clock: w.clock, Address: server.URL, Askers: map[string]jwt.Keys{directoryID: jwt.NewSet(key)}}
	answering.Mount(site)
	return &extract.Client{URL: server.URL, ID: directoryID, Key: key, Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: w.clock}
}

// facts gives what the directory knows about somebody after they signed in with the password.
func (w *world) facts(t *testing.T, accountID string) path.Facts {
	t.Helper()
	var known rollout.Known
	w.view(t, w.DoS, func(ctx context.Context, r db.R) (err error) {
		known, err = rollout.Read(ctx, r, accountID)
		return err
	})
	facts, err := rollout.Facts(t.Context(), w.asker, known)
	worldtest.Check(t, err)
	return facts
}

func (w *world) view(t *testing.T, d *db.DB, fn func(ctx context.Context, r db.R) error) {
	t.Helper()
	worldtest.Check(t, d.View(t.Context(), func(r db.R) error { return fn(t.Context(), r) }))
}

// introduced finds somebody of the guide by name.
func (w *world) introduced(t *testing.T, name string) demo.Cast {
	t.Helper()
	for _, c := range w.cast {
		if c.Name == name && c.Introduced {
			return c
		}
	}
	t.Fatalf("the guide introduces no %s", name)
	return demo.Cast{}
}
