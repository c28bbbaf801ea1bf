package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/once"
	"signpost/internal/platform/password"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// ground is what both sides stand on.
type ground struct {
	config    config
	log       *slog.Logger
	clock     clock.Clock
	box       *seal.Box
	loopback  bool // outgoing HTTP may go to this machine
	throwaway bool // the databases go away with the program
	fetch     *fetch.Client
	passwords *password.Hasher
	registry  *prometheus.Registry
	metrics   *web.Metrics
	transport mail.Transport
	proxies   []netip.Prefix
	banner    page.Banner
}

// newGround makes it from a configuration that was checked.
func newGround(c config, log *slog.Logger, transport mail.Transport, loopback bool) (*ground, error) {
	if err := c.folder(); err != nil {
		return nil, err
	}
	box, err := c.openBox(true)
	if err != nil {
		return nil, err
	}
	passwords, err := password.New(password.Usual)
	if err != nil {
		return nil, err
	}
	proxies, err := c.proxies()
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	return &ground{
		config: c, log: log, clock: clock.System{}, box: box, loopback: loopback, fetch: fetch.New(fetch.Options{AllowLoopback: loopback}), passwords: passwords,
		registry: registry, metrics: web.NewMetrics(registry), transport: transport, proxies: proxies,
	}, nil
}

// fetchAs makes outgoing HTTP whose User-Agent names a client, so that CIS2 can tell our sites apart
// though they call from one machine.
func (g *ground) fetchAs(client string) *fetch.Client {
	return fetch.New(fetch.Options{AllowLoopback: g.loopback, UserAgent: "signpost (" + client + ")"})
}

// store is one side's database with its jobs and mail.
type store struct {
	db      *db.DB
	workers *job.Workers
	queue   *job.Queue
	post    *mail.Post
	tasks   []func(ctx context.Context) // what runs beside the jobs until its context ends
	running sync.WaitGroup
	halt    context.CancelFunc
}

// sweepEvery is how often what is over is cleared away.
const sweepEvery = 10 * time.Minute

// openStore opens a database and makes its mail. Workers can be added until startJobs.
func (g *ground) openStore(ctx context.Context, source string, schema fs.FS) (*store, error) {
	d, err := db.Open(ctx, db.Options{Source: source, Migrations: schema, Clock: g.clock, Throwaway: g.throwaway})
	if err != nil {
		return nil, err
	}
	s := &store{db: d, workers: job.NewWorkers()}
	s.post = mail.New(d, g.box, g.transport, s.workers)
	job.Work(s.workers, func(ctx context.Context, _ session.SweepJob) error { return session.Sweep(ctx, d) })
	job.Every(s.workers, sweepEvery, session.SweepJob{})
	once.Work(s.workers, d)
	return s, nil
}

// openJobs makes the database commit jobs; start runs them.
func (s *store) openJobs(ctx context.Context, log *slog.Logger) (err error) {
	s.queue, err = job.Open(ctx, s.db, s.workers, log.With("part", "jobs"))
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

func (s *store) close(ctx context.Context) error {
	if s.halt != nil {
		s.halt()
		s.running.Wait()
	}
	var stopped error
	if s.queue != nil {
		stopped = s.queue.Stop(ctx)
	}
	return errors.Join(stopped, s.db.Close())
}

// clientKey is the key by which a site of ours proves itself at CIS2. It is kept sealed in the data folder
// and made the first time.
func (g *ground) clientKey(site string) (jwt.Key, error) {
	path := filepath.Join(g.config.Data, site+"-client.key")
	sealed, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return g.makeClientKey(path, site)
	}
	if err != nil {
		return jwt.Key{}, fmt.Errorf("read client key: %w", err)
	}
	der, err := g.box.Open(sealed, "client-key/"+site)
	if err != nil {
		return jwt.Key{}, err
	}
	return jwt.FromPKCS8(jwt.ES256, der)
}

func (g *ground) makeClientKey(path, site string) (jwt.Key, error) {
	k, err := jwt.Generate(jwt.ES256)
	if err != nil {
		return k, err
	}
	der, err := k.PKCS8()
	if err != nil {
		return k, err
	}
	if err := os.WriteFile(path, g.box.Seal(der, "client-key/"+site), 0o600); err != nil {
		return k, fmt.Errorf("write client key: %w", err)
	}
	return k, nil
}
