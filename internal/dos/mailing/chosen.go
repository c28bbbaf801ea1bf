package mailing

import (
	"context"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// countChosen counts those who were chosen and can have a mail.
func countChosen(ctx context.Context, r db.R, s Selection, within account.Reach) (n int64, err error) {
	list, err := s.among(ctx, r, within)
	for _, a := range list {
		if s.fits(a) {
			n++
		}
	}
	if err == nil && n == 0 {
		err = errNobody
	}
	return n, err
}

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
