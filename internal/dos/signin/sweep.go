package signin

import "signpost/internal/platform/job"

// SweepJob is the periodic job that forgets logout tokens that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "signin.sweep" }

// Work registers the sweep.
func (d *Desk) Work(ws *job.Workers) { job.Forget(ws, d.DB, SweepJob{}, "signin_logout_token") }
