package account

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

const selectNeverEntered = selectAccount + ` a WHERE a.active AND a.password_hash = '' AND NOT a.shared
	AND EXISTS (SELECT 1 FROM account_grant g WHERE g.account_id = a.id AND g.permission = $1 AND g.scope_kind = $2)
	AND NOT EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = a.id)
	AND NOT EXISTS (SELECT 1 FROM account_link_past l WHERE l.account_id = a.id) ORDER BY a.created_at, a.id LIMIT 1`

// NeverEntered reads the account that was made for an administrator and that nobody has ever come in by, or
// fault.NotFound.
func NeverEntered(ctx context.Context, r db.R) (Account, error) {
	a, err := db.One(ctx, r, scanAccount, selectNeverEntered, string(ManageUsers),
		string(KindEverywhere))
	if err != nil {
		return a, fmt.Errorf("read account that nobody came in by: %w", err)
	}
	return a, nil
}

const amend = `UPDATE account SET username = $2, username_key = $3, first_name = $4, last_name = $5, email = $6,
	email_key = $7, email_since = $8, organisation = $9 WHERE id = $1`

// Amend mends whose account it is, of one that nobody has ever come in by, as a part of an Update.
func Amend(ctx context.Context, w *db.W, id string, n New) (Account, error) {
	before, err := ByID(ctx, w, id)
	if err != nil {
		return before, err
	}
	if err := n.problem(ctx, w, id); err != nil {
		return before, err
	}
	address, err := email.ParseNew(n.Email)
	if err != nil {
		return before, err
	}
	key, _ := address.Canonical()
	err = w.Change(ctx, amend, id, n.Username, FoldUsername(n.Username), n.FirstName, n.LastName, address.String(), key,
		w.Now(), n.Organisation)
	if errors.Is(err, db.ErrUnique) {
		return before, ErrEmailTaken
	}
	if err != nil {
		return before, fmt.Errorf("amend account: %w", err)
	}
	a, err := ByID(ctx, w, id)
	if err != nil {
		return a, err
	}
	if err := putWords(ctx, w, a); err != nil {
		return a, err
	}
	return a, w.Record(ctx, audit.Event{Kind: eventAmended, Subject: Ref(id),
		Before: New{Username: before.Username, FirstName: before.FirstName, LastName: before.LastName,
			Email: before.Email, Organisation: before.Organisation},
		After: n})
}

// problem refuses a username or names that an account cannot have.
func (n New) problem(ctx context.Context, r db.R, id string) error {
	if err := usernameProblem(ctx, r, id, n.Username); err != nil {
		return err
	}
	for field, text := range map[string]string{"first_name": n.FirstName, "last_name": n.LastName} {
		if problem := name.Problem(text); problem != "" {
			return fault.OfField(field, problem)
		}
	}
	return nil
}

// SetOrganisation says to which organisation an account belongs, by its ODS code, as a part of an Update.
func SetOrganisation(ctx context.Context, w *db.W, id, code, reason string) error {
	a, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	before := a.Organisation
	if err := w.Change(ctx, `UPDATE account SET organisation = $2 WHERE id = $1`, id, code); err != nil {
		return fmt.Errorf("set organisation: %w", err)
	}
	a.Organisation = code
	if err := putWords(ctx, w, a); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventOrganisationSet, Subject: Ref(id), Before: before, After: code, Reason: reason,
	})
}

// ErrEmailTaken says that an address is another account's.
var ErrEmailTaken = fault.OfField("email",
	"Enter another email address, this one cannot be used for your account")

// SetEmail gives an account another address, which was proved just now, as a part of an Update whose caller keeps the
// old one and records the change.
func SetEmail(ctx context.Context, w *db.W, a Account, address email.Address) error {
	const set = `UPDATE account SET email = $2, email_key = $3, email_since = $4, email_proved_at = $4 WHERE id = $1`
	key, _ := address.Canonical()
	_, err := w.Exec(ctx, set, a.ID, address.String(), key, w.Now())
	if errors.Is(err, db.ErrUnique) {
		return ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("change email: %w", err)
	}
	a.EmailKey = key
	return putWords(ctx, w, a)
}

// ProveEmail notes that the address of an account was proved just now, as a part of an Update whose caller records it.
func ProveEmail(ctx context.Context, w *db.W, id string) error {
	if err := w.Change(ctx, `UPDATE account SET email_proved_at = $2 WHERE id = $1`, id, w.Now()); err != nil {
		return fmt.Errorf("prove email: %w", err)
	}
	return nil
}
