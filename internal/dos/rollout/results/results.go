// Package results says what came of the move over some days: how logins went by authenticator, how many tickets there
// were, how long people took, and who was locked out. Pages, files, the command line and the mail of a month say what
// it says.
//
// It counts nothing by itself (package outcome does), and decides nothing.
package results

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"signpost/internal/dos/outcome"
	"signpost/internal/dos/report"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/wave"
	"signpost/internal/national/authn"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/percent"
)

// Results are what came of the move.
type Results struct {
	From       string     `json:"from"`  // the first day, as 2026-11-01
	Until      string     `json:"until"` // the last day
	Wave       string     `json:"wave,omitempty"`
	Logins     []Logins   `json:"logins"` // by what people came, the most first
	Days       []Day      `json:"days"`   // of which something was counted
	Reasons    []Reason   `json:"turned_away"`
	Tickets    []Tickets  `json:"tickets_by_wave"`
	Categories []Category `json:"tickets_by_category"`
	Ready      []Ready    `json:"time_to_ready"`
	LockOuts   LockOuts   `json:"lock_outs"`
}

// Logins is how logins by one way went.
type Logins struct {
	Way        outcome.Way `json:"way"`
	Title      string      `json:"title"`
	CameIn     int         `json:"came_in"`
	TurnedAway int         `json:"turned_away"`
}

// Tries is how often somebody came by it.
func (l Logins) Tries() int { return l.CameIn + l.TurnedAway }

// Day is how logins of a day went.
type Day struct {
	Day        string `json:"day"`
	CameIn     int    `json:"came_in"`
	TurnedAway int    `json:"turned_away"`
	at         time.Time
}

// At is when the day began.
func (d Day) At() time.Time { return d.at }

// Reason is why people were turned away, and how often.
type Reason struct {
	Outcome signin.Outcome `json:"outcome"`
	Title   string         `json:"title"`
	Times   int            `json:"times"`
}

// OfReason gives how often people were turned away for a reason.
func (v Results) OfReason(o signin.Outcome) (times int) {
	for _, one := range v.Reasons {
		if one.Outcome == o {
			times += one.Times
		}
	}
	return times
}

// Tickets is how many tickets were raised about the people of a wave.
type Tickets struct {
	Wave    string `json:"wave"` // name
	Tickets int    `json:"tickets"`
	People  int    `json:"people"` // in the wave now; zero where nobody is known
}

// PerThousand is how many tickets there were to a thousand people; false where there are no people.
func (t Tickets) PerThousand() (float64, bool) {
	if t.People == 0 {
		return 0, false
	}
	return 1000 * float64(t.Tickets) / float64(t.People), true
}

// Category is how many tickets of a category were raised.
type Category struct {
	Category ticket.Category `json:"category"`
	Tickets  int             `json:"tickets"`
}

// Ready is how long people of a wave took from when they were first told until they had linked.
type Ready struct {
	Wave   string  `json:"wave"` // name
	People int     `json:"people"`
	Half   float64 `json:"median_days"`
	Late   float64 `json:"p90_days"` // nine of ten took at most so long
	Untold int     `json:"linked_before_told"`
}

// LockOuts is how often somebody was locked out.
type LockOuts struct {
	Times  int `json:"times"`
	People int `json:"people"`
}

// Empty reports whether nothing happened at all.
func (v Results) Empty() bool {
	return len(v.Logins) == 0 && v.AllTickets() == 0 && len(v.Ready) == 0 && v.LockOuts.Times == 0
}

// All adds up the logins of all ways.
func (v Results) All() (all Logins) {
	for _, one := range v.Logins {
		all.CameIn += one.CameIn
		all.TurnedAway += one.TurnedAway
	}
	return all
}

// AllTickets is how many tickets there were.
func (v Results) AllTickets() (n int) {
	for _, one := range v.Categories {
		n += one.Tickets
	}
	return n
}

// AllPeople is how many people there are in all waves and in none.
func (v Results) AllPeople() (n int) {
	for _, one := range v.Tickets {
		n += one.People
	}
	return n
}

// Read says what came of the move in the days that are meant.
func Read(ctx context.Context, r db.R, s outcome.Selection) (v Results, err error) {
	v = Results{From: dayText(s.From), Until: dayText(s.Until.AddDate(0, 0, -1)), Logins: []Logins{}, Days: []Day{},
		Reasons: []Reason{}, Tickets: []Tickets{}, Categories: []Category{}, Ready: []Ready{}} // no list is null
	names, err := waveNames(ctx, r)
	if err != nil {
		return v, err
	}
	if s.Wave != "" {
		v.Wave = names.of(s.Wave)
	}
	counts, err := outcome.Counts(ctx, r, s)
	if err != nil {
		return v, err
	}
	v.addLogins(counts)
	if v.LockOuts.Times, v.LockOuts.People, err = outcome.CountLockouts(ctx, r, s); err != nil {
		return v, err
	}
	span := report.Span{From: s.From, Until: s.Until, Wave: s.Wave, Within: s.Within}
	if err := v.readTickets(ctx, r, span, names); err != nil {
		return v, err
	}
	linked, err := report.LinkedIn(ctx, r, span)
	v.Ready = append(v.Ready, readyOf(linked, names)...)
	return v, err
}

func dayText(t time.Time) string { return t.In(clock.London).Format(time.DateOnly) }

// waves are the names of waves by their ids.
type waves map[string]string

func waveNames(ctx context.Context, r db.R) (waves, error) {
	list, err := wave.List(ctx, r)
	names := waves{}
	for _, one := range list {
		names[one.ID] = one.Name
	}
	return names, err
}

// noWave is where people are who are in no wave that moves: in none at all, or never had a password.
const noWave = "In no wave"

func (n waves) of(id string) string { return cmp.Or(n[id], noWave) }

// addLogins adds up counts. That somebody linked is no login.
func (v *Results) addLogins(counts []outcome.Count) {
	ways := map[outcome.Way]*Logins{}
	reasons := map[signin.Outcome]int{}
	for _, c := range counts {
		if c.Outcome == outcome.Linked {
			continue
		}
		way := ways[c.Way]
		if way == nil {
			way = &Logins{Way: c.Way, Title: wayTitle(c.Way)}
			ways[c.Way] = way
		}
		if n := len(v.Days); n == 0 || !v.Days[n-1].at.Equal(c.Day) { // counts come by their days
			v.Days = append(v.Days, Day{Day: dayText(c.Day), at: c.Day})
		}
		day := &v.Days[len(v.Days)-1]
		if c.Outcome == signin.Enter {
			way.CameIn += c.Tries
			day.CameIn += c.Tries
			continue
		}
		way.TurnedAway += c.Tries
		day.TurnedAway += c.Tries
		reasons[c.Outcome] += c.Tries
	}
	for _, way := range ways {
		v.Logins = append(v.Logins, *way)
	}
	slices.SortFunc(v.Logins, func(a, b Logins) int {
		return cmp.Or(b.Tries()-a.Tries(), cmp.Compare(a.Title, b.Title))
	})
	for o, n := range reasons {
		v.Reasons = append(v.Reasons, Reason{o, reasonTitle(o), n})
	}
	slices.SortFunc(v.Reasons, func(a, b Reason) int { return cmp.Or(b.Times-a.Times, cmp.Compare(a.Title, b.Title)) })
}

// wayTitle names by what people came.
func wayTitle(w outcome.Way) string {
	switch w {
	case outcome.Password:
		return "Password"
	case outcome.NotKnown:
		return "Care Identity, by what is not known"
	}
	return cmp.Or(authn.LabelsOf(string(w)), string(w))
}

func (v *Results) readTickets(ctx context.Context, r db.R, s report.Span, names waves) error {
	people, err := report.People(ctx, r, s)
	if err != nil {
		return err
	}
	tickets, err := report.Tickets(ctx, r, s)
	if err != nil {
		return err
	}
	rows := map[string]*Tickets{}
	row := func(name string) *Tickets {
		if rows[name] == nil {
			rows[name] = &Tickets{Wave: name}
		}
		return rows[name]
	}
	for id, n := range people {
		row(names.of(id)).People += n
	}
	categories := map[ticket.Category]int{}
	for _, t := range tickets {
		name := "Nobody is known"
		if t.Known {
			name = names.of(t.Wave)
		}
		row(name).Tickets += t.N
		categories[ticket.Category(t.Category)] += t.N
	}
	for _, one := range rows {
		v.Tickets = append(v.Tickets, *one)
	}
	slices.SortFunc(v.Tickets, func(a, b Tickets) int { return cmp.Compare(a.Wave, b.Wave) })
	for _, c := range ticket.Categories {
		if n := categories[c.Category]; n > 0 {
			v.Categories = append(v.Categories, Category{c.Category, n})
		}
	}
	return nil
}

// readyOf says how long those who linked took, by their waves.
func readyOf(list []report.Linked, names waves) (rows []Ready) {
	took := map[string][]float64{}
	untold := map[string]int{}
	for _, l := range list {
		name := names.of(l.Wave)
		days := took[name]
		if l.Told.IsZero() {
			untold[name]++
		} else {
			days = append(days, l.At.Sub(l.Told).Hours()/24)
		}
		took[name] = days // also where nobody was told: the wave has a row
	}
	for _, name := range slices.Sorted(maps.Keys(took)) {
		days := took[name]
		slices.Sort(days)
		rows = append(rows, Ready{Wave: name, People: len(days), Half: rank(days, 50), Late: rank(days, 90),
			Untold: untold[name]})
	}
	return rows
}

// rank gives the least of sorted numbers that so many per cent of them do not pass; zero of none.
func rank(sorted []float64, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*percent+99)/100-1]
}

// minShare is the least number of which a share is said in per cent: of fewer, each is a person one could name.
const minShare = 10

// Share says a part of a number: in per cent, or as a number where it is small.
func Share(part, of int) string {
	switch {
	case of == 0:
		return "–"
	case of < minShare:
		return fmt.Sprintf("%d of %d", part, of)
	}
	return fmt.Sprintf("%d%%", percent.Of(part, of))
}
