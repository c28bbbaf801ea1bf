// Package disk makes commits that a database did not wait for survive a power cut, many with one writing. It knows
// no SQL.
package disk

import (
	"fmt"
	"sync"
)

// Disk makes what was committed survive a power cut. SQLite itself would wait for the disk at each commit,
// and everybody else for SQLite; here all who commit meanwhile wait for the next writing together, and the
// next may write its changes at once. Until an Update comes back from it, a power cut may undo what others may
// have seen of it already, as the log keeps all changes in their order.
type Disk struct {
	sync   func() error // makes everything committed so far survive
	repair func() error // does so by another way, after a sync that failed
	log    *logFile     // nil where there is none
	turn   sync.Mutex   // held by the one writing
	failed bool         // the last sync failed, and nothing has made up for it

	mu   sync.Mutex
	next *writing // that has not begun; nil if nobody waits for one
}

// writing is one that several may wait for.
type writing struct {
	done chan struct{}
	err  error
}

// New makes a disk from what writes everything committed so far through to it. A system may forget what it could not
// write and call the next sync a success, so after one that failed repair must go well before anything counts as
// written again.
func New(sync, repair func() error) *Disk { return &Disk{sync: sync, repair: repair} }

// OfSQLite is the disk of the SQLite database at a path. checkpoint takes the log over into the database, which is
// synced, and begins a new log.
func OfSQLite(path string, checkpoint func() error) *Disk {
	log := &logFile{path: path + "-wal"}
	d := New(log.sync, checkpoint)
	d.log = log
	return d
}

// None waits for nothing.
func None() *Disk {
	nothing := func() error { return nil }
	return New(nothing, nothing)
}

// Open opens the log, which then stays open.
func (d *Disk) Open() error {
	d.turn.Lock()
	defer d.turn.Unlock()
	if d.log == nil {
		return nil
	}
	_, err := d.log.current()
	return err
}

// Close closes the log.
func (d *Disk) Close() error {
	d.turn.Lock()
	defer d.turn.Unlock()
	if d.log == nil {
		return nil
	}
	return d.log.close()
}

// Reached waits until everything committed before the call is on the disk.
func (d *Disk) Reached() error {
	d.mu.Lock()
	if w := d.next; w != nil {
		d.mu.Unlock()
		<-w.done
		return w.err
	}
	w := &writing{done: make(chan struct{})}
	d.next = w
	d.mu.Unlock()
	d.write(w)
	return w.err
}

// write does a writing when the one before is over. Who comes after it has begun waits for the next.
func (d *Disk) write(w *writing) {
	defer close(w.done)
	d.turn.Lock()
	defer d.turn.Unlock()
	d.mu.Lock()
	d.next = nil
	d.mu.Unlock()
	w.err = d.written()
}

// written syncs, or makes up for a sync that failed.
func (d *Disk) written() error {
	if d.failed {
		if err := d.repair(); err != nil {
			return fmt.Errorf("nothing is saved since the log could not be written to the disk: %w", err)
		}
		d.failed = false
		return nil
	}
	if err := d.sync(); err != nil {
		d.failed = true
		return fmt.Errorf("write the log of the database to the disk: %w", err)
	}
	return nil
}
