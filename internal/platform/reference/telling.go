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

// What a reference holds, from the highest bit: when, the kind, chance, which tells requests of one minute apart, and
// noughts, by which one that was misheard is known.
const (
	minuteBits = 15 // three weeks of minutes, after which they begin anew
	kindBits   = 6
	chanceBits = 11
	checkBits  = 6
	halfBits   = (minuteBits + kindBits + chanceBits + checkBits) / 2
	rounds     = 6

	kindAt   = chanceBits + checkBits
	minuteAt = kindBits + kindAt
)

const minutes = 1 << minuteBits

// MaxKind is the highest kind that a reference can tell. Zero tells none.
const MaxKind = 1<<kindBits - 1

// New makes the reference of a request, which tells no kind.
func (t Teller) New(at time.Time) string {
	minute := uint64(at.Unix()/60) % minutes
	chance := uint64(random.Below(1 << chanceBits))
	return t.write(minute<<minuteAt | chance<<checkBits)
}

// About gives the reference of the same request that tells a kind.
func (t Teller) About(ref string, kind int) string {
	n, known := t.read(ref)
	if !known || kind < 0 || kind > MaxKind {
		return ref
	}
	return t.write(n&^(MaxKind<<kindAt) | uint64(kind)<<kindAt)
}

// Told reads the kind that a reference tells, and the minute. There is none in one that tells nothing, or that nobody
// made.
func (t Teller) Told(ref string, now time.Time) (kind int, at time.Time, told bool) {
	n, known := t.read(ref)
	kind = int(n >> kindAt & MaxKind)
	if !known || kind == 0 || n&(1<<checkBits-1) != 0 {
		return 0, at, false
	}
	const slack = 5 // minutes by which the clocks of nodes may differ
	latest := now.Unix()/60 + slack
	ago := (latest - int64(n>>minuteAt)) % minutes
	return kind, time.Unix((latest-ago)*60, 0).UTC(), true
}

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
