package shared

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// DueJob is the job that retires accounts on their deactivation date, and tells administrators of unclaimed use in the
// time before.
type DueJob struct{}

// Kind names the job.
func (DueJob) Kind() string { return "shared.due" }

const (
	dueEvery = 10 * time.Minute
	day      = 24 * time.Hour
)

// maxCases is how many cases the job looks at when it comes by.
const maxCases = 1000

// Work registers the jobs.
func Work(ws *job.Workers, c *Cases) {
	job.Work(ws, func(ctx context.Context, _ DueJob) error { return c.Due(ctx) })
	job.Every(ws, dueEvery, DueJob{})
	sweepUse(ws, c.DB)
}

// Due retires the accounts whose deactivation date has come, whatever use there is of them, and tells the
// administrators of those that retire within 28 days of use that nobody has claimed, once a day.
func (c *Cases) Due(ctx context.Context) error {
	if err := c.openImported(ctx); err != nil {
		return err
	}
	list, err := db.Read(ctx, c.DB, func(r db.R) ([]Case, error) {
		return db.All(ctx, r, scanCase, selectCase+undone+`retires_at <= $2
			AND (retires_at <= $1 OR told_at IS NULL OR told_at <= $3) ORDER BY retires_at, account_id LIMIT $4`,
			r.Now(), r.Now().Add(Warned), r.Now().Add(-day), maxCases)
	})
	if err != nil {
		return fmt.Errorf("list cases that are due: %w", err)
	}
	var problems error // of one case, which does not hold up the others
	for _, one := range list {
		err := c.DB.Update(ctx, actor.ForJob(DueJob{}.Kind(), one.AccountID), func(w *db.W) error {
			return c.due(ctx, w, one.AccountID)
		})
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("case of %s: %w", one.AccountID, err))
		}
	}
	return problems
}

// openImported opens the cases of shared accounts that were imported: they retire when their wave takes no passwords
// any more, or when accounts usually do.
func (c *Cases) openImported(ctx context.Context) error {
	ids, err := db.Read(ctx, c.DB, func(r db.R) ([]string, error) { return account.CaseDue(ctx, r) })
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := c.DB.Update(ctx, actor.ForJob(DueJob{}.Kind(), id), func(w *db.W) error {
			retires, err := UsualDate(ctx, w, id)
			if err != nil {
				return err
			}
			return BeginPart(ctx, w, id, retires)
		})
		if err != nil && !errors.Is(err, fault.Conflict) { // somebody opened it, or ended the account, in the meantime
			return err
		}
	}
	return nil
}

// UsualDate gives the deactivation date of an account unless somebody decides another: when its wave takes no passwords
// any more, if that is known and to come.
func UsualDate(ctx context.Context, r db.R, accountID string) (time.Time, error) {
	of, err := wave.Of(ctx, r, accountID)
	if date := of.Dates.Require; err == nil && checkDate(r.Now(), date) == nil {
		return date, nil
	}
	return r.Now().Add(Usual), err
}

// due does what is due of one case, as it is now.
func (c *Cases) due(ctx context.Context, w *db.W, accountID string) error {
	found, err := Of(ctx, w, accountID)
	if err != nil || found.State == Retired {
		return err
	}
	a, err := account.ByID(ctx, w, accountID)
	if errors.Is(err, fault.NotFound) { // its import was undone
		return found.become(ctx, w, Retired, eventRetired)
	}
	if err != nil {
		return err
	}
	if w.Now().Before(found.Retires) {
		return c.tellUnclaimed(ctx, w, found, a)
	}
	if !a.Active { // somebody ended its use by another page
		return found.become(ctx, w, Retired, eventRetired)
	}
	if err := found.retire(ctx, w); err != nil {
		return err
	}
	return c.tell(ctx, w, a, retiredMail(a))
}

// tellUnclaimed tells the administrators of an account of the use since they were last told that nobody has claimed.
func (c *Cases) tellUnclaimed(ctx context.Context, w *db.W, found Case, a account.Account) error {
	since, err := toldUntil(ctx, w, a.ID)
	if err != nil {
		return err
	}
	list, total, err := Unclaimed(ctx, w, a.ID, since)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, `UPDATE shared_case SET told_at = $2 WHERE account_id = $1`, a.ID, w.Now()); err != nil {
		return fmt.Errorf("note that administrators were told: %w", err)
	}
	if total > 0 {
		if err := c.tell(ctx, w, a, unclaimedMail(a, found, since, list, total, c.Home+CasePath(a.ID))); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventTold, Subject: subjectOf(w, a.ID), After: total})
}

// toldUntil gives until when administrators were told of use that nobody has claimed; if they never were, until a day
// ago.
func toldUntil(ctx context.Context, r db.R, accountID string) (time.Time, error) {
	told, err := db.One(ctx, r, func(scan db.Scanner) (at time.Time, err error) {
		err = scan(db.At(&at))
		return at, err
	}, `SELECT told_at FROM shared_case WHERE account_id = $1`, accountID)
	if err != nil {
		return told, fmt.Errorf("read when administrators were told: %w", err)
	}
	if told.IsZero() {
		told = r.Now().Add(-day)
	}
	return told, nil
}

// tell mails the administrators of an account.
func (c *Cases) tell(ctx context.Context, w *db.W, a account.Account, m mail.Message) error {
	list, err := account.AdministratorsOf(ctx, w, a)
	if err != nil {
		return err
	}
	return c.Post.Tell(ctx, w, m, mailbox.Addresses(list))
}

// CasePath is the path of the page of an account's case.
func CasePath(accountID string) string { return "/users/" + accountID + "/shared" }
