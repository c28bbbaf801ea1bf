// Package photo keeps the photos of people. What somebody sends is read, drawn anew and stored sealed, without whatever
// else stood in the file. It does not know who may see one.
package photo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // people send either
	"sync"
	"time"

	"golang.org/x/image/draw"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// The kinds of events that this package records.
const (
	eventSet     audit.Kind = "identity.photo-set"
	eventRemoved audit.Kind = "identity.photo-removed"
)

// What a photo is held to.
const (
	MaxBytes  = 5 << 20    // of the file that is sent
	maxPixels = 16_000_000 // what a picture takes in memory while it is drawn is some 130 MB then
	minSide   = 200        // pixels, of the shorter side
	maxShape  = 3          // the longer side is at most half as long again as the shorter: 3 to 2
	minShape  = 2
	keptSide  = 600 // pixels, of the longer side of what is stored
	quality   = 85
)

// drawing is held while a picture is drawn: one at a time, as each takes much memory.
var drawing sync.Mutex

var (
	errFormat = fault.OfField("picture", "Choose a photo as a JPEG or PNG file that is not damaged")
	errSize   = fault.OfField("picture", fmt.Sprintf("The file must be smaller than %d MB", MaxBytes>>20))
	errSmall  = fault.OfField("picture", fmt.Sprintf("The photo must be at least %d by %d pixels", minSide, minSide))
	errLarge  = fault.OfField("picture", "The photo has too many pixels. Choose a smaller one")
	errShape  = fault.OfField("picture", "The photo must be nearly square. Cut it to head and shoulders")
)

// Draw reads what somebody sent as a photo and gives it as a JPEG of its picture alone.
func Draw(sent []byte) ([]byte, error) {
	if len(sent) > MaxBytes {
		return nil, errSize
	}
	about, _, err := image.DecodeConfig(bytes.NewReader(sent))
	if err != nil {
		return nil, errFormat
	}
	if about.Width <= 0 || about.Height <= 0 || about.Width > maxPixels/about.Height {
		return nil, errLarge
	}
	shorter := min(about.Width, about.Height)
	switch {
	case shorter < minSide:
		return nil, errSmall
	case max(about.Width, about.Height)*minShape > shorter*maxShape:
		return nil, errShape
	}
	drawing.Lock()
	defer drawing.Unlock()
	picture, _, err := image.Decode(bytes.NewReader(sent))
	if err != nil {
		return nil, errFormat
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, smaller(picture), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("draw photo: %w", err)
	}
	return out.Bytes(), nil
}

// smaller draws a picture on white, at the size that is stored.
func smaller(from image.Image) image.Image {
	at := from.Bounds()
	longer := max(at.Dx(), at.Dy(), keptSide)
	out := image.NewRGBA(image.Rect(0, 0, at.Dx()*keptSide/longer, at.Dy()*keptSide/longer))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.BiLinear.Scale(out, out.Bounds(), from, at, draw.Over, nil)
	return out
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
