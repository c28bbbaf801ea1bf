package double

import (
	"sync"
	"time"

	"signpost/internal/platform/clock"
)

// Clock is the machine's clock, moved. It goes on from where it was moved to.
type Clock struct {
	mu      sync.Mutex
	by      time.Duration
	shifted clock.Shifted
}

// Now gives what everything in a double takes for the time.
func (c *Clock) Now() time.Time { return c.shifted.Now() }

// Advance moves the clock on, or back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.move(func(by time.Duration) time.Duration { return by + d })
}

// Set makes it t now.
func (c *Clock) Set(t time.Time) {
	c.move(func(time.Duration) time.Duration { return t.Sub(clock.System{}.Now()) })
}

// Real goes back to the machine's time.
func (c *Clock) Real() { c.move(func(time.Duration) time.Duration { return 0 }) }

// Moved is by how much the clock differs from the machine's.
func (c *Clock) Moved() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by
}

func (c *Clock) move(to func(by time.Duration) time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = to(c.by)
	c.shifted.Shift(c.by)
}
