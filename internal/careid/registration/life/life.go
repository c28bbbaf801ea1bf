// Package life holds the guarded acts of a registration authority that move a Care Identity from one state to another:
// the check of its owner's documents, suspending it, closing it as a job that may stop and go on, and reopening it.
//
// It does not know what an identity in each state may be used for.
package life

import (
	"context"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventRefused is recorded when somebody moves an identity in a way that is not theirs.
const eventRefused audit.Kind = "life.refused"

// rights say what somebody must be allowed to do to somebody else to move their identity by an act. Whatever act is not
// here is no person's: a job or a command of whoever runs the system does it.
var rights = map[identity.Act]permission.Act{
	identity.Activate:     permission.CloseProfile,
	identity.Suspend:      permission.CloseProfile,
	identity.Resume:       permission.CloseProfile,
	identity.BeginClosing: permission.CloseProfile,
	identity.Reopen:       permission.CloseProfile,
}

// Right gives what somebody must be allowed to do to somebody else to move their identity by an act; false if no person
// may.
func Right(act identity.Act) (permission.Act, bool) {
	right, is := rights[act]
	return right, is
}

var (
	errDeclaration = fault.OfField("declaration", "Tick the box if you saw the originals")
	errAct         = fault.SayCure(fault.Forbidden, "Nobody may do this to a Care Identity by hand.",
		"Look at the profile again.")
)

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

// Move activates, suspends, resumes or reopens somebody's Care Identity, with a reason. Their unused links end. Close
// closes it.
func Move(ctx context.Context, d *db.DB, by actor.Actor, uuid string, act identity.Act, reason string) error {
	reason, err := access.Reason("why", reason, "Enter why")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		right, is := Right(act)
		if !is {
			right = permission.CloseProfile
		}
		if _, err := registration.RequireOver(ctx, w, right, uuid); err != nil {
			return err
		}
		if act == identity.BeginClosing || !is {
			return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: identity.Ref(uuid), After: act}, errAct)
		}
		if err := authenticator.EndInvitations(ctx, w, uuid); err != nil {
			return err
		}
		return identity.MovePart(ctx, w, uuid, act, reason)
	})
}
