// Package line lets a few do something at a time. Others wait their turn in a line that has an end: whoever finds it
// full, or waits too long, is told to come again. Whoever has fewer with the same key before them, in the line and
// among those who left it in the last minute, goes first, and takes the last place of a full line from whoever has
// more: many with one key keep nobody else waiting or out.
//
// It does not know what they wait for.
package line

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrFull refuses somebody for whom there is no room, or who waited as long as anybody may.
var ErrFull = errors.New("the line is full")

// Options describe a line.
type Options struct {
	AtOnce     int           // how many do it at a time
	EachAtOnce int           // how many of one key do it at a time; 0 for any number
	MaxWaiting int           // how many wait, of those who go first and of the others, each
	MaxEach    int           // how many of one key wait or do it; 0 for any number
	Patience   time.Duration // how long anybody waits
}

// Line is one such line.
type Line struct {
	o     Options
	mu    sync.Mutex
	doing int
	keys  map[string]int // how many of each key wait or do it
	busy  map[string]int // how many of each key do it
	asked lately         // how many of each key had a turn, or were told to come again
	first []*waiter
	rest  []*waiter
	ahead int // how many turns in a row went to those who go first while others waited
}

// New makes a line in which nobody waits.
func New(o Options) *Line {
	return &Line{o: o, keys: map[string]int{}, busy: map[string]int{}, asked: newLately()}
}

// Who is somebody who wants a turn.
type Who struct {
	Key   string // whom they share turns with; empty for nobody
	First bool   // they go before those who do not, but for every fifth turn
}

// waiter is somebody in the line.
type waiter struct {
	Who

	turn   int        // how many of the same key are before, or were lately
	called chan error // says nil when it is their turn, and ErrFull when they have to make room
}

// Waiting gives how many wait.
func (l *Line) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.first) + len(l.rest)
}

// Wait waits for a turn, which lasts until end is called. It gives ErrFull if there is none soon, and the context's
// error if that ends before. Somebody who is counted in another line, by Count, is not any more.
func (l *Line) Wait(ctx context.Context, who Who) (end func(), err error) {
	Uncount(ctx)
	place, err := l.join(who)
	if err != nil {
		return nil, err
	}
	patience := time.NewTimer(l.o.Patience)
	defer patience.Stop()
	select {
	case err = <-place.called:
		return l.endingUnless(err, who)
	case <-ctx.Done():
		err = ctx.Err()
	case <-patience.C:
		err = ErrFull
	}
	if l.quit(place) {
		return nil, err
	}
	return l.endingUnless(<-place.called, who) // it was called at the same moment
}

func (l *Line) endingUnless(err error, who Who) (end func(), _ error) {
	if err != nil {
		return nil, err
	}
	return l.ending(who), nil
}

// join puts somebody into the line, or calls them at once.
func (l *Line) join(who Who) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.o.MaxEach > 0 && l.keys[who.Key] >= l.o.MaxEach {
		return nil, ErrFull
	}
	turn := l.keys[who.Key] + l.asked.of(who.Key, time.Now())
	if !l.roomFor(who, turn) {
		l.asked.add(who.Key, time.Now())
		return nil, ErrFull
	}
	place := &waiter{Who: who, turn: turn, called: make(chan error, 1)}
	count(l.keys, who.Key, 1)
	list := l.listOf(who)
	at := slices.IndexFunc(*list, func(other *waiter) bool { return other.turn > turn })
	if at < 0 {
		at = len(*list)
	}
	*list = slices.Insert(*list, at, place)
	l.call()
	return place, nil
}

// roomFor reports whether there is room for somebody: they are called at once, there is a free place, or the last in
// the line has more before them and gives up theirs.
func (l *Line) roomFor(who Who, turn int) bool {
	list := l.listOf(who)
	if len(*list) < l.o.MaxWaiting || l.doing < l.o.AtOnce && l.mayDo(who.Key) {
		return true
	}
	if len(*list) == 0 || (*list)[len(*list)-1].turn <= turn {
		return false
	}
	last := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	count(l.keys, last.Key, -1)
	l.asked.add(last.Key, time.Now())
	last.called <- ErrFull
	return true
}

func (l *Line) listOf(who Who) *[]*waiter {
	if who.First {
		return &l.first
	}
	return &l.rest
}

// maxAhead is how many turns in a row go to those who go first while others wait: then one of these has a turn, so that
// a crowd of those who are known keeps no newcomer out.
const maxAhead = 4

// call calls whoever is next, while there is room.
func (l *Line) call() {
	for l.doing < l.o.AtOnce {
		switch {
		case l.ahead < maxAhead && l.callFrom(&l.first):
			l.ahead++
		case l.callFrom(&l.rest):
			l.ahead = 0
		case l.callFrom(&l.first):
		default:
			return
		}
		if len(l.rest) == 0 {
			l.ahead = 0
		}
	}
}

func (l *Line) callFrom(list *[]*waiter) bool {
	at := slices.IndexFunc(*list, func(w *waiter) bool { return l.mayDo(w.Key) })
	if at < 0 {
		return false
	}
	next := (*list)[at]
	*list = slices.Delete(*list, at, at+1)
	count(l.busy, next.Key, 1)
	l.doing++
	l.asked.add(next.Key, time.Now())
	next.called <- nil
	return true
}

// quit takes somebody out of the line, and reports whether they were still in it.
func (l *Line) quit(place *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.listOf(place.Who)
	at := slices.Index(*list, place)
	if at < 0 {
		return false
	}
	*list = slices.Delete(*list, at, at+1)
	count(l.keys, place.Key, -1)
	l.asked.add(place.Key, time.Now())
	return true
}

// ending gives what ends a turn, once.
func (l *Line) ending(who Who) func() {
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		count(l.busy, who.Key, -1)
		count(l.keys, who.Key, -1)
		l.doing--
		l.call()
	})
}

// mayDo reports whether one more of a key may do it.
func (l *Line) mayDo(key string) bool { return l.o.EachAtOnce == 0 || l.busy[key] < l.o.EachAtOnce }

// count adds to the number of a key. That of nobody's key stays 0.
func count(numbers map[string]int, key string, more int) {
	if key == "" {
		return
	}
	numbers[key] += more
	if numbers[key] == 0 {
		delete(numbers, key)
	}
}
