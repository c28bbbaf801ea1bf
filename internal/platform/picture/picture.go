// Package picture draws pictures anew that people send, so that what is stored is the picture alone, the right way up,
// and measures whether it is good enough to be looked at.
//
// It does not know what any picture shows.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // people send either
	"sync"

	"golang.org/x/image/draw"
)

// Rules are what a picture is held to.
type Rules struct {
	MaxBytes  int     // of the file that is sent
	MaxPixels int     // what a picture takes in memory while it is drawn is some 8 bytes a pixel
	MinSide   int     // pixels, of the shorter side
	MaxShape  float64 // how much longer the longer side may be than the shorter; 0 for any shape
	Side      int     // pixels, of the longer side of what is drawn, at most
	Quality   int     // of the JPEG, as the encoder counts it
}

// What may be wrong with a picture.
var (
	ErrFormat = errors.New("no JPEG or PNG, or damaged")
	ErrBytes  = errors.New("too large a file")
	ErrSmall  = errors.New("too few pixels")
	ErrLarge  = errors.New("too many pixels")
	ErrShape  = errors.New("too long for its width")
)

// Drawn is a picture that was drawn anew.
type Drawn struct {
	JPEG []byte
	Look Look
}

// drawing is held while a picture is drawn: one at a time, as each takes much memory.
var drawing sync.Mutex

// Draw reads what somebody sent and draws it as rules say.
func Draw(sent []byte, rules Rules) (none Drawn, err error) {
	if len(sent) > rules.MaxBytes {
		return none, ErrBytes
	}
	about, _, err := image.DecodeConfig(bytes.NewReader(sent))
	if err != nil {
		return none, ErrFormat
	}
	if err := rules.check(about.Width, about.Height); err != nil {
		return none, err
	}
	drawing.Lock()
	defer drawing.Unlock()
	read, _, err := image.Decode(bytes.NewReader(sent))
	if err != nil {
		return none, ErrFormat
	}
	drawn := upright(smaller(read, rules.Side), orientation(sent))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn, &jpeg.Options{Quality: rules.Quality}); err != nil {
		return none, fmt.Errorf("draw picture: %w", err)
	}
	return Drawn{JPEG: out.Bytes(), Look: lookOf(drawn)}, nil
}

// check says what is wrong with the size of a picture.
func (rules Rules) check(width, height int) error {
	if width <= 0 || height <= 0 || width > rules.MaxPixels/height {
		return ErrLarge
	}
	shorter := min(width, height)
	switch {
	case shorter < rules.MinSide:
		return ErrSmall
	case rules.MaxShape > 0 && float64(max(width, height)) > float64(shorter)*rules.MaxShape:
		return ErrShape
	}
	return nil
}

// smaller draws a picture on white, with a longer side of so many pixels at most.
func smaller(from image.Image, side int) *image.RGBA {
	at := from.Bounds()
	longer := max(at.Dx(), at.Dy(), side)
	out := image.NewRGBA(image.Rect(0, 0, max(1, at.Dx()*side/longer), max(1, at.Dy()*side/longer)))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.BiLinear.Scale(out, out.Bounds(), from, at, draw.Over, nil)
	return out
}
