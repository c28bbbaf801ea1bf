package administration

import (
	"context"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// eventFillRefused is recorded where accounts were to come into a wave whose passwords have ended.
const eventFillRefused audit.Kind = "wave.fill-refused"

// maxWaveName is the longest name of a wave, in letters.
const maxWaveName = 60

var (
	errWaveName   = fault.OfField("name", "Enter a name of 60 letters or fewer")
	errWaveKnown  = fault.OfField("name", "There is a wave of that name already. Choose another name")
	errWaveCloses = fault.SayCure(fault.Conflict,
		"This wave takes nobody in: its passwords have ended, so whoever came in would be locked out at once.",
		"Move it back to Choose first, or put the accounts into another wave.")
)

// UsualAllowance is for how many worked days a password still opens the directory in Require, in a wave made by a page.
const UsualAllowance = 5

// AddWave makes a wave, which begins in the phase Prepare and has nobody in it yet, and gives its id.
func (o Office) AddWave(ctx context.Context, by actor.Actor, called string, dates wave.Dates) (string, error) {
	return db.Write(ctx, o.DB, by, func(w *db.W) (string, error) {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return "", err
		}
		if err := checkWave(ctx, w, called, dates); err != nil {
			return "", err
		}
		return wave.Add(ctx, w, wave.Wave{Name: strings.TrimSpace(called), Phase: path.Prepare, Dates: dates,
			Allowance: UsualAllowance})
	})
}

func checkWave(ctx context.Context, r db.R, called string, dates wave.Dates) error {
	called = strings.TrimSpace(called)
	if letters := len([]rune(called)); letters == 0 || letters > maxWaveName {
		return errWaveName
	}
	if err := name.Check("name", called); err != nil {
		return err
	}
	if wave.IsOwn(called) {
		return errWaveKnown
	}
	list, err := wave.List(ctx, r)
	if err != nil {
		return err
	}
	for _, other := range list {
		if name.LikenessOf(other.Name).Like(name.LikenessOf(called)) {
			return errWaveKnown
		}
	}
	return checkDates(dates)
}

// checkDates refuses a day of a phase that is not after that of the phase before.
func checkDates(d wave.Dates) error {
	var last time.Time
	for _, one := range []struct {
		field string
		at    time.Time
	}{{"choose", d.Choose}, {"require", d.Require}, {"close", d.Close}} {
		if one.at.IsZero() {
			continue
		}
		if !last.IsZero() && !one.at.After(last) {
			return fault.OfField(one.field, "Enter a day after that of the phase before")
		}
		last = one.at
	}
	return nil
}

// SetWaveDates sets the days on which a wave is to change phase. People read them on their checklist; it moves nothing.
func (o Office) SetWaveDates(ctx context.Context, by actor.Actor, id string, dates wave.Dates) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		if err := checkDates(dates); err != nil {
			return err
		}
		return wave.SetDates(ctx, w, id, dates)
	})
}

// FillWave puts accounts that are in no wave into one, whose passwords must not have ended, and says how many these
// were. It is for one part of many accounts: an Update takes a second for some thousands.
func (o Office) FillWave(ctx context.Context, by actor.Actor, id string, accountIDs []string) (int, error) {
	return db.Write(ctx, o.DB, by, func(w *db.W) (int, error) {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return 0, err
		}
		into, err := wave.ByID(ctx, w, id)
		if err != nil {
			return 0, err
		}
		if into.Phase >= path.Require {
			refused := audit.Event{Kind: eventFillRefused, Subject: wave.Ref(id)}
			return 0, w.Refuse(ctx, refused, errWaveCloses)
		}
		return wave.Fill(ctx, w, id, accountIDs)
	})
}
