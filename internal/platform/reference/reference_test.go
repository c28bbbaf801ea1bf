package reference_test

import (
	"testing"

	"signpost/internal/platform/reference"
)

func TestShow(t *testing.T) {
	for r, want := range map[string]string{
		"KDF72M9X": "KDF7 2M9X", "": "", "KDF72M9": "KDF72M9", "KDF72M9O": "KDF72M9O",
		"0198a0f0-1234-7000-8000-0123456789ab": "0198a0f0-1234-7000-8000-0123456789ab",
	} {
		if got := reference.Show(r); got != want {
			t.Errorf("Show(%q) = %q, want %q", r, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	const long = "0198a0f0-1234-7000-8000-0123456789ab"
	for typed, want := range map[string]string{
		"KDF7 2M9X": "KDF72M9X", "kdf72m9x": "KDF72M9X", " kdf7-2m9x ": "KDF72M9X", "k d f 7 2 m 9 x": "KDF72M9X",
		"KDF7\u00a02M9X": "KDF72M9X",
		long:             long, "0198A0F0-1234-7000-8000-0123456789AB": long, "0198a0f012347000 80000123456789ab": long,
		"KDF7 2M9O": "kdf7 2m9o", "": "", "Ada Lovelace": "ada lovelace",
	} {
		if got := reference.Read(typed); got != want {
			t.Errorf("Read(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestWhatIsShownIsRead(t *testing.T) {
	for range 1000 {
		r := reference.New()
		if !reference.Valid(r) || reference.Read(reference.Show(r)) != r {
			t.Fatalf("%q is shown as %q, which is read as %q", r, reference.Show(r), reference.Read(reference.Show(r)))
		}
	}
}
