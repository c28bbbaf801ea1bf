package demo_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	careextract "signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	careschema "signpost/internal/careid/schema"
	"signpost/internal/demo"
	"signpost/internal/dos/extract"
	"signpost/internal/dos/rollout"
	dosschema "signpost/internal/dos/schema"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/password"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

const (
	directoryID = "100000000001.apps.national"
	cis2        = "http://cis2.localhost:8080"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is a sample world on databases of its own, with the extract between its sides.
type world struct {
	demo.Systems

	clock *clock.Manual
	cast  []demo.Cast
	asker rollout.Asker
	mails *mail.Mailbox
	jobs  *job.Queue
}

// empty is a world in which nothing was made yet.
func empty(t *testing.T) *world {
	t.Helper()
	w := &world{clock: clock.At(nine), mails: &mail.Mailbox{}}
	w.Care = dbtest.Open(t, careschema.Files, w.clock)
	w.DoS = dbtest.Open(t, dosschema.Files, w.clock)
	box, err := seal.New(random.Bytes(32))
	check(t, err)
	hasher, err := password.New(password.Cheap)
	check(t, err)
	ws := job.NewWorkers()
	job.Work(ws, func(context.Context, identity.Ended) error { return nil })
	job.Work(ws, func(context.Context, authenticator.Ended) error { return nil })
	w.Post = mail.New(w.Care, box, w.mails, ws)
	w.Apps = &totp.Keeper{Hasher: hasher, Box: box}
	w.CIS2 = cis2
	w.Issuer = cis2 + "/realm"
	w.jobs = jobtest.Start(t, w.Care, ws)
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
	check(t, err)
	w.cast = cast
}

// extract lets the directory ask the care identity side, as it does when both run.
func (w *world) extract(t *testing.T) rollout.Asker {
	t.Helper()
	key, err := jwt.Generate(jwt.ES256)
	check(t, err)
	site := web.New(web.Options{Name: "cim", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry())})
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	answering := &careextract.Extract{DB: w.Care, Clock: w.clock, Address: server.URL, Askers: map[string]jwt.Keys{directoryID: jwt.NewSet(key)}}
	answering.Mount(site)
	return &extract.Client{URL: server.URL, ID: directoryID, Key: key, Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: w.clock}
}

// facts are what the directory knows about somebody after they signed in with the password.
func (w *world) facts(t *testing.T, accountID string) path.Facts {
	t.Helper()
	var known rollout.Known
	w.view(t, w.DoS, func(ctx context.Context, r db.R) (err error) {
		known, err = rollout.Read(ctx, r, accountID)
		return err
	})
	facts, err := rollout.Facts(t.Context(), w.asker, known)
	check(t, err)
	return facts
}

func (w *world) view(t *testing.T, d *db.DB, fn func(ctx context.Context, r db.R) error) {
	t.Helper()
	check(t, d.View(t.Context(), func(r db.R) error { return fn(t.Context(), r) }))
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

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
