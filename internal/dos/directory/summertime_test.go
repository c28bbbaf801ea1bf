package directory

import (
	"testing"
	"time"

	"signpost/internal/platform/clock"
)

// Hours follow the clock on the wall, also in the nights when it is put forward or back.
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
		// The clock shows no time of the missing hour: what begins or ends in it does so when the clock goes forward.
		{"until the hour that is missing", []Session{{0, 60}}, spring.Add(30 * time.Minute), true, "29 02:00 BST"},
		{"an end and a beginning in the hour that is missing", []Session{{0, 75}, {90, 180}},
			spring.Add(30 * time.Minute), true, "29 03:00 BST"},
		{"from the hour that is missing", []Session{{60, 180}}, spring.Add(30 * time.Minute), false, "29 02:00 BST"},
		{"from within the hour that is missing", []Session{{90, 180}}, spring.Add(60 * time.Minute), true,
			"29 03:00 BST"},
		{"wholly in the hour that is missing", []Session{{70, 80}}, spring.Add(30 * time.Minute), false, ""},
		{"exactly the hour that is missing", []Session{{60, 120}}, spring.Add(30 * time.Minute), false, ""},
		{"exactly the hour that is missing, as the clock goes forward", []Session{{60, 120}},
			spring.Add(60 * time.Minute), false, ""},
		{"the hour that is missing is left out for what comes after it", []Session{{60, 120}, {150, 180}},
			spring.Add(30 * time.Minute), false, "29 02:30 BST"},
		{"the afternoon", []Session{{540, 1020}}, spring.Add(9 * time.Hour), true, "29 17:00 BST"},
		{"until 2am, the hour from 1 comes twice: the first", []Session{{0, 120}}, autumn.Add(90 * time.Minute),
			true, "25 02:00 GMT"},
		{"until 2am, the hour from 1 comes twice: the second", []Session{{0, 120}}, autumn.Add(150 * time.Minute),
			true, "25 02:00 GMT"},
		// A time that comes twice is the first of the two.
		{"until half past one, which comes twice: before the first", []Session{{0, 90}}, autumn.Add(80 * time.Minute),
			true, "25 01:30 BST"},
		{"until half past one, which comes twice: after the first", []Session{{0, 90}}, autumn.Add(90 * time.Minute),
			false, ""},
		{"until half past one, which comes twice: before the second", []Session{{0, 90}},
			autumn.Add(140 * time.Minute), false, ""},
		{"from half past one, which comes twice: before the first", []Session{{90, 180}}, autumn.Add(80 * time.Minute),
			false, "25 01:30 BST"},
		{"from half past one, which comes twice: after the first", []Session{{90, 180}}, autumn.Add(90 * time.Minute),
			true, "25 03:00 GMT"},
		{"wholly in the hour that comes twice: the first", []Session{{60, 90}}, autumn.Add(70 * time.Minute), true,
			"25 01:30 BST"},
		{"wholly in the hour that comes twice: the second", []Session{{60, 90}}, autumn.Add(130 * time.Minute), false,
			""},
		{"an end and a beginning in the hour that comes twice", []Session{{0, 75}, {75, 180}},
			autumn.Add(70 * time.Minute), true, "25 03:00 GMT"},
		{"the afternoon of the long day", []Session{{540, 1020}}, autumn.Add(10 * time.Hour), true, "25 17:00 GMT"},
	} {
		got := Week{Sunday: tt.sunday}.At(Calendar{}, false, tt.at)
		until := ""
		if !got.Until.IsZero() && got.Until.Sub(tt.at) < 24*time.Hour {
			until = got.Until.Format("2 15:04 MST")
		}
		if got.Open != tt.open || until != tt.until {
			t.Errorf("%s: open %v until %q; want %v, %q", tt.name, got.Open, until, tt.open, tt.until)
		}
	}
}

// At any minute around both nights, and with any hours, the time of the next change is in the future.
func TestTheAnswerLiesAhead(t *testing.T) {
	for _, night := range []time.Time{time.Date(2026, 3, 28, 20, 0, 0, 0, clock.London),
		time.Date(2026, 10, 24, 20, 0, 0, 0, clock.London)} {
		for from := 0; from < 240; from += 15 {
			for to := from + 15; to <= 240; to += 15 {
				w := Week{Saturday: {{1200, 1440}}, Sunday: {{from, to}}}
				for minute := 0; minute < 600; minute += 7 {
					at := night.Add(time.Duration(minute) * time.Minute)
					if o := w.At(Calendar{}, false, at); !o.Until.After(at) && (o.Open || !o.Until.IsZero()) {
						t.Fatalf("%d to %d at %v: %+v", from, to, at, o)
					}
				}
			}
		}
	}
}
