package password

import (
	"context"
	"time"

	"signpost/internal/platform/line"
)

// dearLine is where dear hashes are computed: those of older systems that take several times as long as ours. They have
// a line of their own, so that nobody else waits for them, one at a time. After a wrong password the line rests for
// some times as long as the hash took, so that strangers who guess at such an account take no more than a part of a
// processor. A right password makes the hash anew, and nobody rests after it.
type dearLine struct {
	turns *line.Line
	above time.Duration // 0 where no hash is dear
}

// After a wrong password at a dear hash the line rests for restTimes as long as it took, but no longer than maxRest:
// its owner waits in the same line.
const (
	restTimes = 3
	maxRest   = 2 * time.Second
)

func newDearLine(c Cost) dearLine {
	return dearLine{above: c.Dear, turns: line.New(line.Options{
		AtOnce: 1, EachAtOnce: 1, MaxWaiting: maxWaiting, MaxEach: maxFromOne, Patience: maxPatience,
	})}
}

// has reports whether a hash is dear.
func (d dearLine) has(hash string) bool { return d.above > 0 && reckoned(hash) > d.above }

// turnFor waits for a turn to check a password against a stored hash. Whoever ends the turn says whether it was right.
func (h *Hasher) turnFor(ctx context.Context, from Asker, stored string) (end func(right bool), err error) {
	if !h.dear.has(stored) {
		leave, err := h.turn(ctx, from)
		return func(bool) { leave() }, err
	}
	leave, err := h.turnIn(ctx, h.dear.turns, from)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	return func(right bool) {
		if right {
			leave()
			return
		}
		time.AfterFunc(min(restTimes*time.Since(began), maxRest), leave)
	}, nil
}
