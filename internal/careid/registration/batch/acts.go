package batch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Act is what a batch does to each of its people.
type Act string

// The acts.
const (
	Assign      Act = "assign"
	ChangeDates Act = "dates"
	End         Act = "end"
)

// Acts lists the acts.
func Acts() []Act { return []Act{Assign, ChangeDates, End} }

// Label says what an act does.
func (a Act) Label() string { return acts[a].label }

// made is what an act did to somebody, so that it can be undone where nothing changed since.
type made struct {
	Assignment string   `json:"assignment"`
	Before     validity `json:"before"` // of an assignment that was there
	After      validity `json:"after"`  // of one that is there now
	already    bool     // there was nothing to do
}

type validity struct {
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends"`
}

func during(a access.Assignment) validity { return validity{Starts: a.Starts, Ends: a.Ends} }

func (v validity) is(a access.Assignment) bool {
	return v.Starts.Equal(a.Starts) && v.Ends.Equal(a.Ends)
}

// one does an act to somebody, through the guard of the same act on one person, and undoes it.
type one struct {
	label string
	do    func(ctx context.Context, w *db.W, b Batch, uuid string) (made, error)
	undo  func(ctx context.Context, w *db.W, b Batch, uuid string, m made) error
}

var acts = map[Act]one{
	Assign:      {label: "Give a position", do: assign, undo: endAssigned},
	ChangeDates: {label: "Change the dates of a position", do: changeDates, undo: putDatesBack},
	End:         {label: "End a position", do: end, undo: giveBack},
}

var (
	errNotHeld = fault.Say(fault.Conflict, "They do not have this position")
	errChanged = fault.Say(fault.Conflict, "Something changed since the batch was done")
	errPast    = fault.Say(fault.Conflict, "The last day that it had has passed")
	errBegun   = fault.Say(fault.Conflict, "The position has begun meanwhile, so its start date stays")
)

// held finds the position of the batch among those that somebody holds or will hold.
func held(ctx context.Context, r db.R, b Batch, uuid string) (a access.Assignment, has bool, err error) {
	list, err := access.OfIdentity(ctx, r, uuid)
	if err != nil {
		return a, false, err
	}
	at := slices.IndexFunc(list, func(a access.Assignment) bool {
		return a.Position.ID == b.Position && !a.Over(r.Now())
	})
	if at < 0 {
		return a, false, nil
	}
	return list[at], true, nil
}

// assigned is held for somebody who has to have the position.
func assigned(ctx context.Context, r db.R, b Batch, uuid string) (access.Assignment, error) {
	a, has, err := held(ctx, r, b, uuid)
	if err == nil && !has {
		err = fmt.Errorf("position of a batch: %w", fault.NotFound)
	}
	return a, err
}

func assign(ctx context.Context, w *db.W, b Batch, uuid string) (m made, err error) {
	_, has, err := held(ctx, w, b, uuid)
	if err != nil || has {
		return made{already: has}, err
	}
	if err := positions.GivePart(ctx, w, uuid, b.Position, b.During); err != nil {
		return m, err
	}
	a, err := assigned(ctx, w, b, uuid)
	return made{Assignment: a.ID, After: during(a)}, err
}

// endAssigned ends what was assigned.
func endAssigned(ctx context.Context, w *db.W, b Batch, uuid string, m made) error {
	if err := unchanged(ctx, w, b, uuid, m); err != nil {
		return err
	}
	return registration.EndPart(ctx, w, uuid, m.Assignment, undoneWhy(b))
}

func undoneWhy(b Batch) string { return "Undo of a batch: " + b.Reason }

// unchanged refuses to undo what is not as the batch left it.
func unchanged(ctx context.Context, r db.R, b Batch, uuid string, m made) error {
	a, has, err := held(ctx, r, b, uuid)
	if err == nil && (!has || a.ID != m.Assignment || !m.After.is(a)) {
		err = errChanged
	}
	return err
}

func changeDates(ctx context.Context, w *db.W, b Batch, uuid string) (m made, err error) {
	a, has, err := held(ctx, w, b, uuid)
	switch {
	case err != nil:
		return m, err
	case !has:
		return m, errNotHeld
	}
	if err := registration.DatesPart(ctx, w, uuid, a.ID, b.During); err != nil {
		return m, err
	}
	now, err := assigned(ctx, w, b, uuid)
	return made{
		Assignment: a.ID, Before: during(a), After: during(now), already: err == nil && during(a).is(now),
	}, err
}

func putDatesBack(ctx context.Context, w *db.W, b Batch, uuid string, m made) error {
	if err := unchanged(ctx, w, b, uuid, m); err != nil {
		return err
	}
	switch now := w.Now(); {
	case !m.Before.Ends.IsZero() && !now.Before(m.Before.Ends):
		return errPast
	case !m.Before.Starts.Equal(m.After.Starts) && !now.Before(m.After.Starts):
		return errBegun
	}
	return registration.DatesPart(ctx, w, uuid, m.Assignment, registration.Dates(m.Before))
}

func end(ctx context.Context, w *db.W, b Batch, uuid string) (m made, err error) {
	a, has, err := held(ctx, w, b, uuid)
	if err != nil || !has {
		return made{already: err == nil}, err
	}
	m = made{Assignment: a.ID, Before: during(a)}
	return m, registration.EndPart(ctx, w, uuid, a.ID, b.Reason)
}

// giveBack gives what was ended, until when it was to last.
func giveBack(ctx context.Context, w *db.W, b Batch, uuid string, m made) error {
	_, has, err := held(ctx, w, b, uuid)
	switch {
	case err != nil:
		return err
	case has:
		return errChanged
	case !m.Before.Ends.IsZero() && !w.Now().Before(m.Before.Ends):
		return errPast
	}
	return positions.GivePart(ctx, w, uuid, b.Position, registration.Dates(m.Before))
}
