package checklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/review"
	"signpost/internal/dos/rollout"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// eventTold is recorded when somebody was told that there is something else to do for them.
const eventTold audit.Kind = "checklist.told"

const (
	lookEvery = time.Hour
	// lookAfter is how long after the last look at a list a job looks again: less than its pause, so that none is
	// left out for coming a moment too early.
	lookAfter = 50 * time.Minute
	// watched is for how long after somebody looked at their list it is looked at for them.
	watched = 28 * 24 * time.Hour
	// tellAfter is how long after one mail about a list another may follow.
	tellAfter = 20 * time.Hour
	batch     = 200 // lists in one question to the care identity side
)

// Asker asks the care identity side about many people at once.
type Asker interface {
	AskAll(ctx context.Context, questions []extract.Question) ([]extract.Answer, error)
}

// Watch looks at the lists of those who have looked at theirs, and mails them when there is something else to do.
type Watch struct {
	DB    *db.DB
	Post  *mail.Post
	Asker Asker  // nil if the care identity side answers no questions
	Home  string // address of the directory
}

// LookJob is the job that looks at the lists.
type LookJob struct{}

// Kind names the job.
func (LookJob) Kind() string { return "checklist.look" }

// Work registers the job.
func (c Watch) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ LookJob) error { return job.InChunks(ctx, c.Chunk) })
	job.Every(ws, lookEvery, LookJob{})
}

const putSeen = `INSERT INTO checklist_watch (account_id, said, seen_at, looked_at) VALUES ($1, $2, $3, $3)
	ON CONFLICT (account_id) DO UPDATE SET said = $2, seen_at = $3, looked_at = $3`

// Saw takes down what somebody's own list says to them.
func Saw(ctx context.Context, d *db.DB, accountID string, says path.Now) error {
	return d.Keep(ctx, func(k *db.K) error {
		if _, err := k.Exec(ctx, putSeen, accountID, string(says.Do.What), k.Now()); err != nil {
			return fmt.Errorf("keep what a checklist says: %w", err)
		}
		return nil
	})
}

// list is a checklist that is watched.
type list struct {
	accountID string
	said      string
	told      time.Time

	known  rollout.Known
	asks   []Ask
	looked bool // an administrator looks at their link
	quiet  bool // its holder wants no reminders
	says   string
}

const (
	selectDue = `SELECT account_id, said, told_at FROM checklist_watch WHERE looked_at < $1 AND seen_at > $2
		ORDER BY looked_at, account_id LIMIT $3`
	putLook  = `UPDATE checklist_watch SET said = $2, looked_at = $3 WHERE account_id = $1`
	putTold  = `UPDATE checklist_watch SET told_at = $2 WHERE account_id = $1`
	dropOver = `DELETE FROM checklist_watch WHERE looked_at < $1 AND seen_at <= $2`
)

// Chunk looks at the lists at which nobody looked for longest, and says whether there are more.
func (c Watch) Chunk(ctx context.Context) (more bool, err error) {
	lists, err := c.due(ctx)
	if err != nil || len(lists) == 0 {
		return false, errors.Join(err, c.dropOver(ctx))
	}
	asked, err := c.facts(ctx, lists)
	if err != nil {
		return false, err
	}
	for i := range lists {
		lists[i].says = string(Now(asked[i], lists[i].asks, lists[i].looked, c.DB.Now()).Do.What)
		if err := c.tell(ctx, &lists[i]); err != nil {
			return false, err
		}
	}
	return len(lists) == batch, c.keep(ctx, lists)
}

func (c Watch) dropOver(ctx context.Context) error {
	return c.DB.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, dropOver, k.Now().Add(-lookAfter), k.Now().Add(-watched))
		return err
	})
}

func (c Watch) due(ctx context.Context) ([]list, error) {
	return db.Read(ctx, c.DB, func(r db.R) ([]list, error) {
		lists, err := db.All(ctx, r, func(scan db.Scanner) (l list, err error) {
			err = scan(&l.accountID, &l.said, db.At(&l.told))
			return l, err
		}, selectDue, r.Now().Add(-lookAfter), r.Now().Add(-watched), batch)
		if err != nil {
			return nil, fmt.Errorf("read checklists to look at: %w", err)
		}
		var ids []string
		for _, l := range lists {
			ids = append(ids, l.accountID)
		}
		stopped, err := reminder.Stopped(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		for i := range lists {
			lists[i].quiet = stopped[lists[i].accountID]
			if err := lists[i].read(ctx, r); err != nil {
				return nil, err
			}
		}
		return lists, nil
	})
}

func (l *list) read(ctx context.Context, r db.R) (err error) {
	if l.known, err = rollout.Read(ctx, r, l.accountID); err != nil {
		return err
	}
	if l.asks, err = Asks(ctx, r, l.accountID); err != nil {
		return err
	}
	l.looked, err = review.LookedAt(ctx, r, l.accountID)
	return err
}

// facts gives the facts about the holders of the accounts of some lists, in their order.
func (c Watch) facts(ctx context.Context, lists []list) ([]path.Facts, error) {
	facts := make([]path.Facts, len(lists))
	var questions []extract.Question
	var about []int // which list each question is about
	for i, l := range lists {
		facts[i] = l.known.Alone()
		if c.Asker != nil && l.known.Account.Kind == account.Individual && l.known.Account.EmailKey != "" {
			questions = append(questions, l.known.Question())
			about = append(about, i)
		}
	}
	if len(questions) == 0 {
		return facts, nil
	}
	answers, err := c.Asker.AskAll(ctx, questions)
	if err != nil {
		return nil, fmt.Errorf("ask about people with a checklist: %w", err)
	}
	for i, answer := range answers {
		facts[about[i]] = lists[about[i]].known.With(answer)
	}
	return facts, nil
}

// tell mails whoever has something else to do than their list said when they looked at it, or when they were told last.
// Whoever has nothing to do but wait, has linked their account, or wants no reminders, gets no mail. What comes too
// soon after a mail is told later, if it still is so.
func (c Watch) tell(ctx context.Context, l *list) error {
	a := l.known.Account
	if l.quiet || l.says == "" || l.says == l.said || l.known.Linked || !a.Active || a.Kind != account.Individual {
		return nil
	}
	if c.DB.Now().Sub(l.told) < tellAfter {
		l.says = l.said
		return nil
	}
	return c.DB.Update(ctx, actor.ForJob(LookJob{}.Kind(), a.ID), func(w *db.W) error {
		if err := c.Post.Send(ctx, w, c.movedMail(a)); err != nil {
			return err
		}
		if err := w.Change(ctx, putTold, a.ID, w.Now()); err != nil {
			return fmt.Errorf("note that somebody was told: %w", err)
		}
		return w.Record(ctx, audit.Event{
			Kind: eventTold, Subject: account.Ref(a.ID), Before: map[string]string{"said": l.said},
			After: map[string]string{"says": l.says},
		})
	})
}

// movedMail says that there is something else to do, and not what: that is for whoever can log in, and not for all who
// read a mailbox.
func (c Watch) movedMail(a account.Account) mail.Message {
	link := reminder.Desk{DB: c.DB, Post: c.Post, Home: c.Home}.Link(a.ID)
	return mail.Message{
		Unsubscribe: link + reminder.OneClick,
		Kind:        "checklist.told", To: a.Email,
		Subject: "There is a next step for you in the Directory of Services (DoS)",
		Text: "Dear " + a.Name() + ",\n\n" +
			"Something on your way to log in to the Directory of Services with a Care Identity has changed. There is " +
			"something that you can do now.\n\n" +
			"Log in, and your checklist shows it:\n\n" + c.Home + "/checklist\n\n" +
			"We write at most once a day, and only while there is something new. To get no more reminders, open this " +
			"page and press the button:\n\n" + link + "\n",
	}
}

func (c Watch) keep(ctx context.Context, lists []list) error {
	return c.DB.Keep(ctx, func(k *db.K) error {
		for _, l := range lists {
			if _, err := k.Exec(ctx, putLook, l.accountID, l.says, k.Now()); err != nil {
				return fmt.Errorf("keep what a checklist says: %w", err)
			}
		}
		return nil
	})
}
