package db_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/saved"
)

// A request that is sent again finds whether it was saved: by its own updates alone, and not by one that was refused.
func TestARequestIsFoundThatWasSaved(t *testing.T) {
	ctx, d := withLamp(t)
	for _, tt := range []struct {
		name   string
		update func(ctx context.Context, w *db.W) error
		want   bool
	}{
		{"an update", func(ctx context.Context, w *db.W) error { return w.Record(ctx, told) }, true},
		{"a refusal", func(ctx context.Context, w *db.W) error {
			return w.Refuse(ctx, audit.Event{Kind: "thing.refused"}, errWrong)
		}, false},
		{"one that failed", func(context.Context, *db.W) error { return errWrong }, false},
	} {
		request := saved.Watch(ctx)
		saved.Name(request, []byte(tt.name))
		err := d.Update(request, ann, func(w *db.W) error { return tt.update(request, w) })
		if (err == nil) != tt.want {
			t.Fatalf("%s: %v", tt.name, err)
		}
		foundSaved(t, d, tt.name, 1, tt.want)
		foundSaved(t, d, tt.name, 2, false)
		foundSaved(t, d, "another", 1, false)
	}
}

func foundSaved(t *testing.T, d *db.DB, request string, number int64, want bool) {
	t.Helper()
	got, err := d.Saved(t.Context(), saved.Update{Request: []byte(request), Number: number})
	if err != nil || got != want {
		t.Errorf("%s, update %d: saved is %v, %v; want %v", request, number, got, err, want)
	}
}

// A connection that ends after COMMIT was sent leaves the outcome open; sending the request again closes it.
func TestAConnectionIsCutAtTheCommit(t *testing.T) {
	if dbtest.Server() == "" {
		t.Skip("there is no server")
	}
	for name, arrives := range map[string]bool{"before it arrived": false, "after it arrived": true} {
		t.Run(name, func(t *testing.T) {
			source, cut := cuttable(t, dbtest.Source(t, tables), arrives)
			d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: tables, Clock: clock.System{}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			add := func(id string, cutting bool) error {
				request := saved.Watch(t.Context())
				saved.Name(request, []byte(id))
				return d.Update(request, ann, func(w *db.W) error {
					err := addThing(request, w, id, "lamp "+id)
					cut.Store(cutting) // all else travels with the commit
					return err
				})
			}
			if err := add("t1", false); err != nil {
				t.Fatal(err)
			}
			if err := add("t2", true); !errors.Is(err, fault.Unknown) {
				t.Fatalf("err = %v, want that nobody can tell", err)
			}
			foundSaved(t, d, "t1", 1, true)
			foundSaved(t, d, "t2", 1, arrives)
			if n := count(t, d, `SELECT COUNT(*) FROM thing WHERE id = 't2'`); (n == 1) != arrives {
				t.Errorf("%d things", n)
			}
		})
	}
}

// cuttable leads to a database by a way that is cut, once it is to be, by what is sent next, which arrives or not.
func cuttable(t *testing.T, source string, arrives bool) (through string, cut *atomic.Bool) {
	t.Helper()
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	server := u.Host
	socket := listen(t)
	cut = &atomic.Bool{}
	go func() {
		for {
			here, err := socket.Accept()
			if err != nil {
				return
			}
			there, err := new(net.Dialer).DialContext(context.Background(), "tcp", server)
			if err != nil {
				return
			}
			lost := &atomic.Bool{}
			go answering(here, there, lost)
			go cutting(there, here, lost, cut, arrives)
		}
	}()
	u.Host = socket.Addr().String()
	return u.String(), cut
}

// answering gives on what a server says, until that is lost.
func answering(here, there net.Conn, lost *atomic.Bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := there.Read(buffer)
		if err != nil || lost.Load() {
			_ = here.Close()
			return
		}
		if _, err := here.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cutting gives on what is said to a server, until the way is cut.
func cutting(there, here net.Conn, lost, cut *atomic.Bool, arrives bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := here.Read(buffer)
		if err != nil {
			return
		}
		if cut.Swap(false) {
			lost.Store(true)
			if !arrives {
				_ = there.Close()
				return
			}
		}
		if _, err := there.Write(buffer[:n]); err != nil {
			return
		}
	}
}
