package db

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/fault"
)

// maxCostly is how many costly reads run at a time. It is smaller than the number of connections, so that the short
// reads of everybody else always find one.
const maxCostly = 2

// maxCostlyWait is how long a costly read waits for its turn.
const maxCostlyWait = 5 * time.Second

// costlyPatience is how long a costly read may take.
const costlyPatience = 15 * time.Second

var errCostlyBusy = fault.Keyed("searches", fault.SayCure(fault.Busy,
	"Too many people are searching at the moment.", "Wait a minute, then try again."))

// Costly is a View for what may read many rows: searches, lists, reports and extracts. A few of them run at a time and
// the others wait, so that they never keep all connections from those who read little. It ends early when its context
// does, also within a statement, as when a browser goes away.
func (d *DB) Costly(ctx context.Context, fn func(r R) error) error {
	leave, err := d.enterCostly(ctx)
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := d.bounded(Patient(ctx, costlyPatience))
	defer cancel()
	t, err := d.engine.begin(ctx, costly)
	if err != nil {
		return fmt.Errorf("begin costly view: %w", err)
	}
	defer t.rollback()
	r := d.reading(t, d.clock.Now())
	return r.closing(fn(&r))
}

// enterCostly waits for a turn, which ends with leave.
func (d *DB) enterCostly(ctx context.Context) (leave func(), err error) {
	wait := time.NewTimer(d.costlyWait)
	defer wait.Stop()
	select {
	case d.costly <- struct{}{}:
		return func() { <-d.costly }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a costly view: %w", ctx.Err())
	case <-wait.C:
		return nil, errCostlyBusy
	}
}
