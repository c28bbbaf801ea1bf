package clock_test

import (
	"testing"
	"time"

	"signpost/internal/platform/clock"
)

// A shifted clock goes on from where it stands.
func TestShifted(t *testing.T) {
	const day = 24 * time.Hour
	var c clock.Shifted
	moved := func() time.Duration { return time.Until(c.Now()).Round(time.Hour) }
	c.Shift(-3 * day)
	c.Advance(day)
	c.Advance(day)
	if moved() != -day {
		t.Errorf("moved by %s", moved())
	}
	c.Shift(0)
	if moved() != 0 {
		t.Errorf("set to now, moved by %s", moved())
	}
}
