package moving

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventExported is recorded of each file of those who lack guidance.
const eventExported audit.Kind = "wave.guidance-exported"

// MaxGuidanceDays is the most days of guidance that a wave can ask for.
const MaxGuidanceDays = 90

var (
	errUntold = fault.SayCure(fault.Conflict,
		"Not everybody in the wave has had the guidance for that phase for long enough, so it does not begin yet.",
		"The page of the wave says who. Write to them and wait, or put them into another wave.")
	errDays = fault.OfField("days", fmt.Sprintf("Enter a number of days from 0 to %d", MaxGuidanceDays))
	errPass = fault.OfField("into", "Choose another wave in the same phase whose passwords have not ended earlier, "+
		"or one that is in Prepare or Choose if this one is")
)

// Days is for how many days everybody in a wave is to have had the guidance for a phase before it begins.
func (p Policy) Days(of wave.Wave) int {
	if of.Guidance.Set {
		return of.Guidance.Days
	}
	return p.GuidanceDays
}

// Missing says who lacks guidance if a wave is to enter a phase now. Each phase has its own, given in the phase
// before: a wave that leaves one out has told nobody about it.
func (p Policy) Missing(of wave.Wave, to path.Phase, now time.Time) guidance.Missing {
	return guidance.Missing{Wave: of.ID, Phase: to, By: now.AddDate(0, 0, -p.Days(of))}
}

// guided refuses a phase for which not everybody has had the guidance for long enough.
func (o Office) guided(ctx context.Context, r db.R, of wave.Wave, to path.Phase) error {
	if to < of.Phase {
		return nil
	}
	n, err := o.Untold(ctx, r, of, to)
	if err != nil || n == 0 {
		return err
	}
	return errUntold
}

// Untold counts those who lack guidance if a wave is to enter a phase now.
func (o Office) Untold(ctx context.Context, r db.R, of wave.Wave, to path.Phase) (int, error) {
	if o.Policy.Days(of) == 0 || to > path.Closed {
		return 0, nil
	}
	return o.Policy.Missing(of, to, r.Now()).Count(ctx, r)
}

// UntoldNames gives the usernames of at most so many of those who lack guidance for the next phase of a wave.
func (o Office) UntoldNames(ctx context.Context, r db.R, of wave.Wave, maxNames int) (names []string, err error) {
	ids, err := o.Policy.Missing(of, of.Phase+1, r.Now()).List(ctx, r, maxNames)
	if err != nil {
		return nil, err
	}
	list, err := accountsOf(ctx, r, ids)
	for _, a := range list {
		names = append(names, a.Username)
	}
	return names, err
}

// NoteExport records that somebody takes a file of those of a wave who lack guidance.
func (o Office) NoteExport(ctx context.Context, by actor.Actor, id string, count int) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventExported, Subject: wave.Ref(id),
			After: map[string]int{"accounts": count}})
	})
}

// SetGuidance sets for how many days everybody in a wave is to have had the guidance for a phase before it begins. With
// 0 nobody is waited for.
func (o Office) SetGuidance(ctx context.Context, by actor.Actor, id string, days int, reason string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		if _, err := wave.ByID(ctx, w, id); err != nil {
			return err
		}
		if days < 0 || days > MaxGuidanceDays {
			return errDays
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		return wave.SetGuidance(ctx, w, id, days, strings.TrimSpace(reason))
	})
}

// MaxAllowance is the most worked days for which a wave can let passwords open the directory in Require.
const MaxAllowance = 30

var errAllowance = fault.OfField("allowance", fmt.Sprintf("Enter a number of days from 0 to %d", MaxAllowance))

// SetAllowance sets for how many days that somebody works their password still opens the directory in Require.
func (o Office) SetAllowance(ctx context.Context, by actor.Actor, id string, days int, reason string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		if _, err := wave.ByID(ctx, w, id); err != nil {
			return err
		}
		if days < 0 || days > MaxAllowance {
			return errAllowance
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		return wave.SetAllowance(ctx, w, id, days, strings.TrimSpace(reason))
	})
}

// PassOn moves those who lack guidance for the next phase of a wave into another wave, which is in the same phase, and
// says how many these were. No session that ended begins again by it.
func (o Office) PassOn(ctx context.Context, by actor.Actor, id, into, reason string) (passed int, err error) {
	for n := maxPart; n == maxPart; passed += n {
		n, err = db.Write(ctx, o.DB, by, func(w *db.W) (int, error) { return o.passPart(ctx, w, id, into, reason) })
		if err != nil {
			return passed, err
		}
	}
	return passed, nil
}

func (o Office) passPart(ctx context.Context, w *db.W, id, into, reason string) (int, error) {
	if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
		return 0, err
	}
	from, to, err := Passing(ctx, w, id, into)
	if err != nil {
		return 0, err
	}
	if err := checkReason(reason); err != nil {
		return 0, err
	}
	if to.Phase != from.Phase {
		return 0, errPass
	}
	ids, err := o.Policy.Missing(from, from.Phase+1, w.Now()).List(ctx, w, maxPart)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return wave.PassOn(ctx, w, from.ID, to.ID, ids, strings.TrimSpace(reason))
}

// Passing reads the waves between which accounts are passed, and refuses where they may not be.
func Passing(ctx context.Context, r db.R, id, into string) (from, to wave.Wave, err error) {
	if from, err = wave.ByID(ctx, r, id); err != nil {
		return from, to, err
	}
	if to, err = wave.ByID(ctx, r, into); errors.Is(err, fault.NotFound) {
		return from, to, errPass
	}
	if err != nil {
		return from, to, err
	}
	return from, to, MayPass(from, to)
}

// MayPass says why accounts may not be passed from one wave to another; nil if they may. Nobody's password stops or
// begins to work by it: both waves are in one phase, or passwords work in both. And no session that ended begins again:
// in the other wave passwords have not ended earlier.
func MayPass(from, to wave.Wave) error {
	working := from.Phase <= path.Choose && to.Phase <= path.Choose
	if to.ID == from.ID || to.Phase != from.Phase && !working || to.PasswordsEnded.Before(from.PasswordsEnded) {
		return errPass
	}
	return nil
}

// Pass moves accounts of a wave into another one, and says how many these were. Those that are not in the wave any more
// are left where they are.
func (o Office) Pass(
	ctx context.Context, by actor.Actor, id, into, reason string, accountIDs []string,
) (passed int, err error) {
	for some := range slices.Chunk(accountIDs, maxPart) {
		n, err := db.Write(ctx, o.DB, by, func(w *db.W) (int, error) {
			if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
				return 0, err
			}
			from, to, err := Passing(ctx, w, id, into)
			if err != nil {
				return 0, err
			}
			if err := checkReason(reason); err != nil {
				return 0, err
			}
			return wave.PassOn(ctx, w, from.ID, to.ID, some, strings.TrimSpace(reason))
		})
		if err != nil {
			return passed, err
		}
		passed += n
	}
	return passed, nil
}
