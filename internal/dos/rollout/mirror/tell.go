package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/covering"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// Job is the job that tells what mirrors have shown.
type Job struct{}

// Kind names the job.
func (Job) Kind() string { return "mirror.report" }

// SweepJob is the job that forgets who logged in three months ago.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "mirror.sweep" }

const (
	lookEvery = 5 * time.Minute
	morning   = 8 * time.Hour // after midnight people are told
	keptFor   = 90 * 24 * time.Hour
)

// Work registers the jobs.
func (o Office) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ Job) error { return o.Tell(ctx) })
	job.Every(ws, lookEvery, Job{})
	over := db.Sweep{Table: "mirror_person", Key: "mirror_id, account_id, day", Over: "day", Keep: keptFor}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: o.DB, Tables: []db.Sweep{over}})
}

// Tell tells what each mirror has shown whose days are over, on the morning after.
func (o Office) Tell(ctx context.Context) error {
	due, err := db.Read(ctx, o.DB, func(r db.R) ([]string, error) {
		return db.All(ctx, r, db.Column[string], `SELECT id FROM mirror WHERE cancelled_at IS NULL
			AND reported_at IS NULL AND until_at <= $1`, r.Now().Add(-morning))
	})
	if err != nil {
		return fmt.Errorf("look for mirrors that are over: %w", err)
	}
	var failed []error
	for _, id := range due {
		if err := o.tell(ctx, id); err != nil && !errors.Is(err, fault.Conflict) { // it was told meanwhile
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (o Office) tell(ctx context.Context, id string) error {
	v, err := Read(ctx, o.DB, id)
	if err != nil {
		return err
	}
	return o.DB.Update(ctx, actor.ForJob(Job{}.Kind(), id), func(w *db.W) error {
		err := w.Change(ctx, `UPDATE mirror SET reported_at = $2 WHERE id = $1 AND reported_at IS NULL
			AND cancelled_at IS NULL`, id, w.Now())
		if err != nil {
			return fmt.Errorf("note that a mirror was told: %w", err)
		}
		of, err := wave.ByID(ctx, w, v.Mirror.Wave)
		if err != nil {
			return err
		}
		if err := w.Record(ctx, audit.Event{Kind: eventReported, Subject: wave.Ref(of.ID), After: map[string]int{
			"came": v.Came, "turned_away": v.TurnedAway}}); err != nil {
			return err
		}
		return o.mail(ctx, w, of, v)
	})
}

// mail tells whoever set the mirror, and those who look after the people of the wave. The report is for those who move
// waves; the others are led to their users.
func (o Office) mail(ctx context.Context, w *db.W, of wave.Wave, v Report) error {
	team, err := account.HoldersOf(ctx, w, account.ManageWaves)
	if err != nil {
		return err
	}
	administrators, err := covering.Administrators(ctx, w, wave.MemberIDs(of.ID))
	if err != nil {
		return err
	}
	others := covering.Without(administrators, team)
	readers := covering.Without(administrators, others)
	for _, a := range team {
		if a.ID == v.Mirror.By {
			readers = append(readers, a)
		}
	}
	report := "Who it is, where, and what each of them lacks:\n\n" + o.Home + Path(of.ID, v.Mirror.ID)
	if err := o.Post.Tell(ctx, w, reportMail(of, v, report), mailbox.Addresses(readers)); err != nil {
		return err
	}
	users := "The programme team sees who it is. Those of your users in it who have not linked their account yet:\n\n" +
		o.Home + covering.NotLinked(of.ID)
	return o.Post.Tell(ctx, w, reportMail(of, v, users), mailbox.Addresses(others))
}

// Days words the days of a mirror.
func (m Mirror) Days() string {
	if m.Last().Equal(m.From) {
		return when.Date(m.From)
	}
	return when.Date(m.From) + " to " + when.Date(m.Last())
}

func reportMail(of wave.Wave, v Report, next string) mail.Message {
	return mail.Message{
		Kind: "mirror.reported", Subject: "Mirror day of the wave " + of.Name + ": what it showed",
		Text: "On " + v.Mirror.Days() + " each login of the wave " + of.Name + " was judged as if the wave were in " +
			"the phase " + v.Mirror.Phase.Word() + ". Nobody was turned away by it.\n\n" + v.Text() +
			"\n\n" + next + "\n",
	}
}

// Path is the path of the page of a mirror.
func Path(waveID, id string) string { return "/waves/" + waveID + "/mirrors/" + id }
