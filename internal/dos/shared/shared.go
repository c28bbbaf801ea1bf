// Package shared turns shared accounts into people: a case for each account, who says that they use it, who of them is
// confirmed, how far each has come, and use that nobody has claimed; until the account retires.
//
// It links nobody and makes no account: packages linking and request do. It does not know how anybody signs in.
package shared

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/session"
)

// State says how far the case of a shared account has come.
type State string

// The states of a case.
const (
	Open    State = "open"    // the account is used as before, and whoever uses it is asked who they are
	Frozen  State = "frozen"  // it can be used to look only
	Retired State = "retired" // it opens nothing any more
)

// How long things take.
const (
	// Quiet is how long there must be no unclaimed use before an account retires early.
	Quiet = 14 * 24 * time.Hour
	// Warned is how long before it retires administrators are told of unclaimed use each day.
	Warned = 28 * 24 * time.Hour
	// Usual is when an account retires of which nothing else is known.
	Usual = 84 * 24 * time.Hour

	longest = 366 * 24 * time.Hour // until an account retires
)

// Case is the case of one shared account.
type Case struct {
	AccountID string
	State     State
	Opened    time.Time
	Retires   time.Time // the account's deactivation date
}

// The kinds of events that this package records.
const (
	eventOpened    audit.Kind = "shared.opened"
	eventClaimed   audit.Kind = "shared.claimed"
	eventConfirmed audit.Kind = "shared.confirmed"
	eventRejected  audit.Kind = "shared.rejected"
	eventMerged    audit.Kind = "shared.merged"
	eventFrozen    audit.Kind = "shared.frozen"
	eventUnfrozen  audit.Kind = "shared.unfrozen"
	eventRetired   audit.Kind = "shared.retired"
	eventRestored  audit.Kind = "shared.restored"
	eventRefused   audit.Kind = "shared.refused"
	eventDated     audit.Kind = "shared.dated"
	eventProved    audit.Kind = "shared.proved"
	eventDenied    audit.Kind = "shared.denied"
	eventTold      audit.Kind = "shared.unclaimed-told"
)

// EndedByRetirement is the reason for which the sessions of a shared account end as it retires.
const EndedByRetirement session.Reason = signin.EndedByRetirement

// Cases keeps the cases.
type Cases struct {
	DB   *db.DB
	Post *mail.Post
	Home string // address of the site, for links in mails
}

const selectCase = `SELECT account_id, state, opened_at, retires_at FROM shared_case`

func scanCase(scan db.Scanner) (c Case, err error) {
	err = scan(&c.AccountID, &c.State, db.At(&c.Opened), db.At(&c.Retires))
	return c, err
}

// Of reads the case of an account, or fault.NotFound.
func Of(ctx context.Context, r db.R, accountID string) (Case, error) {
	c, err := db.One(ctx, r, scanCase, selectCase+` WHERE account_id = $1`, accountID)
	if err != nil {
		return c, fmt.Errorf("read case of shared account: %w", err)
	}
	return c, nil
}

// undone is that an account has not retired. An index has the cases of those alone, the next to retire first.
const undone = ` WHERE state <> 'retired' AND `

// Undone lists the cases of accounts within a reach that have not retired, the next to retire first, and counts them
// all.
func Undone(ctx context.Context, r db.R, within account.Reach, skip, limit int) (list []Case, total int, err error) {
	var args db.Arguments
	where := undone + `TRUE`
	if !within.Everywhere {
		ids, err := account.Search{Kind: account.Shared, Within: within}.IDs(ctx, r)
		if err != nil {
			return nil, 0, err
		}
		where = undone + `account_id IN (` + ids.SQL + `)`
		for _, one := range ids.Args {
			args.Add(one)
		}
	}
	if total, err = db.Value[int](ctx, r, `SELECT COUNT(*) FROM shared_case`+where, args.List()...); err != nil {
		return nil, 0, fmt.Errorf("count cases of shared accounts: %w", err)
	}
	order := ` ORDER BY retires_at, account_id LIMIT ` + args.Add(limit) + ` OFFSET ` + args.Add(skip)
	if list, err = db.All(ctx, r, scanCase, selectCase+where+order, args.List()...); err != nil {
		return nil, 0, fmt.Errorf("list cases of shared accounts: %w", err)
	}
	return list, total, nil
}

var (
	errNotShared = fault.SayCure(fault.Conflict, "This is not a shared account.", "Look at its page again.")
	errThere     = fault.SayCure(fault.Conflict, "There is a case for this account already.", "Look at its page again.")
	errDate      = fault.OfField("retires", "Enter a date from tomorrow to a year from now, such as 31 March 2027")
	errState     = fault.SayCure(fault.Conflict, "That cannot be done now.", "Look at the case again.")
)

func checkDate(now, retires time.Time) error {
	if !retires.After(now) || retires.After(now.Add(longest)) {
		return errDate
	}
	return nil
}

// Begin opens the case of a shared account that is to retire at a time, for an administrator of the account.
func (c *Cases) Begin(ctx context.Context, by actor.Actor, accountID string, retires time.Time) error {
	return c.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireOver(ctx, w, account.ManageUsers, accountID); err != nil {
			return err
		}
		return BeginPart(ctx, w, accountID, retires)
	})
}

const insertCase = `INSERT INTO shared_case (account_id, state, opened_at, opened_by, retires_at)
	VALUES ($1, $2, $3, $4, $5)`

// BeginPart does what Begin does, as a part of an Update such as an import, whose caller has seen that its actor may.
func BeginPart(ctx context.Context, w *db.W, accountID string, retires time.Time) error {
	a, err := account.ByID(ctx, w, accountID)
	if err != nil {
		return err
	}
	if a.Kind != account.Shared || !a.Active {
		return errNotShared
	}
	if err := checkDate(w.Now(), retires); err != nil {
		return err
	}
	_, err = Of(ctx, w, accountID)
	if !errors.Is(err, fault.NotFound) {
		return errors.Join(err, only(err == nil, errThere))
	}
	if _, err := w.Exec(ctx, insertCase, accountID, string(Open), w.Now(), w.Actor().ID, retires); err != nil {
		return fmt.Errorf("open case of shared account: %w", err)
	}
	if err := account.SetRetirement(ctx, w, accountID, retires); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventOpened, Subject: subjectOf(w, accountID), After: retires})
}

// subjectOf gives the subject of an event about a case. What a job does with an account that was imported is no use of
// it, so that its import can still be undone: such an event is about the case alone.
func subjectOf(w *db.W, accountID string) audit.Ref {
	if w.Actor().Kind == actor.Job {
		return audit.Ref{Kind: "shared-case", ID: accountID}
	}
	return account.Ref(accountID)
}

// only gives an error where something is so.
func only(is bool, err error) error {
	if is {
		return err
	}
	return nil
}
