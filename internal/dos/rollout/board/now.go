package board

import (
	"context"
	"time"

	"signpost/internal/dos/account/tally"
	"signpost/internal/dos/report"
	"signpost/internal/platform/db"
)

// maxChanged is how many accounts that changed since they were counted are put right while somebody waits. Where there
// are more, as after an upgrade or an import, each account is looked at.
const maxChanged = 1_000

// groupsNow groups the accounts that are meant, as they are at this moment.
func groupsNow(ctx context.Context, r db.R, s report.Selection, by string) ([]report.Group, error) {
	changes, few, err := changesNow(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case !few:
		return report.Groups(ctx, r, s, by)
	}
	return corrected(ctx, r, s, by, changes)
}

// changesNow says what has changed since accounts were counted, if it is few enough to put it right.
func changesNow(ctx context.Context, r db.R) (changes []tally.Change, few bool, err error) {
	ids, err := report.Untallied(ctx, r, maxChanged+1)
	if err != nil || len(ids) > maxChanged {
		return nil, false, err
	}
	if len(ids) > 0 {
		changes, err = report.Changes(ctx, r, ids)
	}
	return changes, true, err
}

// corrected groups accounts as they were counted, and puts that right by what has changed since.
func corrected(
	ctx context.Context, r db.R, s report.Selection, by string, changes []tally.Change,
) ([]report.Group, error) {
	c := correction{r: r, s: s, by: by, groups: map[sort]*report.Group{}}
	if err := c.count(ctx); err != nil {
		return nil, err
	}
	gone, err := c.takeOut(changes)
	if err != nil {
		return nil, err
	}
	if err := c.findFirsts(ctx, gone); err != nil {
		return nil, err
	}
	return c.putIn(changes)
}

// numbered groups accounts as corrected does, without finding who is the first of a group.
func numbered(
	ctx context.Context, r db.R, s report.Selection, by string, changes []tally.Change,
) ([]report.Group, error) {
	c := correction{r: r, s: s, by: by, groups: map[sort]*report.Group{}}
	if err := c.count(ctx); err != nil {
		return nil, err
	}
	if _, err := c.takeOut(changes); err != nil {
		return nil, err
	}
	return c.putIn(changes)
}

// sort is what the accounts of one group have in common.
type sort struct {
	place string
	facts report.Facts
}

// correction puts counts right by what has changed since they were made.
type correction struct {
	r      db.R
	s      report.Selection
	by     string
	groups map[sort]*report.Group
}

func (c *correction) sortOf(l tally.Line) (sort, error) {
	facts, err := report.FactsOf(l.Facts)
	place := l.Region
	if c.by == report.ByOrganisation {
		place = l.Organisation
	}
	return sort{place, facts}, err
}

// count groups accounts as they were counted.
func (c *correction) count(ctx context.Context) error {
	counted, err := report.Tallied(ctx, c.r, c.s, c.by)
	for _, g := range counted {
		c.groups[sort{g.Place, g.Facts}] = &g
	}
	return err
}

// leavers are the accounts that are in a group no longer.
type leavers struct {
	ids   []string
	first bool // the first of the group is among them
}

// takeOut counts accounts no longer as what they were.
func (c *correction) takeOut(changes []tally.Change) (map[sort]leavers, error) {
	gone := map[sort]leavers{}
	for _, change := range changes {
		if !c.s.Covers(change.Was) {
			continue
		}
		of, err := c.sortOf(change.Was)
		if err != nil {
			return nil, err
		}
		g := c.group(of)
		g.N--
		left := gone[of]
		left.ids = append(left.ids, change.Account)
		left.first = left.first || !g.Oldest.IsZero() && g.Oldest.Equal(change.Was.Since)
		gone[of] = left
	}
	return gone, nil
}

// findFirsts finds who is the first of each group that the first has left.
func (c *correction) findFirsts(ctx context.Context, gone map[sort]leavers) error {
	for of, left := range gone {
		if !left.first || c.groups[of].N == 0 {
			continue
		}
		without, err := report.OldestTallied(ctx, c.r, c.s, c.by, *c.groups[of], left.ids)
		if err != nil {
			return err
		}
		c.groups[of] = &without
	}
	return nil
}

// putIn counts accounts as what they are now.
func (c *correction) putIn(changes []tally.Change) (list []report.Group, err error) {
	for _, change := range changes {
		if !c.s.Covers(change.Is) {
			continue
		}
		of, err := c.sortOf(change.Is)
		if err != nil {
			return nil, err
		}
		g := c.group(of)
		if g.N == 0 {
			g.Oldest = time.Time{}
		}
		g.N++
		g.Oldest = earlier(g.Oldest, change.Is.Since)
	}
	for _, g := range c.groups {
		if g.N > 0 {
			list = append(list, *g)
		}
	}
	return list, nil
}

func (c *correction) group(of sort) *report.Group {
	if c.groups[of] == nil {
		c.groups[of] = &report.Group{Place: of.place, Facts: of.facts}
	}
	return c.groups[of]
}

// earlier gives the earlier of two times, of which a zero one is not known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
