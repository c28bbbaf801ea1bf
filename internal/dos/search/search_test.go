package search_test

import (
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/search"
	"signpost/internal/national/postcode"
)

var (
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) // a Tuesday
	centre = postcode.Point{Latitude: 53.48, Longitude: -2.24}
)

// away gives the place at a distance in miles north of the centre.
func away(miles float64) *postcode.Point {
	return &postcode.Point{Latitude: centre.Latitude + miles*1.609344/111.195, Longitude: centre.Longitude}
}

// chosen gives the ids of the services that a query finds near the centre, in order.
func chosen(q search.Query, list []directory.Service, at time.Time) (ids []string, groups []search.Group) {
	var choices []search.Choice
	for _, s := range list {
		c := directory.Candidate{ID: s.ID, Name: s.Name, Place: *s.Place,
			Opening: s.Hours.At(directory.Calendar{}, s.AllHours, at)}
		if choice, is := search.Choose(q, &centre, c, at); is {
			choices = append(choices, choice)
		}
	}
	slices.SortFunc(choices, search.Choice.Compare)
	for _, c := range choices {
		ids = append(ids, c.ID)
		groups = append(groups, c.Group)
	}
	return ids, groups
}

func TestChoose(t *testing.T) {
	tuesdays := directory.Week{directory.Tuesday: {{From: 540, To: 1080}}}
	mondays := directory.Week{directory.Monday: {{From: 540, To: 1080}}}
	list := []directory.Service{
		{ID: "4", Name: "Far pharmacy", Place: away(9.9), Hours: tuesdays},
		{ID: "1", Name: "Near dentist", Place: away(1), Hours: mondays},
		{ID: "3", Name: "B pharmacy", Place: away(2), Hours: tuesdays},
		{ID: "2", Name: "A pharmacy", Place: away(2), AllHours: true},
		{ID: "5", Name: "Nobody knows when", Place: away(0.1)},
		{ID: "7", Name: "Outside the circle", Place: away(10.1), Hours: tuesdays},
	}
	for _, tt := range []struct {
		name  string
		query search.Query
		at    time.Time
		want  []string
	}{
		{"open first, then the nearest, then by name", search.Query{Miles: 10}, noon, []string{"2", "3", "4", "1", "5"}},
		{"two miles and a bit", search.Query{Miles: 2.01}, noon, []string{"2", "3", "1", "5"}},
		{"open at noon on Tuesday", search.Query{Miles: 10, OpenNow: true}, noon, []string{"2", "3", "4", "5"}},
		{"open at the minute of closing", search.Query{Miles: 10, OpenNow: true}, noon.Add(6 * time.Hour),
			[]string{"2", "5"}},
		{"open on Monday", search.Query{Miles: 10}, noon.AddDate(0, 0, -1), []string{"1", "2", "3", "4", "5"}},
		{"no distance at all", search.Query{}, noon, nil},
	} {
		if got, _ := chosen(tt.query, list, tt.at); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A service whose hours of the day are not known may be open: it is shown, after all whose hours are known.
func TestGroups(t *testing.T) {
	holiday := time.Date(2026, 8, 31, 12, 0, 0, 0, time.UTC)
	nine := []directory.Session{{From: 540, To: 1080}}
	list := []directory.Service{
		{ID: "not known, near", Place: away(1), Hours: directory.Week{nine, 7: directory.NotKnown()}},
		{ID: "opens on Monday", Place: away(1), Hours: directory.Week{nine}},
		{ID: "no hours at all", Place: away(2)},
		{ID: "open, far", Place: away(9), AllHours: true},
		{ID: "open, near", Place: away(3), Hours: directory.Week{directory.BankHoliday: nine}},
		{ID: "opens tomorrow", Place: away(4), Hours: directory.Week{directory.Tuesday: nine}},
		{ID: "opens in 24 hours", Place: away(5), Hours: directory.Week{directory.Tuesday: {{From: 780, To: 1080}}}},
		{ID: "opens in 24 hours and a minute", Place: away(5),
			Hours: directory.Week{directory.Tuesday: {{From: 781, To: 1080}}}},
		{ID: "closed for a week", Place: away(6), Hours: directory.Week{directory.Sunday: {{From: 0, To: 1}}}},
	}
	for _, tt := range []struct {
		openNow bool
		want    []string
		groups  []search.Group
	}{
		{true, []string{"open, near", "open, far", "not known, near", "no hours at all"},
			[]search.Group{search.OpenNow, search.OpenNow, search.HoursNotKnown, search.HoursNotKnown}},
		{false, []string{"open, near", "open, far", "opens tomorrow", "opens in 24 hours", "opens on Monday",
			"opens in 24 hours and a minute", "closed for a week", "not known, near", "no hours at all"},
			[]search.Group{search.OpenNow, search.OpenNow, search.OpensNext, search.OpensNext, search.Closed,
				search.Closed, search.Closed, search.HoursNotKnown, search.HoursNotKnown}},
	} {
		got, groups := chosen(search.Query{Miles: 10, OpenNow: tt.openNow}, list, holiday)
		if !slices.Equal(got, tt.want) || !slices.Equal(groups, tt.groups) {
			t.Errorf("open now %v: %q in %v, want %q in %v", tt.openNow, got, groups, tt.want, tt.groups)
		}
	}
}

func TestChooseMeasuresInMiles(t *testing.T) {
	found, matches := search.Choose(search.Query{Miles: 5}, &centre, directory.Candidate{Place: *away(3)}, noon)
	if !matches || found.Miles < 2.99 || found.Miles > 3.01 {
		t.Errorf("3 miles away: %+v, %v", found, matches)
	}
}
