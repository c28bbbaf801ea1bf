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

func TestChoose(t *testing.T) {
	tuesdays := directory.Week{directory.Tuesday: {{From: 540, To: 1080}}}
	mondays := directory.Week{directory.Monday: {{From: 540, To: 1080}}}
	list := []directory.Service{
		{ID: "4", Name: "Far pharmacy", Type: 13, Status: directory.Active, Place: away(9.9), Hours: tuesdays},
		{ID: "1", Name: "Near dentist", Type: 12, Status: directory.Active, Place: away(1), Hours: mondays},
		{ID: "3", Name: "B pharmacy", Type: 13, Status: directory.Active, Place: away(2), Hours: mondays},
		{ID: "2", Name: "A pharmacy", Type: 13, Status: directory.Active, Place: away(2), AllHours: true},
		{ID: "5", Name: "Closed for good", Type: 13, Status: directory.Closed, Place: away(1), Hours: tuesdays},
		{ID: "8", Name: "Not open yet", Type: 13, Status: directory.Commissioning, Place: away(1), Hours: tuesdays},
		{ID: "6", Name: "Nobody knows where", Type: 13, Status: directory.Active, Hours: tuesdays},
		{ID: "7", Name: "Outside the circle", Type: 13, Status: directory.Active, Place: away(10.1), Hours: tuesdays},
	}
	for _, tt := range []struct {
		name  string
		query search.Query
		at    time.Time
		want  []string
	}{
		{"everything in ten miles, nearest first, then by name", search.Query{Miles: 10}, noon,
			[]string{"1", "2", "3", "4"}},
		{"two miles and a bit", search.Query{Miles: 2.01}, noon, []string{"1", "2", "3"}},
		{"pharmacies", search.Query{Miles: 10, Type: 13}, noon, []string{"2", "3", "4"}},
		{"a type that is not there", search.Query{Miles: 10, Type: 105}, noon, nil},
		{"open at noon on Tuesday", search.Query{Miles: 10, OpenNow: true}, noon, []string{"2", "4"}},
		{"open at the minute of closing", search.Query{Miles: 10, OpenNow: true}, noon.Add(6 * time.Hour),
			[]string{"2"}},
		{"open on Monday", search.Query{Miles: 10, OpenNow: true}, noon.AddDate(0, 0, -1), []string{"1", "2", "3"}},
		{"no distance at all", search.Query{}, noon, nil},
	} {
		var got []string
		for _, f := range search.Choose(tt.query, centre, list, directory.Calendar{}, tt.at) {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A service whose hours of the day are not known may be open: it is shown, after those that are open.
func TestOpenNowShowsWhatMayBeOpenLast(t *testing.T) {
	holiday := time.Date(2026, 8, 31, 12, 0, 0, 0, time.UTC)
	pharmacy := directory.Week{directory.Monday: {{From: 540, To: 1080}}, directory.BankHoliday: directory.NotKnown()}
	list := []directory.Service{
		{ID: "not known, near", Status: directory.Active, Place: away(1), Hours: pharmacy},
		{ID: "closed", Status: directory.Active, Place: away(1), Hours: directory.Week{{{From: 540, To: 1080}}}},
		{ID: "no hours at all", Status: directory.Active, Place: away(2)},
		{ID: "open, far", Status: directory.Active, Place: away(9), AllHours: true, Hours: pharmacy},
		{ID: "open, near", Status: directory.Active, Place: away(3), Hours: directory.Week{directory.BankHoliday: {{From: 0, To: 1440}}}},
	}
	for _, tt := range []struct {
		openNow bool
		want    []string
	}{
		{true, []string{"open, near", "open, far", "not known, near", "no hours at all"}},
		{false, []string{"closed", "not known, near", "no hours at all", "open, near", "open, far"}},
	} {
		var got []string
		for _, f := range search.Choose(search.Query{Miles: 10, OpenNow: tt.openNow}, centre, list, directory.Calendar{},
			holiday) {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("open now %v: %q, want %q", tt.openNow, got, tt.want)
		}
	}
}

func TestChooseMeasuresInMiles(t *testing.T) {
	found := search.Choose(search.Query{Miles: 5}, centre,
		[]directory.Service{{Status: directory.Active, Place: away(3)}}, directory.Calendar{}, noon)
	if len(found) != 1 || found[0].Miles < 2.99 || found[0].Miles > 3.01 {
		t.Errorf("3 miles away: %+v", found)
	}
}
