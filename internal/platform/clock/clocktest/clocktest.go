// Package clocktest gives tests a clock that they move themselves.
package clocktest

import (
	"sync"
	"time"
)

// Manual is a clock that is moved by hand. It is safe for use by several goroutines.
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
