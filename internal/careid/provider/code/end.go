package code

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

const (
	dropCodesOf    = `DELETE FROM provider_code WHERE sid = $1`
	revokeTokensOf = `UPDATE provider_token SET revoked_at = $2 WHERE sid = $1 AND revoked_at IS NULL`
)

// EndSession deletes the codes of a session that ends and revokes its tokens.
func EndSession(ctx context.Context, w *db.W, sid string) error {
	if _, err := w.Exec(ctx, dropCodesOf, sid); err != nil {
		return fmt.Errorf("end codes of session: %w", err)
	}
	if _, err := w.Exec(ctx, revokeTokensOf, sid, w.Now()); err != nil {
		return fmt.Errorf("end tokens of session: %w", err)
	}
	return nil
}

// retention is how long codes and tokens are kept after their end, so that a late replay of a code is still
// recognised by its token.
const retention = time.Hour

const (
	sweepCodes  = `DELETE FROM provider_code WHERE ends_at <= $1`
	sweepTokens = `DELETE FROM provider_token WHERE ends_at <= $1`
)

// Sweep deletes the codes and tokens that ended before the retention time, and counts them.
func Sweep(ctx context.Context, w *db.W) (codes, tokens int64, err error) {
	before := w.Now().Add(-retention)
	if codes, err = w.Exec(ctx, sweepCodes, before); err != nil {
		return 0, 0, fmt.Errorf("sweep codes: %w", err)
	}
	if tokens, err = w.Exec(ctx, sweepTokens, before); err != nil {
		return 0, 0, fmt.Errorf("sweep tokens: %w", err)
	}
	return codes, tokens, nil
}
