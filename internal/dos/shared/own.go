package shared

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// OwnPath begins the path of the link of somebody who was confirmed. The id of their claim and a secret follow.
const OwnPath = "/shared-account/"

var errNoClaim = fault.SayCure(fault.NotFound, "This link does not work any more.",
	"Use the newest email about your own account, or request an account of your own from the first page.")

const selectOwn = selectClaim + ` WHERE id = $1 AND own_digest = $2 AND state = 'confirmed'`

// Own gives the claim that somebody's own link is for. It changes nothing, so that mail scanners may follow the link.
func Own(ctx context.Context, r db.R, id, secret string) (Claim, error) {
	claim, err := db.One(ctx, r, scanClaim, selectOwn, id, random.Digest(secret))
	if errors.Is(err, fault.NotFound) {
		return claim, errNoClaim
	}
	if err != nil {
		return claim, fmt.Errorf("read one's own claim: %w", err)
	}
	return claim, nil
}

// Prove keeps that the person of a claim came by their own link: its address is theirs, and its use counts as claimed.
func (c *Cases) Prove(ctx context.Context, by actor.Actor, id, secret string) error {
	claim, err := db.Read(ctx, c.DB, func(r db.R) (Claim, error) { return Own(ctx, r, id, secret) })
	if err != nil || !claim.Proved.IsZero() {
		return err
	}
	return c.DB.Update(ctx, by, func(w *db.W) error {
		if _, err := Own(ctx, w, id, secret); err != nil {
			return err
		}
		if err := w.Change(ctx, `UPDATE shared_claim SET proved_at = $2 WHERE id = $1`, id, w.Now()); err != nil {
			return fmt.Errorf("keep that an address is somebody's: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventProved, Subject: account.Ref(claim.AccountID)})
	})
}
