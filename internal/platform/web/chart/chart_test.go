package chart_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/web/chart"
)

func drawn(t *testing.T, write func(b *strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func must(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there: %s", want, text)
		}
	}
}

// A bar is as long as its share of the longest, its parts stand side by side, and each but the first has a pattern, so
// that they can be told apart without colours.
func TestBars(t *testing.T) {
	p := chart.Bars{ID: "ways", Title: "Logins", Description: "Most came in.", Parts: []string{"Came in", "Turned away"},
		Rows: []chart.Bar{
			{Label: "Security key", Text: "30 of 40", Parts: []float64{30, 10}},
			{Label: "<Smartcard>", Text: "20 of 20", Parts: []float64{20, 0}},
		}}
	text := drawn(t, func(b *strings.Builder) error { return p.Draw().Render(t.Context(), b) })
	must(t, text, `aria-labelledby="ways-title"`, `aria-describedby="ways-says"`, `id="ways-says">Most came in.`,
		`x="0.00%" y="1" width="75.00%"`, `x="75.00%" y="1" width="25.00%" height="18" fill="url(#ways-1)"`,
		`width="50.00%"`, "&lt;Smartcard&gt;", `<pattern id="ways-1"`)
	if strings.Contains(text, "style=") || strings.Contains(text, "<script") {
		t.Error("the picture needs what a page does not allow")
	}
	if n := strings.Count(text, `fill="url(#ways-1)"`); n != 2 { // the key, and the one bar that has such a part
		t.Errorf("%d parts with lines", n)
	}
}

// Bars of nothing at all have no length, and no number that is none.
func TestBarsOfNothing(t *testing.T) {
	p := chart.Bars{ID: "x", Rows: []chart.Bar{{Label: "None", Parts: []float64{0}}}}
	text := drawn(t, func(b *strings.Builder) error { return p.Draw().Render(t.Context(), b) })
	if strings.Contains(text, "NaN") || strings.Contains(text, `<rect x`) {
		t.Error(text)
	}
}

// A line has a gap where nothing was counted, and ends that say when.
func TestLines(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }
	p := chart.Lines{ID: "trend", Title: "Trend", Description: "It rises.", Top: 100, Unit: "%", Step: 25 * time.Hour,
		Series: []chart.Series{
			{Name: "Linked", Points: []chart.Point{{day(1), 0}, {day(2), 50}, {day(5), 100}}},
			{Name: "Ready", Points: []chart.Point{{day(1), 10}, {day(2), 60}}},
		}}
	text := drawn(t, func(b *strings.Builder) error { return p.Draw().Render(t.Context(), b) })
	must(t, text, `role="img"`, `aria-labelledby="trend-title"`, "1 November 2026", "5 November 2026",
		`points="1.00,206.0 25.50,116.0"`, `points="99.00,26.0"`, ">50%<", `stroke-dasharray="8 5"`)
	if n := strings.Count(text, "<polyline"); n != 3 {
		t.Errorf("%d stretches", n)
	}
}

// The scale of counts ends at a round number of which the half is one too; a single point stands at the end.
func TestScaleOfLines(t *testing.T) {
	for _, tt := range []struct {
		highest   float64
		top, half string
	}{{0, ">2<", ">1<"}, {3, ">4<", ">2<"}, {17, ">20<", ">10<"}, {61, ">80<", ">40<"}, {999, ">1000<", ">500<"}} {
		p := chart.Lines{ID: "n", Step: time.Hour, Series: []chart.Series{{Points: []chart.Point{
			{time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), tt.highest}}}}}
		text := drawn(t, func(b *strings.Builder) error { return p.Draw().Render(t.Context(), b) })
		must(t, text, tt.top, tt.half, `x="99.00%"`)
	}
	text := drawn(t, func(b *strings.Builder) error {
		return chart.Lines{ID: "none"}.Draw().Render(t.Context(), b)
	})
	if strings.Contains(text, "NaN") || strings.Contains(text, "<polyline") {
		t.Error(text)
	}
}
