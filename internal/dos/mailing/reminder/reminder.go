// Package reminder keeps who wants no reminders of the move, and makes the links by which somebody says so without
// logging in. What somebody has to know reaches them all the same: it does not decide what that is.
package reminder

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// The kinds of events that this package records.
const (
	eventStopped audit.Kind = "reminder.stopped"
	eventAgain   audit.Kind = "reminder.again"
)

// Path begins the path of the link by which somebody stops reminders. The id of their account and a secret follow.
const Path = "/reminders/"

// OneClick ends the path to which a mail program posts (RFC 8058).
const OneClick = "/stop"

// Desk takes what people say about reminders.
type Desk struct {
	DB   *db.DB
	Post *mail.Post
	Home string // address of the site
}

// secret is what a link has that nobody can guess. All mails to somebody have the same link, so that none goes dead.
func (d Desk) secret(accountID string) string {
	return hex.EncodeToString(d.Post.Digest("reminders\n" + accountID)[:16])
}

// Link is the address at which the holder of an account stops reminders.
func (d Desk) Link(accountID string) string {
	return d.Home + Path + accountID + "/" + d.secret(accountID)
}

// ErrLink answers whoever has no such link, whether there is such an account or not.
var ErrLink = fault.SayCure(fault.Expired, "This link does not work.", "Copy the whole link from the newest email.")

func (d Desk) check(accountID, secret string) error {
	if subtle.ConstantTimeCompare([]byte(d.secret(accountID)), []byte(secret)) != 1 {
		return ErrLink
	}
	return nil
}

// Stopped gives those of some accounts whose holders want no reminders.
func Stopped(ctx context.Context, r db.R, accountIDs []string) (map[string]bool, error) {
	stopped := map[string]bool{}
	if len(accountIDs) == 0 {
		return stopped, nil
	}
	var args db.Arguments
	list, err := db.All(ctx, r, db.Column[string], `SELECT account_id FROM reminder_stop WHERE account_id IN (`+
		db.AddEach(&args, accountIDs)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look who wants no reminders: %w", err)
	}
	for _, id := range list {
		stopped[id] = true
	}
	return stopped, nil
}

// Look tells whoever has a link whether reminders are stopped. It changes nothing, so that whatever follows links in
// mails may follow it.
func (d Desk) Look(ctx context.Context, accountID, secret string) (stopped bool, err error) {
	if err := d.check(accountID, secret); err != nil {
		return false, err
	}
	return db.Read(ctx, d.DB, func(r db.R) (bool, error) {
		of, err := Stopped(ctx, r, []string{accountID})
		return of[accountID], err
	})
}

const (
	insertStop = `INSERT INTO reminder_stop (account_id, stopped_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	deleteStop = `DELETE FROM reminder_stop WHERE account_id = $1`
)

// Stop has whoever has a link get no reminders. Twice is as once.
func (d Desk) Stop(ctx context.Context, by actor.Actor, accountID, secret string) error {
	return d.set(ctx, by, accountID, secret, eventStopped, func(w *db.W) (int64, error) {
		return w.Exec(ctx, insertStop, accountID, w.Now())
	})
}

// Again has whoever has a link get reminders as before.
func (d Desk) Again(ctx context.Context, by actor.Actor, accountID, secret string) error {
	return d.set(ctx, by, accountID, secret, eventAgain, func(w *db.W) (int64, error) {
		return w.Exec(ctx, deleteStop, accountID)
	})
}

// errAsItWas undoes an Update that changes nothing.
var errAsItWas = errors.New("nothing to change")

func (d Desk) set(
	ctx context.Context, by actor.Actor, accountID, secret string, kind audit.Kind, change func(*db.W) (int64, error),
) error {
	if err := d.check(accountID, secret); err != nil {
		return err
	}
	err := d.DB.Update(ctx, by, func(w *db.W) error {
		n, err := change(w)
		switch {
		case err != nil:
			return fmt.Errorf("keep who wants reminders: %w", err)
		case n == 0:
			return errAsItWas
		}
		return w.Record(ctx, audit.Event{Kind: kind, Subject: account.Ref(accountID)})
	})
	if errors.Is(err, errAsItWas) {
		return nil
	}
	return err
}
