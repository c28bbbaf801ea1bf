// Package life holds the guarded acts of a registration authority that move a Care Identity from one state to another,
// and the check of its owner's documents.
//
// It does not know what an identity in each state may be used for.
package life

import (
	"context"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var errDeclaration = fault.OfField("declaration", "Tick the box if you saw the originals")

// Verify makes an identity verified whose documents the actor saw and declares to have seen.
func Verify(ctx context.Context, d *db.DB, by actor.Actor, uuid string, seen identity.Documents, declared bool) error {
	if err := seen.Check(); err != nil {
		return err
	}
	if !declared {
		return errDeclaration
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := registration.RequireOver(ctx, w, permission.VerifyProfile, uuid); err != nil {
			return err
		}
		return identity.Verify(ctx, w, uuid, seen)
	})
}
