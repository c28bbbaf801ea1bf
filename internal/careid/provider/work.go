package provider

import (
	"context"
	"time"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/code"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that deletes codes, tokens and visits that have ended.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "provider.sweep" }

// sweepEvery is how often the SweepJob runs.
const sweepEvery = 10 * time.Minute

// Work registers the provider's workers: notices to services, the end of sessions whose identity or authenticator
// has ended, and the sweep.
func (p *Provider) Work(ws *job.Workers) {
	p.ledger.Work(ws)
	p.keys.Work(ws)
	p.sessions.Work(ws)
	job.Work(ws, func(ctx context.Context, _ SweepJob) error { return p.sweep(ctx) })
	job.Every(ws, sweepEvery, SweepJob{})
}

// eventSwept is recorded when codes, tokens and visits were deleted.
const eventSwept audit.Kind = "provider.swept"

func (p *Provider) sweep(ctx context.Context) error {
	return p.o.DB.Update(ctx, actor.ForJob("provider.sweep", ""), func(w *db.W) error {
		codes, tokens, err := code.Sweep(ctx, w)
		if err != nil {
			return err
		}
		visits, err := backchannel.Sweep(ctx, w, w.Now().Add(-sso.MaxLife))
		if err != nil {
			return err
		}
		swept := map[string]int64{"codes": codes, "tokens": tokens, "visits": visits}
		return w.Record(ctx, audit.Event{Kind: eventSwept, After: swept})
	})
}
