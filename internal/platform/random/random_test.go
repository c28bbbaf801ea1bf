package random

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

func TestIDsSortInTheOrderTheyWereMade(t *testing.T) {
	var ids []string
	for range 2000 {
		ids = append(ids, ID())
	}
	if !slices.IsSorted(ids) {
		t.Error("ids made one after the other do not sort in that order")
	}
	if n := len(slices.Compact(ids)); n != 2000 {
		t.Errorf("2000 ids, %d different", n)
	}
}

func TestSecretsAreLongAndNeverRepeat(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		s := Secret()
		if len(s) != 43 {
			t.Fatalf("secret of %d characters, want 43 (256 bits)", len(s))
		}
		seen[s] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("10,000 secrets, %d different", len(seen))
	}
}

func TestDigitsAreEvenlySpread(t *testing.T) {
	counts := map[rune]int{}
	for _, d := range Digits(20_000) {
		counts[d]++
	}
	if len(counts) != 10 {
		t.Fatalf("%d different digits, want 10", len(counts))
	}
	for d, n := range counts {
		if n < 1700 || n > 2300 { // 2,000 expected; seven standard deviations either way
			t.Errorf("digit %c came %d times in 20,000", d, n)
		}
	}
}

func TestCodesUseOnlyLettersThatCannotBeMisread(t *testing.T) {
	for range 500 {
		c := Code()
		if len(c) != 8 {
			t.Fatalf("code %q has %d characters, want 8", c, len(c))
		}
		if strings.ContainsAny(c, "0O1ILAEU") {
			t.Fatalf("code %q holds a letter that can be misread or make a word", c)
		}
	}
}

func TestDigest(t *testing.T) {
	if got := hex.EncodeToString(Digest("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("Digest = %s", got)
	}
}
