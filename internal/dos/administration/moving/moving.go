// Package moving moves waves of accounts from phase to phase. A move forward is a start: it keeps a sealed snapshot of
// who was in the wave, so that it can be undone for exactly these people.
//
// It knows nothing of pages, nor of what a phase means for signing in.
package moving

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/seen"
	"signpost/internal/platform/when"
)

// eventRefused is recorded where a wave was not moved: it is paused, it is night, or nobody could come in any more who
// administers.
const eventRefused audit.Kind = "wave.move-refused"

// Office moves waves.
type Office struct {
	DB  *db.DB
	Box *seal.Box // seals snapshots

	Policy Policy
	Rails  guardrail.Rails
}

// maxPart is how many accounts are copied or moved in one Update, so that none takes a second.
const maxPart = 2_000

// maxReason is the longest reason, in letters.
const maxReason = 2_000

var (
	errReason = fault.OfField("reason", "Enter why, in 2,000 characters or fewer")
	errPhase  = fault.OfField("phase", "Choose prepare, choose, require or closed")
	errThere  = fault.OfField("phase", "The wave is in that phase already. Choose another one")
	errMoved  = fault.SayCure(fault.Conflict, "Somebody else moved the wave meanwhile.",
		"Nothing was changed. Look where the wave is now, then decide.")
	errWaveOfLast = fault.SayCure(fault.Conflict,
		"Nobody who manages users everywhere could log in after that, so the directory would be left without an "+
			"administrator.",
		"Have an administrator of this wave link their Care Identity first.")
)

// shownWave is what moving a wave rests on: others may move it or put accounts into it while somebody looks.
type shownWave struct {
	Phase   path.Phase
	Members int
}

func waveShown(ctx context.Context, r db.R, of wave.Wave) (shownWave, error) {
	n, err := wave.Members(ctx, r, of.ID)
	return shownWave{Phase: of.Phase, Members: n}, err
}

// Seen names a wave as its page shows it.
func Seen(ctx context.Context, r db.R, id string) (string, error) {
	of, err := wave.ByID(ctx, r, id)
	if err != nil {
		return "", err
	}
	shown, err := waveShown(ctx, r, of)
	if err != nil {
		return "", err
	}
	return seen.Of(shown)
}

// Move is where a wave is to go.
type Move struct {
	To     path.Phase
	Reason string
	Early  bool   // before the day that people were told
	Seen   string // names what whoever moves it looked at: Seen
}

// Move moves a wave, as whoever moves it saw it: forward by a start, or back for everybody who is in it.
func (o Office) Move(ctx context.Context, by actor.Actor, id string, m Move) error {
	m.Reason = strings.TrimSpace(m.Reason)
	of, err := db.Write(ctx, o.DB, by, func(w *db.W) (wave.Wave, error) {
		of, err := o.mayMove(ctx, w, id, m)
		if err == nil {
			err = o.guided(ctx, w, of, m.To)
		}
		if errors.Is(err, errPaused) || errors.Is(err, errNight) || errors.Is(err, errUntold) ||
			errors.Is(err, guardrail.ErrBroken) {
			return of, w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: wave.Ref(id), Reason: m.Reason}, err)
		}
		if err != nil {
			return of, err
		}
		return of, stillSeen(ctx, w, of, m)
	})
	if err != nil {
		return err
	}
	if m.To < of.Phase {
		return o.back(ctx, by, of, m)
	}
	return o.start(ctx, by, of, m)
}

// stillSeen refuses a wave that is not as whoever moves it saw it. It is asked again by every part of a move, as others
// put accounts into a wave between them.
func stillSeen(ctx context.Context, r db.R, of wave.Wave, m Move) error {
	shown, err := waveShown(ctx, r, of)
	if err != nil {
		return err
	}
	return seen.Check(m.Seen, shown)
}

// mayMove checks that the actor may move a wave to a phase now.
func (o Office) mayMove(ctx context.Context, w *db.W, id string, m Move) (wave.Wave, error) {
	if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
		return wave.Wave{}, err
	}
	of, err := wave.ByID(ctx, w, id)
	switch {
	case err != nil:
		return of, err
	case m.To < path.Prepare || m.To > path.Closed:
		return of, errPhase
	case m.To == of.Phase:
		return of, errThere
	}
	if err := checkReason(m.Reason); err != nil || m.To < of.Phase {
		return of, err
	}
	if told := ToldLater(of, m.To, w.Now()); !told.IsZero() && !m.Early {
		return of, fault.OfField("early", "People were told "+when.Date(told)+
			". Wait until then, set another date, or say that it is to be before that day")
	}
	if err := o.Policy.stops(of, m.To, w.Now()); err != nil {
		return of, err
	}
	return of, o.Rails.Hold(ctx, w, of)
}

func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" || utf8.RuneCountInString(reason) > maxReason {
		return errReason
	}
	return nil
}

func (o Office) back(ctx context.Context, by actor.Actor, of wave.Wave, m Move) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := o.stillMay(ctx, w, of, m); err != nil {
			return err
		}
		return wave.SetPhase(ctx, w, of.ID, m.To, m.Reason)
	})
}

// stillMay checks that the actor may move a wave, which is as it was when they began.
func (o Office) stillMay(ctx context.Context, w *db.W, of wave.Wave, m Move) error {
	now, err := o.mayMove(ctx, w, of.ID, m)
	switch {
	case err != nil:
		return err
	case now.Phase != of.Phase:
		return errMoved
	}
	return stillSeen(ctx, w, now, m)
}

// start takes the snapshot in parts, then moves the wave. One that was broken off goes on where it was.
func (o Office) start(ctx context.Context, by actor.Actor, of wave.Wave, m Move) error {
	for copied := maxPart; copied == maxPart; {
		n, err := db.Write(ctx, o.DB, by, func(w *db.W) (int, error) { return o.copyPart(ctx, w, of, m) })
		if err != nil {
			return err
		}
		copied = n
	}
	return o.DB.Update(ctx, by, func(w *db.W) error {
		err := o.finish(ctx, w, of, m)
		if errors.Is(err, errWaveOfLast) || errors.Is(err, errUntold) {
			return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: wave.Ref(of.ID), Reason: m.Reason}, err)
		}
		return err
	})
}

func (o Office) copyPart(ctx context.Context, w *db.W, of wave.Wave, m Move) (int, error) {
	if err := o.stillMay(ctx, w, of, m); err != nil {
		return 0, err
	}
	s, err := wave.PrepareStart(ctx, w, of, m.To, m.Reason)
	if err != nil {
		return 0, err
	}
	return wave.CopyMembers(ctx, w, s, maxPart)
}

// finish moves the wave, unless nobody could come in after that who manages users everywhere.
func (o Office) finish(ctx context.Context, w *db.W, of wave.Wave, m Move) error {
	if err := o.stillMay(ctx, w, of, m); err != nil {
		return err
	}
	if err := o.guided(ctx, w, of, m.To); err != nil {
		return err
	}
	before, err := administration.Administered(ctx, w, "")
	if err != nil {
		return err
	}
	s, err := wave.PrepareStart(ctx, w, of, m.To, m.Reason)
	if err != nil {
		return err
	}
	s.To = m.To
	s.Reason = m.Reason
	if err := wave.Finish(ctx, w, o.Box, s); err != nil || !before {
		return err
	}
	after, err := administration.Administered(ctx, w, "")
	if err == nil && !after {
		err = errWaveOfLast
	}
	return err
}
