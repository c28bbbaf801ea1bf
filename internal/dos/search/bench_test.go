package search_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/search"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// BenchmarkRun searches among 15,000 services, all of them within reach.
func BenchmarkRun(b *testing.B) {
	d := dbtest.Open(b, schema.Files, clocktest.At(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)))
	fill(b, d, 15000)
	for _, q := range []search.Query{
		{Postcode: "M1 1AE", Miles: 2}, {Postcode: "M1", Miles: 37},
		{Postcode: "M1", Miles: 37, Type: 13, OpenNow: true}, {Postcode: "M1", Miles: 37, Name: "oak 12"},
	} {
		b.Run(fmt.Sprintf("%v miles, type %d, name %q, open now %v", q.Miles, q.Type, q.Name, q.OpenNow),
			func(b *testing.B) {
				for b.Loop() {
					err := d.View(b.Context(), func(r db.R) error {
						_, err := search.Run(b.Context(), r, q)
						return err
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
	}
}

// fill makes a directory of n services around one district.
func fill(b *testing.B, d *db.DB, n int) {
	b.Helper()
	week, err := directory.ParseWeek("09:00-13:00,14:00-18:00|" + strings.Repeat("09:00-18:00|", 4) + "09:00-12:00||")
	if err != nil {
		b.Fatal(err)
	}
	err = d.Update(b.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := directory.ImportedPlaces().Put(b.Context(), w, "M1", "",
			`{"Latitude":53.48,"Longitude":-2.24}`); err != nil {
			return err
		}
		for i := range n {
			at := postcode.Point{Latitude: 53.2 + float64(i%100)*0.005, Longitude: -2.6 + float64(i/100%100)*0.007}
			s := directory.Service{
				Name:     fmt.Sprintf("Oak Tree Service %d", i),
				Type:     []int{13, 12, 100}[i%3],
				Postcode: "M1 1AE",
				Place:    &at,
				Hours:    week,
			}
			if _, err := directory.Add(b.Context(), w, s, ""); err != nil {
				return err
			}
		}
		return w.Record(b.Context(), audit.Event{Kind: "test.filled", Subject: audit.Ref{Kind: "test", ID: "1"}})
	})
	if err != nil {
		b.Fatal(err)
	}
}
