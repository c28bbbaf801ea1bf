package clock_test

import (
	"testing"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/clock/clocktest"
)

var noon = time.Date(2026, 6, 30, 12, 0, 0, 123_456_789, time.UTC)

// Tables keep whole milliseconds in UTC, so a clock that told more would not read back what it wrote.
func TestClocksTellWholeMillisecondsInUTC(t *testing.T) {
	var shifted clock.Shifted
	shifted.Shift(-time.Hour)
	for name, c := range map[string]clock.Clock{
		"system": clock.System{}, "manual": clocktest.At(noon.In(clock.London)), "shifted": &shifted,
	} {
		now := c.Now()
		if now.Location() != time.UTC || now.Nanosecond()%int(time.Millisecond) != 0 ||
			!now.Equal(time.UnixMilli(now.UnixMilli())) {
			t.Errorf("%s: %v", name, now)
		}
	}
}

func TestShiftedKeepsItsDistance(t *testing.T) {
	var c clock.Shifted
	for _, by := range []time.Duration{0, -24 * time.Hour, time.Hour} {
		c.Shift(by)
		before := clock.System{}.Now()
		got := c.Now().Add(-by)
		if after := (clock.System{}).Now(); got.Before(before) || got.After(after) {
			t.Errorf("shifted by %s: %s is not between %s and %s", by, got, before, after)
		}
	}
}

func TestLondonHasSummerTime(t *testing.T) {
	for at, want := range map[time.Time]string{noon: "13:00 BST", noon.AddDate(0, 6, 0): "12:00 GMT"} {
		if got := at.In(clock.London).Format("15:04 MST"); got != want {
			t.Errorf("%s in London: %s, want %s", at, got, want)
		}
	}
}
