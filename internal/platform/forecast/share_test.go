package forecast_test

import (
	"testing"

	"signpost/internal/platform/forecast"
)

// The later day is that of nine in ten futures, and no earlier one: of 20 weeks, 16 had somebody finished on the first
// day, so the next week has to be waited for.
func TestMakeSaysTheDayOfNineInTen(t *testing.T) {
	var history []int
	for week := range 20 {
		for day := range 7 {
			done := 0
			if day == 0 && week >= 4 {
				done = 5
			}
			history = append(history, done)
		}
	}
	f := forecast.Make(forecast.Input{History: map[forecast.Key][]int{"ra": history}, People: queue(1, "ra")})
	if got := f.People["p0"]; got != (forecast.When{Half: 1, Late: 8}) {
		t.Errorf("%+v", got)
	}
}
