package records

import (
	"context"
	"fmt"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// UndoResult says what an undo did.
type UndoResult struct {
	Restored  int      `json:"restored"`
	Untouched []string `json:"kept"` // keys of records that were changed after the import and were left alone
}

// Undo restores the records that were there before an import, except those that were changed after it, the last one
// first. An undo that was interrupted can be run again.
func (i Imports) Undo(ctx context.Context, d *db.DB, id string,
	progress func(done, total int)) (u UndoResult, err error) {
	run, err := db.Read(ctx, d, func(r db.R) (Run, error) { return i.readRun(ctx, r, id) })
	if err != nil {
		return u, err
	}
	for last := run.Written; last > 0; last -= chunk {
		done, err := i.undoChunk(ctx, d, run, last)
		if err != nil {
			return u, fmt.Errorf("undo import: %w", err)
		}
		u.Restored += done.Restored
		u.Untouched = append(u.Untouched, done.Untouched...)
		progress(run.Written-max(last-chunk, 0), run.Written)
	}
	if err := clearStaged(ctx, d, run); err != nil {
		return u, err
	}
	return u, noteUndone(ctx, d, run, u)
}

// noteUndone closes an undo. The keys of records that were left alone stand in the events of their chunks.
func noteUndone(ctx context.Context, d *db.DB, run Run, u UndoResult) error {
	return d.Update(ctx, importActor(run.source, run.ID), func(w *db.W) error {
		if err := w.Change(ctx, `UPDATE import SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL`, run.ID,
			w.Now()); err != nil {
			return fmt.Errorf("note undo: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventUndone, Subject: ref(run.ID),
			After: map[string]int{"restored": u.Restored, "kept": len(u.Untouched)}})
	})
}

func scanChange(scan db.Scanner) (c change, err error) {
	err = scan(&c.key, &c.before, &c.after)
	return c, err
}

const readChanges = `SELECT record_key, before, after FROM import_change WHERE import_id = $1 AND number > $2
	AND number <= $3 ORDER BY number DESC`

// undoChunk restores some records, up to the one with the number last, in one Update.
func (i Imports) undoChunk(ctx context.Context, d *db.DB, run Run, last int) (UndoResult, error) {
	return db.Write(ctx, d, importActor(run.source, run.ID), func(w *db.W) (UndoResult, error) {
		done := UndoResult{}
		part, err := db.All(ctx, w, scanChange, readChanges, run.ID, last-chunk, last)
		if err != nil {
			return done, fmt.Errorf("read changes: %w", err)
		}
		there, err := recordsOf(ctx, w, run, part, func(c change) string { return c.key })
		if err != nil {
			return done, err
		}
		for _, c := range part {
			restored, err := restore(ctx, w, run.source.Table, c, there[c.key])
			if err != nil {
				return UndoResult{}, err
			}
			if restored {
				done.Restored++
			} else {
				done.Untouched = append(done.Untouched, c.key)
			}
		}
		if err := w.Record(ctx, audit.Event{Kind: eventUndoing, Subject: ref(run.ID), After: done}); err != nil {
			return UndoResult{}, err
		}
		return done, i.changed(ctx, w)
	})
}

// recordsOf gives the records that are there now, by key, of those that a chunk is about.
func recordsOf[T any](ctx context.Context, r db.R, run Run, chunk []T, key func(T) string) (map[string]string, error) {
	keys := make([]string, 0, len(chunk))
	for _, one := range chunk {
		keys = append(keys, key(one))
	}
	return run.source.Table.Some(ctx, r, keys)
}

// restore undoes one change of a record that is now as given, and reports whether it could. It cannot if the record was
// changed after the import, or if removing the record would also remove something that people have added to it.
func restore(ctx context.Context, w *db.W, table Table, c change, now string) (bool, error) {
	switch {
	case now == c.before:
		return true, nil // an earlier undo, interrupted, has restored it already
	case now != c.after:
		return false, nil
	case c.before != "":
		return true, table.Put(ctx, w, c.key, now, c.before)
	}
	touched, err := table.Touched(ctx, w, c.key)
	if err != nil || touched {
		return false, err
	}
	return true, table.Remove(ctx, w, c.key)
}
