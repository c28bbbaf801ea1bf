package request

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// Measured is how far back the times of requests are measured.
const Measured = 90 * 24 * time.Hour

// Spread is how long something took: half of the requests at most Median, nine in ten at most P90.
type Spread struct {
	Median, P90 time.Duration
}

// Times is how long requests took from being filled in to the first login, and what they waited for.
type Times struct {
	Requests      int // whose asker logged in
	Total         Spread
	Email         Spread // for the code to be typed
	Identity      Spread // for the Care Identity, where the approval came first
	Administrator Spread // for a decision, without the time in which the asker had a question to answer
	Asker         Spread // for the answers of the asker
	FirstLogin    Spread // from when the account could be used to the first login

	ByRegion map[string]Times // of those of each region, by its id; none has the name of no region
}

// waits are the parts of the time of one request.
type waits struct{ total, email, identity, administrator, asker, login time.Duration }

func (q Request) waits() waits {
	w := waits{
		total: q.Entered.Sub(q.Created), email: q.Confirmed.Sub(q.Created), asker: q.AskerTook,
		administrator: q.Decided.Sub(q.Confirmed) - q.AskerTook,
	}
	usable := q.Decided
	if q.Linked.After(q.Decided) {
		w.identity = q.Linked.Sub(q.Decided)
		usable = q.Linked
	}
	w.login = q.Entered.Sub(usable)
	return w
}

const newestEntered = ` AND entered_at IS NOT NULL ORDER BY decided_at DESC LIMIT 20000`

// Measure gives the times of the requests within a reach that were decided lately.
func Measure(ctx context.Context, r db.R, reach account.Reach) (t Times, err error) {
	var args db.Arguments
	where := ` WHERE decided_at > ` + args.Add(r.Now().Add(-Measured))
	if !reach.Everywhere {
		where += ` AND (` + Filter{Reach: reach}.within(&args) + `)`
	}
	list, err := db.All(ctx, r, scanRequest, selectRequest+where+newestEntered, args.List()...)
	if err != nil {
		return t, fmt.Errorf("measure requests: %w", err)
	}
	var all []waits
	ofRegion := map[string][]waits{}
	for _, asked := range list {
		all = append(all, asked.waits())
		ofRegion[asked.Region] = append(ofRegion[asked.Region], asked.waits())
	}
	t = timesOf(all)
	t.ByRegion = map[string]Times{}
	for id, some := range ofRegion {
		t.ByRegion[id] = timesOf(some)
	}
	return t, nil
}

func timesOf(all []waits) Times {
	spread := func(of func(w waits) time.Duration) Spread {
		var took []time.Duration
		for _, w := range all {
			took = append(took, max(0, of(w)))
		}
		return spreadOf(took)
	}
	return Times{
		Requests:      len(all),
		Total:         spread(func(w waits) time.Duration { return w.total }),
		Email:         spread(func(w waits) time.Duration { return w.email }),
		Identity:      spread(func(w waits) time.Duration { return w.identity }),
		Administrator: spread(func(w waits) time.Duration { return w.administrator }),
		Asker:         spread(func(w waits) time.Duration { return w.asker }),
		FirstLogin:    spread(func(w waits) time.Duration { return w.login }),
	}
}

// spreadOf gives the shortest times that half, and nine in ten, do not exceed.
func spreadOf(took []time.Duration) Spread {
	if len(took) == 0 {
		return Spread{}
	}
	slices.Sort(took)
	return Spread{Median: took[(len(took)+1)/2-1], P90: took[(len(took)*9+9)/10-1]}
}
