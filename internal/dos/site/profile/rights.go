package profile

import (
	"context"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
	"signpost/internal/platform/when"
)

// rightsView says what somebody may do in one scope.
type rightsView struct {
	Where string
	Lets  []string // what they may do there
	Until string   // of emergency rights; empty for their own
}

// rightsOf says what the user may do besides searching, and where: by their own rights, and by emergency rights.
func rightsOf(ctx context.Context, r db.R, user *signin.Current) ([]rightsView, error) {
	own, err := rightsBy(ctx, r, user, user.Grants)
	if err != nil || len(user.Widened) == 0 {
		return own, err
	}
	widened, err := rightsBy(ctx, r, user, user.Widened)
	for i := range widened {
		widened[i].Until = when.DateTime(user.Emergency.Ends)
	}
	return append(own, widened...), err
}

// rightsBy says what some grants let the user do, and where: by scope, in the order of the grants.
func rightsBy(
	ctx context.Context, r db.R, user *signin.Current, grants account.Grants,
) (list []rightsView, err error) {
	for _, g := range grants {
		where, err := directory.ScopeText(ctx, r, g.Scope, user.Account)
		if err != nil {
			return nil, err
		}
		where = strings.ToUpper(where[:1]) + where[1:]
		at := slices.IndexFunc(list, func(v rightsView) bool { return v.Where == where })
		if at < 0 {
			at = len(list)
			list = append(list, rightsView{Where: where})
		}
		if lets := g.Permission.Lets(); !slices.Contains(list[at].Lets, lets) {
			list[at].Lets = append(list[at].Lets, lets)
		}
	}
	return list, nil
}
