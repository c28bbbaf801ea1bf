package rollout_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// A wave changes phase at midnight in London, which in summer is still the day before in UTC.
func TestDatesOfAWaveAreThoseOfLondon(t *testing.T) {
	for want, day := range map[string]time.Time{
		"On 1 July 2027":    time.Date(2027, 7, 1, 0, 0, 0, 0, clock.London),
		"On 1 January 2028": time.Date(2028, 1, 1, 0, 0, 0, 0, clock.London),
	} {
		w := dostest.Open(t, noon)
		north := w.Wave(wave.Wave{Name: "north", Phase: path.Prepare, Dates: wave.Dates{Choose: day}})
		ada := w.Account(account.New{Username: "ada", Email: "ada@nhs.net", EmailProved: true}, north)
		k, err := db.Read(t.Context(), w.DB, func(r db.R) (rollout.Known, error) {
			return rollout.Read(t.Context(), r, ada.ID)
		})
		w.Must(err)
		f, err := rollout.Facts(t.Context(), nil, k)
		w.Must(err)
		var deadlines []string
		for _, s := range path.Next(f) {
			deadlines = append(deadlines, s.By.Message)
		}
		if !strings.Contains(strings.Join(deadlines, "; "), want) {
			t.Errorf("the deadlines are %q, want one %q", deadlines, want)
		}
	}
}
