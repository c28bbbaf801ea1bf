// Package password makes, checks and judges passwords. It keeps none.
//
// New hashes are argon2id. Hashes from older systems, bcrypt among them, are accepted and said to need
// an upgrade. Checking costs much memory, so only a few checks run at once and the rest wait.
package password

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-crypt/crypt"
	"github.com/go-crypt/crypt/algorithm"
	"github.com/go-crypt/crypt/algorithm/argon2"
)

// Hasher makes and checks hashes at one cost.
type Hasher struct {
	make    algorithm.Hash
	decoder *crypt.Decoder
	prefix  string // how our own hashes of today's cost begin
	nobody  string // a hash that no password has, for accounts that are not there
	turns   chan struct{}
}

// Cost is how dear one check is.
type Cost struct {
	MemoryKiB   uint32
	Passes      int
	Parallelism int
}

// Usual is RFC 9106's second recommendation: 64 MiB, three passes.
var Usual = Cost{MemoryKiB: 64 << 10, Passes: 3, Parallelism: 4}

// Cheap is for tests only, which check many passwords.
var Cheap = Cost{MemoryKiB: 64, Passes: 1, Parallelism: 1}

// atOnce bounds the memory that checks take together.
const atOnce = 4

// New makes a hasher of the given cost.
func New(c Cost) (*Hasher, error) {
	argon, err := argon2.New(argon2.WithVariantID(), argon2.WithM(c.MemoryKiB), argon2.WithT(c.Passes), argon2.WithP(c.Parallelism))
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	decoder, err := crypt.NewDefaultDecoder()
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	h := &Hasher{make: argon, decoder: decoder, turns: make(chan struct{}, atOnce)}
	h.prefix = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$", c.MemoryKiB, c.Passes, c.Parallelism)
	nobody, err := argon.Hash("nobody has this password")
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	h.nobody = nobody.Encode()
	return h, nil
}

// Hash makes a hash of plain for keeping.
func (h *Hasher) Hash(ctx context.Context, plain string) (string, error) {
	if err := h.turn(ctx); err != nil {
		return "", err
	}
	defer h.done()
	digest, err := h.make.Hash(plain)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return digest.Encode(), nil
}

// Check reports whether plain is the password of the kept hash, and whether that hash should be made
// anew at today's cost. An empty hash stands for nobody: it costs the same time and never fits.
func (h *Hasher) Check(ctx context.Context, kept, plain string) (fits, upgrade bool, err error) {
	if err := h.turn(ctx); err != nil {
		return false, false, err
	}
	defer h.done()
	hash := kept
	if hash == "" {
		hash = h.nobody
	}
	digest, err := h.decoder.Decode(hash)
	if err != nil {
		return false, false, fmt.Errorf("read kept password hash: %w", err)
	}
	fits, err = digest.MatchAdvanced(plain)
	if err != nil {
		return false, false, fmt.Errorf("check password: %w", err)
	}
	fits = fits && kept != ""
	return fits, fits && !strings.HasPrefix(kept, h.prefix), nil
}

func (h *Hasher) turn(ctx context.Context) error {
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) done() { <-h.turns }
