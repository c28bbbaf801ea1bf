package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/schema"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// A node whose database still answers questions, and takes nothing that is written, is sent no requests.
func TestANodeThatCannotWriteIsNotReady(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clock.System{})
	stores := []*store{{DB: d}}
	ops := &operations{
		registry: prometheus.NewRegistry(),
		check:    func(r *http.Request) error { return answering(r.Context(), stores) },
	}
	ops.ready.Store(true)
	ready := func() int {
		w := httptest.NewRecorder()
		ops.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		return w.Code
	}
	if got := ready(); got != http.StatusOK {
		t.Fatalf("a database that takes what is written: %d", got)
	}
	mend := dbtest.Break(t, d, func(at db.Moment, sql string) error {
		if at == db.Stating && strings.HasPrefix(sql, "INSERT") {
			return dbtest.ErrBroken
		}
		return nil
	})
	err := d.View(t.Context(), func(r db.R) error {
		_, err := db.Value[int64](t.Context(), r, "SELECT COUNT(*) FROM event")
		return err
	})
	if err != nil {
		t.Fatalf("a question: %v", err)
	}
	if got := ready(); got != http.StatusServiceUnavailable {
		t.Errorf("a database that takes nothing: %d", got)
	}
	if !mend() {
		t.Error("nothing was written")
	}
	if got := ready(); got != http.StatusOK {
		t.Errorf("a database that was mended: %d", got)
	}
}
