package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Work is the job that works on a batch: it looks at its rows, does them, or undoes them.
type Work struct{ Batch string }

// Kind names the job.
func (Work) Kind() string { return "registration.batch" }

// SweepJob is the periodic job that forgets batches.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "registration.batch-sweep" }

// Work registers the jobs of the desk.
func (d *Desk) Work(ws *job.Workers) {
	job.Work(ws, d.work)
	rows := db.Sweep{Table: "batch_row", Key: "batch, number", Over: "over_at"}
	batches := db.Sweep{Table: "batch", Key: "id", Over: "over_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d.DB, Event: eventSwept, Tables: []db.Sweep{rows, batches}})
}

// atOnce is how many rows a chunk has: then others write.
const atOnce = 20

// phase is how a batch in a state is worked on.
type phase struct {
	rows RowState // that are left
	each func(d *Desk, ctx context.Context, b Batch, row Row) error
	then State // once none is left
	kind audit.Kind
}

// phaseOf gives how a batch is worked on now, if it is.
func phaseOf(s State) (p phase, works bool) {
	switch s {
	case Looking:
		return phase{RowUnread, (*Desk).look, Looked, eventLooked}, true
	case Doing:
		return phase{RowReady, (*Desk).do, Done, eventDone}, true
	case Undoing:
		return phase{RowDone, (*Desk).undo, Undone, eventUndone}, true
	}
	return p, false
}

// errMoved says that somebody stopped a batch, or did something else with it, while a row was worked on.
var errMoved = errors.New("the batch has moved on")

// work works on a batch until no row is left. It goes on where it stopped.
func (d *Desk) work(ctx context.Context, j Work) error {
	err := job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
		b, err := db.Read(ctx, d.DB, func(r db.R) (Batch, error) { return byID(ctx, r, j.Batch) })
		if errors.Is(err, fault.NotFound) {
			return false, nil
		}
		p, works := phaseOf(b.State)
		if err != nil || !works {
			return false, err
		}
		list, err := db.Read(ctx, d.DB, func(r db.R) ([]Row, error) { return d.inState(ctx, r, b.ID, p.rows, atOnce) })
		if err != nil {
			return false, err
		}
		for _, row := range list {
			if err := p.each(d, ctx, b, row); err != nil {
				return false, err
			}
		}
		if len(list) > 0 {
			return true, nil
		}
		return false, d.DB.Update(ctx, actor.ForJob(j.Kind(), b.ID), func(w *db.W) error {
			counts, err := Count(ctx, w, b.ID)
			if err != nil {
				return err
			}
			return move(ctx, w, b, p.then, audit.Event{Kind: p.kind, After: counts})
		})
	})
	if errors.Is(err, errMoved) || errors.Is(err, errOver) {
		return nil
	}
	return err
}

var (
	// errUnknown is said of those too whom the sender does not look after.
	errUnknown = fault.Say(fault.Conflict, "Nobody whom you look after has this number or email address")
	errSeveral = fault.Say(fault.Conflict, "Several people have this email address. Enter the Care Identity number")
	errDiffer  = fault.Say(fault.Conflict, "The Care Identity number and the email address are those of two people")
	errRecent  = fault.Say(fault.Conflict,
		"The email address was changed less than 72 hours ago. Enter the Care Identity number")
	errDecider = fault.Say(fault.Conflict, "Whoever approved the batch may not do this for this person")
)

// whom finds whom a row names, among those whom its sender looks after.
func whom(ctx context.Context, r db.R, by string, s sent) (uuid string, err error) {
	var found []identity.Identity
	if s.UUID != "" {
		i, err := identity.ByUUID(ctx, r, s.UUID)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return "", err
		}
		if err == nil {
			found = append(found, i)
		}
	} else if found, err = identity.ByEmail(ctx, r, s.Email); err != nil {
		return "", err
	}
	l, err := officer.OfActive(ctx, r, by)
	if err != nil {
		return "", err
	}
	var served []identity.Identity
	for _, i := range found {
		may, err := l.MayAt(ctx, r, permission.AssignBatch, i.Organisation, permission.Yes)
		if err != nil {
			return "", err
		}
		if may {
			served = append(served, i)
		}
	}
	switch {
	case len(served) == 0:
		return "", errUnknown
	case len(served) > 1:
		return "", errSeveral
	case s.UUID != "" && s.Email != "" && served[0].EmailCanonical != s.Email:
		return served[0].UUID, errDiffer
	case s.UUID == "" && !served[0].EmailUsable(r.Now()):
		return served[0].UUID, errRecent
	}
	return served[0].UUID, nil
}

// dried carries what an attempt would have done out of the Update that is undone.
type dried struct{ made made }

func (dried) Error() string { return "nothing is done yet" }

// look says what would become of a row: it is done, and undone.
func (d *Desk) look(ctx context.Context, b Batch, row Row) error {
	if row.sent.Problem != "" {
		return d.note(ctx, b, row, RowRefused, row.sent.Problem)
	}
	uuid, err := db.Read(ctx, d.DB, func(r db.R) (string, error) {
		uuid, err := whom(ctx, r, b.By, row.sent)
		if err != nil {
			return uuid, err
		}
		return uuid, once(ctx, r, b, row.Number, uuid)
	})
	if row.UUID = uuid; err == nil {
		err = d.DB.Update(ctx, by(b.By), func(w *db.W) error {
			m, err := attempt(ctx, w, b, uuid)
			if err != nil {
				return err
			}
			return dried{made: m}
		})
	}
	if dry := (dried{}); errors.As(err, &dry) {
		state := RowReady
		if dry.made.already {
			state = RowAlready
		}
		return d.note(ctx, b, row, state, "")
	}
	return d.refuse(ctx, b, row, RowRefused, err)
}

func by(uuid string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: uuid} }

const selectEarlier = `SELECT COALESCE(MIN(number), 0) FROM batch_row WHERE batch = $1 AND uuid = $2 AND number < $3`

// once refuses somebody whom an earlier row names.
func once(ctx context.Context, r db.R, b Batch, number int, uuid string) error {
	earlier, err := db.Value[int64](ctx, r, selectEarlier, b.ID, uuid, number)
	if err == nil && earlier > 0 {
		err = fault.Say(fault.Conflict, fmt.Sprintf("Row %d names the same person", earlier))
	}
	return err
}

// attempt does the act of a batch to somebody, if its actor may.
func attempt(ctx context.Context, w *db.W, b Batch, uuid string) (m made, err error) {
	if _, err := requirePosition(ctx, w, b.Position); err != nil {
		return m, err
	}
	if _, _, err := officer.RequireOver(ctx, w, permission.AssignBatch, uuid, b.Organisation); err != nil {
		return m, err
	}
	return acts[b.Act].do(ctx, w, b, uuid)
}

// do does a row for whoever made the batch, as far as whoever approved it might do the same.
func (d *Desk) do(ctx context.Context, b Batch, row Row) error {
	err := d.DB.Update(ctx, by(b.By), func(w *db.W) error {
		if err := inState(ctx, w, b); err != nil {
			return err
		}
		m, err := attempt(ctx, w, b, row.UUID)
		if err != nil {
			return err
		}
		if err := requireDecider(ctx, w, b, row.UUID); err != nil {
			return err
		}
		state := RowDone
		if m.already {
			state = RowAlready
		}
		text, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("note what was done: %w", err)
		}
		return noteIn(ctx, w, b, row, state, string(text))
	})
	return d.refuse(ctx, b, row, RowRefused, err)
}

// inState makes sure that a batch is still worked on as it was.
func inState(ctx context.Context, r db.R, b Batch) error {
	now, err := byID(ctx, r, b.ID)
	if err == nil && now.State != b.State {
		err = errMoved
	}
	return err
}

// requireDecider makes sure that whoever approved a batch might do the same to somebody.
func requireDecider(ctx context.Context, r db.R, b Batch, uuid string) error {
	if b.DecidedBy == "" {
		return nil // one person does batches
	}
	i, err := identity.ByUUID(ctx, r, uuid)
	if err != nil {
		return err
	}
	l, err := officer.OfActive(ctx, r, b.DecidedBy)
	if err != nil {
		return err
	}
	theirs, err := officer.OfIdentity(ctx, r, uuid)
	if err != nil {
		return err
	}
	for _, code := range []string{i.Organisation, b.Organisation} {
		may, err := l.MayAt(ctx, r, permission.AssignBatch, code, permission.Yes)
		if err != nil {
			return err
		}
		if !may {
			return errDecider
		}
	}
	if uuid == b.DecidedBy || !l.MayOver(permission.AssignBatch, theirs.Highest()) {
		return errDecider
	}
	return nil
}

// undo undoes a row for whoever asked for it.
func (d *Desk) undo(ctx context.Context, b Batch, row Row) error {
	err := d.DB.Update(ctx, by(b.UndoneBy), func(w *db.W) error {
		if err := inState(ctx, w, b); err != nil {
			return err
		}
		if _, _, err := officer.RequireOver(ctx, w, permission.AssignBatch, row.UUID, b.Organisation); err != nil {
			return err
		}
		if err := acts[b.Act].undo(ctx, w, b, row.UUID, row.made); err != nil {
			return err
		}
		return noteIn(ctx, w, b, row, RowUndone, "")
	})
	return d.refuse(ctx, b, row, RowKept, err)
}

const noteRow = `UPDATE batch_row SET state = $4, problem = $5, made = $6, uuid = $7
	WHERE batch = $1 AND number = $2 AND state = $3`

// noteIn notes what became of a row in the Update that did it, so that none is done twice.
func noteIn(ctx context.Context, w *db.W, b Batch, row Row, s RowState, what string) error {
	n, err := w.Exec(ctx, noteRow, b.ID, row.Number, string(row.State), string(s), "", what, row.UUID)
	if err != nil {
		return fmt.Errorf("note row of batch: %w", err)
	}
	if n != 1 {
		return errMoved // another job of the batch did it
	}
	return w.Record(ctx, audit.Event{Kind: eventRow, Subject: identity.Ref(row.UUID), After: map[string]any{
		"batch": b.ID, "row": row.Number, "state": s,
	}})
}

// note notes what became of a row to which nothing was done.
func (d *Desk) note(ctx context.Context, b Batch, row Row, s RowState, problem string) error {
	return d.DB.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, noteRow, b.ID, row.Number, string(row.State), string(s), problem, "", row.UUID)
		if err != nil {
			return fmt.Errorf("note row of batch: %w", err)
		}
		return nil
	})
}

// refuse notes why a row was refused, and gives back any other error.
func (d *Desk) refuse(ctx context.Context, b Batch, row Row, s RowState, err error) error {
	f, known := fault.From(err)
	switch {
	case err == nil:
		return nil
	case !known, f.Code == fault.Unavailable, f.Code == fault.Busy, f.Code == fault.Unknown:
		return err
	case f.Message == "", errors.Is(err, officer.ErrNotServed):
		return d.note(ctx, b, row, s, said(errUnknown))
	}
	return d.note(ctx, b, row, s, said(err))
}
