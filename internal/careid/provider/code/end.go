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

// Sweeps are the codes and tokens that nobody asks about any more.
var Sweeps = []db.Sweep{
	{Table: "provider_code", Key: "digest", Over: "ends_at", Keep: retention},
	{Table: "provider_token", Key: "digest", Over: "ends_at", Keep: retention},
}
