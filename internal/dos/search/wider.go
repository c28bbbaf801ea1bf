package search

import (
	"context"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
)

// Count says how many services each of several queries finds. They are wider than q: each asks for less of what q asks
// for, and all look around the same place. All are counted in one pass.
func Count(ctx context.Context, r db.R, q Query, wider []Query) ([]int, error) {
	_, centre, err := centreOf(ctx, r, q)
	if err != nil {
		return nil, err
	}
	calendar, err := directory.ReadCalendar(ctx, r)
	if err != nil {
		return nil, err
	}
	widest := q
	for _, w := range wider {
		widest.Miles = max(widest.Miles, w.Miles)
	}
	counts := make([]int, len(wider))
	err = directory.NearMisses(ctx, r, widest.criteria(centre), calendar.Moment(r.Now()), func(m directory.NearMiss) {
		miles := milesFrom(centre, m.Place)
		group := GroupOf(m.Opening, r.Now())
		for i, w := range wider {
			if (m.Typed || w.Type == 0) && (m.Named || w.Name == "") && w.shows(miles, group) {
				counts[i]++
			}
		}
	})
	return counts, err
}
