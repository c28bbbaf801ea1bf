package extract

import (
	"fmt"
	"sync"

	"golang.org/x/time/rate"

	"signpost/internal/platform/fault"
)

// Pace bounds how often each asker calls on this node. A directory of 500,000 accounts asks about everybody once a day
// in 2,500 calls.
type Pace struct {
	PerSecond rate.Limit
	Burst     int

	mu     sync.Mutex
	askers map[string]*rate.Limiter
}

// Usual is the pace of askers: 3,000 calls at once, and 20 a second.
func Usual() *Pace { return &Pace{PerSecond: 20, Burst: 3000} }

var errPace = fault.SayCure(fault.TooMany, "This client calls too often.", "Wait a few seconds, then go on.")

// admit counts a call of an asker, or refuses it.
func (e *Extract) admit(asker string) error {
	if e.Pace == nil || e.Pace.of(asker).Allow() {
		return nil
	}
	return fmt.Errorf("%w: over %d calls, then %v a second", errPace, e.Pace.Burst, e.Pace.PerSecond)
}

// of gives the asker's allowance. Askers are registered ones, so that there are few.
func (p *Pace) of(asker string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.askers == nil {
		p.askers = map[string]*rate.Limiter{}
	}
	if p.askers[asker] == nil {
		p.askers[asker] = rate.NewLimiter(p.PerSecond, p.Burst)
	}
	return p.askers[asker]
}
