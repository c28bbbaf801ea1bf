package breakglass

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// DueJob is the job that notes what is over, and reminds those who can review a use, once a day.
type DueJob struct{}

// Kind names the job.
func (DueJob) Kind() string { return "breakglass.due" }

const dueEvery = time.Minute

// Work registers the job.
func Work(ws *job.Workers, o *Office) {
	job.Work(ws, func(ctx context.Context, _ DueJob) error { return o.Due(ctx) })
	job.Every(ws, dueEvery, DueJob{})
}

// Due notes which emergency rights are over, and reminds of those that nobody has reviewed for a day. Rights that are
// over give nothing, also before it has run.
func (o *Office) Due(ctx context.Context) error {
	uses, err := db.Read(ctx, o.DB, func(r db.R) ([]Use, error) { return Undone(ctx, r) })
	if err != nil {
		return err
	}
	var failed []error
	for _, u := range uses {
		if u.State == Waiting || u.State == Open {
			continue
		}
		err := o.DB.Update(ctx, actor.ForJob(DueJob{}.Kind(), u.ID), func(w *db.W) error { return o.due(ctx, w, u.ID) })
		if err != nil && !errors.Is(err, fault.Conflict) { // somebody was there first
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// due does what is due of one use, as it stands now.
func (o *Office) due(ctx context.Context, w *db.W, id string) error {
	u, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if err := o.note(ctx, w, u); err != nil {
		return err
	}
	if u.State != Ended || u.Reminded.IsZero() || w.Now().Sub(u.Reminded) < aDay {
		return nil
	}
	const reminded = `UPDATE break_glass SET reminded_at = $2 WHERE id = $1 AND state = 'ended'`
	if err := w.Change(ctx, reminded, id, w.Now()); err != nil {
		return fmt.Errorf("note a reminder: %w", err)
	}
	asker, err := account.ByID(ctx, w, u.AccountID)
	if err != nil {
		return err
	}
	if err := w.Record(ctx, audit.Event{Kind: eventReminded, Subject: account.Ref(u.AccountID),
		After: map[string]any{"use": u.ID}}); err != nil {
		return err
	}
	return o.tellReviewers(ctx, w, u, reminderMail(asker, u, o.Home+Path(u.ID)))
}
