package results

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/outcome"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// eventTold is recorded of each month whose results were told.
const eventTold audit.Kind = "results.told"

// Office tells the results of each month.
type Office struct {
	DB   *db.DB
	Post *mail.Post
	Home string // address of the directory
}

// Job is the job that tells the results of the month that is over.
type Job struct{}

// Kind names the job.
func (Job) Kind() string { return "results.month" }

const (
	lookEvery = time.Hour
	morning   = 8 * time.Hour // after midnight people are told
)

// Work registers the job.
func (o Office) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ Job) error { return o.Tell(ctx) })
	job.Every(ws, lookEvery, Job{})
}

// Path is the path of the page of a month.
func Path(m Month) string { return "/outcome/month?month=" + m.String() }

// Tell keeps the results of the last month, and mails them to those who move waves, once, in the morning of the first
// day. A month in which nothing happened is not told.
func (o Office) Tell(ctx context.Context) error {
	now := o.DB.Now()
	m := MonthOf(now).Add(-1)
	if now.Before(m.Ends().Add(morning)) {
		return nil
	}
	v, err := db.Read(ctx, o.DB, func(r db.R) (Results, error) { return toTell(ctx, r, m) })
	if err != nil || v.Empty() {
		return err
	}
	err = o.DB.Update(ctx, actor.ForJob(Job{}.Kind(), m.String()), func(w *db.W) error { return o.tell(ctx, w, m, v) })
	if errors.Is(err, db.ErrUnique) { // another node told it meanwhile
		return nil
	}
	return err
}

// toTell reads the results of a month; none where they are told already, or not all of it is counted yet.
func toTell(ctx context.Context, r db.R, m Month) (Results, error) {
	_, err := told(ctx, r, m)
	if !errors.Is(err, fault.NotFound) {
		return Results{}, err
	}
	counted, err := outcome.Counted(ctx, r, m.Ends())
	if err != nil || !counted {
		return Results{}, err
	}
	return Read(ctx, r, m.selection(account.Reach{Everywhere: true}, r.Now()))
}

func (o Office) tell(ctx context.Context, w *db.W, m Month, v Results) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the results of %s: %w", m, err)
	}
	_, err = w.Exec(ctx, `INSERT INTO rollout_month (month, told_at, results) VALUES ($1, $2, $3)`, m.String(), w.Now(),
		string(text))
	if err != nil {
		return fmt.Errorf("keep the results of %s: %w", m, err)
	}
	readers, err := account.HoldersOf(ctx, w, account.ManageWaves)
	if err != nil {
		return err
	}
	if err := o.Post.Tell(ctx, w, o.mail(m, v), mailbox.Addresses(readers)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventTold, Subject: audit.Ref{Kind: "month", ID: m.String()},
		After: map[string]int{"lock_outs": v.LockOuts.Times, "tickets": v.AllTickets()}})
}

func (o Office) mail(m Month, v Results) mail.Message {
	return mail.Message{
		Kind: "results.told", Subject: "The move to Care Identity in " + m.Title(),
		Text: "This is what came of the move in " + m.Title() + ".\n\n" + strings.Join(v.Headline(), "\n") +
			"\n\nThe whole report, to read, to print and as a file:\n\n" + o.Home + Path(m) + "\n",
	}
}

// Headline says the most of the results, a line each.
func (v Results) Headline() []string {
	all := v.All()
	linked := 0
	for _, one := range v.Ready {
		linked += one.People + one.Untold
	}
	return []string{
		fmt.Sprintf("Locked out: %s. The target is 0.", timesAndPeople(v.LockOuts)),
		fmt.Sprintf("Logins that came in: %s, of %d.", Share(all.CameIn, all.Tries()), all.Tries()),
		fmt.Sprintf("Tickets: %d, of %d people.", v.AllTickets(), v.AllPeople()),
		fmt.Sprintf("People who linked their account: %d.", linked),
	}
}

func timesAndPeople(l LockOuts) string {
	switch {
	case l.Times == 0:
		return "nobody"
	case l.Times == 1:
		return "1 person, once"
	case l.People == 1:
		return fmt.Sprintf("1 person, %d times", l.Times)
	}
	return fmt.Sprintf("%d people, %d times", l.People, l.Times)
}
