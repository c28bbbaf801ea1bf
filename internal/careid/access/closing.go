package access

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/careid/change"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// RequireNotLast refuses an act that would leave an organisation without a registration authority manager, as a part of
// an Update.
func RequireNotLast(ctx context.Context, w *db.W, uuid, reason string) error {
	held, err := OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	for _, a := range held {
		last, err := lastManager(ctx, w, a)
		if err != nil {
			return err
		}
		if last {
			event := audit.Event{Kind: eventPositionEndRefused, Subject: audit.Ref{Kind: "identity", ID: uuid},
				Before: a.ID, Reason: reason}
			return w.Refuse(ctx, event, errLastManager)
		}
	}
	return nil
}

// anyActive reports whether one of several people can work: somebody who is suspended or being closed cannot.
func anyActive(ctx context.Context, r db.R, uuids []string) (bool, error) {
	people, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(uuids, func(uuid string) bool {
		i, known := people[uuid]
		return !known || i.Status == identity.Active
	}), nil
}

// EndAll ends now whatever somebody holds or was to hold, as a part of an Update whose caller has made sure that nobody
// is left without a registration authority manager.
func EndAll(ctx context.Context, w *db.W, uuid, reason string) error {
	held, err := OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	for _, a := range held {
		if a.Over(w.Now()) {
			continue
		}
		if err := w.Change(ctx, endAssignment, a.ID, w.Now()); err != nil {
			return fmt.Errorf("end assignment: %w", err)
		}
		for _, role := range a.Roles {
			if err := w.Enqueue(ctx, Ended{UUID: uuid, RoleID: role.ID}); err != nil {
				return err
			}
		}
		err := w.Record(ctx, audit.Event{Kind: eventPositionEnded, Subject: audit.Ref{Kind: "identity", ID: uuid},
			Before: a.ID, Reason: reason})
		if err != nil {
			return err
		}
	}
	if err := noteHeld(ctx, w, uuid); err != nil {
		return err
	}
	return change.Note(ctx, w, change.OfPerson(uuid))
}
