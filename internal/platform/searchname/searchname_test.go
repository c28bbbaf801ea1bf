package searchname_test

import (
	"slices"
	"strings"
	"testing"

	"signpost/internal/platform/searchname"
)

func TestOf(t *testing.T) {
	for name, want := range map[string]string{
		"St Anne's Surgery": " st annes surgery", "St Anne’s": " st annes", "A&E (Fenmarch)": " a e fenmarch",
		"  Été ": " ete", "": "", "SIÂN": " sian", "O'Brien": " obrien brien", "D’Arcy-O´Neil": " darcy oneil darcyoneil arcy neil",
		"Smith-Jones": " smith jones smithjones", "Smith‑Jones": " smith jones smithjones", "Łukasz Strauß": " lukasz strauss",
		"Ærøskøbing": " aeroskobing", "- '": "",
	} {
		if got := searchname.Of(name); strings.Join(sorted(got), " ") != strings.Join(sorted(want), " ") {
			t.Errorf("Of(%q) = %q, want %q", name, got, want)
		}
	}
}

func sorted(words string) []string { return slices.Sorted(strings.FieldsSeq(words)) }

func TestPatterns(t *testing.T) {
	if got, want := searchname.Patterns("Oak 100%_!"), []string{"% oak%", "% 100%"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"sian": true, "SIÂN jones": true, "smith": true, "smithjones": true, "ith": false, "sian brown": false, "": false,
		"'": false,
	} {
		if got := searchname.Match("Siân Smith-Jones", text); got != want {
			t.Errorf("Match(%q) = %v", text, got)
		}
	}
}

func TestTyped(t *testing.T) {
	for text, want := range map[string]string{
		"the Fenmarch trust": "fenmarch trust the", "a b a": "a b a", "trust TRUST": "trust", "' % _": "",
		strings.Repeat("a b ", 40): "a b a b a b a b a b", strings.Repeat("é", 400): strings.Repeat("e", 250),
	} {
		if got := strings.Join(searchname.Typed(text), " "); got != want {
			t.Errorf("Typed(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestHasWord(t *testing.T) {
	for text, want := range map[string]bool{"": false, "'": false, "%_ a": false, "é'": false, "ab": true, "a é1": true} {
		if got := searchname.HasWord(text, 2); got != want {
			t.Errorf("HasWord(%q) = %v", text, got)
		}
	}
}

// What somebody types finds the name when each of its words begins one of the name's.
func TestWhatIsTypedFindsTheName(t *testing.T) {
	for _, tt := range []struct {
		typed, name string
		finds       bool
	}{
		{"sian", "Siân Pugh", true}, {"Siân", "Sian Pugh", true}, {"SIAN", "Sia\u0302n Pugh", true},
		{"obrien", "Mary O'Brien", true}, {"brien", "Mary O’Brien", true}, {"o'brien", "Mary O’Brien", true},
		{"O’Brien", "Mary OBrien", true}, {"o brien", "Mary O'Brien", true},
		{"smith jones", "Ann Smith-Jones", true}, {"smith-jones", "Ann Smith-Jones", true},
		{"smithjones", "Ann Smith-Jones", true}, {"jones smith", "Ann Smith-Jones", true},
		{"Smith–Jones", "Ann Smith Jones", true}, {"st annes", "St Anne's Surgery", true}, {"anne", "St Anne's", true},
		{"rien", "Mary O'Brien", false}, {"jones", "Ann Smith", false},
	} {
		words := searchname.Words(tt.name)
		finds := true
		for _, typed := range searchname.Typed(tt.typed) {
			finds = finds && slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, typed) })
		}
		if finds != tt.finds {
			t.Errorf("%q finds %q (%q): %v", tt.typed, tt.name, words, finds)
		}
	}
}
