// Package widening keeps the rights that an account has for a few hours beside its own, in an emergency, and marks what
// is done while it has them.
//
// It does not know which rights these are, who may ask for them, nor who reviews their use: packages account and
// breakglass do.
package widening

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// Widening is where an account may do more than usual, until when, and for which Care Identity.
type Widening struct {
	ID              string // of the use of emergency rights
	AccountID       string
	Issuer, Subject string // of the Care Identity that was linked when they were opened
	ScopeKind       string
	ScopeID         string
	Opened, Ends    time.Time
}

// OpenAt reports whether the rights are there at a time.
func (n Widening) OpenAt(now time.Time) bool { return n.ID != "" && now.Before(n.Ends) }

const rolePrefix = "break-glass "

// Role is the role in which somebody acts while they have the rights of a use: it marks each event of what they do.
func Role(id string) string { return rolePrefix + id }

// UseOf gives the use in which somebody acts, by the role of the actor or of an event; empty if in none.
func UseOf(role string) string {
	id, marked := strings.CutPrefix(role, rolePrefix)
	if !marked {
		return ""
	}
	return id
}

// In gives the id of the use in which an actor acts; empty if in none.
func In(by actor.Actor) string {
	if by.Kind != actor.Person {
		return ""
	}
	return UseOf(by.Role)
}

const selectWidening = `SELECT id, account_id, issuer, subject, scope_kind, scope_id, opened_at, ends_at
	FROM account_widening`

func scan(columns db.Scanner) (n Widening, err error) {
	err = columns(&n.ID, &n.AccountID, &n.Issuer, &n.Subject, &n.ScopeKind, &n.ScopeID, db.At(&n.Opened),
		db.At(&n.Ends))
	return n, err
}

// ByID reads the rights of a use, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Widening, error) {
	n, err := db.One(ctx, r, scan, selectWidening+` WHERE id = $1`, id)
	if err != nil {
		return n, fmt.Errorf("read emergency rights: %w", err)
	}
	return n, nil
}

// Latest asks for the rights of an account that end last, or ended last since a time.
func Latest(accountID string, since time.Time) *db.Answer[Widening] {
	return db.Ask(scan, selectWidening+` WHERE account_id = $1 AND ends_at > $2
		ORDER BY ends_at DESC, id DESC LIMIT 1`, accountID, since)
}

// Open gives an account the rights of a use. It is a part of an Update whose caller records why.
func Open(ctx context.Context, w *db.W, n Widening) error {
	_, err := w.Exec(ctx, `INSERT INTO account_widening (id, account_id, issuer, subject, scope_kind, scope_id,
		opened_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		n.ID, n.AccountID, n.Issuer, n.Subject, n.ScopeKind, n.ScopeID, n.Opened, n.Ends)
	if err != nil {
		return fmt.Errorf("open emergency rights: %w", err)
	}
	return nil
}

// End ends the rights that an account has at this moment, if any. It is a part of an Update whose caller records why.
func End(ctx context.Context, w *db.W, accountID string) error {
	_, err := w.Exec(ctx, `UPDATE account_widening SET ends_at = $2 WHERE account_id = $1 AND ends_at > $2`,
		accountID, w.Now())
	if err != nil {
		return fmt.Errorf("end emergency rights: %w", err)
	}
	return nil
}
