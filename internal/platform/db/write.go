package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db/trouble"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/saved"
)

// W is an Update in progress: it reads, changes, and records what it did.
type W struct {
	reading
	db       *DB
	by       actor.Actor
	dirty    bool // a table that is not bookkeeping was changed
	recorded bool // an event says so

	recordedRefusal bool // an event says that something was refused

	refusal error // what Refuse returned
	events  []audit.Row
}

// Actor is who does this.
func (w *W) Actor() actor.Actor { return w.by }

// Exec runs a statement that changes rows and says how many.
func (w *W) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	plain, err := w.ready(sql, args)
	if err != nil {
		return 0, err
	}
	n, err := w.t.exec(ctx, sql, plain)
	if err != nil {
		return 0, w.failed(err)
	}
	w.dirty = w.dirty || (n > 0 && w.needsEvent(sql))
	return n, nil
}

// Soon runs a statement of which nobody asks how many rows it changed. It may run together with a later one,
// or with the commit, which then gives its error, with the beginning of its text; so what it does must not be able
// to fail by what others do.
func (w *W) Soon(ctx context.Context, sql string, args ...any) error {
	return w.soon(ctx, statement{sql: sql, args: args})
}

// ChangeSoon is Change as Soon is Exec: the fault.Conflict may come with a later statement, or with the commit.
func (w *W) ChangeSoon(ctx context.Context, sql string, args ...any) error {
	return w.soon(ctx, statement{sql: sql, args: args, one: true})
}

func (w *W) soon(ctx context.Context, s statement) (err error) {
	if s.args, err = w.ready(s.sql, s.args); err != nil {
		return err
	}
	if err := w.t.soon(ctx, s); err != nil {
		return w.failed(err)
	}
	w.dirty = w.dirty || w.needsEvent(s.sql)
	return nil
}

// Each runs a query, or a statement that gives back what it changed.
func (w *W) Each(ctx context.Context, row func(Scanner) error, sql string, args ...any) error {
	w.dirty = w.dirty || (!reads(sql) && w.needsEvent(sql))
	return w.reading.Each(ctx, row, sql, args...)
}

// Change runs a statement whose where-clause carries a precondition and must change exactly one row;
// anything else is fault.Conflict.
func (w *W) Change(ctx context.Context, sql string, args ...any) error {
	n, err := w.Exec(ctx, sql, args...)
	if err != nil {
		return err
	}
	if err := changedOne(n); err != nil {
		return w.failed(err)
	}
	return nil
}

// changedOne is nil where one row was changed.
func changedOne(n int64) error {
	if n != 1 {
		return fmt.Errorf("changed %d rows instead of one: %w", n, fault.Conflict)
	}
	return nil
}

// Record keeps an event about what this Update does. All its events are written at its end.
func (w *W) Record(_ context.Context, e audit.Event) error { return w.record(e, false) }

// RecordRefusal is Record of something refused where what this Update did is to stand, as the note that a person can
// go no further does. Refuse is for all else.
func (w *W) RecordRefusal(_ context.Context, e audit.Event) error { return w.record(e, true) }

func (w *W) record(e audit.Event, refused bool) error {
	if _, err := w.ready("", nil); err != nil {
		return err
	}
	row, err := audit.NewRow(w.by, w.now, e)
	if refused {
		row, err = audit.NewRefusal(w.by, w.now, e, w.db.addresses)
	}
	if err != nil {
		return err
	}
	for _, part := range []*[]any{&row.Envelope, &row.Detail, &row.Address} {
		if *part, err = plainArgs(*part); err != nil {
			return w.failed(fmt.Errorf("event %s: %w", e.Kind, err))
		}
	}
	w.events = append(w.events, row)
	w.recorded = true
	w.recordedRefusal = w.recordedRefusal || refused
	return nil
}

// chronicle is how the events of an Update, and the name of its request, get into its transaction.
type chronicle struct{ t tx }

// Soon runs a statement.
func (c chronicle) Soon(ctx context.Context, sql string, args ...any) error {
	return c.t.soon(ctx, statement{sql: sql, args: args})
}

// Enqueue commits a job with this Update; it runs after the commit, at least once. A job alone needs no
// event: what it does has its own.
func (w *W) Enqueue(ctx context.Context, job Job) error {
	if w.db.outbox == nil {
		return w.failed(fmt.Errorf("enqueue %s: this database has no job queue", job.Kind()))
	}
	if w.err != nil {
		return fmt.Errorf("after a failed statement: %w", w.err)
	}
	native, err := w.t.native(ctx)
	if err == nil {
		err = w.db.outbox.Add(w.t.limit(ctx), native, job)
	}
	if err != nil {
		return w.failed(fmt.Errorf("enqueue %s: %w", job.Kind(), w.t.ours(err)))
	}
	return nil
}

// Refuse undoes what this Update did, commits the event that says so, marked as refused, and counts it for its
// subject, and gives back the fault for the function to return. Use it as `return w.Refuse(…)`.
func (w *W) Refuse(ctx context.Context, e audit.Event, refusal error) error {
	return w.RefuseLeaving(ctx, refusal, func(ctx context.Context) error {
		if err := w.RecordRefusal(ctx, e); err != nil {
			return fmt.Errorf("refuse %s: %w", e.Kind, err)
		}
		if err := w.CountRefusal(ctx, e); err != nil {
			return fmt.Errorf("count refusal %s: %w", e.Kind, err)
		}
		return nil
	})
}

// RefuseLeaving is Refuse with something else left behind: after this Update was undone, leave records or counts what
// is to stand.
func (w *W) RefuseLeaving(ctx context.Context, refusal error, leave func(ctx context.Context) error) error {
	if trouble.Undecided(w.err) {
		return w.err // what it refuses may be otherwise when it can be asked
	}
	if err := w.t.undo(ctx); err != nil {
		return w.failed(fmt.Errorf("undo refused update: %w", err))
	}
	w.err = nil
	w.dirty = false
	w.events = nil
	w.recorded = false
	w.recordedRefusal = false
	if err := leave(ctx); err != nil {
		return err
	}
	if w.dirty && !w.recorded {
		return w.failed(errors.New("a refusal changed something and recorded no event"))
	}
	w.refusal = refusal
	w.err = errRefused
	return refusal
}

// noteRefusal has the request of a context remember what this Update refused, once it is committed.
func (w *W) noteRefusal(ctx context.Context) {
	if w.recordedRefusal {
		saved.NoteRefusal(ctx)
	}
	if w.refusal != nil {
		saved.NoteRefused(ctx)
	}
}

var errRefused = errors.New("the update was refused")

// closing says whether the transaction may commit, given what its function returned.
func (w *W) closing(outcome error) error {
	switch {
	case trouble.Undecided(w.err):
		return w.err // whatever the function made of it
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

// needsEvent says whether a statement changes more than bookkeeping.
func (w *W) needsEvent(sql string) bool { return !w.db.bookkeeping[changedTable(sql)] }

// Job is background work to be done after a commit: plain data with a name. Its fields hold ids, not
// secrets. The package that wants the work declares it; the package that does it, above, registers a
// worker with platform/job.
type Job interface{ Kind() string }

// Outbox puts jobs into the transaction that asks for them. platform/job is the one there is; tx is
// the engine's own transaction.
type Outbox interface {
	Add(ctx context.Context, tx any, job Job) error
}

// SetOutbox says where Enqueue puts jobs. It is called once, before the first Update.
func (d *DB) SetOutbox(o Outbox) { d.outbox = o }

// A transaction that lost this often meets something other than bad luck.
const maxRuns = 40

// again runs fn until it is not in another transaction's way.
func again(ctx context.Context, fn func() error) error {
	for run := 1; ; run++ {
		err := fn()
		if err == nil || !errors.Is(err, trouble.ErrInTheWay) {
			return err
		}
		if run == maxRuns {
			return trouble.Crossed(err)
		}
		ended := pause(ctx, run)
		if errors.Is(ended, context.Canceled) {
			return ended
		}
		if ended != nil {
			return trouble.Crossed(errors.Join(err, ended))
		}
	}
}

// pause waits a short random while, longer after more runs, so that rivals drift apart.
func pause(ctx context.Context, run int) error {
	longest := min(time.Millisecond<<min(run, 6), 50*time.Millisecond)
	spread := time.Duration(random.Below(int(longest)))
	select {
	case <-ctx.Done():
	case <-time.After(spread):
	}
	return ctx.Err()
}
