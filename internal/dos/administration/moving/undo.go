package moving

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

// eventUndoRefused is recorded where a start was not undone: it is too late, or its snapshot is not what was sealed.
const eventUndoRefused audit.Kind = "wave.undo-refused"

// Undoable is how long a start can be undone.
const Undoable = 30 * 24 * time.Hour

var (
	// ErrNoStart answers whoever undoes a start where there is none.
	ErrNoStart = fault.SayCure(fault.NotFound, "This wave has no start that can be undone.",
		"Move the wave back instead, which is for everybody who is in it.")
	errNotLast = fault.SayCure(fault.Conflict, "Only the last start of a wave can be undone.",
		"Undo the later one first, or move the wave back for everybody who is in it.")
	errMovedSince = fault.SayCure(fault.Conflict, "The wave was moved by hand since this start, so there is nothing "+
		"to undo.", "Move the wave to the phase that you want.")
	errTooLate = fault.SayCure(fault.Conflict, "This start was more than 30 days ago, so it cannot be undone.",
		"Move the wave back instead, which is for everybody who is in it.")
)

// Preview says what the undo of a start would do.
type Preview struct {
	Wave       wave.Wave
	Start      wave.Start
	Difference wave.Difference
	Left       []account.Account // those of Difference.Left
	Seen       string            // names what is shown
	Problem    error             // why the start cannot be undone; nil if it can
}

// shown is what somebody looked at who decides to undo a start.
type shown struct {
	Start      string
	Difference wave.Difference
}

// PreviewOf says what the undo of a start would do now.
func (o Office) PreviewOf(ctx context.Context, r db.R, s wave.Start) (p Preview, err error) {
	p.Start = s
	if p.Wave, err = wave.ByID(ctx, r, s.Wave); err != nil {
		return p, err
	}
	if p.Difference, err = s.Since(ctx, r); err != nil {
		return p, err
	}
	if p.Left, err = accountsOf(ctx, r, p.Difference.Left); err != nil {
		return p, err
	}
	if p.Seen, err = seen.Of(shown{s.ID, p.Difference}); err != nil {
		return p, err
	}
	p.Problem, err = o.obstacle(ctx, r, p.Wave, s)
	return p, err
}

// accountsOf reads accounts, by username.
func accountsOf(ctx context.Context, r db.R, ids []string) ([]account.Account, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := account.ByIDs(ctx, r, ids)
	return slices.SortedFunc(maps.Values(found), func(a, b account.Account) int {
		return strings.Compare(a.Username, b.Username)
	}), err
}

// obstacle gives the reason why a start cannot be undone now, or nil.
func (o Office) obstacle(ctx context.Context, r db.R, of wave.Wave, s wave.Start) (problem, failed error) {
	last, err := wave.LastStart(ctx, r, s.Wave)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	switch {
	case err != nil || s.At.IsZero() || !s.Undone.IsZero():
		return ErrNoStart, nil
	case last.ID != s.ID:
		return errNotLast, nil
	case of.Phase != s.To:
		return errMovedSince, nil
	case r.Now().Sub(s.At) > Undoable:
		return errTooLate, nil
	}
	err = s.Verify(ctx, r, o.Box)
	if errors.Is(err, fault.Conflict) {
		return err, nil
	}
	return nil, err
}

// Undo undoes a start, as whoever undoes it saw it: those who were in the wave then and are in it still have the phase
// of before. Those who joined since keep theirs, in a wave of their own, and those who went into another wave stay
// there. No session that ended begins again, and no password of somebody who has linked.
func (o Office) Undo(ctx context.Context, by actor.Actor, startID, name, reason string) error {
	for first, done := true, false; !done; first = false {
		var err error
		done, err = db.Write(ctx, o.DB, by, func(w *db.W) (bool, error) {
			s, err := o.mayUndo(ctx, w, startID, reason)
			if err == nil && first {
				err = asSeen(ctx, w, s, name)
			}
			if err != nil {
				return false, refuse(ctx, w, s, err)
			}
			return undoPart(ctx, w, s, strings.TrimSpace(reason))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (o Office) mayUndo(ctx context.Context, w *db.W, startID, reason string) (s wave.Start, err error) {
	if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
		return s, err
	}
	if s, err = wave.StartByID(ctx, w, startID); err != nil {
		return s, err
	}
	if err := checkReason(reason); err != nil {
		return s, err
	}
	of, err := wave.ByID(ctx, w, s.Wave)
	if err != nil {
		return s, err
	}
	problem, err := o.obstacle(ctx, w, of, s)
	return s, cmp.Or(err, problem)
}

func asSeen(ctx context.Context, r db.R, s wave.Start, name string) error {
	d, err := s.Since(ctx, r)
	if err != nil {
		return err
	}
	return seen.Check(name, shown{s.ID, d})
}

// refuse records that a start was not undone, where that says something about it.
func refuse(ctx context.Context, w *db.W, s wave.Start, err error) error {
	if !errors.Is(err, fault.Conflict) {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: eventUndoRefused, Subject: wave.Ref(s.Wave), Reason: fault.InOneLine(err)},
		err)
}

// undoPart puts the next of those apart who joined since. Once there are none it moves the wave, and is done.
func undoPart(ctx context.Context, w *db.W, s wave.Start, reason string) (done bool, err error) {
	n, err := wave.PutApart(ctx, w, s, maxPart)
	if err != nil || n == maxPart {
		return false, err
	}
	return true, wave.Undo(ctx, w, s, reason)
}
