package banner

import (
	"context"
	"sync"
	"time"

	"signpost/internal/platform/db"
)

// fresh is for how long what was read is shown. A message that is written or taken down on another node is seen here
// that much later.
const fresh = 10 * time.Second

// Board gives the messages that stand, from one read for all pages of some seconds. It grants nobody anything, so that
// a node may keep it.
type Board struct {
	db *db.DB

	reading sync.Mutex // held by the one request that reads
	mu      sync.Mutex // guards what follows
	list    []Banner
	read    time.Time // zero if it has to be read anew
	changes int       // how often it was forgotten
}

// NewBoard makes a board that has read nothing.
func NewBoard(d *db.DB) *Board { return &Board{db: d} }

// Forget has the messages read anew for the next page.
func (b *Board) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read = time.Time{}
	b.changes++
}

// For gives the messages that stand now for the people of a wave, and those for everybody, the newest first; those for
// everybody alone where the wave is empty. Where they cannot be read, those of before stand.
func (b *Board) For(ctx context.Context, waveID string) (list []Banner, err error) {
	now := b.db.Now()
	all, err := b.now(ctx, now)
	for _, one := range all {
		if one.Stands(now) && (one.Wave == "" || one.Wave == waveID) && len(list) < MaxShown {
			list = append(list, one)
		}
	}
	return list, err
}

// now gives what was read not long ago. While one request reads, others get what was read before.
func (b *Board) now(ctx context.Context, now time.Time) ([]Banner, error) {
	list, changes, is := b.known(now)
	if is || !b.reading.TryLock() {
		return list, nil
	}
	defer b.reading.Unlock()
	// Whoever reads for all may have gone before they have their page.
	read, err := db.Glance(context.WithoutCancel(ctx), b.db, func(r db.R) ([]Banner, error) { return open(ctx, r) })
	if err != nil {
		b.keep(list, changes, now) // so that a database in trouble is asked no more often
		return list, err
	}
	b.keep(read, changes, now)
	return read, nil
}

// keep has a list shown for some seconds, unless it may be of before a change.
func (b *Board) keep(list []Banner, changes int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = list
	if b.changes == changes {
		b.read = now
	}
}

// known gives what was read last, whether that was not long ago, and how often it was forgotten.
func (b *Board) known(now time.Time) (list []Banner, changes int, is bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	age := now.Sub(b.read)
	return b.list, b.changes, !b.read.IsZero() && age >= 0 && age < fresh
}
