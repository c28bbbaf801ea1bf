package metadata_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/metadata"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const (
	pngAddress = "data:image/png;base64,"
	marker     = "hidden words"
)

// picture draws a PNG of a width that also has words in it that nobody sees.
func picture(t *testing.T, width int) []byte {
	t.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, width, 8))
	drawn.Set(1, 1, color.RGBA{R: 255, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, drawn); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), marker...) // behind its end, where readers of PNG do not look
}

// The picture that a maker publishes is shown, drawn anew; whatever is no small PNG is not.
func TestIconsOfModels(t *testing.T) {
	w := careidtest.Open(t, careidtest.Nine)
	p := newPublisher(t, nil)
	right := picture(t, 32)
	encoded := base64.StdEncoding.EncodeToString
	for number, tt := range []struct {
		name, icon string
		shown      bool
	}{
		{"a small PNG", pngAddress + encoded(right), true},
		{"none", "", false},
		{"SVG", "data:image/svg+xml;base64," + encoded([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), false},
		{"SVG that says it is a PNG", pngAddress + encoded([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), false},
		{"the address of another site", "https://keys.example/icon.png", false},
		{"half of a PNG", pngAddress + encoded(right[:60]), false},
		{"no base64", pngAddress + "###", false},
		{"wider than may be", pngAddress + encoded(picture(t, 513)), false},
		{"more bytes than may be", pngAddress + encoded(append(right, make([]byte, 64<<10)...)), false},
	} {
		m := newModel(t)
		entry := m.Entry()
		statement, is := entry["metadataStatement"].(map[string]any)
		if !is {
			t.Fatalf("the entry has no statement: %v", entry)
		}
		statement["icon"] = tt.icon
		save(t, w, worldtest.Must(p.read(p.blob(t, number+1, entry)))(t))
		looks := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (map[string]metadata.Look, error) {
			return metadata.Looks(t.Context(), r, []string{m.Number()})
		}))(t)
		look := looks[m.Number()]
		if look.Name != "Key" || (look.Icon != "") != tt.shown {
			t.Errorf("%s: %+v", tt.name, look)
		}
		if !tt.shown {
			continue
		}
		data := worldtest.Must(base64.StdEncoding.DecodeString(strings.TrimPrefix(look.Icon, pngAddress)))(t)
		drawn, err := png.Decode(bytes.NewReader(data))
		if err != nil || drawn.Bounds().Dx() != 32 || bytes.Contains(data, []byte(marker)) {
			t.Errorf("%s: shown as %d bytes, %v", tt.name, len(data), err)
		}
		if red, _, _, _ := drawn.At(1, 1).RGBA(); red != 0xffff {
			t.Errorf("%s: the picture is another one", tt.name)
		}
	}
}
