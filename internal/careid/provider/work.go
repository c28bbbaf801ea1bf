package provider

import (
	"slices"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/key"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that deletes codes, tokens and visits that have ended, and what else nobody asks about
// any more.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "provider.sweep" }

// eventSwept is recorded when codes, tokens and visits were deleted.
const eventSwept audit.Kind = "provider.swept"

// Work registers the provider's workers: notices to services, the end of sessions whose identity or authenticator
// has ended, and the sweep.
func (p *Provider) Work(ws *job.Workers) {
	p.ledger.Work(ws)
	p.keys.Work(ws)
	p.sessions.Work(ws)
	job.Forget(ws, SweepJob{}, job.Sweeper{
		DB: p.o.DB, Event: eventSwept,
		Tables: slices.Concat(code.Sweeps, backchannel.Sweeps(sso.MaxLife), key.Sweeps),
	})
}
