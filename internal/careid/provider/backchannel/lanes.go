package backchannel

import (
	"context"
	"sync"
	"time"
)

// A service that answers slowly must not hold up the notices to others, nor the other jobs of this
// database, of which few run at once. So each service has a lane.
const (
	mostAtOnce  = 4                // notices to one service that answers well
	mostSlow    = 3                // notices to all slow services together; a slow one is told one at a time
	slow        = time.Second      // an answer that takes longer is slow
	patience    = 3 * time.Second  // with a service that was not slow before
	slowPatient = 10 * time.Second // with one that was
	farthest    = time.Minute      // nobody waits longer for a place in a slow lane
)

// lanes are the services that this node is telling of something.
type lanes struct {
	mu      sync.Mutex
	of      map[string]*lane
	slowNow int // notices under way in slow lanes
}

type lane struct {
	places chan struct{}
	slow   bool
	took   time.Duration // by the last answer
	free   time.Time     // when the slow lane is likely free again, all who wait counted
}

// place is a notice under way.
type place struct {
	lane     *lane
	slow     bool
	patience time.Duration
}

// enter takes a place in a service's lane, or says how long to stay away.
func (l *lanes) enter(ctx context.Context, clientID string, now time.Time) (p place, away time.Duration) {
	one, slowNow, away := l.find(clientID, now)
	if away > 0 {
		return place{}, away
	}
	if slowNow {
		return place{lane: one, slow: true, patience: slowPatient}, 0
	}
	ctx, cancel := context.WithTimeout(ctx, slow)
	defer cancel()
	select {
	case one.places <- struct{}{}:
		return place{lane: one, patience: patience}, 0
	case <-ctx.Done():
		return place{}, slow
	}
}

// find gives a service's lane; where it is slow, it takes the place in it or says how long to stay away.
func (l *lanes) find(clientID string, now time.Time) (one *lane, isSlow bool, away time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[string]*lane{}
	}
	one = l.of[clientID]
	if one == nil {
		one = &lane{places: make(chan struct{}, mostAtOnce)}
		l.of[clientID] = one
	}
	if !one.slow {
		return one, false, 0
	}
	if len(one.places) > 0 || l.slowNow >= mostSlow {
		return one, true, one.stayAway(now)
	}
	select {
	case one.places <- struct{}{}:
		l.slowNow++
		return one, true, 0
	default: // those who came while it was fast have taken every place by now
		return one, true, one.stayAway(now)
	}
}

// stayAway puts somebody at the end of those who wait for a slow service, and says for how long.
func (one *lane) stayAway(now time.Time) time.Duration {
	from := one.free
	if from.Before(now) {
		from = now
	}
	one.free = from.Add(one.took)
	return min(max(one.free.Sub(now), slow), farthest)
}

// leave gives a place back and remembers how long the service took.
func (l *lanes) leave(p place, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	<-p.lane.places
	if p.slow {
		l.slowNow--
	}
	p.lane.slow, p.lane.took = took > slow, took
}
