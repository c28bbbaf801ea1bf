// Package among narrows searches for accounts by what other packages know of them. It does not know what that is.
package among

import (
	"context"

	"signpost/internal/platform/db"
)

// Condition says in SQL what the account of an id's column has to be besides.
type Condition func(ctx context.Context, r db.R, args *db.Arguments, id string) (string, error)

// Having is a condition for which nothing has to be read.
func Having(condition func(args *db.Arguments, id string) string) Condition {
	return func(_ context.Context, _ db.R, args *db.Arguments, id string) (string, error) {
		return condition(args, id), nil
	}
}

// All are conditions all of which are met.
type All []Condition

// And adds them to a condition.
func (a All) And(ctx context.Context, r db.R, condition string, args *db.Arguments, id string) (string, error) {
	for _, one := range a {
		further, err := one(ctx, r, args, id)
		if err != nil {
			return "", err
		}
		condition += " AND " + further
	}
	return condition, nil
}
