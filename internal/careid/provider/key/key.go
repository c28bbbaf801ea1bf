// Package key keeps the keys that sign CIS2's tokens, and takes each through its life: made, published,
// signing, retiring, retired. Keys are rows, sealed under the master key. A node holds the published ones
// in memory.
//
// Next, a pure function, decides the life. A key signs only after it was published for a while and relying
// parties were seen to fetch it, or after the longest wait. A ledger shows who has fetched it: to which
// addresses a set with the key was sent, and from which addresses each client calls. The package does not
// know what is signed.
package key

import (
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/jwt"
)

// The kinds of events that this package records.
const (
	eventBegun     audit.Kind = "key.begun"
	eventMade      audit.Kind = "key.made"
	eventPublished audit.Kind = "key.published"
	eventSigning   audit.Kind = "key.signing"
	eventRetired   audit.Kind = "key.retired"
	eventReplaced  audit.Kind = "key.replaced"
	eventRevoked   audit.Kind = "key.revoked"
)

// State is where a key is in its life.
type State string

// The states, in their order. One key of an algorithm signs, and at most one waits to.
const (
	Made      State = "made"      // stored, and not yet published
	Published State = "published" // in the key set, so that relying parties can fetch it before it signs
	Signing   State = "signing"
	Retiring  State = "retiring" // signs no more; stays in the key set while tokens that it signed may be used
	Retired   State = "retired"  // no longer in the key set, its private part deleted
)

// Key is a key without its private part, with the times of its life. Times not yet reached are zero.
type Key struct {
	ID        string
	Algorithm jwt.Algorithm
	State     State
	Made      time.Time
	Published time.Time
	Signing   time.Time // from when it signs
	Retiring  time.Time
	Retired   time.Time
}

// Since returns when the key came into its state.
func (k Key) Since() time.Time {
	return map[State]time.Time{
		Made:      k.Made,
		Published: k.Published,
		Signing:   k.Signing,
		Retiring:  k.Retiring,
		Retired:   k.Retired,
	}[k.State]
}

// Algorithms are the ones that have keys: RS256 for everybody, as CIS2 does (reference §5), and those that
// a client may ask for.
var Algorithms = client.TokenAlgorithms

// Policy says how long each part of a key's life is.
type Policy struct {
	Every       time.Duration // from one key's first signature to the next's
	Announce    time.Duration // the shortest time for which a key is published before it signs
	LongestWait time.Duration // the longest time that it waits for clients that were not seen to fetch it
	Overlap     time.Duration // how long it stays published after its last signature
}

const day = 24 * time.Hour

// Usual is the policy where nothing else is configured. The overlap is a day: an ID token can be
// verified for an hour, and may come back as a hint at sign-out for as long as a session lasts, 12 hours.
var Usual = Policy{Every: 90 * day, Announce: day, LongestWait: 7 * day, Overlap: day}

// The shortest times that a policy may set: a token's hour with the leeway of clocks, and the time for
// which a client may keep a fetched key set (its max-age, and the hour that careful clients keep one).
const (
	minOverlap  = time.Hour + 5*time.Minute
	minAnnounce = time.Hour + 5*time.Minute
)

// Check returns an error that names everything wrong with the policy.
func (p Policy) Check() error {
	var problems []error
	if p.Announce < minAnnounce {
		problems = append(problems, fmt.Errorf("a key must be published for at least %s before it signs, not %s",
			minAnnounce, p.Announce))
	}
	if p.LongestWait < p.Announce {
		problems = append(problems, fmt.Errorf("the longest wait, %s, is shorter than the announcement, %s",
			p.LongestWait, p.Announce))
	}
	if p.Overlap < minOverlap {
		problems = append(problems,
			fmt.Errorf("a key must stay published for at least %s after its last signature, not %s", minOverlap,
				p.Overlap))
	}
	if p.Every <= p.LongestWait+p.Overlap {
		problems = append(problems,
			fmt.Errorf("rotating every %s leaves no time for the longest wait and the overlap, %s",
				p.Every, p.LongestWait+p.Overlap))
	}
	return errors.Join(problems...)
}
