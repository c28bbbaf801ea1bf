package request

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// UsualDays is how many working days a registration authority has for what somebody waits for, where nobody says
// otherwise.
const UsualDays = 5

// eventDays is recorded when a registration authority is to have another number of working days than before.
const eventDays audit.Kind = "ra-request.days"

const selectDays = `SELECT number, days FROM ra_request_days ORDER BY number DESC LIMIT 1`

// pace is how many days are in force, and the number of the decision; 0 where there was none.
type pace struct{ number, days int }

func readPace(ctx context.Context, r db.R) (pace, error) {
	p, err := db.One(ctx, r, func(scan db.Scanner) (p pace, err error) {
		err = scan(&p.number, &p.days)
		return p, err
	}, selectDays)
	if errors.Is(err, fault.NotFound) {
		return pace{days: UsualDays}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read working days of registration authorities: %w", err)
	}
	return p, nil
}

// Days gives how many working days a registration authority has for what somebody waits for.
func Days(ctx context.Context, r db.R) (int, error) {
	p, err := readPace(ctx, r)
	return p.days, err
}

// DueAfter gives when that is due for which somebody waits since a moment: at the end of a working day.
func DueAfter(ctx context.Context, r db.R, since time.Time) (time.Time, error) {
	days, err := Days(ctx, r)
	return when.WorkingDaysAfter(since, days), err
}

// SettleDays brings a number of working days into force, as it is configured. What was asked for before stays due when
// it was.
func SettleDays(ctx context.Context, d *db.DB, by actor.Actor, days int) error {
	now, err := db.Read(ctx, d, func(r db.R) (pace, error) { return readPace(ctx, r) })
	if err != nil || now.days == days {
		return err
	}
	err = d.Update(ctx, by, func(w *db.W) error {
		now, err := readPace(ctx, w)
		if err != nil {
			return err
		}
		if now.days == days {
			return errSettled
		}
		const put = `INSERT INTO ra_request_days (number, days, since) VALUES ($1, $2, $3)`
		if _, err := w.Exec(ctx, put, now.number+1, days, w.Now()); err != nil {
			return fmt.Errorf("settle working days: %w", err)
		}
		about := audit.Ref{Kind: "registration-rules", ID: "days"}
		return w.Record(ctx, audit.Event{Kind: eventDays, Subject: about, Before: now.days, After: days})
	})
	if errors.Is(err, errSettled) {
		return nil
	}
	return err
}

// errSettled says that another node brought the same into force meanwhile.
var errSettled = errors.New("settled meanwhile")
