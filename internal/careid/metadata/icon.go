package metadata

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
)

const (
	iconPrefix   = "data:image/png;base64,"
	maxIconBytes = 64 << 10 // of the address in which it is published
	maxIconSide  = 512      // pixels
)

// Icon gives the picture that the maker publishes of a model, as the data: address of a PNG; empty if there is none
// that can be shown. It is drawn anew, so that nothing but its pixels is handed on. Other sorts of pictures, such as
// SVG, which may hold scripts, are not shown.
func (m Model) Icon() string {
	if m.entry.MetadataStatement.Icon == nil {
		return ""
	}
	address := m.entry.MetadataStatement.Icon.String()
	encoded, isPNG := strings.CutPrefix(address, iconPrefix)
	if !isPNG || len(address) > maxIconBytes {
		return ""
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return ""
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width > maxIconSide || size.Height > maxIconSide {
		return ""
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return ""
	}
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, picture); err != nil {
		return ""
	}
	return iconPrefix + base64.StdEncoding.EncodeToString(drawn.Bytes())
}
