package wave

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

const (
	eventPaused  audit.Kind = "wave.paused"
	eventResumed audit.Kind = "wave.resumed"
)

// Pause is that no further phase of a wave begins until somebody resumes it. None has a zero time.
type Pause struct {
	At           time.Time
	Name, Reason string // who paused it, and why
}

// SetPause pauses a wave, as a part of an Update.
func SetPause(ctx context.Context, w *db.W, id, reason string) error {
	err := w.Change(ctx, `UPDATE wave SET paused_at = $2, paused_name = $3, paused_reason = $4
		WHERE id = $1 AND paused_at IS NULL`, id, w.Now(), w.Actor().Name, reason)
	if err != nil {
		return fmt.Errorf("pause wave: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventPaused, Subject: Ref(id), Reason: reason})
}

// Resume ends the pause of a wave, as a part of an Update.
func Resume(ctx context.Context, w *db.W, id, reason string) error {
	err := w.Change(ctx, `UPDATE wave SET paused_at = NULL, paused_name = '', paused_reason = '',
		resumed_at = $2 WHERE id = $1 AND paused_at IS NOT NULL`, id, w.Now())
	if err != nil {
		return fmt.Errorf("resume wave: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventResumed, Subject: Ref(id), Reason: reason})
}
