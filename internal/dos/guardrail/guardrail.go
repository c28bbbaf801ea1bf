// Package guardrail pauses a wave by itself when too many of its people are locked out, are refused with their Care
// Identity or ask for help, and tells people.
//
// It moves no wave, neither forward nor back: what was paused by it goes on, or is undone, when somebody decides so.
package guardrail

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/outcome"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Name names a measure.
type Name string

// The measures.
const (
	LockOuts Name = "lock-outs"
	Refusals Name = "refusals"
	Tickets  Name = "tickets"
)

// Count counts the people of a wave about whom something is so, since a time.
type Count func(ctx context.Context, r db.R, waveID string, since time.Time) (int, error)

// Measure is what is counted of a wave.
type Measure struct {
	Name  Name
	Title string // what people call it
	Usual Limit
	count Count
}

// Limit is how many people are not too many yet.
type Limit struct {
	People   int // so many
	Permille int // and so many of a thousand people in the wave
}

// Rail is a measure of one wave: what was counted, and its limit.
type Rail struct {
	Measure Measure
	Limit   Limit
	Count   int
	Of      int // accounts in the wave
}

// Broken reports whether there are too many.
func (r Rail) Broken() bool {
	return r.Count > r.Limit.People || r.Count > 0 && r.Count*1000 > r.Limit.Permille*r.Of
}

// Allowed gives how many are not too many.
func (r Rail) Allowed() int { return min(r.Limit.People, r.Limit.Permille*r.Of/1000) }

// Text says how it stands.
func (r Rail) Text() string {
	return fmt.Sprintf("%s: %d, limit %d", r.Measure.Title, r.Count, r.Allowed())
}

// Rails are the guard rails of all waves.
type Rails struct {
	Tickets Count // nil where tickets are kept elsewhere
}

// Measures lists what is counted.
func (o Rails) Measures() []Measure {
	list := []Measure{
		{LockOuts, "People locked out", Limit{People: 5, Permille: 10}, outcome.CountLockedOut},
		{Refusals, "People refused with their Care Identity", Limit{People: 20, Permille: 50}, outcome.CountRefused},
	}
	if o.Tickets != nil {
		list = append(list, Measure{Tickets, "People who asked for help", Limit{People: 20, Permille: 50}, o.Tickets})
	}
	return list
}

// Of reads the guard rails of a wave. One that has not entered a phase in which people can link has none to hold.
func (o Rails) Of(ctx context.Context, r db.R, of wave.Wave) (list []Rail, err error) {
	limits, err := limitsOf(ctx, r, of.ID)
	if err != nil {
		return nil, err
	}
	members, err := wave.Members(ctx, r, of.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range o.Measures() {
		rail := Rail{Measure: m, Limit: m.Usual, Of: members}
		if set, is := limits[m.Name]; is {
			rail.Limit = set
		}
		if of.Phase >= path.Choose {
			if rail.Count, err = m.count(ctx, r, of.ID, of.CountsFrom()); err != nil {
				return nil, err
			}
		}
		list = append(list, rail)
	}
	return list, nil
}

// Broken leaves the rails that do not hold.
func Broken(list []Rail) (broken []Rail) {
	for _, r := range list {
		if r.Broken() {
			broken = append(broken, r)
		}
	}
	return broken
}

// InWords says of rails how they stand.
func InWords(list []Rail) string {
	var texts []string
	for _, r := range list {
		texts = append(texts, r.Text())
	}
	return strings.Join(texts, "; ")
}

// ErrBroken refuses a further phase of a wave whose guard rails do not hold.
var ErrBroken = fault.SayCure(fault.Conflict, "Too many people of the wave are locked out, refused or ask for help.",
	"See Guard rails on the page of the wave. Help these people first, or undo the last start.")

// Hold gives ErrBroken if the guard rails of a wave do not hold.
func (o Rails) Hold(ctx context.Context, r db.R, of wave.Wave) error {
	list, err := o.Of(ctx, r, of)
	if err == nil && len(Broken(list)) > 0 {
		err = ErrBroken
	}
	return err
}
