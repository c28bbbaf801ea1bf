package mirror

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/outcome"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Follow judges logins of waves that have a mirror at that time, in the transaction that counts them.
func Follow(ctx context.Context, k *db.K, list []outcome.Attempt) error {
	mirrors, err := db.All(ctx, k, scanMirror, selectMirror+` WHERE cancelled_at IS NULL AND from_at <= $1
		AND until_at > $2`, list[len(list)-1].At, list[0].At)
	if err != nil {
		return fmt.Errorf("read mirrors: %w", err)
	}
	for _, a := range list {
		for _, m := range mirrors {
			if err := m.follow(ctx, k, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow judges one login, if the mirror is about it.
func (m Mirror) follow(ctx context.Context, k *db.K, a outcome.Attempt) error {
	if a.Wave.ID != m.Wave || a.At.Before(m.From) || !a.At.Before(m.Until) || a.Wave.Phase >= m.Phase {
		return nil
	}
	decided, is, err := m.judge(ctx, k, a)
	if err != nil || !is {
		return err
	}
	entered, turnedAway := 1, 0
	if decided != signin.Enter {
		entered, turnedAway = 0, 1
	}
	_, err = k.Exec(ctx, `INSERT INTO mirror_person (mirror_id, account_id, day, entered, turned_away, first_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (mirror_id, account_id, day) DO UPDATE
		SET entered = mirror_person.entered + excluded.entered,
			turned_away = mirror_person.turned_away + excluded.turned_away`, m.ID, a.Account.ID, outcome.DayOf(a.At),
		entered, turnedAway, a.At)
	if err != nil {
		return fmt.Errorf("note what a mirror shows: %w", err)
	}
	return nil
}

// judge decides about a login as the door would in the phase of the mirror. What a Care Identity opens does not depend
// on the phase. It is false for what was no login that anybody came in by, or that a phase turned away.
func (m Mirror) judge(ctx context.Context, r db.R, a outcome.Attempt) (decided signin.Outcome, is bool, err error) {
	switch {
	case a.Way == outcome.Password:
		decided, err = m.judgePassword(ctx, r, a)
		return decided, true, err
	case a.Outcome == signin.Enter:
		return signin.Enter, true, nil
	}
	return "", false, nil
}

// judgePassword counts the days of work from the first of the mirror, as the door counts them from when a wave enters
// its phase. Under an exception a password works in every phase.
func (m Mirror) judgePassword(ctx context.Context, r db.R, a outcome.Attempt) (signin.Outcome, error) {
	before, err := db.Value[int](ctx, r, `SELECT COUNT(*) FROM mirror_person WHERE mirror_id = $1 AND account_id = $2
		AND day < $3`, m.ID, a.Account.ID, outcome.DayOf(a.At))
	if err != nil {
		return "", fmt.Errorf("count days of a mirror: %w", err)
	}
	decided, err := signin.UnderPhase(a.Account, a.Wave, m.Phase, before+1, a.At)
	if err != nil || decided == signin.Enter {
		return decided, err
	}
	_, err = exception.Of(ctx, r, a.Account.ID)
	switch {
	case err == nil:
		return signin.Enter, nil
	case errors.Is(err, fault.NotFound):
		return decided, nil
	}
	return "", err
}
