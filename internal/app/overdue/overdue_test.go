package overdue_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/app/overdue"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/metadata"
	"signpost/internal/platform/db"
)

// Those who watch the metrics see when the next issue of the metadata is due, and the log warns once it is overdue.
func TestMetadata(t *testing.T) {
	w := careidtest.Open(t, careidtest.Nine)
	registry := prometheus.NewRegistry()
	var log bytes.Buffer
	watched := overdue.New(w.DB, slog.New(slog.NewTextHandler(&log, nil)), registry)
	expect := func(name string, want float64, warns bool) {
		t.Helper()
		w.Must(watched.Look(t.Context()))
		found, err := registry.Gather()
		if err != nil || len(found) != 1 || found[0].GetMetric()[0].GetGauge().GetValue() != want {
			t.Errorf("%s: want %v: %v, %v", name, want, found, err)
		}
		if got := strings.Contains(log.String(), "overdue"); got != warns {
			t.Errorf("%s: the log says %q", name, log.String())
		}
	}
	expect("none", 0, false)
	due := careidtest.Nine.Truncate(24*time.Hour).AddDate(0, 0, 7)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := metadata.Save(ctx, u, metadata.Blob{Number: 7, NextUpdate: due})
		return err
	})
	expect("in time", float64(due.Unix()), false)
	w.Clock.Advance(9 * 24 * time.Hour)
	expect("overdue", float64(due.Unix()), true)
}
