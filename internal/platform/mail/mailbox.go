package mail

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Mailbox is a transport that keeps what it is given, for a demo's page of mail and for tests. It is
// safe for use by several goroutines.
type Mailbox struct {
	mu       sync.Mutex
	arrivals []Arrival
}

// Arrival is a message in a Mailbox.
type Arrival struct {
	ID     string
	Queued time.Time
	Message
}

// maxKept bounds what a demo's mailbox remembers.
const maxKept = 500

// Deliver keeps the message; a second copy of one is not kept twice.
func (b *Mailbox) Deliver(_ context.Context, id string, m Message, queued time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.arrivals, func(k Arrival) bool { return k.ID == id }) {
		return nil
	}
	b.arrivals = append(b.arrivals, Arrival{ID: id, Queued: queued, Message: m})
	if len(b.arrivals) > maxKept {
		b.arrivals = slices.Delete(b.arrivals, 0, len(b.arrivals)-maxKept)
	}
	return nil
}

// All lists what was delivered, the newest first.
func (b *Mailbox) All() []Arrival {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.arrivals)
	slices.SortStableFunc(list, func(a, c Arrival) int { return c.Queued.Compare(a.Queued) })
	return list
}

// To lists what was delivered to an address, the newest first.
func (b *Mailbox) To(address string) []Arrival {
	return slices.DeleteFunc(b.All(), func(k Arrival) bool { return k.To != address })
}
