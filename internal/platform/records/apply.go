package records

import (
	"context"
	"fmt"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records.
const (
	eventBegun    audit.Kind = "import.begun"
	eventWritten  audit.Kind = "import.written"
	eventFinished audit.Kind = "import.finished"
	eventUndone   audit.Kind = "import.undone"
	eventUndoing  audit.Kind = "import.undoing"
)

// Source is what an import reads its records from, and the table that they go into.
type Source struct {
	Kind  string // of its records, such as services
	Name  string // of their form, such as pharmacies
	Table Table
}

// title is how the table of imports names the source.
func (s Source) title() string { return s.Kind + " " + s.Name }

// Imports are those of one side.
type Imports struct {
	Sources []Source
	// Changed is told within each Update that wrote or undid something; nil if nobody needs to know.
	Changed func(ctx context.Context, w *db.W) error
}

// changed tells that something was written.
func (i Imports) changed(ctx context.Context, w *db.W) error {
	if i.Changed == nil {
		return nil
	}
	return i.Changed(ctx, w)
}

// chunk limits how many records one Update writes, so that it takes well under a second.
const chunk = 250

// atOnce gives how many records of a table one Update writes: more where it takes them together.
func (t Table) atOnce() int {
	if t.PutAll != nil {
		return 16 * chunk
	}
	return chunk
}

// fit gives as many of some records as one Update writes: fewer of those that take longer.
func (t Table) fit(rows []stagedRecord) []stagedRecord {
	room := t.atOnce()
	for i, row := range rows {
		if room -= t.weight(row.key); room < 0 {
			return rows[:i]
		}
	}
	return rows
}

// weight says how many times as long as one that is added a record takes.
func (t Table) weight(key string) int {
	if t.Weight == nil {
		return 1
	}
	return t.Weight(key)
}

// Apply stages the plan's changes, writes them in chunks under one import id, and returns that id; it is empty if
// there is nothing to change. Chunks written before an interruption stay, and Resume continues from there. staged and
// written are told how far it has come.
func (i Imports) Apply(ctx context.Context, d *db.DB, s Source, p Plan,
	staged, written func(done, total int)) (string, error) {
	if len(p.changes) == 0 {
		return "", nil
	}
	id := random.ID()
	err := d.Update(ctx, importActor(s, id), func(w *db.W) error {
		if _, err := w.Exec(ctx, insertRun, id, s.title(), w.Now(), len(p.changes)); err != nil {
			return fmt.Errorf("begin import: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventBegun, Subject: ref(id),
			After: map[string]any{"format": s.Name, "records": len(p.changes)}})
	})
	if err != nil {
		return "", err
	}
	if err := stage(ctx, d, id, p.changes, staged); err != nil {
		return "", err
	}
	return id, i.Resume(ctx, d, id, written)
}

// stage puts the records of an import where its chunks are written from.
func stage(ctx context.Context, d *db.DB, id string, changes []change, staged func(done, total int)) error {
	_, err := d.Load(ctx, "import_stage", []string{"import_id", "number", "record_key", "record"},
		func(yield func([]any, error) bool) {
			for n, c := range changes {
				if !yield([]any{id, n + 1, c.key, c.after}, nil) {
					return
				}
				if done := n + 1; done%chunk == 0 || done == len(changes) {
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
func importActor(s Source, id string) actor.Actor {
	return actor.Actor{Kind: actor.Import, ID: id, Name: "import of " + s.Name}
}

// Resume writes the records that an import has staged and not yet written.
func (i Imports) Resume(ctx context.Context, d *db.DB, id string, progress func(done, total int)) error {
	run, err := i.openRun(ctx, d, id)
	if err != nil {
		return err
	}
	for run.Written < run.Total {
		first := run.Written == 0
		if run.Written, err = i.writeChunk(ctx, d, run); err != nil {
			return err
		}
		// A server answers as it chose to when it last took stock of its tables. If they were empty then, it would look
		// at all that is written for each record that comes.
		if first || run.Written == run.Total {
			if err := d.Filled(ctx, run.source.Table.Filled...); err != nil {
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
func (i Imports) writeChunk(ctx context.Context, d *db.DB, run Run) (written int, err error) {
	upTo := min(run.Total, run.Written+run.source.Table.atOnce())
	return db.Write(ctx, d, importActor(run.source, run.ID), func(w *db.W) (int, error) {
		rows, err := db.All(ctx, w, scanStaged, readStaged, run.ID, run.Written, upTo)
		if err != nil {
			return 0, fmt.Errorf("read staged records: %w", err)
		}
		if len(rows) != upTo-run.Written { // staged records may be lost in a power cut
			return 0, fault.SayCure(fault.Conflict, "The rest of import "+run.ID+" was lost.",
				"Undo it, or import the file again: records that are there already stay unchanged.")
		}
		rows = run.source.Table.fit(rows)
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
		return written, i.changed(ctx, w)
	})
}

// writeRows writes the records of a chunk, of which some may be there already.
func writeRows(ctx context.Context, w *db.W, run Run, rows []stagedRecord) error {
	if run.source.Table.PutAll != nil {
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
	kept, err := run.source.Table.PutAll(ctx, w, records)
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
	if settle := run.source.Table.Settle; settle != nil {
		if row.record, err = settle(ctx, w, row.record); err != nil {
			return err
		}
	}
	if err := run.source.Table.Put(ctx, w, row.key, before, row.record); err != nil {
		return err
	}
	if err := w.Soon(ctx, insertChange, run.ID, row.number, row.key, before, row.record); err != nil {
		return fmt.Errorf("keep previous record: %w", err)
	}
	return nil
}

func finish(ctx context.Context, d *db.DB, run Run) error {
	return d.Update(ctx, importActor(run.source, run.ID), func(w *db.W) error {
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

// Plan says what an import would change.
type Plan struct {
	Added, Changed, Unchanged int
	changes                   []change
}

// change is one record before and after.
type change struct{ key, before, after string }

// Wanted is a record as it is to be.
type Wanted struct {
	Key, Record string
	Before      string // the record that is there, where that is known already
}

// Compare compares records as they are to be with those that are there.
func Compare(ctx context.Context, r db.R, t Table, list []Wanted) (Plan, error) {
	now, err := t.All(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	return against(now, list), nil
}

// IntoNothing compares records with a table that is not there yet.
func IntoNothing(list []Wanted) Plan { return against(nil, list) }

func against(now map[string]string, list []Wanted) (p Plan) {
	for _, row := range list {
		before, there := now[row.Key]
		if row.Before != "" {
			before = row.Before
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
