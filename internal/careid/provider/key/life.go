package key

import (
	"slices"
	"time"

	"signpost/internal/platform/jwt"
)

// Act is one change in a key's life.
type Act string

// The acts. Begin makes a key that signs at once, because no key of its algorithm signs.
const (
	Begin   Act = "begin"
	Make    Act = "make"
	Publish Act = "publish"
	Sign    Act = "sign"
	Retire  Act = "retire"
)

// Step is the next act for a key, or for an algorithm that needs a key.
type Step struct {
	Act       Act
	Key       string // empty for Begin and Make
	Algorithm jwt.Algorithm
	At        time.Time // when it is due
	Waits     []string  // clients that were not seen to fetch the key, for which the step is delayed
}

// Due reports whether the step's time has come.
func (s Step) Due(now time.Time) bool { return !now.Before(s.At) }

// same reports whether another is the same step, whatever its time.
func (s Step) same(other Step) bool {
	return s.Act == other.Act && s.Key == other.Key && s.Algorithm == other.Algorithm
}

// Next plans the life of all keys: for each algorithm the step that leads to its next signing key, and for
// each retiring key its retirement. fetches tells which clients have fetched the keys that wait to sign.
func Next(keys []Key, now time.Time, p Policy, fetches []Sighting) []Step {
	var plan []Step
	for _, a := range Algorithms {
		plan = append(plan, succession(keys, a, now, p, fetches))
	}
	for _, k := range keys {
		if k.State == Retiring {
			plan = append(plan, Step{Act: Retire, Key: k.ID, Algorithm: k.Algorithm, At: k.Retiring.Add(p.Overlap)})
		}
	}
	return plan
}

func succession(keys []Key, a jwt.Algorithm, now time.Time, p Policy, fetches []Sighting) Step {
	signing, isSigning := find(keys, a, Signing)
	next, isWaiting := find(keys, a, Made, Published)
	switch {
	case !isSigning && !isWaiting:
		return Step{Act: Begin, Algorithm: a, At: now}
	case !isSigning:
		return Step{Act: Sign, Key: next.ID, Algorithm: a, At: now}
	case !isWaiting:
		return Step{Act: Make, Algorithm: a, At: signing.Signing.Add(p.Every - p.Announce)}
	case next.State == Made:
		return Step{Act: Publish, Key: next.ID, Algorithm: a, At: next.Made}
	}
	step := Step{
		Act: Sign, Key: next.ID, Algorithm: a, At: next.Published.Add(p.Announce), Waits: unseen(next.ID, fetches),
	}
	if len(step.Waits) > 0 {
		step.At = next.Published.Add(p.LongestWait)
	}
	return step
}

func find(keys []Key, a jwt.Algorithm, states ...State) (Key, bool) {
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Algorithm == a && slices.Contains(states, k.State) })
	if i < 0 {
		return Key{}, false
	}
	return keys[i], true
}
