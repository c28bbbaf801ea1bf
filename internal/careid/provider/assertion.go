package provider

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// assertion is one by which a client proved itself, and may do so once (RFC 7523 §3). It is remembered until it
// has expired.
type assertion struct {
	clientID string
	id       string // its jti; empty where there is no assertion
	ends     time.Time
}

const insertAssertion = `INSERT INTO provider_jti (client_id, jti_digest, ends_at) VALUES ($1, $2, $3) ON CONFLICT (client_id, jti_digest) DO NOTHING`

func (a assertion) row() []any { return []any{a.clientID, digest(a.id), a.ends} }

// used is the reason why one is refused.
func (a assertion) used() error {
	return &jwt.Mismatch{Claim: "jti", Want: "one that was not used before", Got: a.id}
}

// useIn uses an assertion up together with what else an Update does. If it was used before, the Update ends in
// fault.Conflict; if the Update is refused, the assertion is not used yet.
func (a assertion) useIn(ctx context.Context, w *db.W) error {
	if a.id == "" {
		return nil
	}
	if err := w.ChangeSoon(ctx, insertAssertion, a.row()...); err != nil {
		return fmt.Errorf("use assertion: %w", err)
	}
	return nil
}

// usedBy turns the fault.Conflict of an Update that useIn took part in into its reason.
func (a assertion) usedBy(err error) error {
	if a.id != "" && errors.Is(err, fault.Conflict) {
		return a.used()
	}
	return err
}

// use uses an assertion up by itself, or says that it was used before.
func (p *Provider) use(ctx context.Context, a assertion) error {
	if a.id == "" {
		return nil
	}
	return p.o.DB.Jot(ctx, func(k *db.K) error {
		n, err := k.Exec(ctx, insertAssertion, a.row()...)
		if err != nil {
			return fmt.Errorf("use assertion: %w", err)
		}
		if n != 1 {
			return a.used()
		}
		return nil
	})
}

func digest(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}
