package line

import "time"

// lately counts how many of each key had a turn in the last half minute at least, and in the last minute at most. What
// was before is forgotten, so that it takes as much memory as turns are taken in that time.
type lately struct {
	since  time.Time // when now began
	now    map[string]int
	before map[string]int
}

const halfAMinute = 30 * time.Second

func newLately() lately { return lately{now: map[string]int{}, before: map[string]int{}} }

// of gives how many of a key had a turn lately.
func (l *lately) of(key string, at time.Time) int {
	l.forget(at)
	return l.now[key] + l.before[key]
}

// add counts a turn of a key.
func (l *lately) add(key string, at time.Time) {
	l.forget(at)
	count(l.now, key, 1)
}

func (l *lately) forget(at time.Time) {
	passed := at.Sub(l.since)
	if passed < halfAMinute {
		return
	}
	l.before = l.now
	if passed >= 2*halfAMinute {
		l.before = map[string]int{}
	}
	l.now = map[string]int{}
	l.since = at
}
