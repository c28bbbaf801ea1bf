package board

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/platform/db"
	"signpost/internal/platform/percent"
	"signpost/internal/platform/web/chart"
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

// draw draws the days, of which the last is now, and lists their numbers.
func (t *trendView) draw(days []report.Day) {
	linked := chart.Series{Name: "Linked already"}
	ready := chart.Series{Name: "Linked already or ready to link"}
	for _, d := range days {
		linked.Points = append(linked.Points, chart.Point{At: d.At, Value: share(d.Moved, d)})
		ready.Points = append(ready.Points, chart.Point{At: d.At, Value: share(d.Moved+d.Ready, d)})
	}
	last := days[len(days)-1]
	t.Chart = chart.Lines{ID: "trend", Title: "Per cent of accounts on each day", Top: 100, Unit: "%", Step: maxStep,
		Description: fmt.Sprintf("Now %d%% are linked, and %d%% are linked or ready to link. A day of which "+
			"nothing was kept is a gap.", percent.Of(last.Moved, total(last)),
			percent.Of(last.Moved+last.Ready, total(last))),
		Series: []chart.Series{linked, ready}}
	for _, d := range slices.Backward(days) {
		t.Days = append(t.Days, []nhsuk.TableCell{{Text: when.Date(d.At)}, number(total(d)), number(d.Moved),
			number(d.Ready), number(d.Blocked), number(d.Unsure)})
	}
}

func total(d report.Day) int { return d.Moved + d.Ready + d.Unsure + d.Blocked }

// share gives a number as per cent of the accounts of a day.
func share(n int, d report.Day) float64 { return 100 * float64(n) / float64(max(total(d), 1)) }

// maxStep is how far two days in a row are apart at most: the count of the second may come some hours later.
const maxStep = 47 * time.Hour
