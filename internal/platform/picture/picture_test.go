package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"signpost/internal/platform/picture"
)

var rules = picture.Rules{
	MaxBytes: 1 << 20, MaxPixels: 1_000_000, MinSide: 40, MaxShape: 2, Side: 120, Quality: 90,
}

// scene is a picture as JPEG: stripes of two greys, with a white corner at its top left.
func scene(t testing.TB, width, height int, dark, light uint8) []byte {
	t.Helper()
	drawn := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			grey := dark
			if x/8%2 == 0 {
				grey = light
			}
			if x < width/4 && y < height/4 {
				grey = 255
			}
			drawn.SetGray(x, y, color.Gray{Y: grey})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// turned puts Exif data into a JPEG that says how it is turned.
func turned(sent []byte, orientation int, order binary.AppendByteOrder, mark string) []byte {
	data := order.AppendUint16([]byte(mark), 42)
	data = order.AppendUint32(data, 8)
	data = order.AppendUint16(data, 2)
	for _, entry := range [][2]int{{0x0110, 7}, {0x0112, orientation}} {
		data = order.AppendUint16(data, uint16(entry[0]))
		data = order.AppendUint16(data, 3)
		data = order.AppendUint32(data, 1)
		data = order.AppendUint16(data, uint16(entry[1]))
		data = order.AppendUint16(data, 0)
	}
	data = append([]byte("Exif\x00\x00"), data...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(data)+2))
	out := append([]byte{}, sent[:2]...)
	return append(append(append(out, segment...), data...), sent[2:]...)
}

// A picture is stored as one sees it, however the telephone held it, and nothing else of its file is.
func TestAPictureIsTurnedAsItsFileSays(t *testing.T) {
	sent := scene(t, 100, 60, 20, 60)
	corners := []string{"", "top left", "top right", "bottom right", "bottom left", "top left", "top right",
		"bottom right", "bottom left"}
	for orientation := 1; orientation <= 8; orientation++ {
		for mark, order := range map[string]binary.AppendByteOrder{"II*\x00"[:2]: binary.LittleEndian,
			"MM": binary.BigEndian} {
			drawn, err := picture.Draw(turned(sent, orientation, order, mark), rules)
			if err != nil {
				t.Fatal(err)
			}
			seen, err := jpeg.Decode(bytes.NewReader(drawn.JPEG))
			if err != nil {
				t.Fatal(err)
			}
			width, height := seen.Bounds().Dx(), seen.Bounds().Dy()
			if lies := orientation > 4; lies != (height > width) {
				t.Errorf("%s %d: it is %d by %d", mark, orientation, width, height)
			}
			if got := whiteCorner(seen); got != corners[orientation] {
				t.Errorf("%s %d: the white corner is %s, want %s", mark, orientation, got, corners[orientation])
			}
			if bytes.Contains(drawn.JPEG, []byte("Exif")) {
				t.Errorf("%s %d: what stood in the file is kept", mark, orientation)
			}
		}
	}
}

func whiteCorner(p image.Image) (found string) {
	right, bottom := p.Bounds().Dx()-4, p.Bounds().Dy()-4
	for name, at := range map[string]image.Point{"top left": {3, 3}, "top right": {right, 3},
		"bottom left": {3, bottom}, "bottom right": {right, bottom}} {
		if grey, _, _, _ := p.At(at.X, at.Y).RGBA(); grey>>8 > 200 {
			found += name
		}
	}
	return found
}

func TestWhatIsWrongWithAPicture(t *testing.T) {
	for name, tt := range map[string]struct {
		sent []byte
		want error
	}{
		"nothing is":      {scene(t, 100, 60, 20, 60), nil},
		"no picture":      {[]byte("%PDF-1.7"), picture.ErrFormat},
		"cut off":         {scene(t, 100, 60, 20, 60)[:300], picture.ErrFormat},
		"too small":       {scene(t, 100, 39, 20, 60), picture.ErrSmall},
		"too long":        {scene(t, 130, 60, 20, 60), picture.ErrShape},
		"too many pixels": {scene(t, 1100, 1000, 20, 60), picture.ErrLarge},
		"too many bytes":  {append(scene(t, 100, 60, 20, 60), make([]byte, 1<<20)...), picture.ErrBytes},
	} {
		if _, err := picture.Draw(tt.sent, rules); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestWhatAPictureLooksLike(t *testing.T) {
	for name, tt := range map[string]struct {
		dark, light               uint8
		isDark, isBright, blurred bool
	}{
		"a good one":     {60, 180, false, false, false},
		"at night":       {2, 12, true, false, false},
		"nothing on it":  {128, 128, false, false, false}, // the corner has an edge
		"into the light": {255, 255, false, true, true},
	} {
		drawn, err := picture.Draw(scene(t, 100, 60, tt.dark, tt.light), rules)
		if err != nil {
			t.Fatal(err)
		}
		l := drawn.Look
		if l.TooDark() != tt.isDark || l.TooBright() != tt.isBright || l.Blurred() != tt.blurred {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func FuzzDraw(f *testing.F) {
	f.Add(scene(f, 100, 60, 20, 60))
	f.Add(turned(scene(f, 50, 50, 20, 60), 6, binary.LittleEndian, "II"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		drawn, err := picture.Draw(sent, rules)
		if err != nil {
			return
		}
		if _, err := jpeg.DecodeConfig(bytes.NewReader(drawn.JPEG)); err != nil {
			t.Errorf("what was drawn is no JPEG: %v", err)
		}
	})
}
