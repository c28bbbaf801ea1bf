package headcount

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// Job is the job that counts the accounts that changed.
type Job struct{}

// Kind names the job.
func (Job) Kind() string { return "account.count" }

// CheckJob is the job that counts all accounts, to make sure.
type CheckJob struct{}

// Kind names the job.
func (CheckJob) Kind() string { return "account.count-check" }

// The kinds of events that this package records.
const (
	eventCounted audit.Kind = "account.counted"
	eventMended  audit.Kind = "account.count-mended"
)

// How often the jobs come by.
const (
	countEvery = 10 * time.Minute
	checkEvery = 24 * time.Hour
)

// Work registers the jobs.
func Work(ws *job.Workers, d *db.DB) {
	job.Work(ws, func(ctx context.Context, _ Job) error {
		return job.InChunks(ctx, func(ctx context.Context) (bool, error) { return Keep(ctx, d) })
	})
	job.Every(ws, countEvery, Job{})
	job.Work(ws, func(ctx context.Context, _ CheckJob) error { return Check(ctx, d) })
	job.Every(ws, checkEvery, CheckJob{})
}

// maxCounted is how many accounts one Update counts.
const maxCounted = 256

const (
	selectUnnoted = `SELECT g.account_id FROM account_login g WHERE ` + unnoted + ` ORDER BY g.account_id LIMIT $1`
	selectMoved   = `SELECT id, counted_as, ` + sortOf + ` FROM account WHERE ` + uncounted + ` ORDER BY id LIMIT $1`
)

// Keep counts some of the accounts that changed since they were counted, and says whether there may be more.
func Keep(ctx context.Context, d *db.DB) (more bool, err error) {
	used, err := db.Read(ctx, d, func(r db.R) ([]string, error) {
		return db.All(ctx, r, db.Column[string], selectUnnoted, maxCounted)
	})
	if err != nil {
		return false, fmt.Errorf("list accounts of new users: %w", err)
	}
	moved, err := db.Read(ctx, d, movedNow(ctx))
	if err != nil || len(used)+len(moved) == 0 {
		return false, err
	}
	n, err := db.Write(ctx, d, actor.ForJob(Job{}.Kind(), ""), func(w *db.W) (int, error) {
		if err := noteUsed(ctx, w, used); err != nil {
			return 0, err
		}
		return count(ctx, w)
	})
	return len(used) == maxCounted || n == maxCounted, err
}

// noteUsed notes that somebody has logged in with accounts.
func noteUsed(ctx context.Context, w *db.W, ids []string) error {
	var args db.Arguments
	places := db.AddEach(&args, ids)
	for _, note := range []string{
		`UPDATE account SET used = TRUE WHERE NOT used AND id IN (`,
		`UPDATE account_login SET noted = TRUE WHERE account_id IN (`,
	} {
		if _, err := w.Exec(ctx, note+places+`)`, args.List()...); err != nil {
			return fmt.Errorf("note that accounts are used: %w", err)
		}
	}
	return nil
}

// moved is an account that is of another sort than it is counted as.
type moved struct{ id, was, is string }

func movedNow(ctx context.Context) func(r db.R) ([]moved, error) {
	return func(r db.R) ([]moved, error) {
		list, err := db.All(ctx, r, func(scan db.Scanner) (m moved, err error) {
			err = scan(&m.id, &m.was, &m.is)
			return m, err
		}, selectMoved, maxCounted)
		if err != nil {
			return nil, fmt.Errorf("list accounts to count: %w", err)
		}
		return list, nil
	}
}

// count counts accounts that changed as what they are now, and says how many.
func count(ctx context.Context, w *db.W) (int, error) {
	list, err := movedNow(ctx)(w)
	if err != nil {
		return 0, err
	}
	var args db.Arguments
	var ids []string
	by := map[string]int{}
	for _, m := range list {
		ids = append(ids, m.id)
		by[m.is]++
		if m.was != "" {
			by[m.was]--
		}
	}
	if len(ids) > 0 {
		const set = `UPDATE account SET counted_as = ` + sortOf + ` WHERE id IN (`
		if _, err := w.Exec(ctx, set+db.AddEach(&args, ids)+`)`, args.List()...); err != nil {
			return 0, fmt.Errorf("count accounts: %w", err)
		}
	}
	if err := Add(ctx, w, by); err != nil {
		return 0, err
	}
	return len(ids), w.Record(ctx, audit.Event{Kind: eventCounted, After: map[string]int{"accounts": len(ids)}})
}

const addCount = `INSERT INTO account_count (sort, n) VALUES ($1, $2)
	ON CONFLICT (sort) DO UPDATE SET n = account_count.n + $2`

// Add adds to the counts of sorts, as String writes them, as a part of an Update that adds or takes away accounts
// counted so.
func Add(ctx context.Context, w *db.W, by map[string]int) error {
	for _, sort := range slices.Sorted(maps.Keys(by)) {
		if by[sort] == 0 {
			continue
		}
		if err := w.Soon(ctx, addCount, sort, by[sort]); err != nil {
			return fmt.Errorf("count accounts as %s: %w", sort, err)
		}
	}
	return nil
}

// Forget counts an account no longer, as a part of the Update that removes it.
func Forget(ctx context.Context, w *db.W, id string) error {
	const forget = `UPDATE account_count SET n = n - 1 WHERE sort = (SELECT counted_as FROM account WHERE id = $1)`
	if err := w.Soon(ctx, forget, id); err != nil {
		return fmt.Errorf("count account no longer: %w", err)
	}
	return nil
}
