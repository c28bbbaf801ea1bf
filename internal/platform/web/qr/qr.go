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

const quietZone = 4 // squares of margin (ISO/IEC 18004)

// Of draws text as a QR code.
func Of(text string) (Code, error) {
	code, err := encoder.Encode(text, encoder.M)
	if err != nil {
		return Code{}, fmt.Errorf("draw QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quietZone, y+quietZone)
			}
		}
	}
	return Code{Path: path.String(), Size: code.Size + 2*quietZone}, nil
}
