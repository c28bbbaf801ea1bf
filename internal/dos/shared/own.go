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

var errNoClaim = fault.SayCure(fault.Expired, "This link does not work any more.",
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

// DenyPath begins the path of the link by which somebody says that a claim with their address was not theirs. The id of
// the claim and a secret follow.
const DenyPath = "/not-me/"

// The faults of links by which a claim is denied.
var (
	errNotDenied = fault.SayCure(fault.Expired, "This link does not work any more.",
		"If somebody uses your address, tell a DoS user administrator: the newest email about it names them.")
	errProved = fault.SayCure(fault.Conflict,
		"Somebody who reads the emails to this address has opened the link to an account of their own since.",
		"If that was not you, tell a DoS user administrator: the newest email about it names them.")
	// ErrDenied says that a link was used already. Its page tells what came of it.
	ErrDenied = fault.SayCure(fault.Expired, "You have told us already that this was not you.",
		"Nothing is left to do.")
)

const selectToDeny = selectClaim + ` WHERE id = $1 AND deny_digest = $2
	AND state IN ('claimed', 'confirmed', 'rejected')`

// ToDeny gives the claim that the link of whoever reads its address is for, also once they have denied it. It changes
// nothing.
func ToDeny(ctx context.Context, r db.R, id, secret string) (Claim, error) {
	claim, err := db.One(ctx, r, scanClaim, selectToDeny, id, random.Digest(secret))
	switch {
	case errors.Is(err, fault.NotFound):
		err = errNotDenied
	case err != nil:
		err = fmt.Errorf("read a claim with one's address: %w", err)
	case claim.Denied.IsZero() && !claim.Proved.IsZero():
		err = errProved
	}
	return claim, err
}

// denied is the reason of a claim that whoever reads its address denied.
const denied = "Whoever reads this email address said that it was not them"

// Deny rejects a claim for whoever reads its address: it was not them. Their link to a request ends. An administrator
// can confirm it after all.
func (c *Cases) Deny(ctx context.Context, by actor.Actor, id, secret string) error {
	return c.DB.Update(ctx, by, func(w *db.W) error {
		claim, err := ToDeny(ctx, w, id, secret)
		if err != nil {
			return err
		}
		if !claim.Denied.IsZero() {
			return ErrDenied
		}
		if err := w.Change(ctx, `UPDATE shared_claim SET denied_at = $2 WHERE id = $1`, id, w.Now()); err != nil {
			return fmt.Errorf("deny a claim: %w", err)
		}
		if err := claim.become(ctx, w, Rejected, denied, "", []byte{}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventDenied, Subject: account.Ref(claim.AccountID), Before: claim.Typed})
	})
}
