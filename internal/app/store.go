package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	careschema "signpost/internal/careid/schema"
	"signpost/internal/config"
	dosschema "signpost/internal/dos/schema"
	"signpost/internal/platform/audit/retain"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/intact"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/once"
	"signpost/internal/platform/saved/sweep"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
)

// Side is one of the two sides, each with a database of its own.
type Side struct {
	source func(config.Config) string
	schema fs.FS
}

// The two sides.
var (
	DoS    = Side{source: config.Config.DoSSource, schema: dosschema.Files}
	CareID = Side{source: config.Config.CareIDSource, schema: careschema.Files}
)

// OpenDatabase opens a side's database without its sites. Jobs that are asked for are kept; none runs here.
func OpenDatabase(ctx context.Context, cfg config.Config, side Side) (*db.DB, error) {
	if err := makeFolder(cfg.Data); err != nil {
		return nil, err
	}
	d, err := side.open(ctx, cfg, db.Options{Clock: clock.System{}})
	if err != nil {
		return nil, err
	}
	if _, err := job.Open(ctx, d, job.Elsewhere(), slog.New(slog.DiscardHandler)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (s Side) open(ctx context.Context, cfg config.Config, o db.Options) (*db.DB, error) {
	o.Source = s.source(cfg)
	o.Migrations = s.schema
	o.Addresses = cfg.Retention.RefusalAddresses
	return db.Open(ctx, o)
}

// Check looks whether a side's database, which is there, is whole.
func (s Side) Check(ctx context.Context, cfg config.Config) ([]intact.Finding, error) {
	return db.Check(ctx, db.Options{Source: s.source(cfg), Migrations: s.schema, Clock: clock.System{}})
}

// Reach opens a side's database, which is there, and looks which migrations were applied to it. It changes nothing.
func (s Side) Reach(ctx context.Context, cfg config.Config) (intact.Finding, error) {
	return db.Reach(ctx, db.Options{Source: s.source(cfg), Migrations: s.schema, Clock: clock.System{}})
}

// Look reads a side's database, which is there and up to date, as it stands.
func Look[T any](ctx context.Context, cfg config.Config, s Side, fn func(r db.R) (T, error)) (T, error) {
	return db.Look(ctx, db.Options{Source: s.source(cfg), Migrations: s.schema, Clock: clock.System{}}, fn)
}

// Exists reports whether a side has a database. One on a server is there, whether it can be reached or not.
func (s Side) Exists(cfg config.Config) bool {
	source := s.source(cfg)
	if strings.Contains(source, "://") {
		return true
	}
	_, err := os.Stat(source)
	return err == nil
}

// makeFolder makes sure that the data folder is there and ours alone.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	return nil
}

// store is a side's database with its jobs and mail.
type store struct {
	DB *db.DB

	workers *job.Workers
	queue   *job.Queue
	post    *mail.Post
	tasks   []func(ctx context.Context) // what runs beside the jobs until its context ends
	running sync.WaitGroup
	halt    context.CancelFunc
}

// maxLook is how long a start looks through a database for damage. SQLite reads some 300 MB in a second.
const maxLook = 10 * time.Second

// openStore opens a database and makes its mail. Workers can be added until openJobs.
func (s *System) openStore(ctx context.Context, side Side) (*store, error) {
	d, err := side.open(ctx, s.Config, db.Options{Clock: s.Clock, Throwaway: s.Throwaway, Look: maxLook})
	if err != nil {
		return nil, err
	}
	if d.Unlooked() {
		s.Log.Warn("the database is too large to look through all of it at the start: run signpost db check at night",
			"database", side.source(s.Config), "looked_for", maxLook.String())
	}
	made := &store{DB: d, workers: job.NewWorkers()}
	made.post = mail.New(d, s.box, s.Transport, made.workers)
	made.post.Foot = s.Config.ServiceDesk.Line()
	s.posts = append(s.posts, made.post)
	mail.Work(made.workers, d, s.Config.Retention.Mail())
	session.Work(made.workers, d)
	once.Work(made.workers, d)
	mailcode.Work(made.workers, d)
	tries.Work(made.workers, d)
	sweep.Work(made.workers, d)
	retain.Work(made.workers, d, s.Config.Retention.Addresses(), s.Config.Retention.OfDetails())
	job.Retired(made.workers, "signin.sweep", "extract.sweep", "cim.sweep") // platform/once sweeps for them
	return made, nil
}

// openJobs makes the database commit jobs; start runs them.
func (s *store) openJobs(ctx context.Context, log *slog.Logger) (err error) {
	s.queue, err = job.Open(ctx, s.DB, s.workers, log.With("part", "jobs"))
	return err
}

// start begins to run jobs and tasks. It returns at once.
func (s *store) start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	tasks, halt := context.WithCancel(ctx)
	s.halt = halt
	for _, task := range s.tasks {
		s.running.Go(func() { task(tasks) })
	}
	return s.queue.Start(ctx)
}

// Close ends the side's jobs and closes its database.
func (s *store) Close(ctx context.Context) error {
	if s.halt != nil {
		s.halt()
		s.running.Wait()
	}
	var stopped error
	if s.queue != nil {
		stopped = s.queue.Stop(ctx)
	}
	return errors.Join(stopped, s.DB.Close())
}
