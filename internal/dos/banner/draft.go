package banner

import (
	"context"
	"fmt"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// Rewrite keeps another message instead of one that was never put up, and gives its id. A message itself never changes,
// so that nobody puts up what they did not look at.
func (o Office) Rewrite(ctx context.Context, by actor.Actor, id string, typed Typed) (string, error) {
	other := random.ID()
	return other, o.change(ctx, by, func(w *db.W) error {
		if err := discard(ctx, w, id); err != nil {
			return err
		}
		return o.write(ctx, w, other, typed)
	})
}

// Discard drops a message that was never put up.
func (o Office) Discard(ctx context.Context, by actor.Actor, id string) error {
	return o.change(ctx, by, func(w *db.W) error { return discard(ctx, w, id) })
}

func discard(ctx context.Context, w *db.W, id string) error {
	before, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if !before.Draft() {
		return errRead
	}
	if err := w.Change(ctx, `DELETE FROM banner WHERE id = $1 AND up_at IS NULL`, id); err != nil {
		return fmt.Errorf("discard banner: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventGone, Subject: Ref(id), Before: before.Typed})
}
