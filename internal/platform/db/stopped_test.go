package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// Whoever stops an opening, at whatever moment, is told that it was stopped, and not of a transaction that was over.
func TestAnOpeningThatIsStoppedSaysSo(t *testing.T) {
	files := fstest.MapFS{}
	for n := range 40 {
		made := fmt.Sprintf("-- +goose Up\nCREATE TABLE made_%d (id TEXT PRIMARY KEY);\n", n)
		files[fmt.Sprintf("2099010100%02d_made.sql", n)] = &fstest.MapFile{Data: []byte(made)}
	}
	folder := t.TempDir()
	stopped := 0
	for n := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*3*time.Millisecond/2)
		d, err := db.Open(ctx, db.Options{
			Source: filepath.Join(folder, fmt.Sprintf("%d.db", n)), Migrations: files, Clock: clock.System{},
		})
		cancel()
		if err == nil {
			err = d.Close()
		} else if stopped++; errors.Is(err, context.DeadlineExceeded) {
			continue
		}
		if err != nil {
			t.Errorf("try %d: %v", n, err)
		}
	}
	if stopped == 0 {
		t.Error("none was stopped")
	}
}

// What runs alone and is told to end says so, whatever its own error is: a start that was stopped is no failure.
func TestAloneSaysThatItWasStopped(t *testing.T) {
	ctx, d := withLamp(t)
	broken := errors.New("transaction has already been committed or rolled back")
	err := d.Alone(ctx, func(context.Context) error { return broken })
	if !errors.Is(err, broken) || errors.Is(err, context.Canceled) {
		t.Errorf("while nobody stops it: %v", err)
	}
	ctx, stop := context.WithCancel(ctx)
	err = d.Alone(ctx, func(context.Context) error {
		stop()
		return broken
	})
	if !errors.Is(err, broken) || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
