package registration

import (
	"context"
	"errors"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/once"
)

// eventRead is recorded when somebody at the service desk looks at another person.
const eventRead audit.Kind = "desk.read"

// readAgain is how long the part of an hour lasts in which looking at the same person again is the same act.
const readAgain = 15 * time.Minute

// NoteReading records that somebody at the service desk looks at a person, once in each quarter of an hour.
func NoteReading(ctx context.Context, d *db.DB, by actor.Actor, uuid string) error {
	err := d.Update(ctx, by, func(w *db.W) error {
		begins := w.Now().Truncate(readAgain)
		id := by.ID + " " + uuid + " " + begins.Format(time.RFC3339)
		reading := once.Thing{Kind: string(eventRead), ID: id, Ends: begins.Add(readAgain)}
		if err := reading.Use(ctx, w); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventRead, Subject: identity.Ref(uuid)})
	})
	if errors.Is(err, once.ErrUsed) {
		return nil
	}
	return err
}
