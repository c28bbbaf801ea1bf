package importing

import (
	"context"
	"fmt"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// UndoResult says what an undo did.
type UndoResult struct {
	Restored  int      `json:"restored"`
	Untouched []string `json:"kept"` // keys of records that were changed after the import and were left alone
}

// Undo restores the records that were there before an import, except those that were changed after it. An undo
// that was interrupted can be run again.
func Undo(ctx context.Context, d *db.DB, id string, progress func(done, total int)) (u UndoResult, err error) {
	run, changes, err := changesOf(ctx, d, id)
	if err != nil {
		return u, err
	}
	for from := 0; from < len(changes); from += chunk {
		part := changes[from:min(from+chunk, len(changes))]
		done, err := undoChunk(ctx, d, run, part)
		if err != nil {
			return u, fmt.Errorf("undo import: %w", err)
		}
		u.Restored += done.Restored
		u.Untouched = append(u.Untouched, done.Untouched...)
		progress(from+len(part), len(changes))
	}
	return u, noteUndone(ctx, d, run, u)
}

func noteUndone(ctx context.Context, d *db.DB, run Run, u UndoResult) error {
	return d.Update(ctx, importActor(run.format, run.ID), func(w *db.W) error {
		if err := w.Change(ctx, `UPDATE import SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL`, run.ID,
			w.Now()); err != nil {
			return fmt.Errorf("note undo: %w", err)
		}
		if err := clearStaged(ctx, w, run.ID); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventUndone, Subject: ref(run.ID), After: u})
	})
}

func scanChange(scan db.Scanner) (c change, err error) {
	err = scan(&c.key, &c.before, &c.after)
	return c, err
}

// changesOf reads the changes that an import made, the last one first.
func changesOf(ctx context.Context, d *db.DB, id string) (run Run, changes []change, err error) {
	err = d.View(ctx, func(r db.R) error {
		if run, err = readRun(ctx, r, id); err != nil {
			return err
		}
		changes, err = db.All(ctx, r, scanChange,
			`SELECT record_key, before, after FROM import_change WHERE import_id = $1 ORDER BY number DESC`, id)
		return err
	})
	return run, changes, err
}

// undoChunk restores some records in one Update.
func undoChunk(ctx context.Context, d *db.DB, run Run, part []change) (UndoResult, error) {
	return db.Write(ctx, d, importActor(run.format, run.ID), func(w *db.W) (UndoResult, error) {
		done := UndoResult{}
		for _, c := range part {
			restored, err := restore(ctx, w, run.format.table, c)
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
		_, err := directory.Changed(ctx, w)
		return done, err
	})
}

// restore undoes one change and reports whether it could. It cannot if the record was changed after the import, or
// if removing the record would also remove something that people have added to it.
func restore(ctx context.Context, w *db.W, table directory.Table, c change) (bool, error) {
	now, err := table.One(ctx, w, c.key)
	switch {
	case err != nil:
		return false, err
	case now == c.before:
		return true, nil // an earlier undo, interrupted, has restored it already
	case now != c.after:
		return false, nil
	case c.before != "":
		return true, table.Put(ctx, w, c.key, c.before)
	}
	touched, err := table.Touched(ctx, w, c.key)
	if err != nil || touched {
		return false, err
	}
	return true, table.Remove(ctx, w, c.key)
}
