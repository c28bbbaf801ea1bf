package importing

import (
	"context"
	"fmt"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// chunk limits how many records one Update writes, so that it takes well under a second.
const chunk = 250

// atOnce gives how many records of a format one Update writes: more where their table takes them together.
func (f Format) atOnce() int {
	if f.table.PutAll != nil {
		return 16 * chunk
	}
	return chunk
}

// fit gives as many of some records as one Update writes: fewer of those that take longer.
func (f Format) fit(rows []stagedRecord) []stagedRecord {
	room := f.atOnce()
	for i, row := range rows {
		if room -= f.weight(row.key); room < 0 {
			return rows[:i]
		}
	}
	return rows
}

// weight says how many times as long as one that is added a record takes.
func (f Format) weight(key string) int {
	if f.table.Weight == nil {
		return 1
	}
	return f.table.Weight(key)
}

// Apply stages the plan's changes, writes them in chunks under one import id, and returns that id; it is empty if
// there is nothing to change. Chunks written before an interruption stay, and Resume continues from there. staged and
// written are told how far it has come.
func Apply(ctx context.Context, d *db.DB, f Format, p Plan, staged, written func(done, total int)) (string, error) {
	if len(p.changes) == 0 {
		return "", nil
	}
	id := random.ID()
	err := d.Update(ctx, importActor(f, id), func(w *db.W) error {
		if _, err := w.Exec(ctx, insertRun, id, f.title(), w.Now(), len(p.changes)); err != nil {
			return fmt.Errorf("begin import: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventBegun, Subject: ref(id),
			After: map[string]any{"format": f.Name, "records": len(p.changes)}})
	})
	if err != nil {
		return "", err
	}
	if err := stage(ctx, d, id, p.changes, staged); err != nil {
		return "", err
	}
	return id, Resume(ctx, d, id, written)
}

// stage puts the records of an import where its chunks are written from.
func stage(ctx context.Context, d *db.DB, id string, changes []change, staged func(done, total int)) error {
	_, err := d.Load(ctx, "import_stage", []string{"import_id", "number", "record_key", "record"},
		func(yield func([]any, error) bool) {
			for i, c := range changes {
				if !yield([]any{id, i + 1, c.key, c.after}, nil) {
					return
				}
				if done := i + 1; done%chunk == 0 || done == len(changes) {
					staged(done, len(changes))
				}
			}
		})
	if err != nil {
		return fmt.Errorf("stage import: %w", err)
	}
	return nil
}

func ref(id string) audit.Ref { return audit.Ref{Kind: "import", ID: id} }

// importActor gives the actor of an import.
func importActor(f Format, id string) actor.Actor {
	return actor.Actor{Kind: actor.Import, ID: id, Name: "import of " + f.Name}
}

// Resume writes the records that an import has staged and not yet written.
func Resume(ctx context.Context, d *db.DB, id string, progress func(done, total int)) error {
	run, err := openRun(ctx, d, id)
	if err != nil {
		return err
	}
	for run.Written < run.Total {
		first := run.Written == 0
		if run.Written, err = writeChunk(ctx, d, run); err != nil {
			return err
		}
		// A server answers as it chose to when it last took stock of its tables. If they were empty then, it would look
		// at all that is written for each record that comes.
		if first || run.Written == run.Total {
			if err := d.Filled(ctx, run.format.table.Filled...); err != nil {
				return err
			}
		}
		progress(run.Written, run.Total)
	}
	return finish(ctx, d, run)
}

type stagedRecord struct {
	number      int64
	key, record string
}

func scanStaged(scan db.Scanner) (s stagedRecord, err error) {
	err = scan(&s.number, &s.key, &s.record)
	return s, err
}

const (
	readStaged = `SELECT number, record_key, record FROM import_stage WHERE import_id = $1 AND number > $2
		AND number <= $3 ORDER BY number`
	insertChanges = `INSERT INTO import_change (import_id, number, record_key, before, after)`
	insertChange  = `INSERT INTO import_change (import_id, number, record_key, before, after)
		VALUES ($1, $2, $3, $4, $5)`
)

// writeChunk writes the next records, with the progress of the import and one event.
func writeChunk(ctx context.Context, d *db.DB, run Run) (written int, err error) {
	upTo := min(run.Total, run.Written+run.format.atOnce())
	return db.Write(ctx, d, importActor(run.format, run.ID), func(w *db.W) (int, error) {
		rows, err := db.All(ctx, w, scanStaged, readStaged, run.ID, run.Written, upTo)
		if err != nil {
			return 0, fmt.Errorf("read staged records: %w", err)
		}
		if len(rows) != upTo-run.Written { // staged records may be lost in a power cut
			return 0, fault.SayCure(fault.Conflict, "The rest of import "+run.ID+" was lost.",
				"Undo it, or import the file again: records that are there already stay unchanged.")
		}
		rows = run.format.fit(rows)
		written := run.Written + len(rows)
		if err := writeRows(ctx, w, run, rows); err != nil {
			return 0, err
		}
		if err := w.Soon(ctx, deleteStaged, run.ID, run.Written, written); err != nil {
			return 0, fmt.Errorf("clear staged records: %w", err)
		}
		if err := w.Change(ctx, `UPDATE import SET written = $2 WHERE id = $1 AND written = $3
			AND undone_at IS NULL`, run.ID, written, run.Written); err != nil {
			return 0, fmt.Errorf("note progress of import: %w", err)
		}
		if err := w.Record(ctx, audit.Event{Kind: eventWritten, Subject: ref(run.ID),
			After: map[string]int{"records": written}}); err != nil {
			return 0, err
		}
		_, err = directory.Changed(ctx, w)
		return written, err
	})
}

// writeRows writes the records of a chunk, of which some may be there already.
func writeRows(ctx context.Context, w *db.W, run Run, rows []stagedRecord) error {
	if run.format.table.PutAll != nil {
		return writeTogether(ctx, w, run, rows)
	}
	there, err := recordsOf(ctx, w, run, rows, func(row stagedRecord) string { return row.key })
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := writeOne(ctx, w, run, row, there[row.key]); err != nil {
			return err
		}
	}
	return nil
}

// writeTogether writes the records of a chunk at once, and keeps of each what its table says.
func writeTogether(ctx context.Context, w *db.W, run Run, rows []stagedRecord) error {
	records := make([]string, 0, len(rows))
	for _, row := range rows {
		records = append(records, row.record)
	}
	kept, err := run.format.table.PutAll(ctx, w, records)
	if err != nil {
		return err
	}
	changes := db.Inserting(insertChanges)
	for i, row := range rows {
		changes.Add(run.ID, row.number, kept[i].Key, kept[i].Before, kept[i].Record)
	}
	if err := changes.Write(ctx, w); err != nil {
		return fmt.Errorf("keep what an import added: %w", err)
	}
	return nil
}

// writeOne writes a record and keeps the previous one for an undo: the one that is there now, which may differ
// from the one that was planned on.
func writeOne(ctx context.Context, w *db.W, run Run, row stagedRecord, before string) (err error) {
	if settle := run.format.table.Settle; settle != nil {
		if row.record, err = settle(ctx, w, row.record); err != nil {
			return err
		}
	}
	if err := run.format.table.Put(ctx, w, row.key, before, row.record); err != nil {
		return err
	}
	if err := w.Soon(ctx, insertChange, run.ID, row.number, row.key, before, row.record); err != nil {
		return fmt.Errorf("keep previous record: %w", err)
	}
	return nil
}

func finish(ctx context.Context, d *db.DB, run Run) error {
	return d.Update(ctx, importActor(run.format, run.ID), func(w *db.W) error {
		if err := w.Change(ctx, `UPDATE import SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL`, run.ID,
			w.Now()); err != nil {
			return fmt.Errorf("finish import: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventFinished, Subject: ref(run.ID)})
	})
}

const deleteStaged = `DELETE FROM import_stage WHERE import_id = $1 AND number > $2 AND number <= $3`

// clearStaged removes what an interrupted import has not written, a part at a time, so that nobody waits for it.
func clearStaged(ctx context.Context, d *db.DB, run Run) error {
	for from := run.Written; from < run.Total; from += chunk {
		err := d.Jot(ctx, func(k *db.K) error {
			_, err := k.Exec(ctx, deleteStaged, run.ID, from, from+chunk)
			return err
		})
		if err != nil {
			return fmt.Errorf("clear staged records: %w", err)
		}
	}
	return nil
}

// Plan says what importing the accepted rows would change.
type Plan struct {
	Added, Changed, Unchanged int
	changes                   []change
}

// change is one record before and after.
type change struct{ key, before, after string }

// Compare compares the accepted rows with the records that are there.
func Compare(ctx context.Context, r db.R, f Format, rows []Accepted) (Plan, error) {
	now, err := f.table.All(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	return against(now, rows), nil
}

// IntoNothing compares the accepted rows with a directory that is not there yet.
func IntoNothing(rows []Accepted) Plan { return against(nil, rows) }

func against(now map[string]string, rows []Accepted) (p Plan) {
	for _, row := range rows {
		before, there := now[row.Key]
		if row.before != "" {
			before = row.before
			there = true
		}
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
	return p
}
