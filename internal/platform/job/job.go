// Package job runs background work that was committed together with the change that asked for it.
//
// River keeps and claims the jobs, on both engines; nothing else imports it. A job runs at least once,
// so its worker must bear being run again. A worker that returns an error is tried again later, with
// growing pauses.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job/queue"
	"signpost/internal/platform/random"
)

// Workers are the kinds of job that can be done here.
type Workers struct {
	Poll  time.Duration // how often to look for jobs that are due
	Watch time.Duration // how often to look for nodes that died
	Tries int           // of a job, before it is given up; 0 for as many as it takes to try for three weeks

	river *river.Workers
	every []*river.PeriodicJob
	ended ended

	sweepers []Sweeper

	elsewhere bool // jobs of any kind may be asked for
}

// Elsewhere makes a set for a program that does no jobs, but asks for those that a node does.
func Elsewhere() *Workers {
	ws := NewWorkers()
	ws.elsewhere = true
	return ws
}

// NewWorkers makes an empty set that looks for jobs once a second.
func NewWorkers() *Workers {
	return &Workers{Poll: time.Second, Watch: time.Second, river: river.NewWorkers()}
}

// jobTime is how long a run of a job may take, and wait for its database.
const jobTime = time.Minute

// Work says how jobs of type T are done.
func Work[T db.Job](ws *Workers, do func(ctx context.Context, args T) error) {
	work(ws, func(ctx context.Context, j *river.Job[T]) error { return do(ctx, j.Args) })
}

func work[T db.Job](ws *Workers, do func(ctx context.Context, j *river.Job[T]) error) {
	river.AddWorker(ws.river, river.WorkFunc(func(ctx context.Context, j *river.Job[T]) error {
		err := do(db.Patient(ctx, jobTime), j)
		if err == nil {
			ws.ended.note(run{j.ID, j.Attempt})
		}
		return err
	}))
}

// Later has the job of the worker that returns it run again after the pause. It is no failure: a worker
// that keeps its own tries and pauses gives it.
func Later(pause time.Duration) error { return river.JobSnooze(max(pause, 0)) }

// Every asks for the job again and again with the given pause, beginning at start; of several nodes,
// one asks.
func Every(ws *Workers, pause time.Duration, args db.Job) {
	ask := func() (river.JobArgs, *river.InsertOpts) { return args, into(args) }
	ws.every = append(ws.every, river.NewPeriodicJob(river.PeriodicInterval(pause), ask,
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// Queue is one database's jobs.
type Queue struct {
	client client
	ended  *ended
	log    *slog.Logger

	nodes    nodes
	pause    time.Duration // between two looks at the other nodes
	watching sync.WaitGroup
	halt     context.CancelFunc // ends the looks; nil before Start
}

// client is River on one engine.
type client interface {
	start(ctx context.Context) error
	stop(ctx context.Context) error
	giveUp(ctx context.Context) error
	add(ctx context.Context, tx any, args db.Job) error
	waiting(ctx context.Context, limit int) ([]*rivertype.JobRow, error)
	takeUp(ctx context.Context, node string) (int, error)
}

// Frequent is a job that is asked for again and again within minutes, and depends on another machine. It is tried once:
// while that machine is away, those that failed would pile up beside those that are asked for, and all run when it is
// back.
type Frequent interface{ TriedOnce() }

// into says in which queue a job waits, and how often it is tried if not as often as others.
func into(args db.Job) *river.InsertOpts {
	opts := &river.InsertOpts{Queue: string(queue.Of(args))}
	if _, is := args.(Frequent); is {
		opts.MaxAttempts = 1
	}
	return opts
}

// queues are those of River.
func queues() map[string]river.QueueConfig {
	all := map[string]river.QueueConfig{}
	for name, n := range queue.AtOnce() {
		all[string(name)] = river.QueueConfig{MaxWorkers: n}
	}
	return all
}

// Open brings the job tables up to date and makes d commit its jobs to them. Jobs begin to run with
// Start.
func Open(ctx context.Context, d *db.DB, ws *Workers, log *slog.Logger) (*Queue, error) {
	id := random.ID()
	config := &river.Config{
		ID:                   id,
		Queues:               queues(),
		Workers:              ws.river,
		PeriodicJobs:         ws.every,
		Logger:               log,
		FetchCooldown:        5 * time.Millisecond,
		FetchPollInterval:    ws.Poll,
		JobTimeout:           jobTime,
		MaxAttempts:          ws.Tries,
		RescueStuckJobsAfter: 2 * time.Minute, // those whose node was not known
		SkipUnknownJobCheck:  ws.elsewhere,
	}
	q := &Queue{ended: &ws.ended, log: log, nodes: nodes{db: d, id: id}, pause: ws.Watch}
	err := d.Alone(ctx, func(ctx context.Context) (err error) {
		q.client, err = open(ctx, d.Native(), config)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	d.SetOutbox(q)
	return q, nil
}

func open(ctx context.Context, pool any, config *river.Config) (client, error) {
	switch p := pool.(type) {
	case *sql.DB:
		return onEngine[*sql.Tx](ctx, riversqlite.New(p), config)
	case *pgxpool.Pool:
		return onEngine[pgx.Tx](ctx, riverpgxv5.New(p), config)
	}
	return nil, fmt.Errorf("no job queue for %T", pool)
}

// Start begins to run jobs, and to look for nodes that died while they ran theirs. It waits for no job.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.watch(ctx); err != nil {
		return err
	}
	looks, halt := context.WithCancel(ctx)
	q.halt = halt
	q.watching.Go(func() { q.keepWatch(looks) })
	return q.client.start(ctx)
}

// Stop lets running jobs finish until ctx ends, and begins no others. Those that did not finish are given up, and taken
// up by another node, or by the next run of the program.
func (q *Queue) Stop(ctx context.Context) error {
	stopped := q.client.stop(ctx)
	if q.halt == nil {
		return stopped
	}
	q.halt()
	q.watching.Wait()
	if errors.Is(stopped, context.DeadlineExceeded) {
		return q.giveUp(ctx)
	}
	if stopped != nil {
		return stopped
	}
	return q.nodes.forget(ctx, q.nodes.id)
}

// lastPause is how long jobs that are given up may take to see it.
const lastPause = time.Second

// giveUp ends the jobs that are still running. The node is not forgotten, so that others look after what it leaves.
func (q *Queue) giveUp(ctx context.Context) error {
	q.log.Warn("gave up jobs that took too long to finish; they will be taken up again")
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastPause)
	defer cancel()
	err := q.client.giveUp(last)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// Add puts a job into a transaction; db.W.Enqueue calls it.
func (q *Queue) Add(ctx context.Context, tx any, args db.Job) error {
	return q.client.add(ctx, tx, args)
}

// Waiting counts the jobs that are due or running now; those put off after a failure are not among them, nor
// those that were done here and whose rows do not say so yet, as River writes that a little later.
func (q *Queue) Waiting(ctx context.Context) (n int, err error) {
	done := q.ended.all() // before the list is read, which then has the jobs that those asked for
	list, err := q.client.waiting(ctx, maxLooked)
	if n = left(list, done); err == nil && n == 0 && len(list) == maxLooked {
		list, err = q.client.waiting(ctx, maxRunning) // all that were looked at have ended, and there are more
		n = left(list, done)
	}
	return n, err
}

// How many jobs are looked at: some, which tells most often that one waits, and more than run or end at once. Each look
// is one query: a job that is asked for between two would be in neither.
const (
	maxLooked  = 100
	maxRunning = 5_000
)

// left counts the jobs that were not done.
func left(list []*rivertype.JobRow, done map[run]bool) (n int) {
	for _, row := range list {
		if row.State != rivertype.JobStateRunning || !done[run{row.ID, row.Attempt}] {
			n++
		}
	}
	return n
}

// engine is River with one kind of transaction.
type engine[T any] struct {
	river  *river.Client[T]
	driver riverdriver.Driver[T]
}

func onEngine[T any](ctx context.Context, driver riverdriver.Driver[T], config *river.Config) (client, error) {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	c, err := river.NewClient(driver, config)
	if err != nil {
		return nil, err
	}
	return engine[T]{river: c, driver: driver}, nil
}

func (e engine[T]) start(ctx context.Context) error  { return e.river.Start(ctx) }
func (e engine[T]) stop(ctx context.Context) error   { return e.river.Stop(ctx) }
func (e engine[T]) giveUp(ctx context.Context) error { return e.river.StopAndCancel(ctx) }

func (e engine[T]) add(ctx context.Context, tx any, args db.Job) error {
	t, ok := tx.(T)
	if !ok {
		return fmt.Errorf("a job cannot join a transaction of type %T", tx)
	}
	_, err := e.river.InsertTx(ctx, t, args, into(args))
	return err
}

// waiting lists so many of the jobs that are due or running, the oldest first.
func (e engine[T]) waiting(ctx context.Context, limit int) ([]*rivertype.JobRow, error) {
	due, err := e.river.JobList(ctx, river.NewJobListParams().States("available", "running", "pending").First(limit))
	if err != nil {
		return nil, err
	}
	return due.Jobs, nil
}
