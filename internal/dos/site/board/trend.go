package board

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// readDays words what has changed since yesterday, or since the last day before today of which something is kept, and
// draws how far everybody was on each day.
func (v *view) readDays(r *http.Request, read db.R, s report.Selection, b *board.Board) error {
	days, err := board.Days(r.Context(), read, s)
	if err != nil {
		return err
	}
	today := board.DayOf(read.Now())
	before := slices.DeleteFunc(slices.Clone(days), func(d report.Day) bool { return d.Day >= today })
	if len(before) == 0 {
		return nil
	}
	then := before[len(before)-1]
	now := report.Day{Day: today, At: read.Now(), Moved: b.States[planning.Moved], Ready: b.States[planning.Ready],
		Unsure: b.States[planning.Unsure], Blocked: b.States[planning.Blocked]}
	t := &trendView{Since: sinceText(then, read.Now())}
	for _, state := range planning.States() {
		was := inState(then, state)
		is := inState(now, state)
		t.States = append(t.States, []nhsuk.TableCell{{Text: state.Title()}, number(was), number(is),
			{Text: signed(is - was), Format: "numeric"}})
	}
	t.draw(append(before, now))
	v.Trend = t
	return t.readMoved(r, read, s, then.At)
}

func sinceText(then report.Day, now time.Time) string {
	if then.Day == board.DayOf(now.AddDate(0, 0, -1)) {
		return "Since yesterday, " + when.DateTime(then.At)
	}
	return "Since " + when.DateTime(then.At) + ": nothing is kept of the days between"
}

func inState(d report.Day, s planning.State) int {
	return map[planning.State]int{planning.Moved: d.Moved, planning.Ready: d.Ready, planning.Unsure: d.Unsure,
		planning.Blocked: d.Blocked}[s]
}

func signed(n int) string {
	switch {
	case n > 0:
		return fmt.Sprintf("+%d", n)
	case n < 0:
		return fmt.Sprintf("−%d", -n)
	}
	return "0"
}

// readMoved lists the latest who moved on or fell back.
func (t *trendView) readMoved(r *http.Request, read db.R, s report.Selection, from time.Time) error {
	moved, more, err := board.MovedSince(r.Context(), read, s, from)
	if err != nil {
		return err
	}
	on := 0
	for _, m := range moved {
		if m.On {
			on++
		}
	}
	t.Moved = fmt.Sprintf("%s moved on, %s fell back", people(on), people(len(moved)-on))
	if len(moved) > onPage || more {
		t.More = fmt.Sprintf("These are the latest %d. Choose a region or an organisation to see the others.", onPage)
	}
	if more {
		t.Moved = "More than " + t.Moved
	}
	moved = moved[:min(len(moved), onPage)]
	ids := make([]string, len(moved))
	for i, m := range moved {
		ids[i] = m.Account
	}
	accounts, err := account.ByIDs(r.Context(), read, ids)
	if err != nil {
		return err
	}
	for _, m := range moved {
		a := accounts[m.Account]
		t.People = append(t.People, []nhsuk.TableCell{userCell(r, a), {HTML: page.Name(a.Name())},
			{Text: m.Was.Title()}, {Text: m.Is.Title()}, {Text: when.Ago(m.Last, read.Now())}})
	}
	return nil
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// The field of the chart in its own units.
const (
	left   = 56.0
	right  = 680.0
	top    = 14.0
	bottom = 200.0
)

// chartLines are the lines of the chart: what each counts, and its dashes.
var chartLines = []struct {
	counts func(d report.Day) int
	dashes string
}{
	{func(d report.Day) int { return d.Moved }, ""},
	{func(d report.Day) int { return d.Moved + d.Ready }, "8 5"},
}

// draw draws the days, of which the last is now, and lists their numbers.
func (t *trendView) draw(days []report.Day) {
	first := days[0].At
	span := max(days[len(days)-1].At.Sub(first), 24*time.Hour)
	x := func(d report.Day) string { return at1(left + (right-left)*float64(d.At.Sub(first))/float64(span)) }
	for _, percent := range []int{0, 50, 100} {
		t.Marks = append(t.Marks, mark{X: "46", Y: at1(height(percent, 100)), Text: fmt.Sprintf("%d%%", percent),
			Anchor: "end", Rule: true})
	}
	t.Marks = append(t.Marks, mark{X: at1(left), Y: "224", Text: when.Date(first), Anchor: "start"},
		mark{X: at1(right), Y: "224", Text: "Now", Anchor: "end"})
	for _, l := range chartLines {
		for _, stretch := range stretches(days) {
			t.Lines = append(t.Lines, lineOf(stretch, l.dashes, x, l.counts))
		}
	}
	t.Caption = "Per cent of accounts on each day. Solid line: linked already. Dashed line: linked already or " +
		"ready to link. A day of which nothing was kept is a gap."
	for _, d := range slices.Backward(days) {
		t.Days = append(t.Days, []nhsuk.TableCell{{Text: when.Date(d.At)}, number(total(d)), number(d.Moved),
			number(d.Ready), number(d.Blocked), number(d.Unsure)})
	}
}

func lineOf(days []report.Day, dashes string, x func(report.Day) string, counts func(report.Day) int) line {
	l := line{Dashes: dashes}
	var points []string
	for _, d := range days {
		y := at1(height(counts(d), total(d)))
		points = append(points, x(d)+","+y)
		l.Dots = append(l.Dots, dot{x(d), y})
	}
	l.Points = strings.Join(points, " ")
	return l
}

func total(d report.Day) int { return d.Moved + d.Ready + d.Unsure + d.Blocked }

func height(n, of int) float64 { return bottom - (bottom-top)*float64(n)/float64(max(of, 1)) }

func at1(n float64) string { return fmt.Sprintf("%.1f", n) }

// maxStep is how far two days in a row are apart at most: the count of the second may come some hours later.
const maxStep = 47 * time.Hour

// stretches cuts days where some were missed.
func stretches(days []report.Day) (list [][]report.Day) {
	begin := 0
	for i := 1; i <= len(days); i++ {
		if i == len(days) || days[i].At.Sub(days[i-1].At) > maxStep {
			list = append(list, days[begin:i])
			begin = i
		}
	}
	return list
}
