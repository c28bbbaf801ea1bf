package db

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db/disk"
	"signpost/internal/platform/fault"
)

// gate is a disk that is slow until it is opened.
type gate struct {
	began, open chan struct{}
	times       atomic.Int64
	err         error

	repairs   atomic.Int64
	repairErr error
}

func (g *gate) repair() error {
	g.repairs.Add(1)
	return g.repairErr
}

func newGate() *gate { return &gate{began: make(chan struct{}, 100), open: make(chan struct{})} }

func (g *gate) sync() error {
	g.times.Add(1)
	g.began <- struct{}{}
	<-g.open
	return g.err
}

// onGate is an SQLite database whose disk is the gate.
func onGate(t *testing.T, g *gate) *DB {
	t.Helper()
	files := fstest.MapFS{"202611249001_test.sql": {Data: []byte("-- +goose Up\n-- bookkeeping: sighting\nCREATE TABLE sighting (id TEXT PRIMARY KEY);\n")}}
	d, err := Open(t.Context(), Options{Source: filepath.Join(t.TempDir(), "gate.db"), Migrations: files, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	d.engine.(*sqliteEngine).disk = disk.New(g.sync, g.repair)
	return d
}

func update(ctx context.Context, d *DB) error {
	return d.Update(ctx, actor.ForCommand("test"), func(w *W) error { return w.Record(ctx, audit.Event{Kind: "thing.changed"}) })
}

func events(t *testing.T, d *DB) (n int64) {
	t.Helper()
	err := d.View(t.Context(), func(r R) (err error) {
		n, err = Value[int64](t.Context(), r, `SELECT COUNT(*) FROM event`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An update comes back when the disk has it; bookkeeping does not wait, not even for an update that does.
func TestUpdateWaitsForTheDisk(t *testing.T) {
	g := newGate()
	d := onGate(t, g)
	ctx := t.Context()
	back := make(chan error, 1)
	go func() { back <- update(ctx, d) }()
	<-g.began
	err := errors.Join(
		d.Keep(ctx, func(k *K) error { _, err := k.Exec(ctx, `INSERT INTO sighting (id) VALUES ('s1')`); return err }),
		d.Jot(ctx, func(k *K) error { _, err := k.Exec(ctx, `INSERT INTO sighting (id) VALUES ('s2')`); return err }))
	if err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-back:
		t.Fatalf("the update came back before the disk had it: %v", err)
	default:
	}
	close(g.open)
	if err := <-back; err != nil || g.times.Load() != 1 {
		t.Errorf("%v after %d writings; want one", err, g.times.Load())
	}
}

// All who commit while the disk is busy are served by the next writing.
func TestManyWaitForOneWriting(t *testing.T) {
	const many = 20
	g := newGate()
	d := onGate(t, g)
	ctx := t.Context()
	var all sync.WaitGroup
	failed := make(chan error, many+1)
	start := func() { all.Go(func() { failed <- update(ctx, d) }) }
	start()
	<-g.began
	for range many {
		start()
	}
	for events(t, d) < many+1 { // all have committed then, and wait
	}
	close(g.open)
	all.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Error(err)
		}
	}
	// Who had committed and was not waiting yet as the second began takes a third.
	if n := g.times.Load(); n < 2 || n > 3 {
		t.Errorf("%d writings for %d updates, want 2 or 3", n, many+1)
	}
}

func TestDiskThatFailsFailsTheUpdate(t *testing.T) {
	g := newGate()
	close(g.open)
	d := onGate(t, g)
	ctx := t.Context()
	g.err = errors.New("input/output error")
	if err := update(ctx, d); !errors.Is(err, g.err) || !errors.Is(err, fault.Unknown) {
		t.Errorf("err = %v, want that of the disk, with an outcome that is not known", err)
	}
}

// After a sync that failed the system may call the next one a success and have lost what it was about, so nothing
// counts as saved until the log was taken over into the database, with a sync of its own.
func TestFailedSyncIsNotForgotten(t *testing.T) {
	g := newGate()
	close(g.open)
	d := onGate(t, g)
	ctx := t.Context()
	g.err = errors.New("input/output error")
	g.repairErr = errors.New("still broken")
	if err := update(ctx, d); !errors.Is(err, g.err) {
		t.Fatalf("the disk is not broken: %v", err)
	}
	g.err = nil
	for range 3 {
		if err := update(ctx, d); !errors.Is(err, g.repairErr) || !errors.Is(err, fault.Unknown) {
			t.Errorf("saved after a failed sync: %v", err)
		}
	}
	syncs := g.times.Load()
	g.repairErr = nil
	if err := update(ctx, d); err != nil || g.repairs.Load() != 4 || g.times.Load() != syncs {
		t.Errorf("%v after %d repairs and %d syncs more; want 4 and none", err, g.repairs.Load(), g.times.Load()-syncs)
	}
	if err := update(ctx, d); err != nil || g.repairs.Load() != 4 {
		t.Errorf("%v after %d repairs: the disk is sound again", err, g.repairs.Load())
	}
}

// The checkpoint that makes up for a failed sync empties the log.
func TestCheckpointTakesTheLogOver(t *testing.T) {
	d := onGate(t, newGate())
	e := d.engine.(*sqliteEngine)
	err := d.Keep(t.Context(), func(k *K) error {
		_, err := k.Exec(t.Context(), `INSERT INTO sighting (id) VALUES ('s1')`)
		return err
	})
	if before, _ := os.Stat(e.path + "-wal"); err != nil || before.Size() == 0 {
		t.Fatalf("nothing in the log: %v", err)
	}
	if err := e.checkpoint(); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(e.path + "-wal"); err != nil || after.Size() != 0 {
		t.Errorf("the log has %v, %v", after, err)
	}
	read, err := e.readers.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
}

// Nothing has to be opened to save something, so that it goes on while file descriptors are short.
func TestSavingOpensNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "short.db")
	files := fstest.MapFS{"202611249001_test.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}}
	d, err := Open(t.Context(), Options{Source: path, Migrations: files, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	var usual syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &usual); err != nil {
		t.Skip("no such limit here")
	}
	none := usual
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	_, opens := os.Open(path)
	saved := update(t.Context(), d)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &usual); err != nil {
		t.Fatal(err)
	}
	if opens == nil || saved != nil {
		t.Errorf("with no descriptor free: %v; opening a file gave %v", saved, opens)
	}
}

func TestLogThatIsGoneIsOnTheDisk(t *testing.T) {
	nothing := func() error { return nil }
	if err := disk.OfSQLite(filepath.Join(t.TempDir(), "gone"), nothing).Reached(); err != nil {
		t.Error(err)
	}
	if err := disk.OfSQLite(filepath.Join(t.TempDir(), "no", "such", "\x00"), nothing).Reached(); err == nil {
		t.Error("a log that cannot be opened is no error")
	}
	d := onGate(t, newGate())
	if err := disk.OfSQLite(d.engine.(*sqliteEngine).path, nothing).Reached(); err != nil {
		t.Errorf("a log in use: %v", err)
	}
}
