package totp

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QR is a QR code as the outline of its dark squares: the data of one SVG path, in a square of Size
// units that includes the quiet zone readers need.
type QR struct {
	Path string
	Size int
}

const quietZone = 4 // squares of margin (ISO/IEC 18004)

// QRCode draws text as a QR code.
func QRCode(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, fmt.Errorf("draw QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quietZone, y+quietZone)
			}
		}
	}
	return QR{Path: path.String(), Size: code.Size + 2*quietZone}, nil
}
