package mailing

import (
	"context"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/among"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var errProgress = fault.SayCure(fault.Invalid, "There are no users who are so far as this asks for.",
	"Choose how far they are in the list of users, then write to them.")

// Search gives the search of a selection within a reach. What it does not know is refused, as without it a mail would
// go to more people.
func (o Office) Search(s Selection, within account.Reach) (account.Search, error) {
	search := s.widest(within)
	if s.Progress == "" {
		return search, nil
	}
	if o.Progress == nil {
		return search, errProgress
	}
	so, known := o.Progress(s.Progress)
	if !known {
		return search, errProgress
	}
	search.Among = append(search.Among, so)
	return search, nil
}

// widest is the search of a selection, however far people are: of all who may get a mail, whatever they do meanwhile.
func (s Selection) widest(within account.Reach) account.Search {
	search := account.Search{Words: s.Words, Kind: s.Kind, State: s.State, Region: s.Region,
		Organisation: s.Organisation, Within: within}
	if s.Wave != "" {
		search.Among = append(search.Among, wave.Having(s.Wave))
	}
	switch {
	case s.Untold != nil:
		search.Among = append(search.Among, among.Having(s.Untold.Condition))
	case s.Corrects != nil:
		search.Among = append(search.Among, among.Having(s.Corrects.condition))
	}
	return search
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
