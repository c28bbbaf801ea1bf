package qr_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/web/qr"
)

func TestCodesHoldTheirQuietZone(t *testing.T) {
	c, err := qr.Of("https://dos.example.nhs.uk/checklist")
	if err != nil || c.Size < 30 || !strings.HasPrefix(c.Path, "M4 4h1v1h-1z") {
		t.Errorf("%d, %.20q, %v", c.Size, c.Path, err)
	}
	var page strings.Builder
	if err := qr.Drawing(c, "The checklist", 240).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), `aria-label="The checklist"`) || !strings.Contains(page.String(), c.Path) {
		t.Errorf("%.300s", page.String())
	}
}

func TestWhatIsTooLongForACode(t *testing.T) {
	if _, err := qr.Of(strings.Repeat("x", 5000)); err == nil {
		t.Error("5,000 characters were drawn")
	}
}
