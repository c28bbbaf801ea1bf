package provider

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// doubts bounds the events that those leave who name a client and do not prove to be it: anybody can. What is
// beyond is still counted, reason by reason, with the client's refusals. It is this node's own count.
type doubts struct {
	mu sync.Mutex
	of map[string]*rate.Limiter // by client id; only clients we know get here
}

const (
	mostDoubts   = 200 // events of one client at once
	doubtsAnHour = 200 // and after those
)

// keep reports whether one more is worth an event.
func (d *doubts) keep(clientID string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	one, known := d.of[clientID]
	if !known {
		one = rate.NewLimiter(rate.Every(time.Hour/doubtsAnHour), mostDoubts)
		d.of[clientID] = one
	}
	return one.AllowN(now, 1)
}
