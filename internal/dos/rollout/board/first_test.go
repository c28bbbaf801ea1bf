package board_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/standing"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// Where whoever waits longest moves on, the longest wait is that of the next, also before it is counted: in the
// country, in a region, at an organisation and in the list of organisations.
func TestTheNextWaitsLongest(t *testing.T) {
	w := newWorld(t)
	var list []account.Account
	for _, username := range []string{"first", "second", "third"} {
		list = append(list, w.account(username, "north", "A1", path.Choose, &unplaced))
		w.Clock.Advance(time.Hour)
	}
	begun := w.Clock.Now().Add(-3 * time.Hour)
	w.countAll()
	all := report.Selection{Within: everywhere}
	region := report.Selection{Within: everywhere, Region: "north"}
	for n := range list {
		want := begun.Add(time.Duration(n) * time.Hour)
		places := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]board.Place, error) {
			places, _, err := board.Organisations(ctx, r, region, 0, 50)
			return places, err
		})
		for name, got := range map[string]time.Time{"country": w.read(all, report.ByRegion).Oldest,
			"region":       w.read(region, report.ByRegion).Oldest,
			"organisation": w.read(report.Selection{Within: everywhere, Organisation: "A1"}, report.ByRegion).Oldest,
			"list":         places[0].Oldest} {
			if !got.Equal(want) {
				t.Errorf("%d moved on, %s: the longest wait began %s, want %s", n, name, got, want)
			}
		}
		w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(list[n].ID, ready)}))
	}
}
