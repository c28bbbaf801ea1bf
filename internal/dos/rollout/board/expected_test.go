package board_test

import (
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/forecast"
	"signpost/internal/platform/worldtest"
)

func (w world) expected() *board.Expected {
	w.Helper()
	return worldtest.Read(w.World.World, board.Expect)
}

// Who waits for a registration authority that lets two go on a day is ready when their turn comes; of whom nothing is
// known, nothing is said.
func TestExpect(t *testing.T) {
	w := newWorld(t)
	waits := unplaced
	waits.Authority = &extract.Authority{Organisation: "Fenmarch", Code: "RXF"}
	var list []account.Account
	for n := range 38 {
		list = append(list, w.account(fmt.Sprint("user", n), "north", "A1", path.Choose, &waits))
		w.Clock.Advance(time.Second)
	}
	w.account("unknown", "south", "B2", path.Choose, nil)
	if e := w.expected(); e.Days != 0 || e.Unsaid[board.GroupOf(report.Selection{})] != 39 {
		t.Errorf("before anything was finished: %+v", e.Forecast)
	}
	done := ready
	done.Authority = waits.Authority
	for day := range 15 {
		w.Must(board.KeepDay(w.Context(), w.DB))
		for _, a := range list[2*day : 2*day+2] {
			w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, done)}))
		}
		w.countAll()
		w.Clock.Advance(24 * time.Hour)
	}
	e := w.expected()
	last := e.People[list[37].ID]
	if e.Days != 14 || last != (forecast.When{Half: 4, Late: 4}) || e.People[list[30].ID].Half != 1 {
		t.Errorf("%d days; %+v", e.Days, e.People)
	}
	if e.Groups[board.GroupOf(report.Selection{Organisation: "A1"})] != last ||
		e.Unsaid[board.GroupOf(report.Selection{Organisation: "B2"})] != 1 {
		t.Errorf("%+v, %v", e.Groups, e.Unsaid)
	}
	if q := e.Queues[0]; q.Name != "Registration authority RXF" || q.Waiting != 8 || q.Last(7) != 14 {
		t.Errorf("%+v", e.Queues)
	}
}
