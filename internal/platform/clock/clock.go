// Package clock is where the time of day comes from, so that nothing else asks the machine.
package clock

import (
	"context"
	"time"
)

// Clock tells the time.
type Clock interface{ Now() time.Time }

// System is the machine's clock, in UTC and whole milliseconds, as our tables keep it.
type System struct{}

// Now is the machine's time.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Wait returns when d has passed, or ctx has ended.
func (System) Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
