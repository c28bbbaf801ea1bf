package line

import "time"

// lately counts how many of each key left the line, with a turn or without, in the last half minute at least, and in
// the last minute at most. What was before is forgotten, and so it is sooner where very many keys come.
type lately struct {
	since  time.Time // when now began
	now    map[string]int
	before map[string]int
}

const (
	halfAMinute = 30 * time.Second
	maxKeys     = 20_000 // are counted in half a minute
)

func newLately() lately { return lately{now: map[string]int{}, before: map[string]int{}} }

// of gives how many of a key left lately.
func (l *lately) of(key string, at time.Time) int {
	l.forget(at)
	return l.now[key] + l.before[key]
}

// add counts one of a key that leaves.
func (l *lately) add(key string, at time.Time) {
	l.forget(at)
	count(l.now, key, 1)
}

func (l *lately) forget(at time.Time) {
	passed := at.Sub(l.since)
	if passed < halfAMinute && len(l.now) < maxKeys {
		return
	}
	l.before = l.now
	if passed >= 2*halfAMinute {
		l.before = map[string]int{}
	}
	l.now = map[string]int{}
	l.since = at
}
