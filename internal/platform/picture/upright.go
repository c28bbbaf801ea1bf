package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Telephones store a picture as their sensor had it, and say in its Exif data how it is turned. That goes when the
// picture is drawn anew, so it is turned then.

const (
	notTurned      = 1
	orientationTag = 0x0112
	appOne         = 0xE1 // the segment of a JPEG that has the Exif data
	scanBegins     = 0xDA
	entryBytes     = 12
)

// orientation reads how a JPEG is turned, from 1 to 8 as Exif counts; 1 where it does not say.
func orientation(sent []byte) int {
	if !bytes.HasPrefix(sent, []byte{0xFF, 0xD8}) {
		return notTurned
	}
	for rest := sent[2:]; len(rest) > 4 && rest[0] == 0xFF && rest[1] != scanBegins; {
		length := int(binary.BigEndian.Uint16(rest[2:]))
		if length < 2 || len(rest) < 2+length {
			break
		}
		if data, is := bytes.CutPrefix(rest[4:2+length], []byte("Exif\x00\x00")); is && rest[1] == appOne {
			return turnedIn(data)
		}
		rest = rest[2+length:]
	}
	return notTurned
}

// turnedIn reads the orientation in TIFF data.
func turnedIn(data []byte) int {
	const head = 8
	if len(data) < head {
		return notTurned
	}
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(data, []byte("MM")) {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(data[4:]))
	if at+2 > int64(len(data)) {
		return notTurned
	}
	count := int(order.Uint16(data[at:]))
	entries := data[at+2:]
	for range count {
		if len(entries) < entryBytes {
			break
		}
		if order.Uint16(entries) == orientationTag {
			return known(int(order.Uint16(entries[8:])))
		}
		entries = entries[entryBytes:]
	}
	return notTurned
}

func known(turned int) int {
	if turned < notTurned || turned > 8 {
		return notTurned
	}
	return turned
}

// upright turns a picture as its orientation says.
func upright(from *image.RGBA, turned int) *image.RGBA {
	if turned == notTurned {
		return from
	}
	width, height := from.Bounds().Dx(), from.Bounds().Dy()
	lies := turned > 4 // its rows are the columns of what one sees
	seenWidth, seenHeight := width, height
	if lies {
		seenWidth, seenHeight = height, width
	}
	out := image.NewRGBA(image.Rect(0, 0, seenWidth, seenHeight))
	flipsX := turned == 2 || turned == 3 || turned == 7 || turned == 8
	flipsY := turned == 3 || turned == 4 || turned == 6 || turned == 7
	for y := range height {
		for x := range width {
			toX, toY := x, y
			if flipsX {
				toX = width - 1 - x
			}
			if flipsY {
				toY = height - 1 - y
			}
			if lies {
				toX, toY = toY, toX
			}
			out.SetRGBA(toX, toY, from.RGBAAt(x, y))
		}
	}
	return out
}
