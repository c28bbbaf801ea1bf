package photo_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"signpost/internal/careid/identity/photo"
	"signpost/internal/platform/fault"
)

func encoded(t testing.TB, width, height int, asPNG bool) []byte {
	t.Helper()
	var out bytes.Buffer
	picture := image.NewGray(image.Rect(0, 0, width, height))
	err := jpeg.Encode(&out, picture, nil)
	if asPNG {
		out.Reset()
		err = png.Encode(&out, picture)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhichPhotosAreTaken(t *testing.T) {
	for name, tt := range map[string]struct {
		sent          []byte
		width, height int // of what is stored; 0 where it is refused
	}{
		"square":           {encoded(t, 300, 300, false), 300, 300},
		"large, as PNG":    {encoded(t, 1200, 1500, true), 480, 600},
		"the widest":       {encoded(t, 900, 600, false), 600, 400},
		"too wide":         {sent: encoded(t, 910, 600, false)},
		"too small":        {sent: encoded(t, 199, 250, false)},
		"too many pixels":  {sent: encoded(t, 4100, 4000, true)},
		"nothing":          {},
		"no picture":       {sent: []byte("%PDF-1.7")},
		"cut off":          {sent: encoded(t, 300, 300, false)[:200]},
		"too many bytes":   {sent: append(encoded(t, 300, 300, false), make([]byte, photo.MaxBytes)...)},
		"more behind it":   {append(encoded(t, 300, 300, false), "place"...), 300, 300},
		"sides of a giant": {sent: giant(t)},
	} {
		drawn, err := photo.Draw(tt.sent)
		if tt.width == 0 {
			if !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		about, kind, decoding := image.DecodeConfig(bytes.NewReader(drawn))
		if err != nil || decoding != nil || kind != "jpeg" || about.Width != tt.width || about.Height != tt.height {
			t.Errorf("%s: %v, %s %dx%d", name, err, kind, about.Width, about.Height)
		}
		if bytes.Contains(drawn, []byte("place")) {
			t.Errorf("%s: what stood in the file is kept", name)
		}
	}
}

// giant is a PNG that says it has more pixels than any memory.
func giant(t testing.TB) []byte {
	t.Helper()
	sent := encoded(t, 300, 300, true)
	copy(sent[16:24], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff})
	return sent
}

func FuzzDraw(f *testing.F) {
	f.Add(encoded(f, 220, 220, false))
	f.Add(encoded(f, 220, 220, true))
	f.Fuzz(func(t *testing.T, sent []byte) {
		drawn, err := photo.Draw(sent)
		if err != nil {
			return
		}
		if _, err := jpeg.DecodeConfig(bytes.NewReader(drawn)); err != nil {
			t.Errorf("what was drawn is no JPEG: %v", err)
		}
	})
}
