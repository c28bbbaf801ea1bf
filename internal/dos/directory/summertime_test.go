package directory

import (
	"testing"
	"time"

	"signpost/internal/platform/clock"
)

// Hours are by the clock on the wall, also on the nights when it is put forward and back.
func TestHoursWhereSummerTimeBeginsAndEnds(t *testing.T) {
	spring := time.Date(2026, 3, 29, 0, 0, 0, 0, clock.London)
	autumn := time.Date(2026, 10, 25, 0, 0, 0, 0, clock.London)
	for _, tt := range []struct {
		name   string
		sunday []Session
		at     time.Time // counted in hours that pass, not by the clock
		open   bool
		until  string
	}{
		{"until 2am, the hour from 1 is missing", []Session{{0, 120}}, spring.Add(30 * time.Minute), true,
			"29 02:00 BST"},
		{"until 2am, just over", []Session{{0, 120}}, spring.Add(60 * time.Minute), false, ""},
		// Times in the missing hour are an hour later, as the clock shows them then.
		{"until the hour that is missing", []Session{{0, 60}}, spring.Add(30 * time.Minute), true, "29 02:00 BST"},
		{"an end and a beginning in the hour that is missing", []Session{{0, 75}, {90, 180}},
			spring.Add(30 * time.Minute), true, "29 02:15 BST"},
		{"from the hour that is missing", []Session{{60, 180}}, spring.Add(30 * time.Minute), false, "29 02:00 BST"},
		{"wholly in the hour that is missing", []Session{{70, 80}}, spring.Add(30 * time.Minute), false,
			"29 02:10 BST"},
		{"the afternoon", []Session{{540, 1020}}, spring.Add(9 * time.Hour), true, "29 17:00 BST"},
		{"until 2am, the hour from 1 comes twice: the first", []Session{{0, 120}}, autumn.Add(90 * time.Minute),
			true, "25 02:00 GMT"},
		{"until 2am, the hour from 1 comes twice: the second", []Session{{0, 120}}, autumn.Add(150 * time.Minute),
			true, "25 02:00 GMT"},
		{"the afternoon of the long day", []Session{{540, 1020}}, autumn.Add(10 * time.Hour), true, "25 17:00 GMT"},
	} {
		got := Week{Sunday: tt.sunday}.At(false, tt.at)
		until := ""
		if !got.Until.IsZero() && got.Until.Sub(tt.at) < 24*time.Hour {
			until = got.Until.Format("2 15:04 MST")
		}
		if got.Open != tt.open || until != tt.until {
			t.Errorf("%s: open %v until %q; want %v, %q", tt.name, got.Open, until, tt.open, tt.until)
		}
	}
}

// At any minute of the weeks around both nights, with any hours, the answer comes, and lies ahead.
func TestTheAnswerLiesAhead(t *testing.T) {
	for _, night := range []time.Time{time.Date(2026, 3, 28, 20, 0, 0, 0, clock.London),
		time.Date(2026, 10, 24, 20, 0, 0, 0, clock.London)} {
		for from := 0; from < 240; from += 15 {
			for to := from + 15; to <= 240; to += 15 {
				w := Week{Saturday: {{1200, 1440}}, Sunday: {{from, to}}}
				for minute := 0; minute < 600; minute += 7 {
					at := night.Add(time.Duration(minute) * time.Minute)
					if o := w.At(false, at); !o.Until.After(at) {
						t.Fatalf("%d to %d at %v: %+v", from, to, at, o)
					}
				}
			}
		}
	}
}
