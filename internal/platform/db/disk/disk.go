// Package disk makes commits that a database did not wait for survive a power cut, many with one writing. It knows
// no SQL.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Disk makes what was committed survive a power cut. SQLite itself would wait for the disk at each commit,
// and everybody else for SQLite; here all who commit meanwhile wait for the next writing together, and the
// next may write its changes at once. Until an Update comes back from it, a power cut may undo what others may
// have seen of it already, as the log keeps all changes in their order.
type Disk struct {
	sync func() error // makes everything committed so far survive
	turn sync.Mutex   // held by the one writing

	mu   sync.Mutex
	next *writing // that has not begun; nil if nobody waits for one
}

// writing is one that several may wait for.
type writing struct {
	done chan struct{}
	err  error
}

// New makes a disk from what writes everything committed so far through to it.
func New(sync func() error) *Disk { return &Disk{sync: sync} }

// OfSQLite is the disk of the SQLite database at a path.
func OfSQLite(path string) *Disk {
	return New(func() error { return syncLog(path + "-wal") })
}

// None waits for nothing.
func None() *Disk { return New(func() error { return nil }) }

// syncLog writes SQLite's log through to the disk. Where there is none, SQLite has taken it over into the
// database, and that has reached the disk before the log went.
func syncLog(path string) error {
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
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
	if err := d.sync(); err != nil {
		w.err = fmt.Errorf("write the log of the database to the disk: %w", err)
	}
}
