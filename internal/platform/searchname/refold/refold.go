// Package refold makes the words by which names are found anew, in rows that are older than the present way of folding
// them: some at a time, while the program runs. Until then such rows are found as before.
package refold

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// Row is a row whose words are to be made anew.
type Row struct{ ID, Name string }

// Table says how a slice does so in a table of its own.
type Table struct {
	Event audit.Kind // is recorded of each chunk
	Old   string     // lists the ids and names of rows whose words are old, at most $1 of them
	Put   func(ctx context.Context, w *db.W, row Row) error
}

// maxRows is how many rows are written in one Update.
const maxRows = 500

// Work registers the job each, which looks for such rows at the start and then once a day.
func Work[J db.Job](ws *job.Workers, d *db.DB, each J, t Table) {
	job.Work(ws, func(ctx context.Context, _ J) error {
		for {
			rows, err := t.chunk(ctx, d, actor.ForJob(each.Kind(), ""))
			if err != nil {
				return fmt.Errorf("make words of names anew: %w", err)
			}
			if rows == 0 {
				return nil
			}
		}
	})
	job.Every(ws, 24*time.Hour, each)
}

// chunk writes the words of some rows, and gives how many there were.
func (t Table) chunk(ctx context.Context, d *db.DB, by actor.Actor) (int, error) {
	read := func(scan db.Scanner) (row Row, err error) {
		err = scan(&row.ID, &row.Name)
		return row, err
	}
	old, err := db.Read(ctx, d, func(r db.R) ([]Row, error) { return db.All(ctx, r, read, t.Old, maxRows) })
	if err != nil || len(old) == 0 {
		return 0, err
	}
	return len(old), d.Update(ctx, by, func(w *db.W) error {
		for _, row := range old {
			if err := t.Put(ctx, w, row); err != nil {
				return err
			}
		}
		return w.Record(ctx, audit.Event{Kind: t.Event, After: map[string]int{"rows": len(old)}})
	})
}
