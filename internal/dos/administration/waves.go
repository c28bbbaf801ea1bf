package administration

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

var errWaveOfLast = fault.SayCure(fault.Conflict,
	"Nobody who manages users everywhere could log in after that, so the directory would be left without an "+
		"administrator.",
	"Have an administrator of this wave link their Care Identity first.")

// errWhyMoved answers who gives no reason for moving a wave, or one that is too long.
var errWhyMoved = fault.OfField("reason", "Enter why, in 2,000 characters or fewer")

const maxWhyMoved = 2000

// shownWave is what moving a wave rests on: others may move it or put accounts into it while somebody looks.
type shownWave struct {
	Phase   path.Phase
	Members int
}

func waveShown(ctx context.Context, r db.R, id string) (s shownWave, err error) {
	v, err := wave.ByID(ctx, r, id)
	if err != nil {
		return s, err
	}
	s.Phase = v.Phase
	s.Members, err = wave.Members(ctx, r, id)
	return s, err
}

// SeenWave names a wave as its page shows it.
func SeenWave(ctx context.Context, r db.R, id string) (string, error) {
	shown, err := waveShown(ctx, r, id)
	if err != nil {
		return "", err
	}
	return seen.Of(shown)
}

// Move is where a wave is to go.
type Move struct {
	To     path.Phase
	Reason string
	Seen   string // names what whoever moves it looked at: SeenWave
}

// MoveWave moves a wave forward or back, as whoever moves it saw it, unless nobody could come in after that who manages
// users everywhere.
func (o Office) MoveWave(ctx context.Context, by actor.Actor, id string, m Move) error {
	m.Reason = strings.TrimSpace(m.Reason)
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		if m.Reason == "" || utf8.RuneCountInString(m.Reason) > maxWhyMoved {
			return errWhyMoved
		}
		shown, err := waveShown(ctx, w, id)
		if err != nil {
			return err
		}
		if err := seen.Check(m.Seen, shown); err != nil {
			return err
		}
		err = moveWave(ctx, w, id, m.To, m.Reason)
		if errors.Is(err, errWaveOfLast) {
			refused := audit.Event{Kind: eventWaveRefused, Subject: wave.Ref(id), Reason: m.Reason}
			return w.Refuse(ctx, refused, err)
		}
		return err
	})
}

func moveWave(ctx context.Context, w *db.W, id string, to path.Phase, reason string) error {
	before, err := Administered(ctx, w, "")
	if err != nil {
		return err
	}
	if err := wave.SetPhase(ctx, w, id, to, reason); err != nil || !before {
		return err
	}
	after, err := Administered(ctx, w, "")
	if err == nil && !after {
		err = errWaveOfLast
	}
	return err
}
