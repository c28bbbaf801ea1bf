package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Deactivation is why and by whom an account was deactivated.
type Deactivation struct {
	At     time.Time
	By     string // id of the account of the administrator; empty if it was no person
	Name   string // of who did it
	Reason string
}

const deactivate = `UPDATE account SET active = FALSE, deactivated_at = $2, deactivated_by = $3, deactivated_name = $4,
	deactivated_reason = $5 WHERE id = $1 AND active`

// Deactivate ends the use of an account, as a part of an Update whose caller ends its sessions.
func Deactivate(ctx context.Context, w *db.W, id, reason string) error {
	by := ""
	if w.Actor().Kind == actor.Person {
		by = w.Actor().ID
	}
	err := w.Change(ctx, deactivate, id, w.Now(), by, w.Actor().Name, reason)
	if errors.Is(err, fault.Conflict) {
		return errInactive
	}
	if err != nil {
		return fmt.Errorf("deactivate account: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventDeactivated, Subject: Ref(id), Reason: reason})
}

const selectDeactivation = `SELECT deactivated_at, deactivated_by, deactivated_name, deactivated_reason FROM account
	WHERE id = $1 AND NOT active`

// DeactivationOf reads why an account is not active, or fault.NotFound if it is.
func DeactivationOf(ctx context.Context, r db.R, id string) (Deactivation, error) {
	d, err := db.One(ctx, r, func(scan db.Scanner) (d Deactivation, err error) {
		err = scan(db.At(&d.At), &d.By, &d.Name, &d.Reason)
		return d, err
	}, selectDeactivation, id)
	if err != nil {
		return d, fmt.Errorf("read why the account is not active: %w", err)
	}
	return d, nil
}

var errInactive = fault.SayCure(fault.Conflict, "This account is deactivated already.", "Look at how it stands now.")

var errActive = fault.SayCure(fault.Conflict, "This account is active.", "Look at how it stands now.")

var errSameAdministrator = fault.SayCure(fault.Forbidden,
	"You deactivated this account, so somebody else must activate it again.", "Ask another DoS user administrator.")

const reactivate = `UPDATE account SET active = TRUE, deactivated_at = NULL, deactivated_by = '', deactivated_name = '',
	deactivated_reason = '' WHERE id = $1 AND NOT active`

// Reactivate lets an account be used again, by another than deactivated it. It is a part of an Update that has checked
// that its actor may change the account.
func Reactivate(ctx context.Context, w *db.W, id, reason string) error {
	before, err := DeactivationOf(ctx, w, id)
	if errors.Is(err, fault.NotFound) {
		return errActive
	}
	if err != nil {
		return err
	}
	if w.Actor().Kind == actor.Person && before.By == w.Actor().ID {
		return errSameAdministrator
	}
	if err := w.Change(ctx, reactivate, id); err != nil {
		return fmt.Errorf("activate account again: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventReactivated, Subject: Ref(id), Before: before, Reason: reason})
}

// Retired reports whether a shared account does not open anything any more at a time, whatever else is true of it.
func (a Account) Retired(now time.Time) bool {
	return a.Kind == Shared && !a.Retires.IsZero() && !now.Before(a.Retires)
}

// SetRetirement says when a shared account stops opening anything, as a part of an Update whose caller records why.
func SetRetirement(ctx context.Context, w *db.W, id string, at time.Time) error {
	const set = `UPDATE account SET retire_at = $2, case_due = FALSE WHERE id = $1 AND shared`
	if err := w.Change(ctx, set, id, at); err != nil {
		return fmt.Errorf("set when account retires: %w", err)
	}
	return nil
}

// SetReadingOnly lets a shared account be used to look only, or for all that it may do, as a part of an Update whose
// caller records why.
func SetReadingOnly(ctx context.Context, w *db.W, id string, only bool) error {
	const set = `UPDATE account SET reading_only = $2 WHERE id = $1 AND shared AND reading_only <> $2`
	if err := w.Change(ctx, set, id, only); err != nil {
		return fmt.Errorf("let account be read with: %w", err)
	}
	return nil
}

const setUse = `UPDATE account SET active = $2 WHERE id = $1 AND shared AND active <> $2`

// SetUse ends the use of a shared account, or lets it be used again, as a part of an Update whose caller records why
// and ends its sessions.
func SetUse(ctx context.Context, w *db.W, id string, active bool) error {
	if err := w.Change(ctx, setUse, id, active); err != nil {
		return fmt.Errorf("change the use of a shared account: %w", err)
	}
	return nil
}

// LinkedByAddress says, for each of several addresses in canonical form that an individual, active account has, whether
// that account is linked. Addresses without one are left out.
func LinkedByAddress(ctx context.Context, r db.R, keys []string) (map[string]bool, error) {
	type row struct {
		key    string
		linked bool
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.key, &one.linked)
		return one, err
	}, `SELECT a.email_key, EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = a.id) FROM account a
		WHERE NOT a.shared AND a.active AND a.email_key <> '' AND a.email_key IN (`+db.AddEach(&args, keys)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("find accounts by address: %w", err)
	}
	linked := map[string]bool{}
	for _, one := range list {
		linked[one.key] = one.linked
	}
	return linked, nil
}

// maxDue is how many accounts are asked for that are due.
const maxDue = 100

// CaseDue lists shared accounts that were imported, and whose case nobody has opened since, by their ids.
func CaseDue(ctx context.Context, r db.R) ([]string, error) {
	const due = `SELECT id FROM account WHERE shared AND active AND case_due ORDER BY id LIMIT $1`
	ids, err := db.All(ctx, r, db.Column[string], due, maxDue)
	if err != nil {
		return nil, fmt.Errorf("list imported shared accounts: %w", err)
	}
	return ids, nil
}
