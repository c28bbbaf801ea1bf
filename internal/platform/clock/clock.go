// Package clock is where the time of day comes from, so that nothing else asks the machine.
package clock

import (
	"context"
	"sync"
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

// Manual is a clock that is moved by hand, for tests and for a double whose time is scripted.
// It is safe for use by several goroutines.
type Manual struct {
	mu sync.Mutex
	at time.Time
}

// At makes a clock that stands at t.
func At(t time.Time) *Manual { return &Manual{at: t.UTC().Truncate(time.Millisecond)} }

// Now is where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

// Advance moves the clock on by d, or back if d is negative.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = m.at.Add(d)
}
