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
	mu   sync.Mutex
	kept []Kept
}

// Kept is a message in a Mailbox.
type Kept struct {
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
	if slices.ContainsFunc(b.kept, func(k Kept) bool { return k.ID == id }) {
		return nil
	}
	b.kept = append(b.kept, Kept{ID: id, Queued: queued, Message: m})
	if len(b.kept) > maxKept {
		b.kept = slices.Delete(b.kept, 0, len(b.kept)-maxKept)
	}
	return nil
}

// All lists what was delivered, the newest first.
func (b *Mailbox) All() []Kept {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.kept)
	slices.SortStableFunc(list, func(a, c Kept) int { return c.Queued.Compare(a.Queued) })
	return list
}

// To lists what was delivered to an address, the newest first.
func (b *Mailbox) To(address string) []Kept {
	return slices.DeleteFunc(b.All(), func(k Kept) bool { return k.To != address })
}
