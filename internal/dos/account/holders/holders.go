// Package holders finds out of many accounts at once what each may do.
//
// It does not know for what that is asked.
package holders

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// GrantsOf lists what each of some accounts was given of some permissions, or of all where none is named, by their
// ids.
func GrantsOf(
	ctx context.Context, r db.R, accounts []account.Account, of ...account.Permission,
) (map[string]account.Grants, error) {
	type row struct {
		account string
		grant   account.Grant
	}
	var args db.Arguments
	var ids []string
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	sql := `SELECT account_id, permission, scope_kind, scope_id, group_name FROM account_grant WHERE account_id IN (` +
		db.AddEach(&args, ids) + `)`
	if len(of) > 0 {
		var names []string
		for _, p := range of {
			names = append(names, string(p))
		}
		sql += ` AND permission IN (` + db.AddEach(&args, names) + `)`
	}
	sql += ` ORDER BY account_id, group_name, permission, scope_kind, scope_id`
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		g := &one.grant
		err = scan(&one.account, &g.Permission, &g.Scope.Kind, &g.Scope.ID, &g.Group)
		return one, err
	}, sql, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list grants of accounts: %w", err)
	}
	grants := map[string]account.Grants{}
	for _, one := range list {
		grants[one.account] = append(grants[one.account], one.grant)
	}
	return grants, nil
}

// Givers lists those who look after an account and hold one of some permissions themselves: nobody gives what they do
// not hold. Where no permission is named, it lists all who look after the account.
func Givers(ctx context.Context, r db.R, a account.Account, permissions ...account.Permission) (
	list []account.Account, err error,
) {
	administrators, err := account.AdministratorsOf(ctx, r, a)
	if err != nil || len(permissions) == 0 {
		return administrators, err
	}
	grants, err := GrantsOf(ctx, r, administrators, permissions...)
	for _, one := range administrators {
		if slices.ContainsFunc(permissions, grants[one.ID].Hold) {
			list = append(list, one)
		}
	}
	return list, err
}
