package guardrail

import (
	"context"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const eventLimitsSet audit.Kind = "guardrail.limits-set"

// The largest limits.
const (
	maxPeople   = 1_000_000
	maxPermille = 1000
)

const (
	errPeople = "Enter a number of people, such as 5"
	errShare  = "Enter a percentage of the people in the wave, such as 1 or 0.5"
)

func limitsOf(ctx context.Context, r db.R, waveID string) (map[Name]Limit, error) {
	type row struct {
		name  Name
		limit Limit
	}
	list, err := db.All(ctx, r, func(scan db.Scanner) (l row, err error) {
		err = scan(&l.name, &l.limit.People, &l.limit.Permille)
		return l, err
	}, `SELECT measure, people, permille FROM guard_limit WHERE wave_id = $1`, waveID)
	if err != nil {
		return nil, fmt.Errorf("read limits of guard rails: %w", err)
	}
	limits := map[Name]Limit{}
	for _, l := range list {
		limits[l.name] = l.limit
	}
	return limits, nil
}

// PeopleField and ShareField name the fields of a form in which a limit is typed.
func PeopleField(n Name) string { return string(n) + "-people" }

// ShareField names the field of the share.
func ShareField(n Name) string { return string(n) + "-share" }

func (l Limit) check(n Name) error {
	switch {
	case l.People < 0 || l.People > maxPeople:
		return fault.OfField(PeopleField(n), errPeople)
	case l.Permille < 0 || l.Permille > maxPermille:
		return fault.OfField(ShareField(n), errShare)
	}
	return nil
}

// SetLimits sets limits of the guard rails of a wave, for whoever moves waves.
func (o Rails) SetLimits(ctx context.Context, d *db.DB, by actor.Actor, waveID string, limits map[Name]Limit) error {
	return d.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		if _, err := wave.ByID(ctx, w, waveID); err != nil {
			return err
		}
		before, err := limitsOf(ctx, w, waveID)
		if err != nil {
			return err
		}
		for _, m := range o.Measures() {
			limit, is := limits[m.Name]
			if !is {
				continue
			}
			if err := putLimit(ctx, w, waveID, m.Name, limit); err != nil {
				return err
			}
		}
		set := audit.Event{Kind: eventLimitsSet, Subject: wave.Ref(waveID), Before: before, After: limits}
		return w.Record(ctx, set)
	})
}

func putLimit(ctx context.Context, w *db.W, waveID string, n Name, limit Limit) error {
	if err := limit.check(n); err != nil {
		return err
	}
	_, err := w.Exec(ctx, `INSERT INTO guard_limit (wave_id, measure, people, permille) VALUES ($1, $2, $3, $4)
		ON CONFLICT (wave_id, measure) DO UPDATE SET people = $3, permille = $4`, waveID, string(n), limit.People,
		limit.Permille)
	if err != nil {
		return fmt.Errorf("set limit of a guard rail: %w", err)
	}
	return nil
}
