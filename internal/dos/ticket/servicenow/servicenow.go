// Package servicenow keeps the tickets of the desk in a ServiceNow as well, for desks that work there: what is written
// or changed here goes there, and what is done there comes here. Nothing waits for it: each ticket is sent by a job,
// which is tried again until the instance takes it, and never makes a second record of one ticket.
//
// It does not know how a ticket is worked on.
package servicenow

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// Connector keeps tickets in an instance.
type Connector struct {
	DB     *db.DB
	Client *Client
	Desk   ticket.Desk
	Map    Map
}

// PullJob looks for what was done in the instance.
type PullJob struct{}

// Kind names the job.
func (PullJob) Kind() string { return "ticket.pull" }

// TriedOnce says that the next one does what one that failed did not.
func (PullJob) TriedOnce() {}

// ResendJob sends again what the instance refused, or never got, and reads again what could not be read.
type ResendJob struct{}

// Kind names the job.
func (ResendJob) Kind() string { return "ticket.resend" }

// How often the instance is looked at, and what it refused is sent again.
const (
	pullEvery   = time.Minute
	resendEvery = time.Hour
)

// eventSent is the kind of the event that a ticket was given to the instance.
const eventSent audit.Kind = "ticket.sent"

// Work registers the jobs.
func Work(ws *job.Workers, c *Connector) {
	job.Work(ws, func(ctx context.Context, j ticket.SendJob) error { return paused(c.Push(ctx, j.TicketID)) })
	job.Work(ws, func(ctx context.Context, _ PullJob) error { return paused(c.Pull(ctx)) })
	job.Work(ws, func(ctx context.Context, _ ResendJob) error {
		return errors.Join(c.Resend(ctx), c.Reread(ctx))
	})
	job.Every(ws, pullEvery, PullJob{})
	job.Every(ws, resendEvery, ResendJob{})
}

// maxPause is how long the instance can have us wait at once.
const maxPause = time.Hour

// busyFor is after how long a job comes again whose ticket another one sends.
const busyFor = 5 * time.Second

// paused has a job come again when the instance said, or when another one has sent its ticket. What failed without a
// time is tried again with growing pauses.
func paused(err error) error {
	if errors.Is(err, errBusy) {
		return job.Later(busyFor)
	}
	var later *ErrLater
	if errors.As(err, &later) && later.After > 0 {
		return job.Later(min(later.After, maxPause))
	}
	return err
}
