package moving

import (
	"context"
	"errors"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errPaused = fault.SayCure(fault.Conflict, "The wave is paused, so no further phase begins.",
		"Resume it first. It can be moved back, and its last start undone, while it is paused.")
	errPausedAlready = fault.Say(fault.Conflict, "The wave is paused already.")
	errNotPaused     = fault.Say(fault.Conflict, "The wave is not paused.")
	errNight         = fault.SayCure(fault.Conflict,
		"No wave enters Require or Closed between 8pm and 8am: whoever is stopped then finds nobody to help.",
		"Do it in the daytime. If there is help at night too, whoever runs the system can say so in [waves].")
)

// In these hours, in London, nobody is made to log in another way than before.
const (
	nightFrom = 20
	nightTo   = 8
)

// Policy is what the operator decided about waves.
type Policy struct {
	AtNight      bool // a wave may enter a phase without passwords at night
	GuidanceDays int  // for so long everybody is to have had the guidance for a phase, where the wave says nothing else
}

// stops gives the reason why a wave cannot enter a later phase now, or nil.
func (p Policy) stops(of wave.Wave, to path.Phase, now time.Time) error {
	hour := now.In(clock.London).Hour()
	switch {
	case !of.Pause.At.IsZero():
		return errPaused
	case to >= path.Require && !p.AtNight && (hour >= nightFrom || hour < nightTo):
		return errNight
	}
	return nil
}

// Hindrances are the reasons why a phase of a wave cannot begin now; none where it can.
type Hindrances []error

// Text says all of them, each with what to do about it.
func (h Hindrances) Text() string {
	texts := make([]string, len(h))
	for i, reason := range h {
		texts[i] = fault.InOneLine(reason)
	}
	return strings.Join(texts, " ")
}

// Stops gives what hinders the next phase of a wave now.
func (o Office) Stops(ctx context.Context, r db.R, of wave.Wave) (Hindrances, error) {
	if of.Phase == path.Closed {
		return nil, nil
	}
	return o.StopsAt(ctx, r, of, of.Phase+1)
}

// StopsAt gives what hinders a wave from being moved to a phase now. Moving back is always possible.
func (o Office) StopsAt(ctx context.Context, r db.R, of wave.Wave, to path.Phase) (all Hindrances, err error) {
	switch {
	case to == of.Phase:
		return Hindrances{errThere}, nil
	case to < of.Phase:
		return nil, nil
	}
	if reason := o.Policy.stops(of, to, r.Now()); reason != nil {
		all = append(all, reason)
	}
	err = o.Rails.Hold(ctx, r, of)
	if err != nil && !errors.Is(err, guardrail.ErrBroken) {
		return nil, err
	}
	if err != nil {
		all = append(all, err)
	}
	untold, err := o.Untold(ctx, r, of, to)
	if untold > 0 {
		all = append(all, errUntold)
	}
	return all, err
}

// ToldLater gives the day on which people were told that passwords end, or have no use any more, if a move to a phase
// would be before it; zero if it would not.
func ToldLater(of wave.Wave, to path.Phase, now time.Time) (told time.Time) {
	for phase, at := range map[path.Phase]time.Time{path.Require: of.Dates.Require, path.Closed: of.Dates.Close} {
		if phase > of.Phase && phase <= to && now.Before(at) && at.After(told) {
			told = at
		}
	}
	return told
}

// Pause keeps a wave from every further phase until somebody resumes it.
func (o Office) Pause(ctx context.Context, by actor.Actor, id, reason string) error {
	return o.pausing(ctx, by, id, reason, true)
}

// Resume ends the pause of a wave.
func (o Office) Resume(ctx context.Context, by actor.Actor, id, reason string) error {
	return o.pausing(ctx, by, id, reason, false)
}

func (o Office) pausing(ctx context.Context, by actor.Actor, id, reason string, pause bool) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		of, err := wave.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		paused := !of.Pause.At.IsZero()
		switch {
		case pause && paused:
			return errPausedAlready
		case pause:
			return wave.SetPause(ctx, w, id, strings.TrimSpace(reason))
		case !paused:
			return errNotPaused
		}
		return wave.Resume(ctx, w, id, strings.TrimSpace(reason))
	})
}
