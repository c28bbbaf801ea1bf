package percent_test

import (
	"testing"

	"signpost/internal/platform/percent"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct{ part, whole, want int }{
		{0, 0, 0}, {0, 7, 0}, {7, 7, 100}, {2, 12, 17}, {1, 3, 33}, {2, 3, 67}, {1, 200, 1}, {1, 8, 13},
		{1, 250, 1}, {249, 250, 99}, {996, 1000, 99}, {4, 1000, 1}, {99_999, 100_000, 99}, {1, 100_000, 1},
	} {
		if got := percent.Of(tt.part, tt.whole); got != tt.want {
			t.Errorf("%d of %d is %d per cent, want %d", tt.part, tt.whole, got, tt.want)
		}
	}
	for whole := 1; whole <= 400; whole++ {
		last := 0
		for part := 0; part <= whole; part++ {
			got := percent.Of(part, whole)
			if got < last || (got == 0) != (part == 0) || (got == 100) != (part == whole) {
				t.Fatalf("%d of %d is %d per cent, after %d", part, whole, got, last)
			}
			last = got
		}
	}
}
