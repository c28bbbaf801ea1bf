package client

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

const updateSecret = `UPDATE provider_client SET secret_digest = $2, secret_made_at = $3, old_secret_digest = NULL,
	old_secret_ends_at = NULL WHERE client_id = $1`

// setSecret sets a client's first secret, or removes all of its secrets.
func setSecret(ctx context.Context, w *db.W, box *seal.Box, id, secret string) error {
	if err := w.Change(ctx, updateSecret, id, digestOf(box, id, secret), since(secret, w.Now())); err != nil {
		return fmt.Errorf("set secret: %w", err)
	}
	return nil
}

const rotateSecret = `UPDATE provider_client SET old_secret_digest = secret_digest, old_secret_ends_at = $4,
	secret_digest = $2, secret_made_at = $3, version = version + 1
	WHERE client_id = $1`

// RotateSecret makes a new secret for a client, returned here and never shown again. The secret that it
// replaces still works for the overlap, at most Overlap. A secret before that one ends now.
func (g Registry) RotateSecret(
	ctx context.Context, by actor.Actor, id string, overlap time.Duration,
) (secret string, err error) {
	if overlap < 0 || overlap > Overlap {
		return "", fault.OfField("overlap", "Choose for how long the old secret still works, at most 7 days")
	}
	secret = random.Secret()
	return secret, g.DB.Update(ctx, by, func(w *db.W) error {
		c, err := changeable(ctx, w, id)
		if err != nil {
			return err
		}
		if !c.UsesSecret() {
			return fault.SayCure(fault.Conflict, "This client authenticates with a key and has no secret.",
				"Publish a new key in its key set instead.")
		}
		ends := w.Now().Add(overlap)
		if err := w.Change(ctx, rotateSecret, id, digestOf(g.Box, id, secret), w.Now(), ends); err != nil {
			return fmt.Errorf("rotate secret: %w", err)
		}
		if err := g.tell(ctx, w, c, secretMade(c, overlap)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: EventSecretRotated, Subject: Ref(id), Before: secretFacts(c.SecretMade(), time.Time{}),
			After: secretFacts(w.Now(), ends),
		})
	})
}

func secretFacts(made, oldEnds time.Time) map[string]time.Time {
	facts := map[string]time.Time{}
	for name, at := range map[string]time.Time{"made": made, "old secret ends": oldEnds} {
		if !at.IsZero() {
			facts[name] = at
		}
	}
	return facts
}

// EndOldSecret ends the overlap of two secrets at once.
func (g Registry) EndOldSecret(ctx context.Context, by actor.Actor, id string) error {
	return g.DB.Update(ctx, by, func(w *db.W) error {
		c, err := changeable(ctx, w, id)
		if err != nil || c.OldSecretEnds().IsZero() {
			return err
		}
		if err := w.Change(ctx, `UPDATE provider_client SET old_secret_digest = NULL, old_secret_ends_at = NULL,
			version = version + 1 WHERE client_id = $1`, id); err != nil {
			return fmt.Errorf("end old secret: %w", err)
		}
		if err := g.tell(ctx, w, c, secretEnded(c)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: EventSecretEnded, Subject: Ref(id), Before: secretFacts(time.Time{}, c.OldSecretEnds()),
		})
	})
}
