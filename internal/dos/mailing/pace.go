package mailing

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// room is how many may be mailed now: as many as are left of what goes in a minute, of all mails to many together. A
// minute's mails are counted by those that went in the last one, whichever job sent them.
func (o Office) room(ctx context.Context) (int, error) {
	if o.PerMinute <= 0 {
		return chunk, nil
	}
	gone, err := db.Read(ctx, o.DB, func(r db.R) (int, error) {
		return db.Value[int](ctx, r, `SELECT COUNT(*) FROM mailing_recipient WHERE mailed_at > $1`,
			r.Now().Add(-time.Minute))
	})
	if err != nil {
		return 0, fmt.Errorf("count what was mailed in the last minute: %w", err)
	}
	return min(chunk, o.PerMinute-gone), nil
}

// LastGoes is when the last of so many goes, if nothing else is mailed meanwhile; zero where there is no limit, or all
// go within a minute.
func (o Office) LastGoes(first time.Time, n int64) time.Time {
	if o.PerMinute <= 0 || n <= int64(o.PerMinute) {
		return time.Time{}
	}
	return first.Add(time.Duration((n-1)/int64(o.PerMinute)) * time.Minute)
}

// Expected is when the last of a mail goes that is being sent; zero as LastGoes has it.
func (o Office) Expected(m Mailing) time.Time {
	first := o.DB.Now()
	if m.Starts.After(first) {
		first = m.Starts
	}
	return o.LastGoes(first, m.Total-m.Sent-m.Skipped)
}
