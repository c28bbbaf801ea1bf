package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// eventGivenUp is recorded when a mail was given up.
const eventGivenUp audit.Kind = "mail.given-up"

// GiveUpJob is the periodic job that gives up mail whose own job is there no more.
type GiveUpJob struct{}

// Kind names the job.
func (GiveUpJob) Kind() string { return "mail.give-up" }

const (
	lookEvery = time.Hour
	maxWait   = 30 * 24 * time.Hour // longer than a job is tried

	givenUpAtOnce = 100 // before others may write
)

const (
	selectKind    = `SELECT kind FROM mail WHERE id = $1` + stillWaits
	markGivenUp   = `UPDATE mail SET sealed = NULL, given_up_at = $2 WHERE id = $1` + stillWaits
	selectForgone = `SELECT id FROM mail WHERE queued_at <= $1` + stillWaits + ` ORDER BY queued_at, id LIMIT $2`
)

// giveUp notes that a message will not be tried again, after the last of its tries failed.
func (p *Post) giveUp(ctx context.Context, j Delivery) error {
	return giveUp(ctx, p.d, actor.ForJob(j.Kind(), j.MailID), j.MailID)
}

// giveUp marks one message, and wipes it. One that was delivered meanwhile, or given up, stays as it is.
func giveUp(ctx context.Context, d *db.DB, by actor.Actor, id string) error {
	err := d.Update(ctx, by, func(w *db.W) error {
		kind, err := db.Value[string](ctx, w, selectKind, id)
		if err != nil {
			return err
		}
		if err := w.Change(ctx, markGivenUp, id, w.Now()); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: eventGivenUp, Subject: audit.Ref{Kind: "mail", ID: id}, After: map[string]string{"kind": kind},
		})
	})
	if err != nil && !errors.Is(err, fault.NotFound) {
		return fmt.Errorf("give up mail %s: %w", id, err)
	}
	return nil
}

// giveUpOld gives up what has waited longer than any job is tried: its job was lost, or given up without a note.
func giveUpOld(ctx context.Context, d *db.DB) error {
	return job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
		old, err := db.Read(ctx, d, func(r db.R) ([]string, error) {
			return db.All(ctx, r, db.Column[string], selectForgone, r.Now().Add(-maxWait), givenUpAtOnce)
		})
		if err != nil {
			return false, fmt.Errorf("look for mail that waited too long: %w", err)
		}
		for _, id := range old {
			if err := giveUp(ctx, d, actor.ForJob(GiveUpJob{}.Kind(), id), id); err != nil {
				return false, err
			}
		}
		return len(old) == givenUpAtOnce, nil
	})
}
