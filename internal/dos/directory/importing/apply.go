package importing

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Plan is what taking the accepted rows would do.
type Plan struct {
	Added, Changed, Unchanged int
	changes                   []change
}

// change is one record before and after.
type change struct{ key, before, after string }

// Compare holds the accepted rows against what is there.
func Compare(ctx context.Context, r db.R, f Format, rows []Accepted) (Plan, error) {
	now, err := f.table.All(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	var p Plan
	for _, row := range rows {
		before, there := now[row.Key]
		switch {
		case !there:
			p.Added++
		case before == row.Record:
			p.Unchanged++
			continue
		default:
			p.Changed++
		}
		p.changes = append(p.changes, change{key: row.Key, before: before, after: row.Record})
	}
	return p, nil
}

// chunk is how many records one Update writes, well under a second's worth.
const chunk = 250

// Apply stages the plan's changes and writes them in chunks under one import id, which it gives. What was
// written before an interruption stays, and Resume goes on from there.
func Apply(ctx context.Context, d *db.DB, f Format, p Plan, progress func(done, total int)) (string, error) {
	id := random.ID()
	_, err := d.Load(ctx, "import_stage", []string{"import_id", "number", "record_key", "record"}, func(yield func([]any, error) bool) {
		for i, c := range p.changes {
			if !yield([]any{id, i + 1, c.key, c.after}, nil) {
				return
			}
		}
	})
	if err != nil {
		return "", fmt.Errorf("stage import: %w", err)
	}
	who := actor.Actor{Kind: actor.Import, ID: id, Name: "import of " + f.Name}
	err = d.Update(ctx, who, func(w *db.W) error {
		if _, err := w.Exec(ctx, `INSERT INTO import (id, kind, begun_at, written) VALUES ($1, $2, $3, 0)`, id, f.Kind+" "+f.Name, w.Now()); err != nil {
			return fmt.Errorf("begin import: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: "import.begun", Subject: ref(id), After: map[string]any{"format": f.Name, "records": len(p.changes)}})
	})
	if err != nil {
		return "", err
	}
	return id, Resume(ctx, d, who, f, id, progress)
}

func ref(id string) audit.Ref { return audit.Ref{Kind: "import", ID: id} }

// Resume writes what an import has staged and not written.
func Resume(ctx context.Context, d *db.DB, who actor.Actor, f Format, id string, progress func(done, total int)) error {
	before, err := current(ctx, d, f)
	if err != nil {
		return err
	}
	for {
		done, total, err := writeChunk(ctx, d, who, f, id, before)
		if err != nil {
			return err
		}
		progress(done, total)
		if done == total {
			return finish(ctx, d, who, id)
		}
	}
}

type staged struct {
	number      int64
	key, record string
}

func scanStaged(scan db.Scanner) (s staged, err error) {
	err = scan(&s.number, &s.key, &s.record)
	return s, err
}

const (
	readStaged   = `SELECT number, record_key, record FROM import_stage WHERE import_id = $1 AND number > $2 AND number <= $3 ORDER BY number`
	insertChange = `INSERT INTO import_change (import_id, number, record_key, before, after) VALUES ($1, $2, $3, $4, $5)`
)

// writeChunk writes the next records, and with them how far the import has come and one event.
func writeChunk(ctx context.Context, d *db.DB, who actor.Actor, f Format, id string, before map[string]string) (done, total int, err error) {
	err = d.Update(ctx, who, func(w *db.W) error {
		from, err := db.Value[int64](ctx, w, `SELECT written FROM import WHERE id = $1`, id)
		if err != nil {
			return fmt.Errorf("read import: %w", err)
		}
		count, err := db.Value[int64](ctx, w, `SELECT COUNT(*) FROM import_stage WHERE import_id = $1`, id)
		if err != nil {
			return fmt.Errorf("count staged records: %w", err)
		}
		total, done = int(count), int(min(count, from+chunk))
		rows, err := db.All(ctx, w, scanStaged, readStaged, id, from, done)
		if err != nil {
			return fmt.Errorf("read staged records: %w", err)
		}
		for _, row := range rows {
			if err := writeOne(ctx, w, f, id, row, before[row.key]); err != nil {
				return err
			}
		}
		if err := w.Change(ctx, `UPDATE import SET written = $2 WHERE id = $1 AND written = $3`, id, done, from); err != nil {
			return fmt.Errorf("note progress of import: %w", err)
		}
		if err := w.Record(ctx, audit.Event{Kind: "import.written", Subject: ref(id), After: map[string]int{"records": done}}); err != nil {
			return err
		}
		_, err = directory.Changed(ctx, w)
		return err
	})
	return done, total, err
}

// current reads the records there are now, outside the Update, as there are many; an import runs alone.
func current(ctx context.Context, d *db.DB, f Format) (now map[string]string, err error) {
	err = d.View(ctx, func(r db.R) error {
		now, err = f.table.All(ctx, r)
		return err
	})
	return now, err
}

func writeOne(ctx context.Context, w *db.W, f Format, id string, row staged, before string) error {
	if err := f.table.Put(ctx, w, row.key, row.record); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, insertChange, id, row.number, row.key, before, row.record); err != nil {
		return fmt.Errorf("keep what was there: %w", err)
	}
	return nil
}

func finish(ctx context.Context, d *db.DB, who actor.Actor, id string) error {
	return d.Update(ctx, who, func(w *db.W) error {
		if err := w.Change(ctx, `UPDATE import SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL`, id, w.Now()); err != nil {
			return fmt.Errorf("finish import: %w", err)
		}
		if _, err := w.Exec(ctx, `DELETE FROM import_stage WHERE import_id = $1`, id); err != nil {
			return fmt.Errorf("clear staged records: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: "import.finished", Subject: ref(id)})
	})
}

// Undone is what an undo did.
type Undone struct {
	Restored int
	Kept     []string // keys of records that were changed since, and stay as they are now
}

// Undo brings back what was there before an import, record by record, but for those that something else
// changed since.
func Undo(ctx context.Context, d *db.DB, id string, progress func(done, total int)) (u Undone, err error) {
	f, changes, err := madeBy(ctx, d, id)
	if err != nil {
		return u, err
	}
	now, err := current(ctx, d, f)
	if err != nil {
		return u, err
	}
	who := actor.Actor{Kind: actor.Import, ID: id, Name: "undo of an import of " + f.Name}
	for from := 0; from < len(changes); from += chunk {
		part := changes[from:min(from+chunk, len(changes))]
		if err := undoChunk(ctx, d, who, f, id, part, now, &u); err != nil {
			return u, err
		}
		progress(from+len(part), len(changes))
	}
	err = d.Update(ctx, who, func(w *db.W) error {
		if err := w.Change(ctx, `UPDATE import SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL`, id, w.Now()); err != nil {
			return fmt.Errorf("note undo: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: "import.undone", Subject: ref(id), After: u})
	})
	return u, err
}

func scanChange(scan db.Scanner) (c change, err error) {
	err = scan(&c.key, &c.before, &c.after)
	return c, err
}

// madeBy reads what an import changed, the last change first.
func madeBy(ctx context.Context, d *db.DB, id string) (f Format, changes []change, err error) {
	err = d.View(ctx, func(r db.R) error {
		kind, err := db.Value[string](ctx, r, `SELECT kind FROM import WHERE id = $1 AND undone_at IS NULL`, id)
		if errors.Is(err, fault.NotFound) {
			return fault.SayCure(fault.NotFound, "There is no import "+id+", or it was undone.", "Use the id that the import printed.")
		}
		if err != nil {
			return fmt.Errorf("read import: %w", err)
		}
		for _, one := range Formats {
			if one.Kind+" "+one.Name == kind {
				f = one
			}
		}
		changes, err = db.All(ctx, r, scanChange, `SELECT record_key, before, after FROM import_change WHERE import_id = $1 ORDER BY number DESC`, id)
		return err
	})
	return f, changes, err
}

// undoChunk restores some records in one Update. What it did is added to u once it is committed.
func undoChunk(ctx context.Context, d *db.DB, who actor.Actor, f Format, id string, part []change, now map[string]string, u *Undone) error {
	var done Undone
	err := d.Update(ctx, who, func(w *db.W) error {
		done = Undone{}
		for _, c := range part {
			if now[c.key] != c.after {
				done.Kept = append(done.Kept, c.key)
				continue
			}
			if err := restore(ctx, w, f, c); err != nil {
				return err
			}
			done.Restored++
		}
		if err := w.Record(ctx, audit.Event{Kind: "import.undoing", Subject: ref(id), After: done}); err != nil {
			return err
		}
		_, err := directory.Changed(ctx, w)
		return err
	})
	if err != nil {
		return fmt.Errorf("undo import: %w", err)
	}
	u.Restored += done.Restored
	u.Kept = append(u.Kept, done.Kept...)
	return nil
}

func restore(ctx context.Context, w *db.W, f Format, c change) error {
	if c.before == "" {
		return f.table.Remove(ctx, w, c.key)
	}
	return f.table.Put(ctx, w, c.key, c.before)
}
