package reference

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/random"
)

// Teller makes references that themselves say when, and of what kind something was, so that one of which nothing else
// is kept can be looked up. Without its key they look like any other: strangers cannot tell what one says.
type Teller struct {
	Digest func(text string) []byte // keyed, and the same on every node
}

// What a telling reference holds, from the highest bit: when, the kind, chance, which keeps two of one kind and moment
// apart, and noughts, by which one that was misheard is known.
const (
	momentBits = 12
	kindBits   = 6
	chanceBits = 13
	checkBits  = 7
	halfBits   = (momentBits + kindBits + chanceBits + checkBits) / 2
	rounds     = 6

	kindAt   = chanceBits + checkBits
	momentAt = kindBits + kindAt
)

// Moment is how exactly a reference tells when: it gives the beginning of ten minutes.
const Moment = 10 * time.Minute

// moments is how many of them there are before they begin again: four weeks.
const moments = 1 << momentBits

// MaxKind is the highest kind that a reference can tell.
const MaxKind = 1<<kindBits - 1

// New makes a reference that tells a kind, from 1 to MaxKind, and when. What has another kind gets one that tells
// nothing.
func (t Teller) New(kind int, at time.Time) string {
	if kind < 1 || kind > MaxKind {
		return New()
	}
	moment := uint64(momentOf(at)) % moments
	chance := uint64(random.Below(1 << chanceBits))
	return t.write(moment<<momentAt | uint64(kind)<<kindAt | chance<<checkBits)
}

// Told reads the kind that a reference tells, and when. There is none in one that tells nothing, or that nobody made.
func (t Teller) Told(ref string, now time.Time) (kind int, at time.Time, told bool) {
	n, known := t.read(ref)
	kind = int(n >> kindAt & MaxKind)
	if !known || kind == 0 || n&(1<<checkBits-1) != 0 {
		return 0, at, false
	}
	latest := momentOf(now) + 1 // the clocks of nodes may differ a little
	ago := (latest - int64(n>>momentAt)) % moments
	return kind, time.Unix(0, 0).UTC().Add(time.Duration(latest-ago) * Moment), true
}

// momentOf counts the moments since 1970.
func momentOf(at time.Time) int64 { return at.Unix() / int64(Moment/time.Second) }

// write makes 8 letters and digits of a number that is mixed under the key.
func (t Teller) write(n uint64) string {
	n = t.mix(n, true)
	letters := make([]byte, length)
	for i := range letters {
		letters[length-1-i] = random.CodeLetters[n%uint64(len(random.CodeLetters))]
		n /= uint64(len(random.CodeLetters))
	}
	return string(letters)
}

func (t Teller) read(ref string) (n uint64, known bool) {
	if !Valid(ref) {
		return 0, false
	}
	for _, letter := range ref {
		n = n*uint64(len(random.CodeLetters)) + uint64(strings.IndexRune(random.CodeLetters, letter))
	}
	if n >= 1<<(2*halfBits) {
		return 0, false
	}
	return t.mix(n, false), true
}

// mix is a cipher of few bits: halves that take turns in changing each other (a Feistel network), forth or back.
func (t Teller) mix(n uint64, forth bool) uint64 {
	const mask = 1<<halfBits - 1
	left := n >> halfBits & mask
	right := n & mask
	for i := range rounds {
		if forth {
			left, right = right, left^t.round(i, right)&mask
		} else {
			left, right = right^t.round(rounds-1-i, left)&mask, left
		}
	}
	return left<<halfBits | right
}

func (t Teller) round(i int, half uint64) uint64 {
	text := "reference/" + strconv.Itoa(i) + "/" + strconv.FormatUint(half, 10)
	return binary.BigEndian.Uint64(t.Digest(text))
}
