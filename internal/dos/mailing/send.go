package mailing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

var (
	errNobodyChosen = fault.OfField("only", "Choose who gets it")
	errManyChosen   = fault.OfField("only", fmt.Sprintf("Choose %d people or fewer", MaxChosen))
	errOften        = fault.SayCure(fault.TooMany,
		fmt.Sprintf("You have prepared %d such mails in the last 24 hours.", maxPrepared),
		"Write to more people with one mail, or come back tomorrow.")

	errNobody = fault.SayCure(fault.Conflict, "Nobody can get this mail.",
		"Choose other users: those that are active, have an email address and are not for a program.")
	errTooMany = fault.SayCure(fault.Invalid,
		fmt.Sprintf("This is more than %d people, which is too many for one mail.", MaxRecipients),
		"Choose a state, a wave, an organisation or a region.")
)

const insertMailing = `INSERT INTO mailing (id, state, search, text, written_by, written_name, written_at, total,
	over_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// Prepare keeps a mail that somebody wants to send, so that they see to how many it would go.
func (o Office) Prepare(ctx context.Context, by actor.Actor, s Selection, t Text) (Mailing, error) {
	t, problem := t.checked(o.Home)
	if problem != nil {
		return Mailing{}, problem
	}
	if problem := s.problem(); problem != nil {
		return Mailing{}, problem
	}
	if problem := o.Author.checkSort(s, t.Kind); problem != nil {
		return Mailing{}, problem
	}
	total, err := db.Costly(ctx, o.DB, func(r db.R) (int64, error) {
		if problem := t.linkProblem(ctx, r, o.Home); problem != nil {
			return 0, problem
		}
		return o.count(ctx, r, s, by.ID)
	})
	if err != nil {
		return Mailing{}, err
	}
	return db.Write(ctx, o.DB, by, func(w *db.W) (Mailing, error) {
		if err := mayWrite(ctx, w); err != nil {
			return Mailing{}, err
		}
		if err := mayPrepare(ctx, w); err != nil {
			return Mailing{}, err
		}
		if err := s.Corrects.check(ctx, w); err != nil {
			return Mailing{}, err
		}
		reached, err := contact(ctx, w)
		if err != nil {
			return Mailing{}, err
		}
		m := Mailing{ID: random.ID(), State: Prepared, Selection: s, Text: t, WrittenBy: by.ID, Writer: by.Name,
			Written: w.Now(), Total: total}
		m.Text.Contact = reached
		if err := insert(ctx, w, m); err != nil {
			return m, err
		}
		return m, w.Record(ctx, audit.Event{Kind: eventPrepared, Subject: Ref(m.ID), After: m.summary()})
	})
}

// problem says what is wrong with who was chosen, or nil.
func (s Selection) problem() error {
	switch {
	case s.Chosen && len(s.Only) == 0:
		return errNobodyChosen
	case len(s.Only) > MaxChosen:
		return errManyChosen
	}
	return nil
}

// mayPrepare bounds how many mails one person prepares.
func mayPrepare(ctx context.Context, w *db.W) error {
	const prepared = `SELECT COUNT(*) FROM mailing WHERE written_by = $1 AND written_at > $2`
	n, err := db.Value[int64](ctx, w, prepared, w.Actor().ID, w.Now().Add(-24*time.Hour))
	if err != nil {
		return fmt.Errorf("count mailings: %w", err)
	}
	if n >= maxPrepared {
		return errOften
	}
	return nil
}

// contact says how the writer is reached.
func contact(ctx context.Context, w *db.W) (string, error) {
	writer, err := account.ByID(ctx, w, w.Actor().ID)
	if err != nil {
		return "", err
	}
	text := ""
	for _, one := range []string{writer.Email, writer.Phone} {
		if one != "" {
			text += ", " + one
		}
	}
	return text, nil
}

// summary is what events say of a mailing.
func (m Mailing) summary() map[string]any {
	return map[string]any{"selection": m.Selection, "text": m.Text, "total": m.Total, "sent": m.Sent,
		"skipped": m.Skipped, "left out": m.LeftOut}
}

func insert(ctx context.Context, w *db.W, m Mailing) error {
	selection, err := json.Marshal(m.Selection)
	if err != nil {
		return fmt.Errorf("write selection: %w", err)
	}
	text, err := json.Marshal(m.Text)
	if err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	_, err = w.Exec(ctx, insertMailing, m.ID, string(m.State), string(selection), string(text), m.WrittenBy, m.Writer,
		m.Written, m.Total, m.Written.Add(preparedFor))
	if err != nil {
		return fmt.Errorf("prepare mailing: %w", err)
	}
	return nil
}

// count counts the accounts of a writer that are looked for, or that were chosen of them.
func (o Office) count(ctx context.Context, r db.R, s Selection, writer string) (int64, error) {
	within, err := account.ReachNow(ctx, r, writer, account.ManageUsers)
	if err != nil {
		return 0, err
	}
	total, err := o.meant(ctx, r, s, within)
	switch {
	case err != nil:
		return 0, err
	case total == 0:
		return 0, errNobody
	case total > MaxRecipients:
		return 0, errTooMany
	}
	return int64(total), nil
}

// chunk is how many accounts are looked at in one Update.
const chunk = 50

// next lists so many accounts of the writer that come after those that were looked at.
func (o Office) next(ctx context.Context, m Mailing, limit int) ([]account.Account, error) {
	return db.Costly(ctx, o.DB, func(r db.R) ([]account.Account, error) {
		within, err := account.ReachNow(ctx, r, m.WrittenBy, account.ManageUsers)
		if err != nil {
			return nil, err
		}
		return o.after(ctx, r, m, within, limit)
	})
}

const beginMailing = `UPDATE mailing SET state = $2, begun_at = $3, starts_at = $4, over_at = NULL WHERE id = $1
	AND state = 'prepared'`

// Send begins to send a mail that its writer has prepared in the last hour. One to many people waits a minute first.
func (o Office) Send(ctx context.Context, by actor.Actor, id string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, err := mine(ctx, w, id)
		if err != nil {
			return err
		}
		if problem := m.mayBegin(w.Now()); problem != nil {
			return problem
		}
		if err := m.claim(ctx, w); err != nil {
			return err
		}
		err = w.Change(ctx, beginMailing, id, string(Sending), w.Now(), w.Now().Add(m.reflection()))
		if err != nil {
			return fmt.Errorf("begin mailing: %w", err)
		}
		if err := w.Enqueue(ctx, SendJob{ID: id}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventBegun, Subject: Ref(id), After: m.summary()})
	})
}

// reflection is how long a mail waits before its first batch.
func (m Mailing) reflection() time.Duration {
	if m.Total > maxAtOnce {
		return reflection
	}
	return 0
}

// SendJob is the job that sends a mailing, a batch at a time.
type SendJob struct {
	ID string `json:"id"`
}

// Kind names the job.
func (SendJob) Kind() string { return "mailing.send" }

// maxWaiting is how many mails may wait to be delivered before a mailing pauses, so that codes and notices do not wait.
const (
	maxWaiting = 200
	pause      = 10 * time.Second
)

// SweepJob is the job that forgets mails that were prepared and never sent.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "mailing.sweep" }

// unsentFor is how long a mail that can no longer be sent stays in its writer's list.
const unsentFor = 24 * time.Hour

// Work registers the jobs.
func Work(ws *job.Workers, o Office) {
	job.Work(ws, func(ctx context.Context, j SendJob) error { return o.run(ctx, j.ID) })
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: o.DB, Event: eventSwept, Tables: []db.Sweep{
		{Table: "mailing", Key: "id", Over: "over_at", Keep: unsentFor},
	}})
}

func (o Office) run(ctx context.Context, id string) error {
	m, err := db.Read(ctx, o.DB, func(r db.R) (Mailing, error) { return ByID(ctx, r, id) })
	if err != nil {
		return err
	}
	if early := m.Starts.Sub(o.DB.Now()); early > 0 && m.State == Sending {
		return job.Later(early)
	}
	return o.batches(ctx, id)
}

// batches sends as many batches as do not keep other mails waiting, and the rest later.
func (o Office) batches(ctx context.Context, id string) error {
	waiting, err := db.Read(ctx, o.DB, func(r db.R) (int64, error) { return mail.Waiting(ctx, r) })
	if err != nil {
		return err
	}
	if waiting >= maxWaiting {
		return job.Later(pause)
	}
	for sent := waiting; sent < maxWaiting; sent += chunk {
		room, err := o.room(ctx)
		if err != nil {
			return err
		}
		if room <= 0 {
			break
		}
		if more, err := o.batch(ctx, id, room); err != nil || !more {
			return err
		}
	}
	return job.Later(pause)
}

const noteProgress = `UPDATE mailing SET reached = $2, sent = $3, skipped = $4, left_out = $5, state = $6, ended_at = $7
	WHERE id = $1 AND state = 'sending'`

// batch mails the next accounts, so many at most, of those that the writer may write to at this moment.
func (o Office) batch(ctx context.Context, id string, limit int) (more bool, err error) {
	m, err := db.Read(ctx, o.DB, func(r db.R) (Mailing, error) { return ByID(ctx, r, id) })
	if err != nil || m.State != Sending {
		return false, err
	}
	next, err := o.next(ctx, m, limit)
	if err != nil && !errors.Is(err, fault.Forbidden) {
		return false, err
	}
	mayNot := err != nil
	return db.Write(ctx, o.DB, actor.ForJob(SendJob{}.Kind(), id), func(w *db.W) (bool, error) {
		now, err := ByID(ctx, w, id)
		if err != nil || now.State != Sending || now.Reached != m.Reached {
			return false, err
		}
		if mayNot {
			return false, end(ctx, w, now, Stopped) // the writer may write to nobody any more
		}
		return o.mail(ctx, w, now, next, len(next) == limit)
	})
}

// mail mails accounts as they are now, and notes how far the mailing has come, after which there may be more.
func (o Office) mail(
	ctx context.Context, w *db.W, m Mailing, next []account.Account, mayBeMore bool,
) (more bool, err error) {
	now, err := account.ByIDs(ctx, w, idsOf(next))
	if err != nil {
		return false, err
	}
	k, err := o.know(ctx, w, m, slices.Collect(maps.Values(now)))
	if err != nil {
		return false, err
	}
	before := m.Sent
	for _, a := range next {
		m.Reached = a.Username
		if reason := m.leftOut(now[a.ID], k); reason != "" {
			m.Skipped++
			m.LeftOut[reason]++
			continue
		}
		m.Sent++
		if err := o.one(ctx, w, m, now[a.ID], k); err != nil {
			return false, err
		}
	}
	if !mayBeMore {
		return false, end(ctx, w, m, Finished)
	}
	if err := m.note(ctx, w, Sending, nil); err != nil {
		return false, err
	}
	return true, w.Record(ctx, audit.Event{Kind: eventSent, Subject: Ref(m.ID), After: m.Sent - before})
}

// note notes how far a mailing that was being sent has come, and when it ended; nil if it has not.
func (m Mailing) note(ctx context.Context, w *db.W, state State, ended any) error {
	leftOut, err := json.Marshal(m.LeftOut)
	if err != nil {
		return fmt.Errorf("write who was left out: %w", err)
	}
	err = w.Change(ctx, noteProgress, m.ID, m.Reached, m.Sent, m.Skipped, string(leftOut), string(state), ended)
	if err != nil {
		return fmt.Errorf("note progress of mailing: %w", err)
	}
	return nil
}

func end(ctx context.Context, w *db.W, m Mailing, state State) error {
	if err := m.note(ctx, w, state, w.Now()); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: ended[state], Subject: Ref(m.ID), After: m.summary()})
}

// ended names the events of runs that end in a state.
var ended = map[State]audit.Kind{Finished: eventSent, Stopped: eventStopped}

const insertRecipient = `INSERT INTO mailing_recipient (mailing_id, account_id, username, mailed_at, sort, said_done,
	mailed_to) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// one mails one account. A mail about the checklist tells what the next phase means, and counts as having told.
func (o Office) one(ctx context.Context, w *db.W, m Mailing, a account.Account, k known) error {
	own := k.own[a.ID]
	err := w.Soon(ctx, insertRecipient, m.ID, a.ID, a.Username, w.Now(), string(own.Sort), own.Done, a.EmailKey)
	if err != nil {
		return fmt.Errorf("note who was mailed: %w", err)
	}
	if m.Text.Kind.guides() && !ReadByTeam(a) {
		if err := guidance.Give(ctx, w, a.ID, k.waves[a.ID], guidance.ByMail); err != nil {
			return err
		}
	}
	return o.Post.Send(ctx, w, o.to(m, a, k))
}
