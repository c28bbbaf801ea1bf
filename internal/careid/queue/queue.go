// Package queue puts everything that people wait for at a registration authority into one order: what was asked for,
// and what the register itself says is not finished.
//
// It does not know how anything in it is done.
package queue

import (
	"cmp"
	"context"
	"slices"
	"time"

	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
)

// Kind is what people wait for.
type Kind string

// The kinds, with those of the highest risk first.
const (
	EndAccess     Kind = "end-access"
	UsableAgain   Kind = "usable-again"
	Authenticator Kind = "authenticator"
	Bare          Kind = "no-authenticator"
	NewIdentity   Kind = "new-identity"
	Application   Kind = "application"
	Position      Kind = "position"
	Details       Kind = "details"
	Else          Kind = "something-else"
	Verify        Kind = "verify"
)

// kind is what is known of a kind.
type kind struct {
	kind     Kind
	label    string
	risk     int // what the wait risks, 1 the most
	reason   string
	requests []request.Kind
}

// lowestRisk is that of kinds for which nobody waits long.
const lowestRisk = 4

// kinds are all kinds, the highest risk first. Whoever still has access that they should not have comes before whoever
// has none that they should have.
var kinds = []kind{
	{EndAccess, "End access", 1, "Somebody may still use access that they should not have",
		[]request.Kind{request.CloseIdentity, request.EndPosition}},
	{UsableAgain, "Make usable again", 2, "They cannot log in",
		[]request.Kind{request.Reactivate, request.ReopenIdentity}},
	{Authenticator, "Authenticator", 2, "They cannot log in, or soon cannot", []request.Kind{request.Authenticator}},
	{Bare, "No authenticator", 2, "They hold access, and have no authenticator to log in with", nil},
	{NewIdentity, "New identity", 3, "They cannot begin to work",
		[]request.Kind{request.NewIdentity, request.FromStaff}},
	{Application, "Application to check", 3, "They cannot begin to work, and have sent what was asked", nil},
	{Position, "Position", 3, "They lack access that they work with",
		[]request.Kind{request.GrantPosition, request.ChangeDates}},
	{Details, "Change details", lowestRisk, "What is known of them is not right",
		[]request.Kind{request.ChangeDetails, request.ByStaff}},
	{Else, "Something else", lowestRisk, "Somebody asked", []request.Kind{request.SomethingElse}},
	{Verify, "Verify an identity", lowestRisk, "Somebody asked that it is verified",
		[]request.Kind{request.VerifyIdentity}},
}

// Kinds lists all kinds, the highest risk first.
func Kinds() (list []Kind) {
	for _, k := range kinds {
		list = append(list, k.kind)
	}
	return list
}

// Label names the kind for people.
func (k Kind) Label() string {
	if one, is := k.known(); is {
		return one.label
	}
	return string(k)
}

// reason says why something of the kind is where it is.
func (k Kind) reason() string {
	one, _ := k.known()
	return one.reason
}

func (k Kind) known() (kind, bool) {
	i := slices.IndexFunc(kinds, func(one kind) bool { return one.kind == k })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// Item is one thing that somebody waits for.
type Item struct {
	Kind         Kind
	Request      request.Request // without an id where nobody asked
	Application  string          // id of the application for a Care Identity to check; empty for anything else
	UUID         string          // of the identity; empty for somebody who is described
	Name         string
	Organisation string // ODS code
	Since        time.Time
	Due          time.Time // zero where no day is set
	Late         bool
	Reason       string // why it is where it is

	by time.Time // by which it has its place in its band, with its id
	id string
	at Place
}

// Place is where an item stands in the queue.
type Place struct {
	asOf time.Time // what was late then is in front; the whole queue is read as of one moment
	band int
	when time.Time // by which it has its place in the band
	id   string
}

// Filter chooses of the queue. What is not said does not count.
type Filter struct {
	Kind         Kind
	Organisation string // ODS code
	Late         bool
}

// source gives items of one band in their order, after a place in it.
type source func(ctx context.Context, r db.R, after Place, limit int) ([]Item, error)

// band is a part of the queue whose items are in one order: what was asked for by when it is due, what the register
// says by since when.
type band []source

// reading is a walk through the queue for somebody, as of a moment.
type reading struct {
	reader deciding.Reader
	filter Filter
	asOf   time.Time
	days   int // working days until something is due
	places *deciding.Places
	where  map[permission.Act][]string
}

// List gives a stretch of the queue for somebody, and the place after which the next begins, which is over where it
// ends. They see what they may do themselves, and nobody sees what they asked for, or what is about themselves.
func List(ctx context.Context, r db.R, reader deciding.Reader, f Filter, after Place, limit int) (
	list []Item, next Place, err error,
) {
	if after.asOf.IsZero() {
		after = Place{asOf: r.Now()}
	}
	days, err := request.Days(ctx, r)
	if err != nil {
		return nil, next, err
	}
	w := &reading{reader: reader, filter: f, asOf: after.asOf, days: days, places: reader.Places(),
		where: map[permission.Act][]string{}}
	bands := w.bands()
	at := after
	for at.band < len(bands) {
		more, err := bands[at.band].read(ctx, r, at, limit+1-len(list))
		if err != nil {
			return nil, next, err
		}
		for i := range more {
			more[i].at = Place{asOf: at.asOf, band: at.band, when: more[i].by, id: more[i].id}
		}
		if list = append(list, more...); len(list) > limit {
			return list[:limit], list[limit-1].at, nil
		}
		at = Place{asOf: at.asOf, band: at.band + 1}
	}
	return list, Place{}, nil
}

// read reads the items of a band after a place: each of its sources as many as are asked for, of which the first stay.
func (b band) read(ctx context.Context, r db.R, after Place, limit int) (list []Item, err error) {
	for _, source := range b {
		more, err := source(ctx, r, after, limit)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortFunc(list, func(a, b Item) int {
		return cmp.Or(a.by.Compare(b.by), cmp.Compare(a.id, b.id))
	})
	return list[:min(limit, len(list))], nil
}

// bands are the parts of the queue in their order: what is late, the highest risk first, then what is not, then who has
// no authenticator though nobody asked for one, then what no day is set for.
func (w *reading) bands() (list []band) {
	for _, late := range []bool{true, false} {
		shown := late || !w.filter.Late
		for risk := 1; risk <= lowestRisk; risk++ {
			var asked, unasked band
			for _, k := range kinds {
				if k.risk != risk || !shown || !w.chooses(k.kind) {
					continue
				}
				for _, one := range k.requests {
					asked = append(asked, w.requests(k, one, late))
				}
				switch k.kind {
				case NewIdentity:
					unasked = append(unasked, w.pending(late))
				case Application:
					asked = append(asked, w.applications(k, late))
				}
			}
			list = append(list, asked, unasked)
		}
	}
	var bareLate, bare, unverified band
	if w.chooses(Bare) {
		bareLate = band{w.bare(true)}
	}
	if w.chooses(Bare) && !w.filter.Late {
		bare = band{w.bare(false)}
	}
	if w.chooses(Verify) && !w.filter.Late {
		unverified = band{w.unverified}
	}
	return append(list, bareLate, bare, unverified)
}

func (w *reading) chooses(k Kind) bool { return w.filter.Kind == "" || w.filter.Kind == k }

// at lists the organisations at which the reader may do all of some acts, of those that are chosen.
func (w *reading) at(ctx context.Context, r db.R, acts ...permission.Act) (codes []string, err error) {
	for n, act := range acts {
		if _, known := w.where[act]; !known {
			if w.where[act], err = w.places.Where(ctx, r, act); err != nil {
				return nil, err
			}
		}
		if n == 0 {
			codes = slices.Clone(w.where[act])
			continue
		}
		codes = slices.DeleteFunc(codes, func(code string) bool { return !slices.Contains(w.where[act], code) })
	}
	if w.filter.Organisation == "" {
		return codes, nil
	}
	return slices.DeleteFunc(codes, func(code string) bool { return code != w.filter.Organisation }), nil
}
