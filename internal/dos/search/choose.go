package search

import (
	"cmp"
	"strings"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/national/postcode"
)

// Choice is the place of a service in the results.
type Choice struct {
	ID    string
	Name  string
	Miles float64 // 0 in a search without a postcode
	Group Group
}

// Choose gives the place of a candidate in the results of a query at a time; not if it does not match the query. The
// centre is nil in a search without a postcode.
func Choose(q Query, centre *postcode.Point, c directory.Candidate, now time.Time) (Choice, bool) {
	choice := Choice{ID: c.ID, Name: c.Name, Miles: milesFrom(centre, c.Place), Group: GroupOf(c.Opening, now)}
	return choice, q.shows(choice.Miles, choice.Group)
}

func milesFrom(centre *postcode.Point, p postcode.Point) float64 {
	if centre == nil {
		return 0
	}
	return postcode.Miles(*centre, p)
}

// shows reports whether a query finds a service at a distance and of a group.
func (q Query) shows(miles float64, g Group) bool {
	return miles <= q.Miles && (!q.OpenNow || g == OpenNow || g == HoursNotKnown)
}

// Compare orders the results: by group, the nearest first, and by name if two are equally near.
func (c Choice) Compare(other Choice) int {
	return cmp.Or(cmp.Compare(c.Group, other.Group), cmp.Compare(c.Miles, other.Miles),
		strings.Compare(c.Name, other.Name), strings.Compare(c.ID, other.ID))
}
