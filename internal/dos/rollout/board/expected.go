package board

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/forecast"
)

// Expected is when people will be ready, with what that rests on.
type Expected struct {
	forecast.Forecast

	Waiting int     // people who are not ready
	Queues  []Queue // where most wait first
	Days    int     // how many days of the past it rests on

	waves []wave.Wave
}

// waitsIn reports whether somebody of a group is not ready.
func (e *Expected) waitsIn(group string) bool {
	_, is := e.Groups[group]
	return is || e.Unsaid[group] > 0
}

// Queue is what is known of one who works off a queue.
type Queue struct {
	Key     forecast.Key
	Name    string
	Waiting int // people who wait for them now, or will
	History []int
}

// The groups in which people are looked at.
const groupAll = ""

func regionGroup(id string) string         { return "region " + id }
func organisationGroup(code string) string { return "organisation " + code }
func waveGroup(id string) string           { return "wave " + id }

// GroupOf gives the group of a selection: its organisation, else its region, else its wave, else all.
func GroupOf(s report.Selection) string {
	switch {
	case s.Organisation != "":
		return organisationGroup(s.Organisation)
	case s.Region != "":
		return regionGroup(s.Region)
	case s.Wave != "":
		return waveGroup(s.Wave)
	}
	return groupAll
}

// notKnown is for whom those wait of whom it is not known what is missing.
const notKnown forecast.Key = "not known yet"

// keyOf names who works off a queue: each registration authority has one of its own.
func keyOf(owner path.Owner, authority string) forecast.Key {
	if owner == path.RegistrationAuthority {
		return forecast.Key(string(owner) + " " + authority)
	}
	return forecast.Key(owner)
}

// nameOf words a key.
func nameOf(k forecast.Key) string {
	owner, authority, _ := strings.Cut(string(k), " ")
	title := path.Owner(owner).Title()
	if title == "" {
		return "Nobody yet: it is not known what is missing"
	}
	if path.Owner(owner) == path.RegistrationAuthority {
		if authority == "" {
			return title + " that is not known"
		}
		return title + " " + authority
	}
	return title
}

const (
	maxHistory = 56 // days: eight weeks
	// maxPast is how many moves a forecast rests on.
	maxPast = 500_000
)

// Expect says when people will be ready, wherever they are: those who have to act work for all.
func Expect(ctx context.Context, r db.R) (*Expected, error) {
	members, err := report.Members(ctx, r)
	if err != nil {
		return nil, err
	}
	waves, err := wave.List(ctx, r)
	if err != nil {
		return nil, err
	}
	begun, err := firstDay(ctx, r)
	if err != nil {
		return nil, err
	}
	moves, err := report.Moves(ctx, r, report.Selection{Within: account.Reach{Everywhere: true}}, begun, maxPast)
	if err != nil {
		return nil, err
	}
	days := daysBetween(begun, r.Now())
	in := forecast.Input{History: historyOf(moves, begun, days), People: waitingOf(members, waves)}
	e := &Expected{Days: days, Waiting: len(in.People), waves: waves}
	e.Forecast = forecast.Make(in)
	e.Queues = queuesOf(in)
	return e, nil
}

// firstDay gives the beginning of the first whole day of which all moves are kept, eight weeks ago at most.
func firstDay(ctx context.Context, r db.R) (time.Time, error) {
	earliest := midnight(r.Now().AddDate(0, 0, -maxHistory))
	days, err := report.Days(ctx, r, report.Selection{}, DayOf(earliest))
	if err != nil || len(days) == 0 {
		return midnight(r.Now()), err
	}
	if first := midnight(days[0].At); first.After(earliest) {
		return first.AddDate(0, 0, 1), nil // that day was under way when it was counted first
	}
	return earliest, nil
}

func midnight(t time.Time) time.Time {
	year, month, date := t.In(clock.London).Date()
	return time.Date(year, month, date, 0, 0, 0, 0, clock.London)
}

// daysBetween counts the whole days from a midnight to the last one.
func daysBetween(begun, now time.Time) (n int) {
	for end := midnight(now); begun.AddDate(0, 0, n).Before(end); n++ {
	}
	return n
}

// historyOf counts for each day how many people each who has to act let go on.
func historyOf(moves []report.Move, begun time.Time, days int) map[forecast.Key][]int {
	at := map[string]int{}
	for n := range days {
		at[DayOf(begun.AddDate(0, 0, n))] = n
	}
	history := map[forecast.Key][]int{}
	for _, m := range moves {
		n, is := at[DayOf(m.At)]
		if !is || m.Was != string(planning.Blocked) || m.Owner == m.Next {
			continue
		}
		k := keyOf(path.Owner(m.Owner), m.Authority)
		if history[k] == nil {
			history[k] = make([]int, days)
		}
		history[k][n]++
	}
	return history
}

// waitingOf lists who is not ready and has somebody to wait for, those first who wait longest. Who is in none of the
// waves is in a group of their own.
func waitingOf(members []report.Member, waves []wave.Wave) (people []forecast.Person) {
	groups := map[string]string{}
	for _, w := range waves {
		groups[w.ID] = waveGroup(w.ID)
	}
	slices.SortStableFunc(members, func(a, b report.Member) int { return a.Since.Compare(b.Since) })
	plans := newPlanner()
	for _, m := range members {
		if m.Machine {
			continue
		}
		plan := plans.of(report.Group{Facts: report.Facts{Shared: m.Shared, Linked: m.Linked, Proved: m.Proved,
			Said: m.Said, Answers: m.Answers}})
		if plan.State != planning.Blocked && plan.State != planning.Unsure {
			continue
		}
		people = append(people, forecast.Person{ID: m.ID, Path: pathOf(plan, m.Authority), Groups: []string{groupAll,
			regionGroup(m.Region), organisationGroup(m.Organisation), cmp.Or(groups[m.Wave], waveGroup(""))}})
	}
	return people
}

// pathOf gives who has to act, one after the other. Steps of one owner that follow each other are done in one go.
func pathOf(plan *planning.Plan, authority string) (keys []forecast.Key) {
	if plan.State == planning.Unsure {
		return []forecast.Key{notKnown}
	}
	for _, s := range plan.Steps {
		if s.Question || planning.AtLinking(s.What) {
			continue
		}
		if k := keyOf(s.Owner, authority); len(keys) == 0 || keys[len(keys)-1] != k {
			keys = append(keys, k)
		}
	}
	return keys
}

func queuesOf(in forecast.Input) (list []Queue) {
	waiting := map[forecast.Key]int{}
	for _, p := range in.People {
		for i, k := range p.Path {
			if !slices.Contains(p.Path[:i], k) { // who comes back to one who has to act is one person all the same
				waiting[k]++
			}
		}
	}
	for k, n := range waiting {
		list = append(list, Queue{Key: k, Name: nameOf(k), Waiting: n, History: in.History[k]})
	}
	slices.SortFunc(list, func(a, b Queue) int {
		if a.Waiting != b.Waiting {
			return b.Waiting - a.Waiting
		}
		return strings.Compare(string(a.Key), string(b.Key))
	})
	return list
}

// Last gives how many people went on on the last so many days.
func (q Queue) Last(days int) (n int) {
	for _, one := range q.History[max(len(q.History)-days, 0):] {
		n += one
	}
	return n
}
