package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account/widening"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
)

// Deactivation is why and by whom an account was deactivated.
type Deactivation struct {
	At     time.Time
	By     string // id of the account of the administrator; empty if it was no person
	Name   string // of who did it
	Reason string

	MergedInto string // id of the account into which it was merged; empty if it was not
}

const deactivate = `UPDATE account SET active = FALSE, deactivated_at = $2, deactivated_by = $3, deactivated_name = $4,
	deactivated_reason = $5 WHERE id = $1 AND active`

// Deactivate ends the use of an account and its emergency rights, as a part of an Update whose caller ends its
// sessions.
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
	if err := widening.End(ctx, w, id); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventDeactivated, Subject: Ref(id), Reason: reason})
}

const selectDeactivation = `SELECT deactivated_at, deactivated_by, deactivated_name, deactivated_reason, merged_into
	FROM account WHERE id = $1 AND NOT active`

// DeactivationOf reads why an account is not active, or fault.NotFound if it is.
func DeactivationOf(ctx context.Context, r db.R, id string) (Deactivation, error) {
	d, err := db.One(ctx, r, func(scan db.Scanner) (d Deactivation, err error) {
		err = scan(db.At(&d.At), &d.By, &d.Name, &d.Reason, &d.MergedInto)
		return d, err
	}, selectDeactivation, id)
	if err != nil {
		return d, fmt.Errorf("read why the account is not active: %w", err)
	}
	return d, nil
}

var errInactive = fault.SayCure(fault.Conflict, "This account is deactivated already.", "Look at how it stands now.")

var errActive = fault.SayCure(fault.Conflict, "This account is active.", "Look at how it stands now.")

var errMerged = fault.SayCure(fault.Conflict, "This account was merged into another one of the same person.",
	"Undo the merge instead, from the list of merged accounts.")

var errSameAdministrator = fault.SayCure(fault.Forbidden,
	"You deactivated this account, so somebody else must activate it again.", "Ask another DoS user administrator.")

const reactivate = `UPDATE account SET active = TRUE, deactivated_at = NULL, deactivated_by = '', deactivated_name = '',
	deactivated_reason = '' WHERE id = $1 AND NOT active AND merged_into = ''`

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
	if before.MergedInto != "" {
		return errMerged
	}
	if w.Actor().Kind == actor.Person && before.By == w.Actor().ID {
		return errSameAdministrator
	}
	if err := w.Change(ctx, reactivate, id); err != nil {
		return fmt.Errorf("activate account again: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventReactivated, Subject: Ref(id), Before: before, Reason: reason})
}

const closeMerged = `UPDATE account SET active = FALSE, deactivated_at = $2, deactivated_by = $3, deactivated_name = $4,
	deactivated_reason = $5, merged_into = $6, password_hash = '', relink_until = NULL, relink_digest = NULL
	WHERE id = $1 AND active AND NOT shared AND NOT web_service_only`

// CloseMerged closes an account that becomes a part of another one, with its password and its codes. It is a part of an
// Update whose caller moves the rest and ends its sessions.
func CloseMerged(ctx context.Context, w *db.W, id, into, reason string) error {
	err := w.Change(ctx, closeMerged, id, w.Now(), w.Actor().ID, w.Actor().Name, reason, into)
	if errors.Is(err, fault.Conflict) {
		return errInactive
	}
	if err != nil {
		return fmt.Errorf("close merged account: %w", err)
	}
	if err := widening.End(ctx, w, id); err != nil {
		return err
	}
	if err := mailcode.Cancel(ctx, w, Ref(id), ForEmail, ForLink, ForUndo, ForPassword, ForMerge); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventMerged, Subject: Ref(id), After: Ref(into), Reason: reason})
}

const reopenMerged = `UPDATE account SET active = TRUE, deactivated_at = NULL, deactivated_by = '',
	deactivated_name = '', deactivated_reason = '', merged_into = '' WHERE id = $1 AND NOT active AND merged_into = $2`

// ReopenMerged lets an account be used again that was merged into another one, as a part of an Update that gives back
// what was moved. Its password does not come back (rule R11).
func ReopenMerged(ctx context.Context, w *db.W, id, from, reason string) error {
	if err := w.Change(ctx, reopenMerged, id, from); err != nil {
		return fmt.Errorf("open merged account again: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventUnmerged, Subject: Ref(id), Before: Ref(from), Reason: reason})
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
// that account is linked. An account that was merged stands for the one into which it was. Addresses without one are
// left out.
func LinkedByAddress(ctx context.Context, r db.R, keys []string) (map[string]bool, error) {
	type row struct {
		key    string
		linked bool
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.key, &one.linked)
		return one, err
	}, `SELECT a.email_key, EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = m.id) FROM account a
		JOIN account m ON m.id = CASE WHEN a.merged_into = '' THEN a.id ELSE a.merged_into END
		WHERE NOT a.shared AND m.active AND a.email_key <> '' AND a.email_key IN (`+db.AddEach(&args, keys)+`)`,
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
