// Package key keeps the keys that CIS2's tokens are signed with, through a life: made, published,
// signing, retiring, retired. They are rows, sealed under the master key; a node holds in memory those
// that are published.
//
// Next, a pure function, decides the life. A key signs only once it was published for a while and there
// is proof that relying parties have fetched it, or after the longest wait. The proof is a ledger: which
// addresses were handed a set with the key, and from which addresses each client's calls come. The
// package does not know what is signed.
package key

import (
	"errors"
	"fmt"
	"signpost/internal/platform/audit"
	"time"

	"signpost/internal/careid/provider/client"
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
	Made      State = "made"      // kept, and not yet shown to anybody
	Published State = "published" // in the key set, so that relying parties can fetch it before it signs
	Signing   State = "signing"
	Retiring  State = "retiring" // signs no more; in the key set while what it signed may be used
	Retired   State = "retired"  // gone from the key set, its private part wiped
)

// Key is a key without its private part: what is known of its life. Times not reached are zero.
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

// Since is when the key came into its state.
func (k Key) Since() time.Time {
	return map[State]time.Time{Made: k.Made, Published: k.Published, Signing: k.Signing, Retiring: k.Retiring, Retired: k.Retired}[k.State]
}

// Algorithms are those that there are keys for: RS256 for everybody, as CIS2 does (reference §5), and
// those that a client may ask for.
var Algorithms = client.TokenAlgorithms

// Policy says how long each part of a key's life is.
type Policy struct {
	Every       time.Duration // from one key's first signature to the next's
	Announce    time.Duration // for how long at least a key is published before it signs
	LongestWait time.Duration // for how long at most it waits for clients that were not seen to fetch it
	Overlap     time.Duration // for how long it is published after its last signature
}

const day = 24 * time.Hour

// Usual is the policy where nothing else is configured. The overlap is a day: an ID token can be
// verified for an hour, and comes back as a hint at sign-out for as long as a session lasts, 12 hours.
var Usual = Policy{Every: 90 * day, Announce: day, LongestWait: 7 * day, Overlap: day}

// What no policy may go below: a token's hour with the leeway of clocks, and the time for which a
// fetched key set may be kept (its max-age, and the hour that careful clients keep one).
const (
	leastOverlap  = time.Hour + 5*time.Minute
	leastAnnounce = time.Hour + 5*time.Minute
)

// Check says what is wrong with the policy.
func (p Policy) Check() error {
	var wrong []error
	if p.Announce < leastAnnounce {
		wrong = append(wrong, fmt.Errorf("a key must be published for at least %s before it signs, not %s", leastAnnounce, p.Announce))
	}
	if p.LongestWait < p.Announce {
		wrong = append(wrong, fmt.Errorf("the longest wait, %s, is shorter than the announcement, %s", p.LongestWait, p.Announce))
	}
	if p.Overlap < leastOverlap {
		wrong = append(wrong, fmt.Errorf("a key must stay published for at least %s after its last signature, not %s", leastOverlap, p.Overlap))
	}
	if p.Every <= p.LongestWait+p.Overlap {
		wrong = append(wrong, fmt.Errorf("rotating every %s leaves no time for the longest wait and the overlap, %s", p.Every, p.LongestWait+p.Overlap))
	}
	return errors.Join(wrong...)
}
