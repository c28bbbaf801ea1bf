// Package covering finds who looks after some accounts: whose permission to manage users covers any of them. It finds
// those who have a permission in a whole area, too.
package covering

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

const selectAmong = `SELECT a.id FROM account a WHERE a.active AND NOT a.web_service_only
	AND EXISTS (SELECT 1 FROM account_grant g WHERE g.account_id = a.id AND g.permission = %s AND (
		g.scope_kind = %s
		OR g.scope_kind = %s AND g.scope_id IN (SELECT b.region FROM account b WHERE b.id IN (%s) AND b.region <> '')
		OR g.scope_kind = %s AND a.organisation IN (
			SELECT b.organisation FROM account b WHERE b.id IN (%[4]s) AND b.organisation <> '')))`

// NotLinked gives the page of those users in a wave who have not linked their account yet, whom whoever opens it looks
// after.
func NotLinked(wave string) string {
	return path.UsersPage + "?" + url.Values{"state": {string(account.NotLinked)}, "wave": {wave}}.Encode()
}

// Without leaves out of accounts those that are among others.
func Without(list, others []account.Account) []account.Account {
	return slices.DeleteFunc(slices.Clone(list), func(a account.Account) bool { return among(others, a) })
}

func among(list []account.Account, a account.Account) bool {
	return slices.ContainsFunc(list, func(one account.Account) bool { return one.ID == a.ID })
}

const selectOver = `SELECT a.id FROM account a WHERE a.active AND NOT a.shared AND NOT a.web_service_only
	AND a.id IN (SELECT g.account_id FROM account_grant g WHERE g.permission = %s AND (
		g.scope_kind = %s OR g.scope_kind IN (%s, %s) AND g.scope_id IN (%s))) ORDER BY a.phone = '', a.id LIMIT %s`

// Over lists at most so many people with a permission everywhere or in any of some regions and services, those first of
// whom a telephone number is known.
func Over(ctx context.Context, r db.R, p account.Permission, places []string, limit int) ([]account.Account, error) {
	var args db.Arguments
	where := fmt.Sprintf(selectOver, args.Add(string(p)), args.Add(string(account.KindEverywhere)),
		args.Add(string(account.KindRegion)), args.Add(string(account.KindService)), db.AddEach(&args, places),
		args.Add(limit))
	ids, err := db.All(ctx, r, db.Column[string], where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list who may act in an area: %w", err)
	}
	found, err := account.ByIDs(ctx, r, ids)
	list := make([]account.Account, 0, len(ids))
	for _, id := range ids {
		list = append(list, found[id])
	}
	return list, err
}

// Administrators lists the active accounts whose permission to manage users covers any of some accounts, by their ids.
func Administrators(ctx context.Context, r db.R, among audit.Among) ([]account.Account, error) {
	var args db.Arguments
	for _, one := range among.Args {
		args.Add(one)
	}
	where := fmt.Sprintf(selectAmong, args.Add(string(account.ManageUsers)), args.Add(string(account.KindEverywhere)),
		args.Add(string(account.KindRegion)), among.SQL, args.Add(string(account.KindOwnOrganisation)))
	ids, err := db.All(ctx, r, db.Column[string], where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list who looks after some accounts: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := account.ByIDs(ctx, r, ids)
	return slices.SortedFunc(maps.Values(found), func(a, b account.Account) int {
		return strings.Compare(a.ID, b.ID)
	}), err
}

// IDs is a query for the ids of the accounts within a reach.
func IDs(within account.Reach, args *db.Arguments) string {
	return `SELECT a.id FROM account a WHERE ` + within.Condition(args)
}
