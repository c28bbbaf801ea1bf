package administration

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var errWaveOfLast = fault.SayCure(fault.Conflict,
	"Nobody who manages users everywhere could log in after that, so the directory would be left without an "+
		"administrator.",
	"Have an administrator of this wave link their Care Identity first.")

// MoveWave moves a wave forward or back, unless nobody could come in after that who manages users everywhere.
func (o Office) MoveWave(ctx context.Context, by actor.Actor, id string, to path.Phase, reason string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		err := moveWave(ctx, w, id, to, reason)
		if errors.Is(err, errWaveOfLast) {
			refused := audit.Event{Kind: eventWaveRefused, Subject: wave.Ref(id), Reason: reason}
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
