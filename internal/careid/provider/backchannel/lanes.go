package backchannel

import (
	"context"
	"sync"
	"time"
)

// A service that answers slowly must not delay the notices to others, nor the other jobs of this
// database, of which few run at once. So each service has a lane of its own.
const (
	maxAtOnce    = 4                // notices to one service that answers well
	maxSlow      = 3                // notices to all slow services together; each slow service gets one at a time
	slowAnswer   = time.Second      // an answer that takes longer is slow
	patience     = 3 * time.Second  // how long to wait for the answer of a service that was not slow before
	slowPatience = 10 * time.Second // and of one that was
	maxWait      = time.Minute      // the longest wait for a place in a slow lane
)

// lanes are the services that this node sends notices to.
type lanes struct {
	mu       sync.Mutex
	byClient map[string]*lane
	slowNow  int // notices being sent in slow lanes
}

type lane struct {
	places chan struct{}
	slow   bool
	took   time.Duration // how long the last answer took
	free   time.Time     // when the slow lane is likely to be free again, after everything that waits for it
}

// place is the right to send one notice to a service now.
type place struct {
	lane     *lane
	slow     bool
	patience time.Duration
}

// enter takes a place in a service's lane. If there is none, away is how long to wait before the next try.
func (l *lanes) enter(ctx context.Context, clientID string, now time.Time) (p place, away time.Duration) {
	one, slowNow, away := l.find(clientID, now)
	if away > 0 {
		return place{}, away
	}
	if slowNow {
		return place{lane: one, slow: true, patience: slowPatience}, 0
	}
	ctx, cancel := context.WithTimeout(ctx, slowAnswer)
	defer cancel()
	select {
	case one.places <- struct{}{}:
		return place{lane: one, patience: patience}, 0
	case <-ctx.Done():
		return place{}, slowAnswer
	}
}

// find returns a service's lane. In a slow lane it takes the place at once, or returns how long to wait.
func (l *lanes) find(clientID string, now time.Time) (one *lane, isSlow bool, away time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byClient == nil {
		l.byClient = map[string]*lane{}
	}
	one = l.byClient[clientID]
	if one == nil {
		one = &lane{places: make(chan struct{}, maxAtOnce)}
		l.byClient[clientID] = one
	}
	if !one.slow {
		return one, false, 0
	}
	if len(one.places) > 0 || l.slowNow >= maxSlow {
		return one, true, one.stayAway(now)
	}
	select {
	case one.places <- struct{}{}:
		l.slowNow++
		return one, true, 0
	default: // notices that came while the service was fast have taken every place
		return one, true, one.stayAway(now)
	}
}

// stayAway reserves a time at the end of a slow service's queue, and returns how long to wait for it.
func (one *lane) stayAway(now time.Time) time.Duration {
	from := one.free
	if from.Before(now) {
		from = now
	}
	one.free = from.Add(one.took)
	return min(max(one.free.Sub(now), slowAnswer), maxWait)
}

// leave returns a place and remembers how long the service took.
func (l *lanes) leave(p place, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	<-p.lane.places
	if p.slow {
		l.slowNow--
	}
	p.lane.slow = took > slowAnswer
	p.lane.took = took
}
