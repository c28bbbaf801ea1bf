package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Permission allows an account to do more than look. The national list is not public; the names follow those that
// are known (reference, directory of services §3.2).
type Permission string

// The permissions there are.
const (
	EditCapacity Permission = "editCapacity" // change how much a service can take
	EditService  Permission = "editService"  // change a service's hours and details
	EditAnywhere Permission = "editAnywhere" // use the two above on services of other organisations too
	ManageUsers  Permission = "manageUsers"  // see accounts, undo links
)

// All lists every permission there is.
func All() []Permission { return []Permission{EditCapacity, EditService, EditAnywhere, ManageUsers} }

const selectAdministrators = selectAccount + ` a WHERE a.active AND NOT a.web_service_only
	AND EXISTS (SELECT 1 FROM account_permission p WHERE p.account_id = a.id AND p.permission = $1) ORDER BY a.id`

// Administrators lists the active accounts that may manage users, whether anybody can come in by them or not.
func Administrators(ctx context.Context, r db.R) ([]Account, error) {
	list, err := db.All(ctx, r, scanAccount, selectAdministrators, string(ManageUsers))
	if err != nil {
		return nil, fmt.Errorf("list administrators: %w", err)
	}
	return list, nil
}

func grant(ctx context.Context, w *db.W, id string, p Permission) error {
	_, err := w.Exec(ctx, `INSERT INTO account_permission (account_id, permission) VALUES ($1, $2)`, id, string(p))
	if err != nil {
		return fmt.Errorf("grant %s: %w", p, err)
	}
	return nil
}

// Permissions lists what an account may do.
func Permissions(ctx context.Context, r db.R, id string) ([]Permission, error) {
	list, err := db.All(ctx, r, db.Column[string],
		`SELECT permission FROM account_permission WHERE account_id = $1 ORDER BY permission`, id)
	if err != nil {
		return nil, fmt.Errorf("list permissions: %w", err)
	}
	all := make([]Permission, 0, len(list))
	for _, p := range list {
		all = append(all, Permission(p))
	}
	return all, nil
}

// errNotAllowed tells somebody that they lack a permission.
var errNotAllowed = fault.SayCure(fault.Forbidden, "Your account does not have permission to do this.",
	"Ask your DoS user administrator if you need it.")

const holds = `SELECT COUNT(*) FROM account a JOIN account_permission p ON p.account_id = a.id
	WHERE a.id = $1 AND a.active AND p.permission = $2`

// Require checks, within the Update that acts, that its actor has the permission. The command line and imports always
// have it; a person needs it on an account that is active at this moment.
func Require(ctx context.Context, w *db.W, p Permission) error {
	switch w.Actor().Kind {
	case actor.CommandLine, actor.Import:
		return nil
	case actor.Person:
	default:
		return errNotAllowed
	}
	return RequireFor(ctx, w, w.Actor().ID, p)
}

// ErrOtherOrganisation tells somebody who may change services that they may not change this one.
var ErrOtherOrganisation = fault.SayCure(fault.Forbidden,
	"This service belongs to another organisation, so your account cannot change it.",
	"Tell your DoS lead what is wrong with it.")

// MayEdit reports whether somebody from the home organisation with these permissions may use p on what belongs to
// organisation: if the two are the same, or with EditAnywhere.
func MayEdit(may []Permission, p Permission, home, organisation string) bool {
	return slices.Contains(may, p) && (home != "" && home == organisation || slices.Contains(may, EditAnywhere))
}

// RequireAt checks what Require does, and that the actor may use the permission on what belongs to an organisation,
// given by its ODS code; the code is empty if no organisation is known.
func RequireAt(ctx context.Context, w *db.W, p Permission, organisation string) error {
	if err := Require(ctx, w, p); err != nil || w.Actor().Kind != actor.Person {
		return err
	}
	a, err := ByID(ctx, w, w.Actor().ID)
	if err != nil {
		return err
	}
	may, err := Permissions(ctx, w, a.ID)
	if err != nil {
		return err
	}
	if !MayEdit(may, p, a.Organisation, organisation) {
		return ErrOtherOrganisation
	}
	return nil
}

// RequireFor returns a fault unless an account is active and has the permission.
func RequireFor(ctx context.Context, r db.R, id string, p Permission) error {
	n, err := db.Value[int64](ctx, r, holds, id, string(p))
	if err != nil && !errors.Is(err, fault.NotFound) {
		return fmt.Errorf("read permission: %w", err)
	}
	if n == 0 {
		return errNotAllowed
	}
	return nil
}
