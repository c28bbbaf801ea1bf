package clocktest_test

import (
	"testing"
	"time"

	"signpost/internal/platform/clock/clocktest"
)

func TestManualMovesByHandOnly(t *testing.T) {
	c := clocktest.At(time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC))
	first := c.Now()
	c.Advance(time.Hour)
	c.Advance(-30 * time.Minute)
	if got := c.Now().Sub(first); got != 30*time.Minute {
		t.Errorf("moved by %s, want 30m", got)
	}
}
