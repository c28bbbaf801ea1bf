package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/fault"
)

// W is an Update in progress: it reads, changes, and records what it did.
type W struct {
	reading
	db       *DB
	who      actor.Actor
	begun    bool  // the savepoint that Refuse goes back to is set
	dirty    bool  // a table that is not bookkeeping was changed
	recorded bool  // an event says so
	refusal  error // what Refuse returned
}

// Actor is who does this.
func (w *W) Actor() actor.Actor { return w.who }

// Exec runs a statement that changes rows and says how many.
func (w *W) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := w.beforeChange(ctx, sql); err != nil {
		return 0, err
	}
	plain, err := w.ready(args)
	if err != nil {
		return 0, err
	}
	n, err := w.t.exec(ctx, sql, plain)
	if err != nil {
		return 0, w.failed(err)
	}
	return n, nil
}

// Each runs a query, or a statement that gives back what it changed.
func (w *W) Each(ctx context.Context, row func(scan func(dest ...any) error) error, sql string, args ...any) error {
	if !reads(sql) {
		if err := w.beforeChange(ctx, sql); err != nil {
			return err
		}
	}
	return w.reading.Each(ctx, row, sql, args...)
}

// Change runs a statement whose where-clause carries a precondition and must change exactly one row;
// anything else is fault.Conflict.
func (w *W) Change(ctx context.Context, sql string, args ...any) error {
	n, err := w.Exec(ctx, sql, args...)
	if err != nil {
		return err
	}
	if n != 1 {
		return w.failed(fmt.Errorf("changed %d rows instead of one: %w", n, fault.Conflict))
	}
	return nil
}

// Record keeps an event about what this Update does.
func (w *W) Record(ctx context.Context, e audit.Event) error {
	_, err := audit.Write(ctx, w, w.who, w.now, e)
	w.recorded = w.recorded || err == nil
	return err
}

// Enqueue commits a job with this Update; it runs after the commit, at least once.
func (w *W) Enqueue(ctx context.Context, job Job) error {
	if w.db.outbox == nil {
		return w.failed(fmt.Errorf("enqueue %s: this database has no job queue", job.Kind()))
	}
	if err := w.beforeChange(ctx, "INSERT INTO river_job"); err != nil {
		return err
	}
	if err := w.db.outbox.Add(ctx, w.t.native(), job); err != nil {
		return w.failed(fmt.Errorf("enqueue %s: %w", job.Kind(), w.t.ours(err)))
	}
	return nil
}

// Refuse undoes what this Update did, commits the event that says so and counts it for its subject,
// and gives back the fault for the function to return. Use it as `return w.Refuse(…)`.
func (w *W) Refuse(ctx context.Context, e audit.Event, says error) error {
	if w.begun {
		if _, err := w.t.exec(ctx, "ROLLBACK TO SAVEPOINT work", nil); err != nil {
			return w.failed(fmt.Errorf("undo refused update: %w", err))
		}
	}
	w.err, w.begun, w.dirty = nil, true, false
	if err := w.Record(ctx, e); err != nil {
		return fmt.Errorf("refuse %s: %w", e.Kind, err)
	}
	if err := w.count(ctx, e); err != nil {
		return fmt.Errorf("count refusal %s: %w", e.Kind, err)
	}
	w.refusal = says
	w.err = errRefused
	return says
}

var errRefused = errors.New("the update was refused")

// closing says whether the transaction may commit, given what its function returned.
func (w *W) closing(outcome error) error {
	switch {
	case w.refusal != nil && errors.Is(outcome, w.refusal):
		return nil
	case w.refusal != nil:
		return fmt.Errorf("a refusal was not returned: %w", errors.Join(w.refusal, outcome))
	case outcome != nil:
		return outcome
	case w.err != nil:
		return fmt.Errorf("a failed statement was ignored: %w", w.err)
	case w.dirty && !w.recorded:
		return errors.New("an update changed something and recorded no event")
	}
	return nil
}

// beforeChange sets the savepoint before the first change and notes whether it needs an event.
func (w *W) beforeChange(ctx context.Context, sql string) error {
	if !w.begun && w.err == nil {
		if _, err := w.t.exec(ctx, "SAVEPOINT work", nil); err != nil {
			return w.failed(err)
		}
		w.begun = true
	}
	table := changedTable(sql)
	if !w.db.bookkeeping[table] && !strings.HasPrefix(table, "event") && table != "river_job" {
		w.dirty = true
	}
	return nil
}
