package records

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Run is one import: its source, its progress, and whether it was undone.
type Run struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"` // kind and form, such as "services pharmacies", or the kind if they are one
	Begun    time.Time `json:"begun"`
	Total    int       `json:"total"` // records to write
	Written  int       `json:"written"`
	Finished time.Time `json:"finished,omitzero"` // zero while it runs, or if it was interrupted
	Undone   time.Time `json:"undone,omitzero"`
	source   Source
}

const (
	insertRun = `INSERT INTO import (id, kind, begun_at, total, written) VALUES ($1, $2, $3, $4, 0)`
	selectRun = `SELECT id, kind, begun_at, total, written, finished_at, undone_at FROM import`
)

func (i Imports) scanRun(scan db.Scanner) (run Run, err error) {
	var total, written int64
	err = scan(&run.ID, &run.Title, db.At(&run.Begun), &total, &written, db.At(&run.Finished), db.At(&run.Undone))
	run.Total = int(total)
	run.Written = int(written)
	for _, s := range i.Sources {
		if s.title() == run.Title {
			run.source = s
		}
	}
	if run.source.Kind == run.source.Name {
		run.Title = run.source.Kind
	}
	return run, err
}

// LastOf gives when the last import of a kind of records was finished; zero if there was none.
func LastOf(ctx context.Context, r db.R, kind string) (at time.Time, err error) {
	const last = `SELECT MAX(finished_at) FROM import WHERE kind LIKE $1`
	at, err = db.One(ctx, r, func(scan db.Scanner) (at time.Time, err error) {
		err = scan(db.At(&at))
		return at, err
	}, last, kind+" %")
	if err != nil {
		return at, fmt.Errorf("read last import of %s: %w", kind, err)
	}
	return at, nil
}

// Runs lists the imports, the newest first, at most limit of them.
func (i Imports) Runs(ctx context.Context, r db.R, limit int) ([]Run, error) {
	list, err := db.All(ctx, r, i.scanRun, selectRun+` ORDER BY begun_at DESC, id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return list, nil
}

// Has reports whether there is an import with an id.
func Has(ctx context.Context, r db.R, id string) (bool, error) {
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM import WHERE id = $1`, id)
	if err != nil {
		return false, fmt.Errorf("look for import: %w", err)
	}
	return n > 0, nil
}

// readRun reads an import that was not undone.
func (i Imports) readRun(ctx context.Context, r db.R, id string) (Run, error) {
	run, err := db.One(ctx, r, i.scanRun, selectRun+` WHERE id = $1`, id)
	switch {
	case errors.Is(err, fault.NotFound):
		return run, fault.SayCure(fault.NotFound, "There is no import "+id+".", "Use the id that the import printed.")
	case err != nil:
		return run, fmt.Errorf("read import: %w", err)
	case !run.Undone.IsZero():
		return run, fault.Say(fault.Conflict, "Import "+id+" was undone already.")
	}
	return run, nil
}

// openRun reads an import that is not finished.
func (i Imports) openRun(ctx context.Context, d *db.DB, id string) (run Run, err error) {
	run, err = db.Read(ctx, d, func(r db.R) (Run, error) { return i.readRun(ctx, r, id) })
	if err == nil && !run.Finished.IsZero() {
		return run, fault.Say(fault.Conflict, "Import "+id+" is finished.")
	}
	return run, err
}
