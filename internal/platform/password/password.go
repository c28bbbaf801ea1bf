// Package password makes, checks and judges passwords. It keeps none.
//
// New hashes are argon2id. Hashes from older systems, such as bcrypt, PBKDF2 and SHA-512-crypt, are accepted within
// limits of their cost and said to need an upgrade. Checking costs much memory, so only a few checks run at once and
// the rest wait in a line that has an end.
package password

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-crypt/crypt/algorithm"
	"github.com/go-crypt/crypt/algorithm/argon2"

	"signpost/internal/platform/line"
)

// Hasher makes and checks hashes at one cost.
type Hasher struct {
	make   algorithm.Hash
	decode decodeHash
	prefix string // how our own hashes of today's cost begin
	turns  *line.Line
	dear   dearLine
	large  bool // one hash takes much memory
	// nobody is a hash that no password has, for accounts that are not there, and imported is the like of
	// an older system. Both are made when they are first needed: a program that checks no passwords
	// starts without them.
	nobody   func() (string, error)
	imported func() (string, error)
	// lastImported is the hash of an older system that was checked last, if it was not dear. A refusal costs what it
	// costs, so that time does not tell imported accounts from those that are not there.
	lastImported atomic.Pointer[string]

	// Breached knows passwords that nobody may choose; nil for none but those that are tried first.
	Breached Breached

	own, older atomic.Int64
}

// Checks are how many hashes were computed to check passwords, by sort. Every refusal costs one of each,
// so that the time it takes tells nothing of an account.
type Checks struct{ Own, Imported int64 }

// Checks gives the numbers since the start.
func (h *Hasher) Checks() Checks { return Checks{Own: h.own.Load(), Imported: h.older.Load()} }

// counts notes that a hash was computed.
func (h *Hasher) counts(hash string) {
	if strings.HasPrefix(hash, h.prefix) {
		h.own.Add(1)
	} else {
		h.older.Add(1)
		if !h.dear.has(hash) {
			h.lastImported.Store(&hash)
		}
	}
}

// Cost is how dear one check is.
type Cost struct {
	MemoryKiB   uint32
	Passes      int
	Parallelism int
	Bcrypt      int // of the hashes that are imported
	// Dear is from when on a hash of an older system is dear, by how long it takes to check on a machine of today.
	Dear time.Duration
}

// Usual is RFC 9106's second recommendation: 64 MiB, three passes.
var Usual = Cost{MemoryKiB: 64 << 10, Passes: 3, Parallelism: 4, Bcrypt: 10, Dear: 300 * time.Millisecond}

// Cheap is for tests only, which check many passwords.
var Cheap = Cost{MemoryKiB: 64, Passes: 1, Parallelism: 1, Bcrypt: 4, Dear: 40 * time.Millisecond}

// New makes a hasher of the given cost.
func New(c Cost) (*Hasher, error) {
	argon, err := argon2.New(argon2.WithVariantID(), argon2.WithM(c.MemoryKiB), argon2.WithT(c.Passes),
		argon2.WithP(c.Parallelism))
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	decode, err := decoder()
	if err != nil {
		return nil, err
	}
	h := &Hasher{make: argon, decode: decode, turns: newTurns(c), dear: newDearLine(c), large: c.MemoryKiB >= largeKiB}
	h.prefix = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$", c.MemoryKiB, c.Passes, c.Parallelism)
	h.nobody = sync.OnceValues(func() (string, error) {
		digest, err := argon.Hash("nobody has this password")
		if err != nil {
			return "", fmt.Errorf("hash password: %w", err)
		}
		return digest.Encode(), nil
	})
	h.imported = sync.OnceValues(func() (string, error) { return imported(c.Bcrypt) })
	return h, nil
}

// Hash makes a hash of plain for keeping.
func (h *Hasher) Hash(ctx context.Context, from Asker, plain string) (string, error) {
	end, err := h.turn(ctx, from)
	if err != nil {
		return "", err
	}
	defer end()
	digest, err := h.make.Hash(normal(plain))
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return digest.Encode(), nil
}

// bcryptBytes is how much of a password bcrypt reads. What follows may be anything.
const bcryptBytes = 72

// Check reports whether plain is the password of the stored hash, and whether that hash should be made
// anew at today's cost. An empty hash stands for nobody and never fits. Whatever does not fit costs the
// same time. A hash that read only the beginning of plain is not made anew: the end may be wrong, and its owner would
// be locked out.
func (h *Hasher) Check(ctx context.Context, from Asker, stored, plain string) (fits, upgrade bool, err error) {
	end, err := h.turnFor(ctx, from, stored)
	if err != nil {
		return false, false, err
	}
	defer func() { end(fits) }()
	nobody, err := h.nobody()
	if err != nil {
		return false, false, err
	}
	hash := stored
	if hash == "" {
		hash = nobody
	}
	digest, err := h.decode(hash)
	if err != nil {
		return false, false, fmt.Errorf("read stored password hash: %w", err)
	}
	h.counts(hash)
	fits, err = digest.MatchAdvanced(h.typed(hash, plain))
	if err != nil {
		return false, false, fmt.Errorf("check password: %w", err)
	}
	fits = fits && stored != ""
	if !fits {
		if err := h.even(stored, plain); err != nil {
			return false, false, fmt.Errorf("check password: %w", err)
		}
	}
	return fits, fits && h.renews(stored, plain), nil
}

// typed gives what was typed in the form in which the hash was made: older systems took it as it came.
func (h *Hasher) typed(hash, plain string) string {
	if strings.HasPrefix(hash, h.prefix) {
		return normal(plain)
	}
	return plain
}

func (h *Hasher) renews(stored, plain string) bool {
	bcrypt := strings.HasPrefix(stored, "$2")
	return !strings.HasPrefix(stored, h.prefix) && (!bcrypt || len(plain) <= bcryptBytes)
}

// even adds to a refusal what the other sort of hash costs to check, so that time does not tell imported
// accounts from those that are not there.
func (h *Hasher) even(stored, plain string) error {
	other, err := h.nobody()
	if err != nil {
		return err
	}
	if stored == "" || strings.HasPrefix(stored, h.prefix) {
		if other, err = h.olderHash(); err != nil {
			return err
		}
	}
	digest, err := h.decode(other)
	if err == nil {
		h.counts(other)
		_ = digest.Match(plain) // what comes of it is nobody's
	}
	return err
}

// olderHash gives the stand-in for hashes of older systems.
func (h *Hasher) olderHash() (string, error) {
	if last := h.lastImported.Load(); last != nil {
		return *last, nil
	}
	return h.imported()
}
