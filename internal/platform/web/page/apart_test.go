package page

import (
	"strings"
	"testing"
)

func TestIsolated(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "No name": "No name",
		Apart("Ada") + " and " + Apart("Bo"):      "<bdi>Ada</bdi> and <bdi>Bo</bdi>",
		"If you are not " + Apart("<b>") + ", go": "If you are not <bdi>&lt;b&gt;</bdi>, go",
		"never " + isolate + "closed":             "never <bdi>closed</bdi>",
	} {
		var html strings.Builder
		if err := Isolated(text).Render(t.Context(), &html); err != nil {
			t.Fatal(err)
		}
		if got := html.String(); got != want {
			t.Errorf("Isolated(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}
