package search_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/search"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// middles are districts at both ends of the country, where the lengths of a degree of longitude differ most.
var middles = map[string]postcode.Point{
	"JE2": {Latitude: 49.20, Longitude: -2.10}, "M1": {Latitude: 53.48, Longitude: -2.24},
	"BT93": {Latitude: 54.48, Longitude: -7.83}, "ZE2": {Latitude: 60.33, Longitude: -1.20},
}

var (
	radii    = []float64{2, 5, 10, 20, 37}
	names    = []string{"Oak Tree Pharmacy", "St Anne's Surgery", "Oakfield Dental", "Mill Road Clinic", "Market Place"}
	types    = []int{13, 100, 12, 17}
	statuses = []directory.Status{directory.Active, directory.Active, directory.Active, directory.Closed,
		directory.Commissioning}
	weeks = []directory.Week{{}, {directory.Tuesday: {{From: 540, To: 1080}}},
		{directory.Tuesday: {{From: 0, To: 720}}}, {directory.Tuesday: {{From: 720, To: 1440}}},
		{directory.Monday: {{From: 540, To: 1440}}}}
)

// at gives the place at a distance from p in miles, in a direction in radians from north.
func at(p postcode.Point, miles, direction float64) *postcode.Point {
	angle := miles * 1.609344 / 6371.0088
	lat := p.Latitude * math.Pi / 180
	there := math.Asin(math.Sin(lat)*math.Cos(angle) + math.Cos(lat)*math.Sin(angle)*math.Cos(direction))
	east := math.Atan2(math.Sin(direction)*math.Sin(angle)*math.Cos(lat), math.Cos(angle)-math.Sin(lat)*math.Sin(there))
	return &postcode.Point{Latitude: there * 180 / math.Pi, Longitude: p.Longitude + east*180/math.Pi}
}

// apart calculates the distance of two places in miles in another way than the search: by the chord through the
// Earth.
func apart(a, b postcode.Point) float64 {
	vector := func(p postcode.Point) [3]float64 {
		lat := p.Latitude * math.Pi / 180
		long := p.Longitude * math.Pi / 180
		return [3]float64{math.Cos(lat) * math.Cos(long), math.Cos(lat) * math.Sin(long), math.Sin(lat)}
	}
	u := vector(a)
	v := vector(b)
	chord := math.Sqrt((u[0]-v[0])*(u[0]-v[0]) + (u[1]-v[1])*(u[1]-v[1]) + (u[2]-v[2])*(u[2]-v[2]))
	return 2 * 6371.0088 * math.Asin(chord/2) / 1.609344
}

// scattered makes services of every sort around every middle: many just inside and just outside the circle of a
// search, in the directions in which the box around it is tightest, and some anywhere.
func scattered() []directory.Service {
	var list []directory.Service
	for _, outcode := range []string{"JE2", "M1", "BT93", "ZE2"} {
		for i := range 400 {
			miles := radii[i%5] * []float64{0.99999, 1.00001, 0.3, 0.999}[i%4]
			direction := float64(i%8)*math.Pi/4 + []float64{0, 0.05, -0.05}[i%3]
			s := directory.Service{
				Name:     names[i%len(names)],
				Type:     types[i/3%4],
				Status:   statuses[i/7%5],
				Hours:    weeks[i/2%5],
				AllHours: i%11 == 0,
				Postcode: "M1 1AE",
			}
			if i%23 != 0 {
				s.Place = at(middles[outcode], miles, direction)
			}
			list = append(list, s)
		}
	}
	return list
}

// filled makes a directory with the services, and returns them as the directory stores them.
func filled(t *testing.T, now clock.Clock, services []directory.Service) (*db.DB, []directory.Service) {
	t.Helper()
	d := dbtest.Open(t, schema.Files, now)
	stored := make([]directory.Service, len(services))
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) (err error) {
		for outcode, p := range middles {
			if err := directory.ImportedPlaces().Put(t.Context(), w, outcode, "",
				fmt.Sprintf(`{"Latitude":%v,"Longitude":%v}`, p.Latitude, p.Longitude)); err != nil {
				return err
			}
		}
		for i, s := range services {
			if stored[i], err = directory.Add(t.Context(), w, s, ""); err != nil {
				return err
			}
		}
		return w.Record(t.Context(), audit.Event{Kind: "test.filled", Subject: audit.Ref{Kind: "test", ID: "1"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, stored
}

// wanted gives the services that a query should find, by checking every service.
func wanted(q search.Query, centre *postcode.Point, all []directory.Service, now time.Time) []string {
	var ids []string
	for _, s := range all {
		if s.Status != directory.Active || q.Type != 0 && s.Type != q.Type ||
			centre != nil && (s.Place == nil || apart(*centre, *s.Place) > q.Miles) {
			continue
		}
		minute := now.Hour()*60 + now.Minute()
		open := s.AllHours || slices.ContainsFunc(s.Hours[directory.Tuesday], func(o directory.Session) bool {
			return o.From <= minute && minute < o.To
		})
		if q.OpenNow && !open && s.Hours.Known() {
			continue
		}
		if q.Name != "" && !strings.HasPrefix(strings.ToLower(s.Name), q.Name) &&
			!strings.Contains(strings.ToLower(s.Name), " "+q.Name) {
			continue
		}
		ids = append(ids, s.ID)
	}
	return ids
}

// run gives one page of a query's results.
func run(rt *rapid.T, t *testing.T, d *db.DB, q search.Query) search.Answer {
	answer, err := db.Read(t.Context(), d, func(r db.R) (search.Answer, error) {
		return search.Run(t.Context(), r, q)
	})
	if err != nil {
		rt.Fatal(err)
	}
	return answer
}

// all gives every page of a query's results.
func all(rt *rapid.T, t *testing.T, d *db.DB, q search.Query) (found []search.Found, near string,
	counts search.Counts) {
	for q.Page = 1; ; q.Page++ {
		answer := run(rt, t, d, q)
		if answer.Page != q.Page || len(answer.Found) > search.PageSize {
			rt.Fatalf("page %d of %d has %d services", answer.Page, answer.Pages, len(answer.Found))
		}
		found = append(found, answer.Found...)
		if q.Page == answer.Pages {
			return found, answer.Near, answer.Counts
		}
	}
}

// follows reports whether b may come after a in the results.
func follows(a, b search.Found) bool {
	return a.Group < b.Group || a.Group == b.Group && (a.Miles < b.Miles || a.Miles == b.Miles && a.Name <= b.Name)
}

// A search finds the same services as a check of every single service, in order, on whichever page.
func TestSearchFindsWhatLookingAtEverythingFinds(t *testing.T) {
	m := clocktest.At(noon)
	d, stored := filled(t, m, scattered())
	total := 0
	rapid.Check(t, func(rt *rapid.T) {
		q := search.Query{
			Postcode: rapid.SampledFrom([]string{"JE2", "M1", "BT93 1AA", "ze21aa", ""}).Draw(rt, "postcode"),
			Miles:    rapid.SampledFrom(radii).Draw(rt, "miles"),
			Type:     rapid.SampledFrom([]int{0, 0, 13, 100, 46}).Draw(rt, "type"),
			Name:     rapid.SampledFrom([]string{"", "", "oak", "dental", "ree", "road"}).Draw(rt, "name"),
			OpenNow:  rapid.Bool().Draw(rt, "open now"),
		}
		if q.Postcode == "" && q.Name == "" {
			q.Name = "oak"
		}
		m.Advance(noon.Add(time.Duration(rapid.IntRange(-719, 719).Draw(rt,
			"minutes from noon")) * time.Minute).Sub(m.Now()))
		found, near, counts := all(rt, t, d, q)
		var got []string
		for i, f := range found {
			if i > 0 && !follows(found[i-1], f) {
				rt.Fatalf("%v %v comes after %v %v", f.Group, f.Miles, found[i-1].Group, found[i-1].Miles)
			}
			if f.Group != search.GroupOf(f.Opening, m.Now()) {
				rt.Fatalf("%+v is in the group %v", f.Opening, f.Group)
			}
			counts[f.Group]--
			got = append(got, f.ID)
		}
		if counts != (search.Counts{}) {
			rt.Fatalf("the counts of the groups are wrong by %v", counts)
		}
		total += len(got)
		var centre *postcode.Point
		if point, is := middles[near]; is {
			centre = &point
		}
		want := wanted(q, centre, stored, m.Now())
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			rt.Fatalf("%+v at %v: found %d, one by one %d", q, m.Now(), len(got), len(want))
		}
		counted(rt, t, d, q, len(want))
	})
	if total == 0 {
		t.Error("nothing was found, so nothing was compared")
	}
}

// counted compares what one pass counts for wider searches with what each of them finds.
func counted(rt *rapid.T, t *testing.T, d *db.DB, q search.Query, n int) {
	wider := []search.Query{q, q, q, q}
	wider[1].Miles = 37
	wider[2].Type = 0
	wider[3].OpenNow = false
	if q.Postcode != "" {
		wider[3].Name = ""
	}
	counts, err := db.Read(t.Context(), d, func(r db.R) ([]int, error) {
		return search.Count(t.Context(), r, q, wider)
	})
	if err != nil {
		rt.Fatal(err)
	}
	for i, w := range wider {
		answer := run(rt, t, d, w)
		if counts[i] != answer.Counts.Total() || i == 0 && counts[0] != n {
			rt.Fatalf("%+v: counted %d, found %d", w, counts[i], answer.Counts.Total())
		}
	}
}
