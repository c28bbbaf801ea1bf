package db

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db/disk"
)

// gate is a disk that is slow until it is opened.
type gate struct {
	began, open chan struct{}
	times       atomic.Int64
	err         error
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
	d.engine.(*sqliteEngine).disk = disk.New(g.sync)
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
	g.err = errors.New("no space")
	if err := update(ctx, d); !errors.Is(err, g.err) {
		t.Errorf("err = %v, want that of the disk", err)
	}
	g.err = nil
	if err := update(ctx, d); err != nil {
		t.Errorf("the next update: %v", err)
	}
}

func TestLogThatIsGoneIsOnTheDisk(t *testing.T) {
	if err := disk.OfSQLite(filepath.Join(t.TempDir(), "gone")).Reached(); err != nil {
		t.Error(err)
	}
	if err := disk.OfSQLite(filepath.Join(t.TempDir(), "no", "such", "\x00")).Reached(); err == nil {
		t.Error("a log that cannot be opened is no error")
	}
	d := onGate(t, newGate())
	if err := disk.OfSQLite(d.engine.(*sqliteEngine).path).Reached(); err != nil {
		t.Errorf("a log in use: %v", err)
	}
}
