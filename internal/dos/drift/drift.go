// Package drift compares, once a day and after each change, the email address of each account with those of its
// holder's Care Identity and of the staff record, and keeps a list of those that went apart, with the likely cause.
//
// What the answers say besides, package standing keeps. It changes no address, and a linked account opens whatever the
// addresses are. It asks the care identity side; with the national service, which answers no questions, it compares
// nothing.
package drift

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/deciding"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

// The kinds of events that this package records.
const (
	eventCompared audit.Kind = "drift.compared"
	eventDecided  audit.Kind = "drift.decided"
	eventExported audit.Kind = "drift.exported"
)

// State says what has become of a case.
type State string

// The states.
const (
	Open State = "open"
	Done State = "done" // somebody sees to it; if the addresses differ 14 days later, it is open again
	Left State = "left" // it stays so, until one of the addresses changes
)

// doneFor is how long a case that somebody sees to waits for the addresses to become one.
const doneFor = 14 * 24 * time.Hour

// Case is an account whose address is not that of its holder's Care Identity.
type Case struct {
	AccountID   string
	Cause       Cause
	Ours        string
	Theirs      string
	Staff       string
	Change      Place
	Linked      bool
	Found       time.Time
	State       State
	DecidedName string
	Decided     time.Time // zero while it is open
	Reason      string
}

// same reports whether two comparisons found the same.
func (c Case) same(other Case) bool {
	return c.Cause == other.Cause && c.Ours == other.Ours && c.Theirs == other.Theirs && c.Staff == other.Staff &&
		c.Change == other.Change && c.Linked == other.Linked
}

const selectCase = `SELECT account_id, cause, ours, theirs, staff, changed, linked, found_at, state, decided_name,
	decided_at, reason FROM drift`

func scanCase(scan db.Scanner) (c Case, err error) {
	err = scan(&c.AccountID, &c.Cause, &c.Ours, &c.Theirs, &c.Staff, &c.Change, &c.Linked, db.At(&c.Found), &c.State,
		&c.DecidedName, db.At(&c.Decided), &c.Reason)
	return c, err
}

// Of reads the case of an account, or fault.NotFound.
func Of(ctx context.Context, r db.R, accountID string) (Case, error) {
	c, err := db.One(ctx, r, scanCase, selectCase+` WHERE account_id = $1`, accountID)
	if err != nil {
		return c, fmt.Errorf("read case of email drift: %w", err)
	}
	return c, nil
}

// ofAccounts reads the cases of several accounts, by their ids.
func ofAccounts(ctx context.Context, r db.R, ids []string) (map[string]Case, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanCase, selectCase+` WHERE account_id IN (`+db.AddEach(&args, ids)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read cases of email drift: %w", err)
	}
	cases := map[string]Case{}
	for _, c := range list {
		cases[c.AccountID] = c
	}
	return cases, nil
}

// Filter says which cases are asked for.
type Filter struct {
	Within account.Reach
	State  State     // empty for those that are open
	Cause  Cause     // empty for all
	Region string    // empty for all
	Before time.Time // found no later; zero for all
}

func (f Filter) where(ctx context.Context, r db.R, args *db.Arguments) (string, error) {
	state := f.State
	if state == "" {
		state = Open
	}
	where := ""
	if !f.Within.Everywhere || f.Region != "" {
		ids, err := account.Search{Within: f.Within, Region: f.Region}.IDs(ctx, r)
		if err != nil {
			return "", err
		}
		for _, one := range ids.Args {
			args.Add(one)
		}
		where = ` AND account_id IN (` + ids.SQL + `)`
	}
	where = ` WHERE state = ` + args.Add(string(state)) + where
	if f.Cause != None {
		where += ` AND cause = ` + args.Add(string(f.Cause))
	}
	if !f.Before.IsZero() {
		where += ` AND found_at <= ` + args.Add(f.Before)
	}
	return where, nil
}

// List lists some of the cases that are asked for, the oldest first, and counts them all.
func List(ctx context.Context, r db.R, f Filter, skip, limit int) (list []Case, total int, err error) {
	var args db.Arguments
	where, err := f.where(ctx, r, &args)
	if err != nil {
		return nil, 0, err
	}
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM drift`+where, args.List()...)
	order := ` ORDER BY found_at, account_id LIMIT ` + args.Add(limit) + ` OFFSET ` + args.Add(skip)
	found := db.Ask(scanCase, selectCase+where+order, args.List()...)
	if err := db.Together(ctx, r, count, found); err != nil {
		return nil, 0, fmt.Errorf("list email drift: %w", err)
	}
	total, err = count.One()
	return found.All(), total, err
}

const maxReason = 2000

var (
	errReason = fault.OfField("reason", "Enter why, in 2,000 characters or fewer")
	errGone   = fault.SayCure(fault.Conflict, "The email addresses of this account do not differ any more.",
		"Look at the list of email drift.")
	errState = fault.OfField("state", "Choose what you decide")
)

const decide = `UPDATE drift SET state = $2, decided_by = $3, decided_name = $4, decided_at = $5, reason = $6
	WHERE account_id = $1`

// Decision says what somebody does about a case, as they saw it, with a reason.
type Decision struct {
	AccountID string
	Seen      string // names what they looked at: Case.Seen
	State     State
	Reason    string
}

// shown is what a decision rests on.
type shown struct {
	Ours, Theirs, Staff string
	Cause               Cause
	State               State
	Reason              string
}

func (c Case) shown() shown {
	return shown{Ours: c.Ours, Theirs: c.Theirs, Staff: c.Staff, Cause: c.Cause, State: c.State, Reason: c.Reason}
}

// Seen names a case as its page shows it. Another comparison, or another administrator, can change it meanwhile.
func (c Case) Seen() (string, error) { return seen.Of(c.shown()) }

// Decide says what somebody does about a case.
func Decide(ctx context.Context, d *db.DB, by actor.Actor, decision Decision) error {
	accountID := decision.AccountID
	state := decision.State
	reason := strings.TrimSpace(decision.Reason)
	if state != Done && state != Left && state != Open {
		return errState
	}
	if reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return errReason
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireWithin(ctx, w, account.ManageUsers, accountID); err != nil {
			return err
		}
		if err := deciding.AboutAccount(ctx, w, account.ManageUsers, accountID); err != nil {
			return err
		}
		now, err := Of(ctx, w, accountID)
		if errors.Is(err, fault.NotFound) {
			return errGone
		}
		if err != nil {
			return err
		}
		if err := seen.Check(decision.Seen, now.shown()); err != nil {
			return err
		}
		if err := w.Change(ctx, decide, accountID, string(state), by.ID, by.Name, w.Now(), reason); err != nil {
			return fmt.Errorf("decide about email drift: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventDecided, Subject: account.Ref(accountID), Reason: reason,
			After: string(state)})
	})
}

// NoteExport records that somebody took the list as a file.
func NoteExport(ctx context.Context, d *db.DB, by actor.Actor, rows int) error {
	return d.Update(ctx, by, func(w *db.W) error {
		if err := account.Require(ctx, w, account.ManageUsers); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventExported, Subject: account.Ref(by.ID), After: rows})
	})
}
