package board_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

func (w world) days(s report.Selection) (list []string) {
	w.Helper()
	for _, d := range worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]report.Day, error) {
		return board.Days(ctx, r, s)
	}) {
		list = append(list, fmt.Sprint(d.Day[8:], " ", d.Moved, d.Ready, d.Unsure, d.Blocked))
	}
	return list
}

func (w world) saidOf(id string, a extract.Answer) {
	w.Helper()
	w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(id, a)}))
}

// Each day is kept once, as it was when it was first looked at; a day that was missed is not there.
func TestDays(t *testing.T) {
	w := newWorld(t)
	amy := w.account("amy", "north", "A1", path.Choose, &unplaced)
	w.account("bob", "north", "A1", path.Prepare, &ready)
	w.account("cat", "south", "A1", path.Choose, nil)
	w.Must(board.KeepDay(w.Context(), w.DB))
	w.saidOf(amy.ID, ready)
	w.Clock.Advance(time.Hour)
	w.Must(board.KeepDay(w.Context(), w.DB))
	w.Clock.Advance(48 * time.Hour)
	w.Must(board.KeepDay(w.Context(), w.DB))
	for name, tt := range map[string]struct {
		s    report.Selection
		want string
	}{
		"all":          {report.Selection{Within: everywhere}, "[24 0 1 1 1 26 0 2 1 0]"},
		"a region":     {report.Selection{Within: everywhere, Region: "north"}, "[24 0 1 0 1 26 0 2 0 0]"},
		"one's region": {report.Selection{Within: account.Reach{Regions: []string{"south"}}}, "[24 0 0 1 0 26 0 0 1 0]"},
		"organisation": {report.Selection{Within: everywhere, Organisation: "A1"}, "[24 0 1 1 1 26 0 2 1 0]"},
		"one's own": {report.Selection{Within: account.Reach{Organisations: []string{"A1"}}},
			"[24 0 1 1 1 26 0 2 1 0]"},
		"region of it": {report.Selection{Within: account.Reach{Regions: []string{"north"}}, Organisation: "A1"},
			"[24 0 1 0 1 26 0 2 0 0]"},
		"a wave":          {report.Selection{Within: everywhere, Wave: w.Waves[path.Prepare]}, "[24 0 1 0 0 26 0 1 0 0]"},
		"nothing of ours": {report.Selection{}, "[24 0 0 0 0 26 0 0 0 0]"},
	} {
		if got := fmt.Sprint(w.days(tt.s)); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// Who is at another point than then is listed, once; who went there and back is not, nor who is not there any more.
func TestMovedSince(t *testing.T) {
	w := newWorld(t)
	made := map[string]account.Account{}
	for _, name := range []string{"on", "back", "twice", "there-and-back", "elsewhere", "gone"} {
		organisation := "A1"
		if name == "elsewhere" {
			organisation = "B2"
		}
		made[name] = w.account(name, "north", organisation, path.Choose, &unplaced)
	}
	w.saidOf(made["back"].ID, ready)
	w.countAll()
	w.Clock.Advance(time.Hour)
	then := w.DB.Now()
	for _, said := range []map[string]extract.Answer{
		{"on": ready, "back": unplaced, "twice": {Found: extract.None}, "there-and-back": ready, "elsewhere": ready,
			"gone": ready},
		{"twice": ready, "there-and-back": unplaced},
	} {
		for name, answer := range said {
			w.saidOf(made[name].ID, answer)
		}
		w.countAll()
		w.Clock.Advance(time.Hour)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.Deactivate(ctx, u, made["gone"].ID, "left")
	})
	got := map[string]board.Moved{}
	for _, m := range worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]board.Moved, error) {
		list, _, err := board.MovedSince(ctx, r, report.Selection{Within: everywhere, Organisation: "A1"}, then)
		return list, err
	}) {
		got[m.Account] = m
	}
	if len(got) != 3 || !got[made["on"].ID].On || got[made["back"].ID].On || !got[made["twice"].ID].On ||
		got[made["twice"].ID].Was != planning.Blocked || got[made["back"].ID].Is != planning.Blocked {
		t.Errorf("%+v", got)
	}
}
