// Package forecast says when people will be ready, from how many steps those who have to act finished on each of the
// last days. It is pure, and knows neither lists nor databases.
//
// It lets the days of the past happen again, each weekday as one of its like, many times over: in half of these futures
// somebody is ready by one day, and in nine of ten by a later one. The same input always gives the same answer.
package forecast

import (
	"maps"
	"slices"
)

// Key names who works off one queue: a kind of owner, or one registration authority.
type Key string

// Person is somebody who is not ready.
type Person struct {
	ID     string
	Groups []string // in which they are looked at, such as their organisation and wave
	Path   []Key    // who has to act, one after the other; those who wait for the same are in the order of the list
}

// Input is what a forecast rests on.
type Input struct {
	History map[Key][]int // how many each finished on each day, the oldest first and yesterday last
	People  []Person      // who waits longest first
}

// When says in how many days something will be so: in half of the futures, and in nine of ten.
type When struct{ Half, Late int }

// Forecast is when people will be ready. Who waits for somebody of whom too little is known is in none of it.
type Forecast struct {
	People map[string]When // by ids
	Groups map[string]When // when the last of those is ready of whom it can be said
	Unsaid map[string]int  // of how many of a group it cannot be said
	Thin   []Key           // of whom too little is known, who have somebody waiting
}

const (
	// minDays and minFinished are what has to be known of somebody before a forecast rests on it: two weeks, and so
	// much work that a day more or less does not change the picture.
	minDays     = 14
	minFinished = 20

	week    = 7
	futures = 100
	// MaxDays is how far ahead is looked. Who is not ready by then has this number of days.
	MaxDays = 730
)

// Known reports whether enough is known of who works off a queue to say when.
func Known(history []int) bool { return len(history) >= minDays && sum(history) >= minFinished }

func sum(list []int) (n int) {
	for _, one := range list {
		n += one
	}
	return n
}

// Make forecasts.
func Make(in Input) Forecast {
	f := Forecast{People: map[string]When{}, Groups: map[string]When{}, Unsaid: map[string]int{}}
	thin := map[Key]bool{}
	var said []Person
	for _, p := range in.People {
		known := true
		for _, k := range p.Path {
			if !Known(in.History[k]) {
				thin[k] = true
				known = false
			}
		}
		if known {
			said = append(said, p)
			continue
		}
		for _, group := range p.Groups {
			f.Unsaid[group]++
		}
	}
	f.Thin = slices.Sorted(maps.Keys(thin))
	f.fill(said, in.History)
	return f
}

// fill lets the futures happen, and sums them up for each person and group.
func (f *Forecast) fill(people []Person, history map[Key][]int) {
	days := make([][]int, len(people)) // of each person, in each future
	groups := map[string][]int{}
	for n := range futures {
		for i, day := range future(people, history, chance(n)) {
			days[i] = append(days[i], day)
			for _, group := range people[i].Groups {
				if groups[group] == nil {
					groups[group] = make([]int, futures)
				}
				groups[group][n] = max(groups[group][n], day)
			}
		}
	}
	for i, p := range people {
		f.People[p.ID] = whenOf(days[i])
	}
	for group, list := range groups {
		f.Groups[group] = whenOf(list)
	}
}

func whenOf(days []int) When {
	list := slices.Sorted(slices.Values(days))
	return When{Half: list[len(list)/2-1], Late: list[len(list)*9/10-1]}
}

// future gives after how many days each person is ready in one of the futures.
func future(people []Person, history map[Key][]int, c chance) []int {
	ready := make([]int, len(people))
	queues := map[Key][]int{}
	at := make([]int, len(people)) // how far each is on their path
	left := 0
	for i, p := range people {
		if len(p.Path) > 0 {
			queues[p.Path[0]] = append(queues[p.Path[0]], i)
			left++
		}
	}
	keys := slices.Sorted(maps.Keys(history))
	for day := 1; day <= MaxDays && left > 0; day++ {
		var passed []int // those who wait for the next from tomorrow on
		for _, k := range keys {
			n := min(c.like(history[k], day), len(queues[k]))
			passed = append(passed, queues[k][:n]...)
			queues[k] = queues[k][n:]
		}
		for _, i := range passed {
			at[i]++
			if path := people[i].Path; at[i] < len(path) {
				queues[path[at[i]]] = append(queues[path[at[i]]], i)
				continue
			}
			ready[i] = day
			left--
		}
	}
	for _, queue := range queues {
		for _, i := range queue {
			ready[i] = MaxDays
		}
	}
	return ready
}

// chance draws which day of the past happens again. It is the same each time, so that a page read twice says the same.
type chance uint64

// like gives what was finished on one of the days of the past that were the same weekday as one of the days to come.
func (c chance) like(history []int, day int) int {
	same := (len(history) - 1 + day) % week // the place in the history of the first day of that weekday
	if same >= len(history) {
		return 0
	}
	days := (len(history) - 1 - same) / week
	return history[same+week*int(c.draw(uint64(len(history)), uint64(day))%uint64(days+1))]
}

// draw mixes numbers as SplitMix64 does.
func (c chance) draw(salts ...uint64) uint64 {
	z := uint64(c) + 0x9e3779b97f4a7c15
	for _, salt := range salts {
		z = (z ^ salt) * 0xbf58476d1ce4e5b9
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb
		z ^= z >> 31
	}
	return z
}

// Clinics gives how many more days of usual work a queue needs so that in nine of ten futures all who will wait in it
// are through within some days; and what a day of usual work is.
func Clinics(history []int, waiting, within int) (more, aDay int) {
	var busy []int
	for _, n := range history {
		if n > 0 {
			busy = append(busy, n)
		}
	}
	if len(busy) == 0 {
		return 0, 0
	}
	slices.Sort(busy)
	aDay = busy[len(busy)/2]
	done := make([]int, futures)
	for n := range done {
		for day := 1; day <= within; day++ {
			done[n] += chance(n).like(history, day)
		}
	}
	slices.Sort(done)
	if left := waiting - done[futures/10]; left > 0 {
		more = (left + aDay - 1) / aDay
	}
	return more, aDay
}

// Past is what a forecast of some days ago would have said of the days since, and what came.
type Past struct{ Said, Came int }

// Error is by how many per cent the forecast was too high; below zero it was too low.
func (p Past) Error() int {
	if p.Came == 0 {
		return 0
	}
	return 100 * (p.Said - p.Came) / p.Came
}

// Tried holds a forecast of some days ago, made of what was known then, against what came since. It is false where too
// little was known then.
func Tried(history []int, ago int) (Past, bool) {
	if len(history) < ago || !Known(history[:len(history)-ago]) {
		return Past{}, false
	}
	before := history[:len(history)-ago]
	said := make([]int, futures)
	for n := range said {
		for day := 1; day <= ago; day++ {
			said[n] += chance(n).like(before, day)
		}
	}
	slices.Sort(said)
	return Past{Said: said[futures/2-1], Came: sum(history[len(before):])}, true
}
