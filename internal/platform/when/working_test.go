package when_test

import (
	"testing"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/when"
)

func TestWorkingDaysAfter(t *testing.T) {
	at := func(month time.Month, date, hour int) time.Time {
		return time.Date(2026, month, date, hour, 0, 0, 0, clock.London)
	}
	for name, tt := range map[string]struct {
		from time.Time
		days int
		want time.Time
	}{
		"over a weekend":              {at(11, 24, 9), 5, at(12, 2, 0)},
		"from a Saturday":             {at(11, 28, 9), 1, at(12, 1, 0)},
		"just before midnight":        {at(11, 24, 23), 1, at(11, 26, 0)},
		"over Christmas and New Year": {at(12, 23, 12), 5, time.Date(2027, 1, 5, 0, 0, 0, 0, clock.London)},
		"over Easter":                 {at(4, 2, 12), 1, at(4, 8, 0)},
		"as the clocks change":        {at(10, 23, 12), 1, at(10, 27, 0)},
		"none":                        {at(11, 24, 9), 0, at(11, 25, 0)},
	} {
		if got := when.WorkingDaysAfter(tt.from, tt.days); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// What was begun before is over, and what was not is not, at moments of two years.
func TestWorkingDaysBefore(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 1500 {
		at = at.Add(11*time.Hour + 37*time.Minute)
		over := when.WorkingDaysBefore(at, 5)
		if when.WorkingDaysAfter(over, 5).Compare(at) <= 0 {
			t.Fatalf("at %s: what began at %s is over", at, over)
		}
		if before := over.Add(-time.Millisecond); when.WorkingDaysAfter(before, 5).After(at) {
			t.Fatalf("at %s: what began at %s is not over", at, before)
		}
	}
}
