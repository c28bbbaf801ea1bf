// Package double is a CIS2 for a supplier's laptop: the real provider and its real sign-in pages over a
// database of its own, with the people and clients of one file. Around them stands what a test needs: a
// sign-in without a browser, a clock that can be moved, faults that can be switched on, and a recording of
// all that was asked and answered.
//
// Whoever reaches it can sign in as anybody, so it is for loopback only. It knows no relying party but
// those of its file, and the program's real sites know nothing of it.
package double

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/simulated"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/schema"
	"signpost/internal/double/file"
	"signpost/internal/double/record"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/once"
	"signpost/internal/platform/password"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// Options say how a double is made.
type Options struct {
	File    file.File
	Address string // where browsers find it, without a path: "http://localhost:8090"
	Issuer  string // as tokens carry it; may name its port even where that is the usual one
	Folder  string // of the database and its keys
	// Throwaway says that the folder goes away with the double, which then need not wait for the disk.
	Throwaway bool
	Log       *slog.Logger
	Record    io.Writer // of all that is asked and answered
	Wait      func(ctx context.Context, d time.Duration) error
}

// Double is one that can answer.
type Double struct {
	o        Options
	path     string // of the issuer
	hosts    map[string]bool
	clock    *Clock
	db       *db.DB
	box      *seal.Box
	ways     step.Ways
	fetch    *fetch.Client
	provider *provider.Provider
	workers  *job.Workers
	queue    *job.Queue
	site     *web.Site // the sign-in service
	front    *web.Site
	control  http.Handler
	people   *people
	faults   faults
	visits   visits
	recorder *record.Recorder

	autoMu sync.Mutex
	auto   file.Auto
}

// by is who does what the double does, in its audit.
var by = actor.ForCommand("double")

// Open makes a double in a folder, or takes up the one that is there. Close it.
func Open(ctx context.Context, o Options) (d *Double, err error) {
	d = &Double{o: o, clock: &Clock{}, auto: o.File.Auto, fetch: fetch.New(fetch.Options{AllowLoopback: true})}
	issuer, err := url.Parse(o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	address, err := url.Parse(o.Address)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	d.path = issuer.Path
	d.hosts = map[string]bool{
		"localhost": true, "cis2.localhost": true, "127.0.0.1": true, "::1": true, address.Hostname(): true,
	}
	if d.box, err = (seal.File{Path: filepath.Join(o.Folder, "master.key")}).Load(true); err != nil {
		return nil, err
	}
	source := filepath.Join(o.Folder, "careid.db")
	if d.db, err = db.Open(ctx, db.Options{
		Source: source, Migrations: schema.Files, Clock: d.clock, Throwaway: o.Throwaway,
	}); err != nil {
		return nil, err
	}
	if err := d.make(ctx); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return d, d.queue.Start(context.WithoutCancel(ctx))
}

// make makes what stands on the database.
func (d *Double) make(ctx context.Context) (err error) {
	hasher, err := password.New(password.Cheap)
	if err != nil {
		return err
	}
	if d.ways, err = login.NewWays(step.Dependencies{
		Origin: d.o.Address, Name: "Signpost double", Hasher: hasher, Box: d.box,
	}); err != nil {
		return err
	}
	if d.provider, err = provider.New(provider.Options{
		Issuer: d.o.Issuer, DB: d.db, Box: d.box, Fetch: d.fetch, Clock: d.clock,
	}); err != nil {
		return err
	}
	post := d.makeJobs()
	if d.queue, err = job.Open(ctx, d.db, d.workers, d.o.Log.With("part", "jobs")); err != nil {
		return err
	}
	if err := d.provider.Keys().Load(ctx, by); err != nil {
		return err
	}
	if d.people, err = d.settle(ctx); err != nil {
		return err
	}
	d.recorder = &record.Recorder{To: d.o.Record, Known: d.people}
	d.control = d.controls()
	d.front = d.makeFront()
	d.makeSite(post)
	return nil
}

func (d *Double) makeJobs() *mail.Post {
	d.workers = job.NewWorkers()
	post := mail.New(d.db, d.box, &mail.Mailbox{}, d.workers)
	session.Work(d.workers, d.db)
	session.WorkTrim(d.workers, d.db, d.provider.Sessions().Bound())
	once.Work(d.workers, d.db)
	mailcode.Work(d.workers, d.db)
	tries.Work(d.workers, d.db)
	d.provider.Work(d.workers)
	organisation.Work(d.workers, d.db)
	identity.Work(d.workers, d.db)
	return post
}

func (d *Double) makeSite(post *mail.Post) {
	d.site = login.New(login.Options{
		DB: d.db, Provider: d.provider, Ways: d.ways, Box: d.box, Post: post, Log: d.o.Log,
		Metrics: web.NewMetrics(prometheus.NewRegistry()),
		Banner: page.Banner{
			Tag: "Double", Text: "A stand-in for CIS2, for tests on this computer.",
			Link: page.Link{Text: "What it knows", Href: "/"},
		},
		Personas: d.personas,
	})
}

// personas are the people who can be chosen on the page of simulated authenticators.
func (d *Double) personas(context.Context, db.R) ([]simulated.Persona, error) {
	var list []simulated.Persona
	for _, p := range d.people.all {
		list = append(list, simulated.Persona{UUID: p.uuid, About: p.about()})
	}
	return list, nil
}

// Handler answers everything that a double answers.
func (d *Double) Handler() http.Handler { return http.HandlerFunc(d.serve) }

// Issuer is the double's name in tokens.
func (d *Double) Issuer() string { return d.o.Issuer }

// Close ends the double. What it did is in its folder and its recording.
func (d *Double) Close(ctx context.Context) error {
	return errors.Join(d.queue.Stop(ctx), d.db.Close(), d.recorder.Err())
}
