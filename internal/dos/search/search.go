// Package search finds services for a patient: near a place, of a type, open now, the nearest first.
//
// It decides which services are shown and in which order; package directory keeps the services themselves.
package search

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Query says which services to look for.
type Query struct {
	Postcode string  // whole, or its first part alone
	Miles    float64 // how far away at most
	Type     int     // 0 for any
	Name     string  // words, or the beginnings of words, of the name
	OpenNow  bool
}

// Found is a service with its distance and whether it is open.
type Found struct {
	directory.Service
	Miles   float64
	Opening directory.Opening
}

// Answer is the result of a query.
type Answer struct {
	Near  string // the postcode district at the centre of the search
	Found []Found
}

// Run answers a query at the transaction's time.
func Run(ctx context.Context, r db.R, q Query) (Answer, error) {
	outcode, err := outcodeOf(q.Postcode)
	if err != nil {
		return Answer{}, err
	}
	centre, err := directory.CentreOf(ctx, r, outcode)
	if errors.Is(err, fault.NotFound) {
		return Answer{}, fault.OfField("postcode", "Enter another postcode, we do not know where "+outcode+" is")
	}
	if err != nil {
		return Answer{}, err
	}
	list, err := directory.Within(ctx, r, centre, q.Miles*postcode.KilometresInMile, q.Type, q.Name)
	if err != nil {
		return Answer{}, err
	}
	calendar, err := directory.ReadCalendar(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Near: outcode, Found: Choose(q, centre, list, calendar, r.Now())}, nil
}

// outcodeOf gives the district of a postcode, from the whole postcode or from its first part.
func outcodeOf(typed string) (string, error) {
	if strings.TrimSpace(typed) == "" {
		return "", fault.OfField("postcode", "Enter a postcode")
	}
	if whole, err := postcode.Parse(typed); err == nil {
		return whole.Outward(), nil
	}
	outcode, err := postcode.ParseOutward(typed)
	if err != nil {
		return "", fault.OfField("postcode", "Enter a UK postcode, like M1 1AE, or its first part, like M1")
	}
	return outcode, nil
}

// Choose leaves out the services that do not match the query and orders the rest: the nearest first, and by name
// if two are equally near. In a search for services that are open now, services whose hours are not known come last.
func Choose(q Query, centre postcode.Point, list []directory.Service, c directory.Calendar, now time.Time) []Found {
	var found []Found
	for _, s := range list {
		if s.Place == nil || s.Status != directory.Active || q.Type != 0 && s.Type != q.Type {
			continue
		}
		f := Found{Service: s, Miles: postcode.Miles(centre, *s.Place), Opening: s.Hours.At(c, s.AllHours, now)}
		if f.Miles > q.Miles || q.OpenNow && !f.Opening.Open && !f.Opening.NotKnown {
			continue
		}
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b Found) int {
		if q.OpenNow && a.Opening.NotKnown != b.Opening.NotKnown {
			return knownFirst(a, b)
		}
		return cmp.Or(cmp.Compare(a.Miles, b.Miles), strings.Compare(a.Shown()+a.ID, b.Shown()+b.ID))
	})
	return found
}

// knownFirst orders a service whose hours are known before one whose hours are not.
func knownFirst(a, _ Found) int {
	if a.Opening.NotKnown {
		return 1
	}
	return -1
}
