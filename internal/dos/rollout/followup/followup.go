// Package followup asks people, four weeks after they linked their account, whether logging in with their Care Identity
// still works, and raises a ticket for those for whom it does not.
package followup

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/linked"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// The kinds of events that this package records.
const (
	eventAsked  audit.Kind = "followup.asked"
	eventBroken audit.Kind = "followup.broken"
)

const (
	askEvery = time.Hour
	after    = 28 * 24 * time.Hour
	// late is how much later somebody is asked at most, such as when the program did not run. Those who linked before
	// are not asked any more.
	late  = 7 * 24 * time.Hour
	chunk = 50
)

// Path begins the path of the link by which somebody answers. The id of their account and a secret follow.
const Path = "/still-works/"

// Works ends the path of the link of those for whom it works.
const Works = "/yes"

// Office asks, and takes the answers.
type Office struct {
	DB   *db.DB
	Post *mail.Post
	Desk ticket.Desk
	Home string // address of the site
}

// AskJob is the job that asks.
type AskJob struct{}

// Kind names the job.
func (AskJob) Kind() string { return "followup.ask" }

// Work registers the job.
func (o Office) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ AskJob) error { return o.Ask(ctx) })
	job.Every(ws, askEvery, AskJob{})
}

// Ask asks everybody who linked four weeks ago and was not asked.
func (o Office) Ask(ctx context.Context) error {
	last := ""
	for {
		ids, err := o.due(ctx, last)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			last = id
			if err := o.ask(ctx, id); err != nil {
				return err
			}
		}
	}
}

// due lists the next accounts that were linked four weeks ago.
func (o Office) due(ctx context.Context, last string) ([]string, error) {
	return db.Read(ctx, o.DB, func(r db.R) ([]string, error) {
		until := r.Now().Add(-after)
		return linked.Between(ctx, r, until.Add(-late), until, last, chunk)
	})
}

const insertAsked = `INSERT INTO followup (account_id, asked_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`

// errNotAsked undoes an Update in which nobody is asked.
var errNotAsked = errors.New("not asked")

// ask asks the holder of a linked account, once.
func (o Office) ask(ctx context.Context, id string) error {
	err := o.DB.Update(ctx, actor.ForJob(AskJob{}.Kind(), id), func(w *db.W) error {
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		l, err := account.LinkOf(ctx, w, id)
		if errors.Is(err, fault.NotFound) { // it was undone meanwhile
			return errNotAsked
		}
		if err != nil {
			return err
		}
		quiet, err := reminder.Stopped(ctx, w, []string{a.ID})
		if err != nil {
			return err
		}
		if !a.Active || a.Kind != account.Individual || a.Email == "" || quiet[a.ID] {
			return errNotAsked
		}
		n, err := w.Exec(ctx, insertAsked, a.ID, w.Now())
		switch {
		case err != nil:
			return fmt.Errorf("note that somebody was asked: %w", err)
		case n == 0:
			return errNotAsked
		}
		if err := o.Post.Send(ctx, w, o.askMail(a, l)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventAsked, Subject: account.Ref(a.ID)})
	})
	if errors.Is(err, errNotAsked) {
		return nil
	}
	return err
}

func (o Office) askMail(a account.Account, l account.Link) mail.Message {
	link := o.Link(a.ID)
	return mail.Message{
		Kind: "followup.asked", To: a.Email, Subject: "Does logging in with your Care Identity still work?",
		Text: "Dear " + a.Name() + ",\n\n" +
			"On " + when.Date(l.Since()) + " you linked your Directory of Services (DoS) account " + a.Username +
			" to your Care Identity. Does it still work?\n\n" +
			"Yes: you need do nothing. If you like, open this page:\n\n" + link + Works + "\n\n" +
			"No: open this page and press the button. The service desk then writes to you:\n\n" + link + "\n\n" +
			"We ask once.\n",
	}
}

// secret is what a link has that nobody can guess.
func (o Office) secret(accountID string) string {
	return hex.EncodeToString(o.Post.Digest("followup\n" + accountID)[:16])
}

// Link is the address at which the holder of an account says that it does not work.
func (o Office) Link(accountID string) string {
	return o.Home + Path + accountID + "/" + o.secret(accountID)
}

var errLink = fault.SayCure(fault.Expired, "This link does not work.",
	"Copy the whole link from the email, or tell the service desk what does not work.")

// asked is somebody who was asked.
type asked struct {
	at     time.Time
	ticket string // id
}

// askedBy reads what became of the question to whom a link is for.
func (o Office) askedBy(ctx context.Context, r db.R, accountID, secret string) (a asked, err error) {
	if subtle.ConstantTimeCompare([]byte(o.secret(accountID)), []byte(secret)) != 1 {
		return a, errLink
	}
	a, err = db.One(ctx, r, func(scan db.Scanner) (a asked, err error) {
		err = scan(db.At(&a.at), &a.ticket)
		return a, err
	}, `SELECT asked_at, ticket_id FROM followup WHERE account_id = $1`, accountID)
	if errors.Is(err, fault.NotFound) {
		return a, errLink
	}
	if err != nil {
		return a, fmt.Errorf("read what somebody was asked: %w", err)
	}
	return a, nil
}

// Look gives the number of the ticket of whoever has a link, as people read it out; empty where none was raised. It
// changes nothing, so that whatever follows links in mails may follow it.
func (o Office) Look(ctx context.Context, accountID, secret string) (number string, err error) {
	return db.Read(ctx, o.DB, func(r db.R) (string, error) {
		a, err := o.askedBy(ctx, r, accountID, secret)
		if err != nil || a.ticket == "" {
			return "", err
		}
		t, err := ticket.ByID(ctx, r, a.ticket)
		if errors.Is(err, fault.NotFound) { // it was deleted long after it was solved
			return "", nil
		}
		return t.Show(), err
	})
}

// broken is what such a ticket is about.
const broken = "My Care Identity no longer logs me in"

const noteTicket = `UPDATE followup SET ticket_id = $2 WHERE account_id = $1 AND ticket_id = ''`

// Broken raises a ticket for whoever has a link, and says that it does not work. Twice is as once.
func (o Office) Broken(ctx context.Context, by actor.Actor, accountID, secret string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		was, err := o.askedBy(ctx, w, accountID, secret)
		if err != nil {
			return err
		}
		if was.ticket != "" {
			return w.Record(ctx, audit.Event{Kind: eventBroken, Subject: account.Ref(accountID), After: was.ticket})
		}
		a, err := account.ByID(ctx, w, accountID)
		if err != nil {
			return err
		}
		if !a.Active || a.Email == "" {
			return errLink
		}
		l, err := account.LinkOf(ctx, w, accountID)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		t, err := o.Desk.RaiseAsked(ctx, w, a, "log-in", broken, report(a, l, was.at))
		if err != nil {
			return err
		}
		if err := w.Change(ctx, noteTicket, accountID, t.ID); err != nil {
			return fmt.Errorf("note ticket of somebody who was asked: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventBroken, Subject: account.Ref(accountID), After: t.ID})
	})
}

// report is what the desk reads of somebody for whom it does not work. The link is zero where it was undone since.
func report(a account.Account, l account.Link, at time.Time) string {
	linked := "The account is not linked any more."
	if l.AccountID != "" {
		linked = "The account was linked on " + when.Date(l.Since()) + "."
	}
	return "We asked on " + when.Date(at) + " whether logging in with the Care Identity still works. The answer is " +
		"no, by the link in that email.\n\nUsername: " + a.Username + "\n" + linked
}
