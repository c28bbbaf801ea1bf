package searchname_test

import (
	"slices"
	"testing"

	"signpost/internal/platform/searchname"
)

func TestOf(t *testing.T) {
	for name, want := range map[string]string{
		"St Anne's Surgery": " st annes surgery", "St Anne’s": " st annes", "A&E (Fenmarch)": " a e fenmarch", "  Été ": " Été", "": "",
	} {
		if got := searchname.Of(name); got != want {
			t.Errorf("Of(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestPatterns(t *testing.T) {
	if got, want := searchname.Patterns("Oak 100%_!"), []string{"% oak%", "% 100%"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
