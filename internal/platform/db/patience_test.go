package db_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

// impatient opens a database whose doors wait a moment.
func impatient(t *testing.T, source string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{
		Source: source, Migrations: fstest.MapFS{}, Clock: clock.System{}, Patience: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// entrances are all ways to a database's data, each with the smallest thing to do.
func entrances(ctx context.Context, d *db.DB) map[string]func() error {
	look := func(r db.R) error { _, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM event`); return err }
	return map[string]func() error{
		"View":   func() error { return d.View(ctx, look) },
		"Glance": func() error { return d.Glance(ctx, look) },
		"Update": func() error { return d.Update(ctx, ann, func(w *db.W) error { return w.Record(ctx, told) }) },
		"Keep":   func() error { return d.Keep(ctx, func(k *db.K) error { return look(k) }) },
		"Jot":    func() error { return d.Jot(ctx, func(k *db.K) error { return look(k) }) },
		"Ready":  func() error { return d.Ready(ctx) },
	}
}

// Whoever waits behind a change that does not end is told so; what may wait longer does. Only on SQLite does one change
// keep another waiting, so that is what it runs on, whichever engine the other tests are about.
func TestNobodyWaitsForEver(t *testing.T) {
	ctx := t.Context()
	d := impatient(t, filepath.Join(t.TempDir(), "test.db"))
	held := make(chan struct{})
	began := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- d.Update(db.Patient(ctx, time.Minute), ann, func(w *db.W) error {
			close(began)
			<-held
			return w.Record(ctx, told)
		})
	}()
	<-began
	for _, name := range []string{"Update", "Keep", "Jot"} {
		if err := entrances(ctx, d)[name](); !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	patient := make(chan error, 1)
	go func() { patient <- entrances(db.Patient(ctx, time.Minute), d)["Keep"]() }()
	close(held)
	if err := errors.Join(<-ended, <-patient); err != nil {
		t.Errorf("what may wait longer: %v", err)
	}
}

// A server that accepts a connection and says nothing is named, at the start.
func TestAStartAgainstASilentServer(t *testing.T) {
	socket := listen(t)
	source := "postgres://signpost@" + socket.Addr().String() + "/dos?sslmode=disable&connect_timeout=1"
	_, err := db.Open(t.Context(), db.Options{Source: source, Migrations: fstest.MapFS{}, Clock: clock.System{}})
	want := "the PostgreSQL server at " + socket.Addr().String() + " does not answer"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("err = %v", err)
	}
}

// A server that falls silent keeps nobody waiting, at any door.
func TestAServerThatFallsSilent(t *testing.T) {
	if dbtest.Server() == "" {
		t.Skip("there is no server")
	}
	t.Parallel() // it mostly waits
	ctx := t.Context()
	source, silent := silenceable(t, dbtest.Source(t, fstest.MapFS{}))
	d := impatient(t, source)
	for name, door := range entrances(ctx, d) {
		if err := door(); err != nil {
			t.Errorf("%s, while the server answers: %v", name, err)
		}
	}
	silent.Store(true)
	for name, door := range entrances(ctx, d) {
		begun := time.Now()
		err := door()
		if !errors.Is(err, fault.Unavailable) && !errors.Is(err, fault.Unknown) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

// silenceable leads to a database by a way on which it can be silenced.
func silenceable(t *testing.T, source string) (through string, silent *atomic.Bool) {
	t.Helper()
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	silent = &atomic.Bool{}
	socket := listen(t)
	go forward(socket, u.Host, silent)
	u.Host = socket.Addr().String()
	return u.String(), silent
}

// Tables may be brought up to date for longer than anybody else waits, but not by a server that stopped answering.
func TestMigratingEndsWithASilentServer(t *testing.T) {
	if dbtest.Server() == "" {
		t.Skip("there is no server")
	}
	t.Parallel() // it mostly waits
	source, silent := silenceable(t, dbtest.Source(t, fstest.MapFS{}))
	migrate := func(number, seconds string) error {
		sleep := "-- +goose Up\nSELECT pg_sleep(" + seconds + ");\n"
		d, err := db.Open(t.Context(), db.Options{
			Source: source, Clock: clock.System{}, Patience: 100 * time.Millisecond,
			Migrations: fstest.MapFS{number + "_sleep.sql": {Data: []byte(sleep)}},
		})
		if err != nil {
			return err
		}
		return d.Close()
	}
	if err := migrate("209901010001", "1"); err != nil {
		t.Fatalf("while the server answers: %v", err)
	}
	stop := time.AfterFunc(time.Second, func() { silent.Store(true) })
	defer stop.Stop()
	begun := time.Now()
	err := migrate("209901010002", "60")
	if err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("err = %v", err)
	}
	if took := time.Since(begun); took > 45*time.Second {
		t.Errorf("took %s", took)
	}
}

// Whoever loads rows into a server that stops answering is told so.
func TestLoadingEndsWithASilentServer(t *testing.T) {
	if dbtest.Server() == "" {
		t.Skip("there is no server")
	}
	t.Parallel() // it mostly waits
	source, silent := silenceable(t, dbtest.Source(t, tables))
	d, err := db.Open(t.Context(), db.Options{
		Source: source, Migrations: tables, Clock: clock.System{}, Patience: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	load := func(id string, last func()) error {
		_, err := d.Load(t.Context(), "sighting", []string{"id", "place"}, func(yield func([]any, error) bool) {
			_ = yield([]any{id, "here"}, nil)
			last()
		})
		return err
	}
	if err := load("s1", func() {}); err != nil {
		t.Fatalf("while the server answers: %v", err)
	}
	if err := load("s2", func() { silent.Store(true) }); !errors.Is(err, fault.Unavailable) {
		t.Errorf("err = %v", err)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	return socket
}

// forward lets who connects speak to a server, until it is silent.
func forward(socket net.Listener, server string, silent *atomic.Bool) {
	for {
		here, err := socket.Accept()
		if err != nil {
			return
		}
		there, err := new(net.Dialer).DialContext(context.Background(), "tcp", server)
		if err != nil {
			return
		}
		go pass(there, here, silent)
		go pass(here, there, silent)
	}
}

func pass(to io.Writer, from io.Reader, silent *atomic.Bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if silent.Load() {
			continue // what is said is lost
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
