package clock

import (
	"sync/atomic"
	"time"
)

// Shifted is the machine's clock, moved by a while that can be changed: a demo makes its sample world in
// the past and then lives in the present. It is safe for use by several goroutines.
type Shifted struct{ by atomic.Int64 }

// Shift sets by how much the clock is moved; negative is into the past.
func (s *Shifted) Shift(by time.Duration) { s.by.Store(int64(by)) }

// Advance moves the clock on from where it stands.
func (s *Shifted) Advance(by time.Duration) { s.by.Add(int64(by)) }

// Now is the machine's time, moved.
func (s *Shifted) Now() time.Time { return System{}.Now().Add(time.Duration(s.by.Load())) }
