package account

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

// nothing is the condition of a search that finds no account.
const nothing = "FALSE"

// condition is that an account is one of those looked for.
func (s Search) condition(ctx context.Context, r db.R, a *db.Arguments) (string, error) {
	kind, known := kindConditions[s.Kind]
	state, also := stateConditions[s.State]
	if !known || !also {
		return nothing, nil // before anything is added that the query would not use, which PostgreSQL refuses
	}
	words, err := s.wordsCondition(ctx, r, a)
	if err != nil {
		return "", err
	}
	condition := words + " AND " + kind + " AND " + state + " AND " + s.Within.Condition(a)
	if s.Organisation != "" {
		condition += " AND a.organisation = " + a.Add(s.Organisation)
	}
	for _, among := range s.Among {
		further, err := among(ctx, r, a, "a.id")
		if err != nil {
			return "", err
		}
		condition += " AND " + further
	}
	switch s.Region {
	case "":
	case NoRegion:
		condition += " AND a.region = ''"
	default:
		condition += " AND a.region = " + a.Add(s.Region)
	}
	return condition, nil
}

// kindConditions say in SQL which accounts are of a kind.
var kindConditions = map[Kind]string{
	"":         "TRUE",
	Machine:    "a.web_service_only",
	Shared:     "a.shared AND NOT a.web_service_only",
	Individual: "NOT a.shared AND NOT a.web_service_only",
}
