package board

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account/tally"
	"signpost/internal/dos/report"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// Job is the job that counts the accounts that changed.
type Job struct{}

// Kind names the job.
func (Job) Kind() string { return "board.count" }

// eventCounted is recorded of each chunk of accounts.
const eventCounted audit.Kind = "board.counted"

// countEvery is how often the job comes by. What is read is right meanwhile.
const countEvery = 5 * time.Minute

// Work registers the jobs.
func Work(ws *job.Workers, d *db.DB) {
	job.Work(ws, func(ctx context.Context, _ Job) error {
		return job.InChunks(ctx, func(ctx context.Context) (bool, error) { return Keep(ctx, d) })
	})
	job.Every(ws, countEvery, Job{})
	job.Work(ws, func(ctx context.Context, _ DayJob) error { return KeepDay(ctx, d) })
	job.Every(ws, lookEvery, DayJob{})
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: sweeps})
}

// maxCounted is how many accounts one Update counts.
const maxCounted = 400

// Keep counts some of the accounts that changed since they were counted, and says whether there may be more.
func Keep(ctx context.Context, d *db.DB) (more bool, err error) {
	ids, err := db.Read(ctx, d, func(r db.R) ([]string, error) { return report.Untallied(ctx, r, maxCounted) })
	if err != nil || len(ids) == 0 {
		return false, err
	}
	err = d.Update(ctx, actor.ForJob(Job{}.Kind(), ""), func(w *db.W) error { return count(ctx, w, ids) })
	return len(ids) == maxCounted, err
}

// count counts accounts as what they are now.
func count(ctx context.Context, w *db.W, ids []string) error {
	changes, err := report.Changes(ctx, w, ids)
	if err != nil {
		return err
	}
	if err := errors.Join(tally.Put(ctx, w, changes), tally.Mark(ctx, w, ids), wave.MarkTallied(ctx, w, ids),
		standing.MarkTallied(ctx, w, ids), markAnswers(ctx, w, ids), noteMoves(ctx, w, changes)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventCounted, After: map[string]int{"accounts": len(changes)}})
}

func markAnswers(ctx context.Context, w *db.W, ids []string) error {
	var args db.Arguments
	_, err := w.Exec(ctx, `UPDATE rollout_answer SET tallied = TRUE WHERE NOT tallied AND account_id IN (`+
		db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return fmt.Errorf("mark answers as counted: %w", err)
	}
	return nil
}
