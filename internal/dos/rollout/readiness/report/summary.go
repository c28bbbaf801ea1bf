// Package report writes what package readiness found: a summary, lists for those who have to act, a file for programs
// and one page for people.
//
// It asks nothing and decides nothing. It writes into a folder, and each file in whole or not at all.
package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/national/path"
)

// Summary is what was counted. Machines' accounts are counted apart and nowhere else.
type Summary struct {
	Accounts      int                     `json:"accounts"` // that are to move
	Machines      int                     `json:"machines"`
	Inactive      int                     `json:"inactive"` // left out
	States        map[planning.State]int  `json:"states"`
	Classes       map[readiness.Class]int `json:"classes"`
	Waiting       map[path.Owner]int      `json:"waiting"` // accounts that wait for each owner
	Steps         []StepCount             `json:"steps"`   // most often first
	Organisations []Group                 `json:"organisations"`
	Regions       []Group                 `json:"regions"`
	Authorities   []Group                 `json:"registration_authorities"`
	Weeks         []Week                  `json:"weeks"`
	Undated       int                     `json:"undated"` // of whom something has to be found out first
	Needs         []NeedCount             `json:"needs"`
	Flows         []Flow                  `json:"flows"`
	Unsaid        []string                `json:"unsaid"`
}

// StepCount is how many accounts have a step before them.
type StepCount struct {
	What     path.What  `json:"what"`
	Task     string     `json:"task"`
	Owner    path.Owner `json:"owner"`
	Accounts int        `json:"accounts"`
}

// Group is the accounts of one organisation, region or registration authority.
type Group struct {
	Code    string                 `json:"code"` // empty where the lists do not say
	Name    string                 `json:"name,omitempty"`
	Total   int                    `json:"total"`
	States  map[planning.State]int `json:"states"`
	Waiting map[path.Owner]int     `json:"waiting"`
}

// Week is how many accounts become ready in the week that begins on a day, a Monday.
type Week struct {
	Begins   string `json:"begins"` // 2006-01-02
	Accounts int    `json:"accounts"`
}

// NeedCount is how many accounts meet one line of the checklist.
type NeedCount struct {
	Need    path.Need `json:"need"`
	Title   string    `json:"title"`
	Done    int       `json:"done"`
	Unknown int       `json:"unknown"`
	Missing int       `json:"missing"`
}

// Flow is how many accounts of a class wait for an owner, or for nobody where that is empty.
type Flow struct {
	Class    readiness.Class `json:"class"`
	State    planning.State  `json:"state"`
	Owner    path.Owner      `json:"owner,omitempty"`
	Accounts int             `json:"accounts"`
}

// counter counts one result.
type counter struct {
	summary       Summary
	result        *readiness.Result
	days          *days
	organisations map[string]*Group
	regions       map[string]*Group
	authorities   map[string]*Group
	plans         map[*planning.Plan]int
	flows         map[Flow]int
	weeks         map[string]int
}

// Summarise counts a result, as it is on a day.
func Summarise(r *readiness.Result, today time.Time) Summary {
	c := counter{
		result: r, days: &days{today: today}, organisations: map[string]*Group{}, regions: map[string]*Group{},
		authorities: map[string]*Group{}, plans: map[*planning.Plan]int{}, flows: map[Flow]int{},
		weeks: map[string]int{},
		summary: Summary{
			Inactive: r.Inactive, Unsaid: r.Unsaid, States: map[planning.State]int{},
			Classes: map[readiness.Class]int{}, Waiting: map[path.Owner]int{},
		},
	}
	for _, p := range r.People {
		c.count(p)
	}
	return c.finish()
}

func (c *counter) count(p readiness.Person) {
	if p.Exempt() {
		c.summary.Machines++
		return
	}
	plan := p.Plan
	c.summary.Accounts++
	c.summary.States[plan.State]++
	c.summary.Classes[p.Class]++
	if plan.Owner != "" {
		c.summary.Waiting[plan.Owner]++
	}
	c.plans[plan]++
	c.flows[Flow{Class: p.Class, State: plan.State, Owner: plan.Owner}]++
	switch {
	case plan.Dated():
		c.weeks[monday(c.days.after(plan.Days))]++
	case plan.State != planning.Moved:
		c.summary.Undated++
	}
	group(c.organisations, p.Organisation, p.OrganisationName, plan)
	group(c.regions, p.Region, "", plan)
	group(c.authorities, c.result.Authority(p), "", plan)
}

func group(groups map[string]*Group, code, name string, plan *planning.Plan) {
	g, is := groups[code]
	if !is {
		g = &Group{Code: code, States: map[planning.State]int{}, Waiting: map[path.Owner]int{}}
		groups[code] = g
	}
	if g.Name == "" {
		g.Name = name
	}
	g.Total++
	g.States[plan.State]++
	if plan.Owner != "" {
		g.Waiting[plan.Owner]++
	}
}

// finish puts what was counted in order.
func (c *counter) finish() Summary {
	s := c.summary
	s.Organisations = largestFirst(c.organisations)
	s.Regions = largestFirst(c.regions)
	s.Authorities = largestFirst(c.authorities)
	for day, n := range c.weeks {
		s.Weeks = append(s.Weeks, Week{day, n})
	}
	slices.SortFunc(s.Weeks, func(a, b Week) int { return cmp.Compare(a.Begins, b.Begins) })
	for flow, n := range c.flows {
		flow.Accounts = n
		s.Flows = append(s.Flows, flow)
	}
	slices.SortFunc(s.Flows, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.Class, b.Class), cmp.Compare(a.State, b.State))
	})
	s.Steps = c.steps()
	s.Needs = c.needs()
	return s
}

func (c *counter) steps() []StepCount {
	counts := map[path.What]*StepCount{}
	for plan, n := range c.plans {
		for _, step := range plan.Steps {
			if counts[step.What] == nil {
				counts[step.What] = &StepCount{What: step.What, Task: step.Task, Owner: step.Owner}
			}
			counts[step.What].Accounts += n
		}
	}
	var list []StepCount
	for _, count := range counts {
		list = append(list, *count)
	}
	slices.SortFunc(list, func(a, b StepCount) int {
		return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.What, b.What))
	})
	return list
}

func (c *counter) needs() []NeedCount {
	var list []NeedCount
	for _, item := range path.Checklist(path.Facts{}) {
		list = append(list, NeedCount{Need: item.Need, Title: item.Title})
	}
	for plan, n := range c.plans {
		for i, item := range plan.Checklist() {
			steps := slices.DeleteFunc(slices.Clone(item.Steps), func(s path.Step) bool {
				return item.Need != path.LinkedAccount && planning.AtLinking(s.What)
			})
			switch {
			case len(steps) == 0:
				list[i].Done += n
			case !slices.ContainsFunc(steps, func(s path.Step) bool { return !s.Question }):
				list[i].Unknown += n
			default:
				list[i].Missing += n
			}
		}
	}
	return list
}

// largestFirst lists groups, those of which nobody said the code last.
func largestFirst(groups map[string]*Group) []Group {
	var list []Group
	for _, g := range groups {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(compareBool(a.Code == "", b.Code == ""), cmp.Compare(b.Total, a.Total),
			cmp.Compare(a.Code, b.Code))
	})
	return list
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// days counts working days in England: neither weekends nor bank holidays.
type days struct {
	today    time.Time
	calendar directory.Calendar
	known    []time.Time // by how many days later
}

// after gives the day so many working days after today.
func (d *days) after(n int) time.Time {
	if len(d.known) == 0 {
		d.known = []time.Time{d.today}
	}
	for len(d.known) <= n {
		day := d.known[len(d.known)-1].AddDate(0, 0, 1)
		for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || d.calendar.IsBankHoliday(day) {
			day = day.AddDate(0, 0, 1)
		}
		d.known = append(d.known, day)
	}
	return d.known[n]
}

// monday gives the Monday on or before a day.
func monday(day time.Time) string {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7).Format(time.DateOnly)
}

// owners lists the owners of steps, those first for whom the most accounts wait.
func (s Summary) owners() []path.Owner {
	list := slices.Collect(maps.Keys(s.Waiting))
	slices.SortFunc(list, func(a, b path.Owner) int {
		return cmp.Or(cmp.Compare(s.Waiting[b], s.Waiting[a]), cmp.Compare(a, b))
	})
	return list
}

// undated says of how many no date can be said.
func (s Summary) undated() string {
	switch s.Undated {
	case 0:
		return ""
	case 1:
		return "1 more account is in no week: something has to be found out about it first."
	}
	return thousands(s.Undated) + " more accounts are in no week: something has to be found out about them first."
}
