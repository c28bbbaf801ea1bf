package password

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/line"
)

// Asker is on whose behalf a hash is computed.
type Asker struct {
	Network string // from which they ask; empty where no network is asking
	Browser string // id of a browser on which they proved themselves before; empty for all others
}

// who gives the asker's place in the line: those who are known go first, each browser on its own, and strangers by the
// network that they share.
func (a Asker) who() line.Who {
	if a.Browser != "" {
		return line.Who{Key: "browser " + a.Browser, First: true}
	}
	return line.Who{Key: a.Network}
}

// How many wait for a hash, of those who are known and of strangers, how many of them from one network or browser, and
// how long anybody does. A hospital shares one address.
const (
	maxWaiting  = 32
	maxFromOne  = 16
	maxPatience = 5 * time.Second
)

// newTurns makes the line for hashes of a cost: as many are computed at once as the machine has processors for.
func newTurns(c Cost) *line.Line {
	return line.New(line.Options{
		AtOnce: max(1, runtime.GOMAXPROCS(0)/c.Parallelism), EachAtOnce: 1, MaxWaiting: maxWaiting,
		MaxEach: maxFromOne, Patience: maxPatience,
	})
}

// Turns gives the line in which passwords wait to be checked.
func (h *Hasher) Turns() *line.Line { return h.turns }

// errBusy refuses to check a password now.
var errBusy = fault.Keyed("passwords", fault.SayCure(fault.Busy,
	"Too many people are logging in at the moment. Your password was not checked.",
	"Wait 10 seconds, then try again."))

// largeKiB is the memory of a hash that is given back to the machine when it is done.
const largeKiB = 16 << 10

// turn waits for a turn to compute a hash.
func (h *Hasher) turn(ctx context.Context, from Asker) (end func(), err error) {
	return h.turnIn(ctx, h.turns, from)
}

func (h *Hasher) turnIn(ctx context.Context, turns *line.Line, from Asker) (end func(), err error) {
	leave, err := turns.Wait(ctx, from.who())
	if errors.Is(err, line.ErrFull) {
		return nil, errBusy
	}
	if err != nil || !h.large {
		return leave, err
	}
	return func() {
		debug.FreeOSMemory() // before the next hash takes as much again
		leave()
	}, nil
}
