package board_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// The waves of a forecast add up to all who are not ready on the board, whatever is said of people and whatever wave
// they are in, if any. In a queue nobody is counted twice.
func TestOutlookAddsUp(t *testing.T) {
	w := newWorld(t)
	dice := rand.New(rand.NewPCG(7, 8))
	phases := []path.Phase{path.Prepare, path.Choose, path.Require, 0}
	for n := range 60 {
		says := ready
		switch dice.IntN(6) {
		case 0:
			says.Position = extract.No
		case 1:
			says.Email = extract.EmailDifferent
			says.Position = extract.No
			says.Authenticator = &extract.Authenticator{}
		case 2:
			says.State = extract.NotActive
			says.Email = extract.EmailUnverified
		case 3:
			says = extract.Answer{Found: extract.Several}
		case 4:
			says = extract.Answer{Found: extract.None}
		}
		w.account(fmt.Sprint("user", n), "north", "A1", phases[n%len(phases)], &says)
	}
	w.Account(account.New{Username: "new", Email: "new@example.nhs.uk"}, "") // without a password
	w.account("unknown", "south", "B2", path.Choose, nil)
	o := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (board.Outlook, error) {
		return board.LookAhead(ctx, r, time.Time{})
	})
	now := w.read(report.Selection{Within: everywhere}, report.ByRegion)
	waits := now.States[planning.Blocked] + now.States[planning.Unsure]
	sum := 0
	for _, one := range o.Waves {
		sum += one.Unsaid // as nothing was finished yet
	}
	if o.People != waits || sum != waits || o.All.Unsaid != waits || waits < 30 {
		t.Errorf("%d wait on the board, %d in the forecast, %d of them in its waves", waits, o.People, sum)
	}
	if last := o.Waves[len(o.Waves)-1]; last.Name != "In none of them" || last.Unsaid < 10 {
		t.Errorf("the last row is %+v", last)
	}
	for _, q := range o.Queues {
		if q.Waiting > waits {
			t.Errorf("%d of %d wait for %s", q.Waiting, waits, q.Name)
		}
	}
}

// Somebody who has to come back to their registration authority waits for it as one person.
func TestNobodyWaitsTwiceInAQueue(t *testing.T) {
	w := newWorld(t)
	w.account("comes.back", "north", "A1", path.Choose, &extract.Answer{Found: extract.One, State: extract.NotActive,
		Email: extract.EmailUnverified, Position: extract.No, Authenticator: &extract.Authenticator{}})
	e := w.expected()
	for _, q := range e.Queues {
		if q.Waiting != 1 {
			t.Errorf("%d wait for %s", q.Waiting, q.Name)
		}
	}
	if e.Waiting != 1 || len(e.Queues) != 2 {
		t.Errorf("%d people, %+v", e.Waiting, e.Queues)
	}
}
