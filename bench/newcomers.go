package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// newcomersBeside compares password logins of browsers that never logged in before alone with those beside a crowd of
// browsers that did, which go first and ask for more than the machine can do.
func (w *world) newcomersBeside(ctx context.Context, t *target, o options) error {
	d := w.dos(t)
	known, err := w.known(ctx, d)
	if err != nil {
		return err
	}
	const logins = 40
	idle := w.logIns(ctx, d, nil, logins)
	crowding, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	for range crowd {
		all.Go(func() {
			for crowding.Err() == nil {
				w.logIns(crowding, d, known, 1)
			}
		})
	}
	time.Sleep(o.each)
	beside := w.logIns(ctx, d, nil, logins)
	stop()
	all.Wait()
	ratio := beside.p99() / idle.p99()
	what := fmt.Sprintf("password login, newcomer, p99 beside %d known (at most %d × idle)", crowd, maxNewRatio)
	figure := fmt.Sprintf("%.0f ms, idle %.0f ms: %.2f ×, %d told to come again", beside.p99(), idle.p99(), ratio,
		beside.errors+idle.errors)
	told := beside.errors+idle.errors > 0
	return errors.Join(beside.first, idle.first, held(what, figure, ratio <= maxNewRatio && !told))
}
