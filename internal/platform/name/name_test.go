package name_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/name"
)

func TestProblem(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"Siân O’Brien-Smith":               "",
		"محمد علی\u200cپور":                "", // a joiner is a part of Persian writing
		"St Anne's (A&E), 2nd floor 🏥":     "",
		"Ada\u202eecalevoL":                "U+202E",
		"\u2066Ada":                        "U+2066",
		"Ada\u200f":                        "U+200F",
		"Ada\nLovelace":                    "U+000A",
		"Ada\x00":                          "U+0000",
		"A\u200bda":                        "U+200B",
		"\ufeffAda":                        "U+FEFF",
		"Ada\u2028":                        "U+2028",
		"a name of a file\tand its column": "U+0009",
	} {
		got := name.Problem(text)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("Problem(%q) = %q, want %q", text, got, want)
		}
	}
}
