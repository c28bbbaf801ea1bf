package guardrail

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/covering"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// Tripped is the kind of the event of a wave that was paused by itself.
const Tripped audit.Kind = "guardrail.tripped"

// Patrol looks at the guard rails of all waves.
type Patrol struct {
	DB    *db.DB
	Post  *mail.Post
	Home  string // address of the directory
	Rails Rails
}

// Job is the job that looks.
type Job struct{}

// Kind names the job.
func (Job) Kind() string { return "guardrail.check" }

const lookEvery = time.Minute

// Work registers the job.
func (o Patrol) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ Job) error { return o.Look(ctx) })
	job.Every(ws, lookEvery, Job{})
}

// Look pauses each wave whose guard rails do not hold, and tells people.
func (o Patrol) Look(ctx context.Context) error {
	broken, err := db.Read(ctx, o.DB, func(r db.R) ([]string, error) { return o.broken(ctx, r) })
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range broken {
		err := o.DB.Update(ctx, actor.ForJob(Job{}.Kind(), id), func(w *db.W) error { return o.trip(ctx, w, id) })
		if err != nil && !errors.Is(err, fault.Conflict) { // it was paused meanwhile
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// broken lists the waves that go on although their guard rails do not hold.
func (o Patrol) broken(ctx context.Context, r db.R) (ids []string, err error) {
	list, err := wave.List(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, of := range list {
		if !patrolled(of) {
			continue
		}
		err := o.Rails.Hold(ctx, r, of)
		if errors.Is(err, ErrBroken) {
			ids = append(ids, of.ID)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// patrolled reports whether a wave is one to pause: it goes on, and people can link.
func patrolled(of wave.Wave) bool { return of.Pause.At.IsZero() && of.Phase >= path.Choose }

// trip pauses a wave, if its guard rails still do not hold.
func (o Patrol) trip(ctx context.Context, w *db.W, id string) error {
	of, err := wave.ByID(ctx, w, id)
	if err != nil || !patrolled(of) {
		return err
	}
	list, err := o.Rails.Of(ctx, w, of)
	broken := Broken(list)
	if err != nil || len(broken) == 0 {
		return err
	}
	reason := "A guard rail does not hold. " + InWords(broken)
	if err := wave.SetPause(ctx, w, id, reason); err != nil {
		return err
	}
	counts := map[Name]int{}
	for _, r := range list {
		counts[r.Measure.Name] = r.Count
	}
	err = w.Record(ctx, audit.Event{Kind: Tripped, Subject: wave.Ref(id), After: counts, Reason: reason})
	if err != nil {
		return err
	}
	return o.tell(ctx, w, of, InWords(broken))
}

// tell mails the programme team and those who look after the people of a wave.
func (o Patrol) tell(ctx context.Context, w *db.W, of wave.Wave, found string) error {
	team, err := account.HoldersOf(ctx, w, account.ManageWaves)
	if err != nil {
		return err
	}
	administrators, err := covering.Administrators(ctx, w, wave.MemberIDs(of.ID))
	if err != nil {
		return err
	}
	if err := o.Post.Tell(ctx, w, trippedMail(of, found, o.decide(of)), mailbox.Addresses(team)); err != nil {
		return err
	}
	others := covering.Without(administrators, team)
	return o.Post.Tell(ctx, w, trippedMail(of, found, o.help(of)), mailbox.Addresses(others))
}

// decide leads the programme team to where it sees who it is.
func (o Patrol) decide(of wave.Wave) string {
	return "See who it is, and decide:\n\n" + o.Home + "/waves/" + of.ID
}

// help leads those who look after people to theirs: waves are not for them to see.
func (o Patrol) help(of wave.Wave) string {
	return "The programme team sees who it is and decides. Those of your users in it who have not linked their " +
		"account yet:\n\n" + o.Home + covering.NotLinked(of.ID)
}

func trippedMail(of wave.Wave, found, next string) mail.Message {
	return mail.Message{
		Kind: "guardrail.tripped", Subject: "Paused by itself in the move to Care Identity: " + of.Name,
		Text: "Too many people of a wave of the move to Care Identity have a problem, so the wave was " +
			"paused: " + of.Name + ". No further phase begins.\n\n" + found +
			"\n\nNothing changed for anybody in the wave. Whoever is locked out stays so until somebody helps them, " +
			"or the programme team undoes the last start. " + next + "\n",
	}
}

// Paused reports whether a wave is paused by itself.
func Paused(of wave.Wave) bool { return !of.Pause.At.IsZero() && of.Pause.Name == Job{}.Kind() }
