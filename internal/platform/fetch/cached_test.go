package fetch

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/platform/clock/clocktest"
)

func TestKept(t *testing.T) {
	now := clocktest.At(time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC))
	reads := 0
	down := false
	k := &Cached[int]{
		Read: func(context.Context) (int, error) {
			reads++
			if down {
				return 0, errors.New("down")
			}
			return reads, nil
		},
		Clock: now, FreshFor: 30 * time.Minute, KeepFor: time.Hour, Again: time.Minute, Retry: 5 * time.Second,
	}
	check := func(step string, read func(context.Context) (int, error), wantReads int, wantErr bool) {
		t.Helper()
		if _, err := read(t.Context()); (err != nil) != wantErr {
			t.Errorf("%s: error %v", step, err)
		}
		if reads != wantReads {
			t.Errorf("%s: read %d times, want %d", step, reads, wantReads)
		}
	}
	down = true
	check("down at the start", k.Value, 1, true)
	check("asked again at once", k.Value, 1, true)
	now.Advance(5 * time.Second)
	down = false
	check("back", k.Value, 2, false)
	for range 10_000 {
		check("missing something, at once", k.Newer, 2, false)
	}
	now.Advance(time.Minute)
	check("missing something, a minute later", k.Newer, 3, false)
	check("and again", k.Newer, 3, false)
	now.Advance(29 * time.Minute)
	check("still fresh", k.Value, 3, false)
	now.Advance(time.Minute)
	down = true
	check("old, and down: what is at hand serves", k.Value, 4, false)
	check("and nobody asks for a while", k.Value, 4, false)
	now.Advance(30 * time.Minute)
	check("too old", k.Value, 5, true)
}
