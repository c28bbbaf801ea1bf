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
			if err := directory.ImportedPlaces().Put(t.Context(), w, outcode,
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
func wanted(q search.Query, centre postcode.Point, all []directory.Service, now time.Time) []string {
	var ids []string
	for _, s := range all {
		if s.Place == nil || s.Status != directory.Active || q.Type != 0 && s.Type != q.Type ||
			apart(centre, *s.Place) > q.Miles {
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

// A search finds the same services as a check of every single service, the nearest first.
func TestSearchFindsWhatLookingAtEverythingFinds(t *testing.T) {
	m := clocktest.At(noon)
	d, all := filled(t, m, scattered())
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		q := search.Query{
			Postcode: rapid.SampledFrom([]string{"JE2", "M1", "BT93 1AA", "ze21aa"}).Draw(rt, "postcode"),
			Miles:    rapid.SampledFrom(radii).Draw(rt, "miles"),
			Type:     rapid.SampledFrom([]int{0, 0, 13, 100, 46}).Draw(rt, "type"),
			Name:     rapid.SampledFrom([]string{"", "", "oak", "dental", "ree", "road"}).Draw(rt, "name"),
			OpenNow:  rapid.Bool().Draw(rt, "open now"),
		}
		m.Advance(noon.Add(time.Duration(rapid.IntRange(-719, 719).Draw(rt,
			"minutes from noon")) * time.Minute).Sub(m.Now()))
		var answer search.Answer
		err := d.View(t.Context(), func(r db.R) (err error) {
			answer, err = search.Run(t.Context(), r, q)
			return err
		})
		if err != nil {
			rt.Fatal(err)
		}
		var got []string
		for i, f := range answer.Found {
			if i > 0 && f.Miles < answer.Found[i-1].Miles &&
				(!q.OpenNow || !f.Opening.NotKnown || answer.Found[i-1].Opening.NotKnown) {
				rt.Fatalf("%v miles comes after %v", f.Miles, answer.Found[i-1].Miles)
			}
			got = append(got, f.ID)
		}
		found += len(got)
		want := wanted(q, middles[answer.Near], all, m.Now())
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			rt.Fatalf("%+v at %v: found %d, one by one %d", q, m.Now(), len(got), len(want))
		}
	})
	if found == 0 {
		t.Error("nothing was found, so nothing was compared")
	}
}
