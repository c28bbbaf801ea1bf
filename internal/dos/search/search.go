// Package search finds services for a patient: near a place or by name, of a type, those that are open first and the
// nearest of them first.
//
// It decides which services are shown and in which order; package directory keeps the services themselves.
package search

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/directory"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
)

// Query says which services to look for.
type Query struct {
	Postcode string  // whole, or its first part alone; empty to look by name in all of England
	Miles    float64 // how far away at most
	Type     int     // 0 for any
	Name     string  // words, or the beginnings of words, of the name
	OpenNow  bool
	Page     int // of the results, from 1; 0 for the first
}

// PageSize is how many services are on a page of results.
const PageSize = 20

// Group is a part of the results, in the order in which they are shown.
type Group int

// The groups.
const (
	OpenNow Group = iota
	OpensNext
	Closed
	HoursNotKnown
	groups
)

// soon is how far ahead a service opens that opens next; one that opens later is closed.
const soon = 24 * time.Hour

// GroupOf gives the group of a service with an opening.
func GroupOf(o directory.Opening, now time.Time) Group {
	switch {
	case o.NotKnown:
		return HoursNotKnown
	case o.Open:
		return OpenNow
	case !o.Until.IsZero() && o.Until.Sub(now) <= soon:
		return OpensNext
	}
	return Closed
}

// Found is a service with its distance and whether it is open.
type Found struct {
	directory.Service
	Miles   float64 // only in a search near a postcode
	Opening directory.Opening
	Group   Group
}

// Counts holds how many services of each group were found.
type Counts [groups]int

// Total gives how many services were found.
func (c Counts) Total() (n int) {
	for _, of := range c {
		n += of
	}
	return n
}

// Answer is one page of the results of a query.
type Answer struct {
	Near   string // the postcode district at the centre of the search; empty without a postcode
	Counts Counts
	Page   int // from 1
	Pages  int
	Found  []Found // on this page
}

// Run answers a query at the transaction's time. It puts all the services that match in order, and reads those of the
// page.
func Run(ctx context.Context, r db.R, q Query) (Answer, error) {
	near, centre, err := centreOf(ctx, r, q)
	if err != nil {
		return Answer{}, err
	}
	calendar, err := directory.ReadCalendar(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	moment := calendar.Moment(r.Now())
	answer := Answer{Near: near}
	var choices []Choice
	err = directory.Candidates(ctx, r, q.criteria(centre), moment, func(c directory.Candidate) {
		if choice, matches := Choose(q, centre, c, r.Now()); matches {
			choices = append(choices, choice)
			answer.Counts[choice.Group]++
		}
	})
	if err != nil {
		return Answer{}, err
	}
	slices.SortFunc(choices, Choice.Compare)
	answer.Pages = max(1, (len(choices)+PageSize-1)/PageSize)
	answer.Page = min(max(q.Page, 1), answer.Pages)
	from := (answer.Page - 1) * PageSize
	answer.Found, err = whole(ctx, r, choices[from:min(from+PageSize, len(choices))], moment)
	return answer, err
}

// whole reads the chosen services.
func whole(ctx context.Context, r db.R, choices []Choice, moment *directory.Moment) ([]Found, error) {
	ids := make([]string, 0, len(choices))
	for _, c := range choices {
		ids = append(ids, c.ID)
	}
	list, err := directory.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	found := make([]Found, 0, len(list))
	for i, s := range list {
		found = append(found, Found{Service: s, Miles: choices[i].Miles, Group: choices[i].Group,
			Opening: moment.Opening(&s.Hours, s.AllHours)})
	}
	return found, nil
}

func (q Query) criteria(centre *postcode.Point) directory.Criteria {
	return directory.Criteria{Centre: centre, Kilometres: q.Miles * postcode.KilometresInMile, Type: q.Type,
		Name: q.Name}
}

// minLetters is how many letters of a word of the name a search in all of England needs.
const minLetters = 3

// centreOf gives the postcode district to search around, and its centre; neither in a search by name alone.
func centreOf(ctx context.Context, r db.R, q Query) (outcode string, centre *postcode.Point, err error) {
	if strings.TrimSpace(q.Postcode) == "" {
		return "", nil, CheckName(q.Name)
	}
	if outcode, err = outcodeOf(q.Postcode); err != nil {
		return "", nil, err
	}
	point, err := directory.CentreOf(ctx, r, outcode)
	if errors.Is(err, fault.NotFound) {
		return "", nil, fault.OfField("postcode", "Enter another postcode, we do not know where "+outcode+" is")
	}
	return outcode, &point, err
}

// CheckName refuses a name that is too short to search all of England for.
func CheckName(name string) error {
	if strings.TrimSpace(name) == "" {
		return fault.OfField("postcode", "Enter a postcode, or the name of a service")
	}
	for word := range strings.FieldsSeq(searchname.Of(name)) {
		if utf8.RuneCountInString(word) >= minLetters {
			return nil
		}
	}
	return fault.OfField("name", "Enter a postcode, or at least 3 letters of a word of the name")
}

// outcodeOf gives the district of a postcode, from the whole postcode or from its first part.
func outcodeOf(typed string) (string, error) {
	if whole, err := postcode.Parse(typed); err == nil {
		return whole.Outward(), nil
	}
	outcode, err := postcode.ParseOutward(typed)
	if err != nil {
		return "", fault.OfField("postcode", "Enter a UK postcode, like M1 1AE, or its first part, like M1")
	}
	return outcode, nil
}
