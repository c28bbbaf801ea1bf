// Package overdue watches what a system reads from files that its operators fetch, and warns when it gets old.
package overdue

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/metadata"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// watchEvery is how often it looks.
const watchEvery = 10 * time.Minute

// Metadata watches when the next issue of the FIDO Alliance's metadata is due, and warns in the log once it is overdue.
type Metadata struct {
	DB  *db.DB
	Log *slog.Logger

	due prometheus.Gauge
}

// New watches a database, and registers the metric that says what it saw.
func New(d *db.DB, log *slog.Logger, registry prometheus.Registerer) *Metadata {
	m := &Metadata{DB: d, Log: log, due: prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "signpost_metadata_due_timestamp_seconds",
		Help: "When the next issue of the FIDO metadata is due, in seconds since 1970; 0 where none was imported.",
	})}
	registry.MustRegister(m.due)
	return m
}

// Watch looks from time to time until ctx ends.
func (m *Metadata) Watch(ctx context.Context) {
	for {
		if err := m.Look(ctx); err != nil && ctx.Err() == nil {
			m.Log.Error("look how old the FIDO metadata is", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
	}
}

// Look looks once.
func (m *Metadata) Look(ctx context.Context) error {
	issue, err := db.Read(ctx, m.DB, func(r db.R) (metadata.Issue, error) { return metadata.Current(ctx, r) })
	if errors.Is(err, fault.NotFound) {
		m.due.Set(0)
		return nil
	}
	if err != nil {
		return err
	}
	m.due.Set(float64(issue.NextUpdate.Unix()))
	if issue.Overdue(m.DB.Now()) {
		m.Log.Warn("the FIDO metadata is overdue: fetch the newest issue and import it", "issue", issue.Number,
			"due", issue.NextUpdate)
	}
	return nil
}
