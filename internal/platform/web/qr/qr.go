// Package qr draws QR codes for pages.
package qr

import (
	"fmt"
	"strings"

	encoder "rsc.io/qr"
)

// Code is a QR code as the outline of its dark squares: the data of one SVG path, in a square of Size
// units that includes the quiet zone readers need.
type Code struct {
	Path string
	Size int
}

// Square is one dark square of a QR code, by its column and its row.
type Square struct{ X, Y int }

// Squares gives the dark squares of the QR code of a text, in a square of so many units that includes the quiet zone,
// for what is no page.
func Squares(text string) (dark []Square, size int, err error) {
	code, err := encoder.Encode(text, encoder.M)
	if err != nil {
		return nil, 0, fmt.Errorf("draw QR code: %w", err)
	}
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				dark = append(dark, Square{X: x + quietZone, Y: y + quietZone})
			}
		}
	}
	return dark, code.Size + 2*quietZone, nil
}

const quietZone = 4 // squares of margin (ISO/IEC 18004)

// Of draws text as a QR code.
func Of(text string) (Code, error) {
	dark, size, err := Squares(text)
	if err != nil {
		return Code{}, err
	}
	var path strings.Builder
	for _, s := range dark {
		fmt.Fprintf(&path, "M%d %dh1v1h-1z", s.X, s.Y)
	}
	return Code{Path: path.String(), Size: size}, nil
}
