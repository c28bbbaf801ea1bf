package wave_test

import (
	"testing"
	"time"

	"signpost/internal/dos/wave"
)

// Whoever works at night reads until what time of day an exception lasts, and of a wave only the day.
func TestTheEndOfAnExceptionHasItsTime(t *testing.T) {
	ends := time.Date(2026, 12, 1, 9, 25, 0, 0, time.UTC)
	of := wave.Wave{Dates: wave.Dates{Require: ends}}
	if got := of.Worded().Require.Text; got != "1 December 2026" {
		t.Errorf("a wave: %q", got)
	}
	of.Exception = ends
	if got := of.Worded().Require.Text; got != "1 December 2026 at 9:25am" {
		t.Errorf("an exception: %q", got)
	}
}
