package db

import (
	"context"
	"errors"
	"time"

	"signpost/internal/platform/random"
)

// errInTheWay is a transaction that lost against another and may simply be run again.
var errInTheWay = errors.New("another transaction was in the way")

// A transaction that lost this often meets something other than bad luck.
const maxRuns = 40

// again runs fn until it is not in another transaction's way.
func again(ctx context.Context, fn func() error) error {
	for run := 1; ; run++ {
		err := fn()
		if err == nil || !errors.Is(err, errInTheWay) || run == maxRuns {
			return err
		}
		if err := pause(ctx, run); err != nil {
			return err
		}
	}
}

// pause waits a short random while, longer after more runs, so that rivals drift apart.
func pause(ctx context.Context, run int) error {
	longest := min(time.Millisecond<<min(run, 6), 50*time.Millisecond)
	spread := time.Duration(random.Below(int(longest)))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(spread):
		return nil
	}
}
