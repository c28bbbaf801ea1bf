package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestFindYourRegistrationAuthority(t *testing.T) {
	w := open(t)
	const found = "Fenmarch University Hospitals"
	for _, tt := range []struct {
		name, typed string
		want        []string
	}{
		{"code", "Z90001", []string{"Oak Tree Pharmacy", found, "ra@ztr.example"}},
		{"code in lower case with spaces", "  z90001 ", []string{"Oak Tree Pharmacy", found}},
		{"name", "oak tree", []string{"Oak Tree Pharmacy", "FM2 1CD", found}},
		{"the beginnings of words", "phar oa", []string{"Oak Tree Pharmacy"}},
		{"postcode", "FM2 1CD", []string{"Oak Tree Pharmacy", found}},
		{"postcode as people type it", "fm21cd", []string{"Oak Tree Pharmacy", found}},
		{"one with an authority of its own", "ZTR", []string{found, "ra@ztr.example"}},
		{"nobody serves it", "St Annes", []string{"St Anne's Surgery", "Not known", "Ask your line manager"}},
		{"nothing found", "nowhere", []string{"Nothing found for nowhere", "Check the spelling"}},
		{"markup", "<script>x</script>", []string{"Nothing found for <script>x</script>"}},
		{"pattern", "%", []string{"Nothing found for %"}},
		{"an essay", strings.Repeat("oak ", 3000), []string{"Find your registration authority"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := w.browser().get("/find-your-ra?q=" + url.QueryEscape(tt.typed))
			if p.status != http.StatusOK {
				t.Fatalf("%d %s", p.status, p.text)
			}
			p.has(t, tt.want...)
			if strings.Contains(p.markup, "<script>x") {
				t.Error("what was typed is taken for markup")
			}
		})
	}
	for _, typed := range []string{"oak%00tree", "%ff%fe"} {
		if p := w.browser().get("/find-your-ra?q=" + typed); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", typed, p.status, p.text)
		}
	}
	if p := w.browser().get("/find-your-ra"); strings.Contains(p.text, "Nothing found") || p.status != http.StatusOK {
		t.Errorf("before a search: %d %s", p.status, p.text)
	}
}
