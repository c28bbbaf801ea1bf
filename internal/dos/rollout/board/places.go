package board

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"signpost/internal/dos/account/tally"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/platform/db"
)

// Organisations reads a page of the organisations of the accounts that are meant, in the order of a board, and says how
// many there are. There may be thousands, so those alone are counted that are on the page.
func Organisations(
	ctx context.Context, r db.R, s report.Selection, skip, limit int,
) (places []Place, total int, err error) {
	changes, few, err := changesNow(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	if !few {
		groups, err := report.Groups(ctx, r, s, report.ByOrganisation)
		places = boardOf(groups).Places
		return cut(places, skip, limit), len(places), err
	}
	changed, err := changedPlaces(ctx, r, s, changes)
	if err != nil {
		return nil, 0, err
	}
	ranked, others, err := rank(ctx, r, s, changed, skip+limit)
	if err != nil {
		return nil, 0, err
	}
	places, err = countEach(ctx, r, s, changes, cut(ranked, skip, limit))
	return places, others + len(changed.there), err
}

func cut[T any](list []T, skip, limit int) []T {
	skip = min(skip, len(list))
	return list[skip:min(skip+limit, len(list))]
}

// changed are organisations that are not counted as they are.
type changed struct {
	codes []string
	there map[string]int // of those that have accounts which are meant: how many have something to do first
}

func changedPlaces(ctx context.Context, r db.R, s report.Selection, changes []tally.Change) (c changed, err error) {
	codes := map[string]bool{}
	for _, change := range changes {
		for _, line := range []tally.Line{change.Was, change.Is} {
			if s.Covers(line) {
				codes[line.Organisation] = true
			}
		}
	}
	if len(codes) == 0 {
		return c, nil
	}
	c.codes = slices.Sorted(maps.Keys(codes))
	c.there = map[string]int{}
	s.Organisations = c.codes
	groups, err := numbered(ctx, r, s, report.ByOrganisation, changes)
	for _, p := range boardOf(groups).Places {
		c.there[p.ID] = p.left
	}
	return c, err
}

// rank lists the first organisations in the order of a board, and says how many there are besides those that changed.
func rank(
	ctx context.Context, r db.R, s report.Selection, c changed, limit int,
) (ids []string, others int, err error) {
	all, err := report.TalliedFacts(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	var facts []string
	plans := newPlanner()
	for _, state := range toDo {
		some, err := soFar(state).of(plans, all)
		if err != nil {
			return nil, 0, err
		}
		facts = append(facts, some...)
	}
	list, others, err := report.RankedByLeft(ctx, r, s, facts, c.codes, limit)
	if err != nil {
		return nil, 0, err
	}
	for id, left := range c.there {
		list = append(list, report.Left{Organisation: id, N: left})
	}
	slices.SortFunc(list, func(x, y report.Left) int {
		return cmp.Or(y.N-x.N, strings.Compare(x.Organisation, y.Organisation))
	})
	for _, one := range list {
		ids = append(ids, one.Organisation)
	}
	return ids, others, nil
}

// toDo are the states in which something has to be done before an account can link.
var toDo = []planning.State{planning.Blocked, planning.Unsure}

// countEach counts organisations as they are.
func countEach(
	ctx context.Context, r db.R, s report.Selection, changes []tally.Change, ids []string,
) (list []Place, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	s.Organisations = ids
	groups, err := corrected(ctx, r, s, report.ByOrganisation, changes)
	if err != nil {
		return nil, err
	}
	counted := map[string]Place{}
	for _, p := range boardOf(groups).Places {
		counted[p.ID] = p
	}
	for _, id := range ids {
		list = append(list, counted[id])
	}
	return list, nil
}
