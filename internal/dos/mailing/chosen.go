package mailing

import (
	"context"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// among reads those who were chosen, as far as they are within a reach, by username.
func (s Selection) among(ctx context.Context, r db.R, within account.Reach) (list []account.Account, err error) {
	found, err := account.ByIDs(ctx, r, s.Only)
	for _, a := range found {
		if within.Covers(a) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b account.Account) int { return strings.Compare(a.Username, b.Username) })
	return list, err
}
