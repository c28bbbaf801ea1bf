package name_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/name"
)

func TestNamesThatLookAlike(t *testing.T) {
	for _, tt := range []struct {
		other string
		alike bool
	}{
		{"Directory of Services", true},
		{"DIRECTORY OF SERVICES", true},
		{"directory  of-services", true},
		{"Directory-of-Services.", true},
		{"Dіrectоry оf Sеrvісеs", true}, // Cyrillic letters
		{"Directοry οf Services", true}, // Greek letters
		{"Ｄirectory of Services", true}, // a wide letter
		{"Dírectory of Servicés", true}, // accents
		{"Direct0ry 0f Services", true}, // noughts
		{"Direсtorу 𝐨𝐟 Services", true}, // mathematical letters
		{"DіRECTОRY OF SERVICES", true}, // Cyrillic, in capitals
		{"Directory 0f 5ervices", true},
		{"D1rect0ry of 5erv1ces", true},
		{"Dlrectory of Servlces", true},
		{"Ⓓirectory of Services", true},
		{"Directory of Service", false}, // another word
		{"Directory of Services 2", false},
		{"Rota", false},
	} {
		if got := name.LikenessOf("Directory of Services").Like(name.LikenessOf(tt.other)); got != tt.alike {
			t.Errorf("%q looks like it: %v, want %v", tt.other, got, tt.alike)
		}
	}
	if !name.LikenessOf("Illness Log").Like(name.LikenessOf("lllness Log")) {
		t.Error("a small l is not taken for a capital I")
	}
}

func TestPublicProblem(t *testing.T) {
	for text, want := range map[string]string{
		"Siân’s Rota (A&E) 2": "",

		"Dir\u0435ctory of Servic\u0435s Ltd":  "The letter “\u0435” (U+0435, Cyrillic) is of another alphabet",
		"Rota \u0391":                          "“\u0391” (U+0391, Greek)",
		"\u0420\u043e\u0442\u0430 Rota":        "“\u0420” (U+0420, Cyrillic)",
		"\u0420\u043e\u0442\u0430 12":          "", // one alphabet, and no Latin
		"東京クリニック Rota":                         "",
		"서울 病院 Rota":                           "",
		"東京クリニック 서울":                           "Hangul",
		"Rota 10 µg":                           "",
		"Rota 10 m² ™ № 5":                     "",
		"Αθήνα":                                "",
		"111":                                  "",
		"\u2115HS Digital":                     "“\u2115” (U+2115) is a form of N",
		"\uff2e\uff28\uff33 Rota":              "is a form of N",
		"Rota \U0001d7d8":                      "is a form of 0",
		"Rota \u24d0":                          "is a form of a",
		"Oﬀice":                                "is a form of ff",
		"\U0001f172\U0001f178\U0001f182 2":     "(U+1F172)", // letters in black squares
		"\U0001f15d login":                     "(U+1F15D)", // in black circles
		"\U0001f1f3\U0001f1ed\U0001f1f8 login": "(U+1F1F3)", // of flags
		"\u0274\u029c\ua731 login":             "(U+0274)",  // small capitals
		"D\u026arectory of Services":           "(U+026A)",
		"\u0455\u0441\u043e\u0440\u0435":       "look like Latin letters", // “scope”, of Cyrillic letters
		"\u0455\u0441\u043e\u0440\u0435 12":    "look like Latin letters",
		"\u039d\u0397\u0405":                   "another alphabet",        // Greek and Cyrillic letters
		"\u039d\u0397\u0396":                   "look like Latin letters", // Greek letters
		"Rota\u202e":                           "U+202E",
		"Ro\u200dta":                           "U+200D",
		"Ro\u200cta":                           "U+200C",
		"Ro\u00adta":                           "U+00AD",
		"Rota\ufe0f":                           "U+FE0F",
		"Ro\u3164ta":                           "U+3164",
		"Ro\u034fta":                           "U+034F",
		"Rota\x00":                             "U+0000",
		"—":                                    "letters or numbers",
		"Rota\u2028of the ward":                "U+2028",
		"Rota\U000e0041 tagged":                "U+E0041",
	} {
		got := name.PublicProblem(text)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("PublicProblem(%q) = %q, want %q", text, got, want)
		}
	}
}
