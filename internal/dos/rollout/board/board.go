// Package board counts how far everybody is on the way to their Care Identity, place by place: who is ready, who waits
// for whom, and since when.
//
// What the directory itself knows is as of the moment; what the care identity side knows is as it said last (package
// standing). It decides nothing about anybody.
package board

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/standing"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/percent"
)

// Counts are how many accounts are how far.
type Counts struct {
	Accounts int
	States   map[planning.State]int
	Waiting  map[path.Owner]int // who has to act next about those that are not ready
	Oldest   time.Time          // since when the one that waits longest is as it is; zero if that is not known of any
}

func (c *Counts) add(g report.Group, plan *planning.Plan) {
	c.Accounts += g.N
	c.States[plan.State] += g.N
	if plan.Owner == "" {
		return
	}
	c.Waiting[plan.Owner] += g.N
	if !g.Oldest.IsZero() && (c.Oldest.IsZero() || g.Oldest.Before(c.Oldest)) {
		c.Oldest = g.Oldest
	}
}

// Done is the share of accounts that are linked with nothing missing, or ready to link, in per cent.
func (c *Counts) Done() int {
	return percent.Of(c.States[planning.Moved]+c.States[planning.Ready], c.Accounts)
}

func newCounts() Counts {
	return Counts{States: map[planning.State]int{}, Waiting: map[path.Owner]int{}}
}

// Place is one region or organisation with its counts.
type Place struct {
	Counts

	ID   string // of the region's service, or the ODS code; empty for accounts of which it is not known
	left int    // accounts of which something has to be done before they can link
}

// Board is the counts of all that is asked for, and of each place in it.
type Board struct {
	Counts

	Places []Place // where most wait first
}

// Read counts the accounts that are meant, by their regions or organisations.
func Read(ctx context.Context, r db.R, s report.Selection, by string) (*Board, error) {
	groups, err := groupsNow(ctx, r, s, by)
	if err != nil {
		return nil, err
	}
	return boardOf(groups), nil
}

func boardOf(groups []report.Group) *Board {
	b := &Board{Counts: newCounts()}
	places := map[string]*Place{}
	plans := newPlanner()
	for _, g := range groups {
		plan := plans.of(g)
		place := places[g.Place]
		if place == nil {
			place = &Place{Counts: newCounts(), ID: g.Place}
			places[g.Place] = place
		}
		b.add(g, plan)
		place.add(g, plan)
	}
	for _, p := range places {
		for _, state := range toDo {
			p.left += p.States[state]
		}
		b.Places = append(b.Places, *p)
	}
	slices.SortFunc(b.Places, func(x, y Place) int {
		return cmp.Or(y.left-x.left, strings.Compare(x.ID, y.ID))
	})
	return b
}

// planner plans once for all groups of whom the same is known.
type planner struct {
	*planning.Planner

	plans map[report.Facts]*planning.Plan
}

func newPlanner() planner {
	return planner{planning.NewPlanner(nil), map[report.Facts]*planning.Plan{}}
}

func (p planner) ofText(facts string) (*planning.Plan, error) {
	f, err := report.FactsOf(facts)
	return p.of(report.Group{Facts: f}), err
}

func (p planner) of(g report.Group) *planning.Plan {
	plan, is := p.plans[g.Facts]
	if !is {
		plan = p.Plan(factsOf(g))
		p.plans[g.Facts] = plan
	}
	return plan
}

// Person is one account with what is left to do about it.
type Person struct {
	Account string // id
	Plan    *planning.Plan
	Since   time.Time // zero if it is not known
}

// maxPeople is how many people of one organisation are looked at.
const maxPeople = 5_000

// People lists the accounts that are meant: those about whom somebody has to act first, and of them the one that waits
// longest.
func People(ctx context.Context, r db.R, s report.Selection) ([]Person, error) {
	list, err := report.Selected(ctx, r, s, maxPeople)
	if err != nil {
		return nil, err
	}
	plans := planning.NewPlanner(nil)
	people := make([]Person, len(list))
	for i, g := range list {
		people[i] = Person{Account: g.Place, Plan: plans.Plan(factsOf(g)), Since: g.Oldest}
	}
	states := planning.States()
	slices.SortStableFunc(people, func(x, y Person) int {
		if x.Plan.State != y.Plan.State {
			return slices.Index(states, y.Plan.State) - slices.Index(states, x.Plan.State)
		}
		return x.Since.Compare(y.Since)
	})
	return people, nil
}

func factsOf(g report.Group) path.Facts {
	return rollout.Noted{
		Shared: g.Shared, Linked: g.Linked, Proved: g.Proved, Phase: path.Phase(g.Phase), Said: standing.Said(g.Said),
		Answers: g.Answers,
	}.Facts()
}
