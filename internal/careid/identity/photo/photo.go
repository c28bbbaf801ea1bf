// Package photo keeps the photos of people. What somebody sends is read, drawn anew and stored sealed, without whatever
// else stood in the file. It does not know who may see one.
package photo

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/picture"
	"signpost/internal/platform/seal"
)

// The kinds of events that this package records.
const (
	eventSet     audit.Kind = "identity.photo-set"
	eventRemoved audit.Kind = "identity.photo-removed"
)

// MaxBytes is how large the file may be that is sent.
const MaxBytes = 5 << 20

// Rules are what a photo is held to: its longer side is at most half as long again as the shorter.
var Rules = picture.Rules{
	MaxBytes: MaxBytes, MaxPixels: 16_000_000, MinSide: 200, MaxShape: 1.5, Side: 600, Quality: 85,
}

var problems = map[error]string{
	picture.ErrFormat: "Choose a photo as a JPEG or PNG file that is not damaged",
	picture.ErrBytes:  fmt.Sprintf("The file must be smaller than %d MB", MaxBytes>>20),
	picture.ErrSmall:  fmt.Sprintf("The photo must be at least %d by %d pixels", Rules.MinSide, Rules.MinSide),
	picture.ErrLarge:  "The photo has too many pixels. Choose a smaller one",
	picture.ErrShape:  "The photo must be nearly square. Cut it to head and shoulders",
}

// Draw reads what somebody sent as a photo and gives it as a JPEG of its picture alone.
func Draw(sent []byte) ([]byte, error) {
	drawn, err := picture.Draw(sent, Rules)
	if problem, known := problems[err]; known {
		return nil, fault.OfField("picture", problem)
	}
	return drawn.JPEG, err
}

func contextOf(uuid string) string { return "identity_photo/" + uuid }

const putPhoto = `INSERT INTO identity_photo (uuid, sealed, taken_by, taken_at) VALUES ($1, $2, $3, $4)
	ON CONFLICT (uuid) DO UPDATE SET sealed = excluded.sealed, taken_by = excluded.taken_by,
	taken_at = excluded.taken_at`

// Set stores somebody's photo as Draw made it, as a part of an Update.
func Set(ctx context.Context, w *db.W, box *seal.Box, uuid string, drawn []byte) error {
	_, err := w.Exec(ctx, putPhoto, uuid, box.Seal(drawn, contextOf(uuid)), w.Actor().ID, w.Now())
	if err != nil {
		return fmt.Errorf("store photo: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventSet, Subject: identity.Ref(uuid)})
}

// Remove deletes somebody's photo, as a part of an Update. There may be none.
func Remove(ctx context.Context, w *db.W, uuid string) error {
	n, err := w.Exec(ctx, `DELETE FROM identity_photo WHERE uuid = $1`, uuid)
	if err != nil {
		return fmt.Errorf("remove photo: %w", err)
	}
	if n == 0 {
		return nil
	}
	return w.Record(ctx, audit.Event{Kind: eventRemoved, Subject: identity.Ref(uuid)})
}

// Of opens somebody's photo, or gives fault.NotFound.
func Of(ctx context.Context, r db.R, box *seal.Box, uuid string) ([]byte, error) {
	sealed, err := db.Value[[]byte](ctx, r, `SELECT sealed FROM identity_photo WHERE uuid = $1`, uuid)
	if err != nil {
		return nil, fmt.Errorf("read photo: %w", err)
	}
	return box.Open(sealed, contextOf(uuid))
}

// TakenAt says when somebody's photo was stored, or gives fault.NotFound.
func TakenAt(ctx context.Context, r db.R, uuid string) (time.Time, error) {
	at, err := db.One(ctx, r, func(scan db.Scanner) (at time.Time, err error) {
		err = scan(db.At(&at))
		return at, err
	}, `SELECT taken_at FROM identity_photo WHERE uuid = $1`, uuid)
	if err != nil {
		return at, fmt.Errorf("read photo: %w", err)
	}
	return at, nil
}
