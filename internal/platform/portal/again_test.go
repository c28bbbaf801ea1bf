package portal_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/portal"
)

// Two people who come in again at the same moment, with sessions that are not old yet, are not in each other's way.
func TestTwoComeInAgainAtOnce(t *testing.T) {
	c := open(t)
	for range 3 {
		var both, ready sync.WaitGroup
		if dbtest.Server() != "" { // SQLite lets one write at a time
			ready.Add(2)
		}
		var runs atomic.Int32
		for range 2 {
			b := c.browser()
			b.do("GET", b.signIn(nil), nil)
			if !b.in() {
				t.Fatal("not signed in")
			}
			meet := sync.OnceFunc(func() {
				if dbtest.Server() != "" {
					ready.Done()
					ready.Wait()
				}
			})
			both.Go(func() { b.comeInAgain(func() { runs.Add(1); meet() }) })
		}
		both.Wait()
		if runs.Load() != 2 {
			t.Errorf("two people's Updates ran %d times", runs.Load())
		}
	}
}

// comeInAgain lets a browser's member in once more, and does something in the Update before the session begins.
func (b *browser) comeInAgain(before func()) {
	r := httptest.NewRequestWithContext(b.c.t.Context(), http.MethodGet, "/", nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	enter := func(context.Context, *db.W) (portal.Admission[state], error) {
		before()
		return portal.Admission[state]{Admitted: true, Subject: "m-1", Event: audit.Event{Kind: "club.came"}}, nil
	}
	if a, err := b.c.portal.Enter(httptest.NewRecorder(), r, cis2.Person{Subject: "1"}, enter); !a.Admitted {
		b.c.t.Errorf("not let in again: %v", err)
	}
}
