// Package allowance counts the days on which somebody has logged in with their password since their wave entered its
// phase, and keeps that they put linking off. The clock so starts at the person: days on which they do not work do not
// count.
//
// It does not decide what a password opens: package signin does.
package allowance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const eventPutOff audit.Kind = "link.put-off"

// Clock is how many days somebody has worked in the phase of their wave.
type Clock struct {
	Days    int       // with a login by password since the wave entered its phase
	Today   bool      // today is one of them
	PutOffs int       // how often they put linking off in it
	Quiet   time.Time // until then they are not asked again; zero where they have not put it off
}

// AtLogin counts the days with today, as they are for somebody who logs in now.
func (c Clock) AtLogin() int {
	if c.Today {
		return c.Days
	}
	return c.Days + 1
}

// Day is a day in London as a number, such as 20261129.
func Day(at time.Time) int {
	year, month, day := at.In(clock.London).Date()
	return (year*100+int(month))*100 + day
}

// entered is the time at which a wave entered its phase, as it is kept; 0 where that is not known.
func entered(of wave.Wave) int64 {
	if of.Since.IsZero() {
		return 0
	}
	return of.Since.UnixMilli()
}

// Of reads the clock of somebody in the phase of their wave. What was counted in another one does not hold any more.
func Of(ctx context.Context, r db.R, accountID string, of wave.Wave) (Clock, error) {
	c, err := db.One(ctx, r, func(scan db.Scanner) (c Clock, err error) {
		var last int64
		err = scan(&c.Days, &last, &c.PutOffs, db.At(&c.Quiet))
		c.Today = int(last) == Day(r.Now())
		return c, err
	}, `SELECT days, last_day, put_off, quiet_until FROM worked_day WHERE account_id = $1 AND phase = $2
		AND entered_at = $3`, accountID, int(of.Phase), entered(of))
	if errors.Is(err, fault.NotFound) {
		return Clock{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read days of account: %w", err)
	}
	return c, nil
}

const note = `INSERT INTO worked_day (account_id, phase, entered_at, days, last_day) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (account_id) DO UPDATE SET phase = $2, entered_at = $3, days = $4, last_day = $5,
		put_off = CASE WHEN worked_day.entered_at = $3 AND worked_day.phase = $2 THEN worked_day.put_off ELSE 0 END,
		quiet_until = CASE WHEN worked_day.entered_at = $3 AND worked_day.phase = $2 THEN worked_day.quiet_until END`

// Note counts today for somebody who logs in with their password, as a part of an Update.
func Note(ctx context.Context, w *db.W, accountID string, of wave.Wave) error {
	c, err := Of(ctx, w, accountID, of)
	if err != nil || c.Today {
		return err
	}
	_, err = w.Exec(ctx, note, accountID, int(of.Phase), entered(of), c.AtLogin(), Day(w.Now()))
	if err != nil {
		return fmt.Errorf("count day of account: %w", err)
	}
	return nil
}

// QuietFor is how long after a login nobody is asked to link who put that off.
const QuietFor = 24 * time.Hour

// PutOff has somebody who logged in at a time not be asked to link for a day from then, as a part of an Update, for as
// many days as their wave grants.
func PutOff(ctx context.Context, w *db.W, accountID string, of wave.Wave, login time.Time) error {
	if err := Note(ctx, w, accountID, of); err != nil {
		return err
	}
	err := w.Change(ctx, `UPDATE worked_day SET put_off = put_off + 1, quiet_until = $2
		WHERE account_id = $1 AND phase = $3 AND entered_at = $4 AND put_off < $5`, accountID, login.Add(QuietFor),
		int(of.Phase), entered(of), of.Allowance)
	if err != nil {
		return fmt.Errorf("put linking off: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventPutOff, Subject: account.Ref(accountID), After: login.Add(QuietFor)})
}
