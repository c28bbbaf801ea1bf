package profile

import (
	"context"
	"slices"
	"strings"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
)

// rightsView says what somebody may do in one scope.
type rightsView struct {
	Where string
	Lets  []string // what they may do there
}

// rightsOf says what the user may do besides searching, and where: by scope, in the order of their grants.
func rightsOf(ctx context.Context, r db.R, user *signin.Current) (list []rightsView, err error) {
	for _, g := range user.Grants {
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
