package report

import (
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/national/path"
	"signpost/internal/platform/when"
)

// whole is how long the longest bar of a picture is, in percent of what is there.
const whole = 100.0

// segment is a part of a bar.
type segment struct {
	Style    string // the name of its colour and pattern
	X, Width float64
}

// bar is one line of a picture. Its text says its numbers.
type bar struct {
	Label, Text string
	Segments    []segment
}

// styled is a count under a title and the name of a colour.
type styled struct {
	style, title string
	count        int
}

// segments lays counts side by side, so that all of a total fill the whole.
func segments(counts []styled, total int) (list []segment) {
	x := 0.0
	for _, c := range counts {
		if c.count == 0 || total == 0 {
			continue
		}
		part := whole * float64(c.count) / float64(total)
		list = append(list, segment{Style: c.style, X: x, Width: part})
		x += part
	}
	return list
}

// barOf draws counts as a bar, and says them.
func barOf(label string, counts []styled, total int) bar {
	var parts []string
	for _, c := range counts {
		if c.count > 0 {
			parts = append(parts, c.title+" "+thousands(c.count))
		}
	}
	return bar{Label: label, Text: strings.Join(parts, ", "), Segments: segments(counts, total)}
}

func stateCounts(states map[planning.State]int) (counts []styled) {
	for _, state := range planning.States() {
		counts = append(counts, styled{string(state), state.Title(), states[state]})
	}
	return counts
}

// groupBars draws a bar for each group, in the lengths of their numbers.
func groupBars(groups []Group, maxGroups int) (bars []bar) {
	drawn := groups[:min(len(groups), maxGroups)]
	longest := 0
	for _, g := range drawn {
		longest = max(longest, g.Total)
	}
	for _, g := range drawn {
		bars = append(bars, barOf(g.title(), stateCounts(g.States), longest))
	}
	return bars
}

func (g Group) title() string {
	switch {
	case g.Code == "":
		return "Not said"
	case g.Name == "" || g.Name == g.Code:
		return g.Code
	}
	return g.Name + " (" + g.Code + ")"
}

// needBars draws how many meet each line of the checklist.
func needBars(needs []NeedCount) (bars []bar) {
	for _, n := range needs {
		bars = append(bars, barOf(n.Title, []styled{{"ready", "Done", n.Done}, {"unsure", "Not known", n.Unknown},
			{"blocked", "To do", n.Missing}}, n.Done+n.Unknown+n.Missing))
	}
	return bars
}

// ownerBars draws for whom how many accounts wait.
func ownerBars(s Summary) (bars []bar) {
	longest := 0
	for _, n := range s.Waiting {
		longest = max(longest, n)
	}
	for _, owner := range s.owners() {
		bars = append(bars, barOf(owner.Title(), []styled{{"waiting", "Accounts", s.Waiting[owner]}}, longest))
	}
	return bars
}

// maxWeeks is how many weeks are drawn; what comes later is in the table.
const maxWeeks = 26

// weekBars draws how many accounts will have become ready, or are, by the end of each week.
func weekBars(weeks []Week, total int) (bars []bar) {
	soFar := 0
	for _, w := range weeks[:min(len(weeks), maxWeeks)] {
		soFar += w.Accounts
		bars = append(bars, barOf(w.title(), []styled{{"ready", "Ready", soFar}}, total))
	}
	return bars
}

// title names a week by its Friday, by the end of which people are ready.
func (w Week) title() string {
	day, err := time.Parse(time.DateOnly, w.Begins)
	if err != nil {
		return w.Begins
	}
	return "to " + when.Date(day.AddDate(0, 0, 4))
}

// band is what flows from a class to where its accounts are now.
type band struct {
	Style, Title, Path string
}

// end is one end of bands.
type end struct {
	Title     string
	Count     int
	Y, Height float64
}

// flow is a picture of what became of each class.
type flow struct {
	Left, Right []end
	Bands       []band
	Height      float64
}

const (
	flowHeight = 420.0
	flowGap    = 14.0
	flowLeft   = 290.0
	flowRight  = 700.0
)

// flowOf draws the flows: classes at the left, states and for whom accounts wait at the right.
func flowOf(s Summary) flow {
	if s.Accounts == 0 {
		return flow{}
	}
	scale := flowHeight / float64(s.Accounts)
	left := ends{scale: scale}
	right := ends{scale: scale}
	for _, class := range readiness.Classes() {
		left.add(string(class), class.Title(), s.Classes[class])
	}
	for _, state := range planning.States() {
		for _, owner := range append([]path.Owner{""}, s.owners()...) {
			right.add(target(state, owner), targetTitle(state, owner), s.countOf(state, owner))
		}
	}
	f := flow{Left: left.list, Right: right.list, Height: max(left.next, right.next)}
	for _, one := range s.inOrder() {
		height := float64(one.Accounts) * scale
		a := left.take(string(one.Class), height)
		b := right.take(target(one.State, one.Owner), height)
		f.Bands = append(f.Bands, band{Style: string(one.State), Path: ribbon(a, b, height), Title: fmt.Sprintf(
			"%s: %s, %s", one.Class.Title(), targetTitle(one.State, one.Owner), thousands(one.Accounts))})
	}
	return f
}

// inOrder lists the flows so that bands cross as little as they can.
func (s Summary) inOrder() (list []Flow) {
	for _, class := range readiness.Classes() {
		for _, state := range planning.States() {
			for _, owner := range append([]path.Owner{""}, s.owners()...) {
				for _, f := range s.Flows {
					if f.Class == class && f.State == state && f.Owner == owner {
						list = append(list, f)
					}
				}
			}
		}
	}
	return list
}

func (s Summary) countOf(state planning.State, owner path.Owner) (n int) {
	for _, f := range s.Flows {
		if f.State == state && f.Owner == owner {
			n += f.Accounts
		}
	}
	return n
}

func target(state planning.State, owner path.Owner) string {
	return string(state) + " " + string(owner)
}

func targetTitle(state planning.State, owner path.Owner) string {
	if owner == "" {
		return state.Title()
	}
	if state == planning.Unsure {
		return state.Title() + ": ask " + inSentence(owner)
	}
	return owner.Title() + " has to act"
}

// ends lays the ends of bands below each other.
type ends struct {
	scale, next float64
	list        []end
	free        map[string]float64 // where the next band of each end begins
}

func (e *ends) add(key, title string, count int) {
	if count == 0 {
		return
	}
	if e.free == nil {
		e.free = map[string]float64{}
	}
	height := float64(count) * e.scale
	e.list = append(e.list, end{Title: title, Count: count, Y: e.next, Height: height})
	e.free[key] = e.next
	e.next += max(height, flowGap) + flowGap
}

func (e *ends) take(key string, height float64) float64 {
	y := e.free[key]
	e.free[key] = y + height
	return y
}

// ribbon draws a band of a height from one end to the other.
func ribbon(from, to, height float64) string {
	const middle = (flowLeft + flowRight) / 2
	return fmt.Sprintf("M%g,%.1f C%g,%.1f %g,%.1f %g,%.1f L%g,%.1f C%g,%.1f %g,%.1f %g,%.1f Z",
		flowLeft, from, middle, from, middle, to, flowRight, to,
		flowRight, to+height, middle, to+height, middle, from+height, flowLeft, from+height)
}

// share writes a part of the whole width.
func share(percent float64) string { return fmt.Sprintf("%.3f%%", percent) }

// number writes a coordinate.
func number(x float64) string { return fmt.Sprintf("%.1f", x) }

// thousands writes a count as people read it: 12,345.
func thousands(n int) string {
	text := itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// percent writes a share of a total.
func percent(n, total int) string {
	if total == 0 {
		return "0%"
	}
	share := 100 * float64(n) / float64(total)
	if share > 0 && share < 1 {
		return "under 1%"
	}
	if share > 99 && n < total {
		return "over 99%"
	}
	return fmt.Sprintf("%.0f%%", share)
}

func stateKeys() (keys [][2]string) {
	for _, state := range planning.States() {
		keys = append(keys, [2]string{string(state), state.Title()})
	}
	return keys
}

// daysText says how long each owner is taken to need.
func daysText(days map[path.Owner]int) string {
	var parts []string
	for _, owner := range usualOwners {
		parts = append(parts, fmt.Sprintf("%s %d", inSentence(owner), days[owner]))
	}
	return strings.Join(parts, ", ") + " working days a step"
}

// usualOwners are those for whom most accounts wait.
var usualOwners = []path.Owner{path.Person, path.RegistrationAuthority, path.DoSAdministrator, path.LocalIT}

// inSentence is what people call an owner within a sentence.
func inSentence(o path.Owner) string {
	if o == path.DoSAdministrator {
		return o.Title()
	}
	first, rest, _ := strings.Cut(o.Title(), " ")
	return strings.ToLower(first) + " " + rest
}
