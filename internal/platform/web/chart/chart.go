// Package chart draws numbers as pictures that need no script: bars, and lines over time. A picture is as wide as its
// place, on a screen or on paper, and its letters stay as large as those around it. Parts and lines differ by their
// patterns, dashes and marks, so that they can be told apart in grey.
//
// A picture says in words what it shows. Its numbers stand in a table beside it, which is the page's to write.
package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/when"
)

// ink is a colour of the NHS with what tells it apart from the others without colours.
type ink struct {
	colour string
	dashes string // of a line; empty for a solid one
	mark   string // path of the mark at each point
}

// inks are in the order in which they are used.
var inks = []ink{
	{"#005eb8", "", "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0"},
	{"#212b32", "8 5", "M-3 -3H3V3H-3z"},
	{"#7c2855", "2 4", "M0 -4.5L4.5 3.5H-4.5z"},
}

// inkOf gives the ink of a part or line by its place.
func inkOf(i int) ink { return inks[i%len(inks)] }

// Bars is a picture of a bar for each of several things.
type Bars struct {
	ID          string // unique on the page
	Title       string
	Description string   // what the picture says, in a sentence
	Parts       []string // what the parts of each bar count; one bar of one part needs no names
	Rows        []Bar
}

// Bar is one bar. A text beside its label says its numbers.
type Bar struct {
	Label, Text string
	Parts       []float64
}

// stretch is where a part of a bar stands, in per cent of the longest bar.
type stretch struct{ X, Width string }

func (b Bar) total() (sum float64) {
	for _, n := range b.Parts {
		sum += n
	}
	return sum
}

// stretches lays the parts of a bar side by side.
func (p Bars) stretches(b Bar) (list []stretch) {
	longest := 0.0
	for _, row := range p.Rows {
		longest = max(longest, row.total())
	}
	x := 0.0
	for _, n := range b.Parts {
		width := 0.0
		if longest > 0 {
			width = 100 * n / longest
		}
		list = append(list, stretch{percent(x), percent(width)})
		x += width
	}
	return list
}

// fill is what a part of a bar is filled with: the first with its colour, the others with a pattern.
func (p Bars) fill(part int) string {
	if part == 0 {
		return inkOf(0).colour
	}
	return fmt.Sprintf("url(#%s-%d)", p.ID, part)
}

// Lines is a picture of lines over time.
type Lines struct {
	ID          string // unique on the page
	Title       string
	Description string  // what the picture says, in a sentence
	Top         float64 // the highest number of the scale; the next round one above all numbers unless given
	Unit        string  // after each number of the scale, such as %
	// Step is how far two points are apart at most that a line joins. What is missing between others is a gap.
	Step   time.Duration
	Series []Series
}

// Series is one line, in the order of time.
type Series struct {
	Name   string
	Points []Point
}

// Point is a number at a time.
type Point struct {
	At    time.Time
	Value float64
}

// The field of lines: from the top to the foot in pixels, and from side to side in per cent.
const (
	fieldHeight = 236
	fieldTop    = 26.0
	fieldFoot   = 206.0
	fieldLeft   = 1.0
	fieldRight  = 99.0
	// maxMarks is up to how many points a line has a mark at each.
	maxMarks = 62
)

// place is where a point stands.
type place struct{ X, Y float64 }

// rule is a number of the scale, with the line across from it.
type rule struct{ Y, Text string }

func (p Lines) top() float64 {
	if p.Top > 0 {
		return p.Top
	}
	highest := 0.0
	for _, s := range p.Series {
		for _, one := range s.Points {
			highest = max(highest, one.Value)
		}
	}
	return roundUp(highest)
}

// roundUp gives the next number of which the half is easily read too.
func roundUp(n float64) float64 {
	if n <= 2 {
		return 2
	}
	power := math.Pow(10, math.Floor(math.Log10(n)))
	for _, step := range []float64{1, 2, 4, 6, 8, 10} {
		if n <= step*power {
			return step * power
		}
	}
	return 10 * power
}

func (p Lines) rules() (list []rule) {
	for _, part := range []float64{0, 0.5, 1} {
		n := part * p.top()
		list = append(list, rule{pixels(fieldFoot - part*(fieldFoot-fieldTop)),
			strconv.FormatFloat(n, 'f', -1, 64) + p.Unit})
	}
	return list
}

// span gives the first and the last time of all lines.
func (p Lines) span() (from, until time.Time) {
	for _, s := range p.Series {
		for _, one := range s.Points {
			if from.IsZero() || one.At.Before(from) {
				from = one.At
			}
			if one.At.After(until) {
				until = one.At
			}
		}
	}
	return from, until
}

func (p Lines) begins() string {
	from, _ := p.span()
	return dateOf(from)
}

func (p Lines) ends() string {
	_, until := p.span()
	return dateOf(until)
}

func dateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return when.Date(t)
}

// stretches gives the parts of a line that are drawn without a gap.
func (p Lines) stretches(s Series) (list [][]place) {
	from, until := p.span()
	for i, one := range s.Points {
		if i == 0 || one.At.Sub(s.Points[i-1].At) > p.Step {
			list = append(list, nil)
		}
		last := len(list) - 1
		list[last] = append(list[last], p.placeOf(one, from, until))
	}
	return list
}

func (p Lines) placeOf(one Point, from, until time.Time) place {
	x := fieldRight
	if until.After(from) {
		x = fieldLeft + (fieldRight-fieldLeft)*float64(one.At.Sub(from))/float64(until.Sub(from))
	}
	return place{x, fieldFoot - (fieldFoot-fieldTop)*min(one.Value/p.top(), 1)}
}

// marked reports whether a stretch of a line has a mark at each of its points: one that is alone shows by nothing else.
func marked(s Series, stretch []place) bool { return len(s.Points) <= maxMarks || len(stretch) == 1 }

func points(stretch []place) string {
	var list []string
	for _, one := range stretch {
		list = append(list, fmt.Sprintf("%.2f,%.1f", one.X, one.Y))
	}
	return strings.Join(list, " ")
}

func percent(n float64) string { return fmt.Sprintf("%.2f%%", n) }

func pixels(n float64) string { return fmt.Sprintf("%.1f", n) }
