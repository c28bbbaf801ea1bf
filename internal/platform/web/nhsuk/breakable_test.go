package nhsuk_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/web/nhsuk"
)

func TestWordsThatAreTooLongBreak(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"as people write", "Siân <b> O'Brien", "Siân &lt;b&gt; O&#39;Brien"},
		{"30 letters", strings.Repeat("é", 30) + " x", strings.Repeat("é", 30) + " x"},
		{"a long word", "x " + strings.Repeat("é", 40) + " y",
			"x " + strings.Repeat("é", 15) + "<wbr>" + strings.Repeat("é", 25) + " y"},
		{"markup in it", strings.Repeat("<", 31), strings.Repeat("&lt;", 15) + "<wbr>" + strings.Repeat("&lt;", 16)},
	} {
		var b strings.Builder
		if err := nhsuk.Breakable(tt.text).Render(t.Context(), &b); err != nil || b.String() != tt.want {
			t.Errorf("%s: %s, %v", tt.name, b.String(), err)
		}
	}
}

// A table lets them break in its own texts; its columns keep as much room as their other words need.
func TestTablesLetLongWordsBreak(t *testing.T) {
	var b strings.Builder
	table := nhsuk.Table(nhsuk.TableParams{Rows: [][]nhsuk.TableCell{{{Text: strings.Repeat("a", 40), Href: "/x"}}}})
	if err := table.Render(t.Context(), &b); err != nil || !strings.Contains(b.String(), "<wbr>") {
		t.Errorf("%s, %v", b.String(), err)
	}
}
