package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// How what is over is forgotten: a chunk at a time, with pauses in which others write.
const (
	forgetEvery = 10 * time.Minute
	chunkPause  = 20 * time.Millisecond
	maxChunks   = 500         // of one run of a sweep, as a job may take a minute
	nextRun     = time.Second // when a run follows one that left something
)

// Sweeper deletes what is over in some tables of a database.
type Sweeper struct {
	DB     *db.DB
	Tables []db.Sweep
	Event  audit.Kind // recorded at the end of a run that deleted something; empty where only bookkeeping is swept

	Between func(ctx context.Context) error // what is done between two chunks; nil for a pause
}

// Forget registers the periodic job each, which sweeps.
func Forget[T db.Job](ws *Workers, each T, s Sweeper) {
	ws.sweepers = append(ws.sweepers, s)
	Work(ws, func(ctx context.Context, _ T) error {
		more, err := s.Sweep(ctx, actor.ForJob(each.Kind(), ""))
		if err != nil {
			return fmt.Errorf("forget what is over: %w", err)
		}
		if more {
			return Later(nextRun)
		}
		return nil
	})
	Every(ws, forgetEvery, each)
}

// Sweepers are those of the workers.
func (ws *Workers) Sweepers() []Sweeper { return ws.sweepers }

// Sweep deletes what is over, and says whether it left something for another run.
func (s Sweeper) Sweep(ctx context.Context, by actor.Actor) (more bool, err error) {
	deleted := map[string]int64{}
	for _, table := range s.Tables {
		n, left, failed := s.sweepTable(ctx, table)
		more = more || left
		if n > 0 {
			deleted[table.Table] += n
		}
		err = errors.Join(err, failed)
	}
	return more, errors.Join(err, s.close(ctx, by, deleted))
}

// close records what was deleted.
func (s Sweeper) close(ctx context.Context, by actor.Actor, deleted map[string]int64) error {
	if len(deleted) == 0 || len(s.Event) == 0 {
		return nil
	}
	return s.DB.Update(ctx, by, func(w *db.W) error {
		return w.Record(ctx, audit.Event{Kind: s.Event, After: deleted})
	})
}

func (s Sweeper) sweepTable(ctx context.Context, table db.Sweep) (deleted int64, more bool, err error) {
	between := s.Between
	if between == nil {
		between = rest
	}
	more, err = inChunks(ctx, between, func(ctx context.Context) (bool, error) {
		n, more, err := s.DB.Sweep(ctx, table)
		deleted += n
		return more, err
	})
	return deleted, more, err
}
