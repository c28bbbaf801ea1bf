package reference_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"
	"time"

	"signpost/internal/platform/reference"
)

func teller(key string) reference.Teller {
	return reference.Teller{Digest: func(text string) []byte {
		sum := hmac.New(sha256.New, []byte(key))
		_, _ = sum.Write([]byte(text))
		return sum.Sum(nil)
	}}
}

// A reference that tells says its kind and its ten minutes for four weeks, and is one like any other.
func TestTelling(t *testing.T) {
	then := time.Date(2026, 11, 28, 12, 30, 0, 0, time.UTC)
	ours := teller("ours")
	seen := map[string]bool{}
	for range 200 {
		for _, kind := range []int{1, 17, reference.MaxKind} {
			told := ours.New(kind, then.Add(4*time.Minute))
			for _, now := range []time.Time{then, then.Add(-2 * time.Minute), then.Add(27 * 24 * time.Hour)} {
				if got, at, is := ours.Told(told, now); !is || got != kind || !at.Equal(then) {
					t.Fatalf("%s of kind %d says %d at %v, %v", told, kind, got, at, is)
				}
			}
			if !reference.Valid(told) {
				t.Fatalf("%q is no reference", told)
			}
			seen[told[:2]] = true
		}
	}
	if len(seen) < 100 {
		t.Errorf("600 references of one moment have %d beginnings: they are known by them", len(seen))
	}
}

// What a guess is answered with does not come twice, as it would not if somebody had the name.
func TestTellingTellsGuessesApart(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 30, 0, 0, time.UTC)
	seen := map[string]bool{}
	for range 1000 {
		seen[teller("ours").New(5, now)] = true
	}
	if len(seen) < 900 {
		t.Errorf("1,000 references of one kind and moment are %d", len(seen))
	}
}

// Whoever has no key reads nothing in a reference, and one that nobody made mostly tells nothing.
func TestTellingNeedsTheKey(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 34, 0, 0, time.UTC)
	right := 0
	for range 500 {
		kind, at, told := teller("theirs").Told(teller("ours").New(5, now), now)
		if told && kind == 5 && now.Sub(at) < time.Hour {
			right++
		}
	}
	if right > 2 {
		t.Errorf("%d of 500 are read with another key", right)
	}
	misheard := 0
	for range 2000 {
		if _, _, told := teller("ours").Told(reference.New(), now); told {
			misheard++
		}
	}
	if misheard > 60 {
		t.Errorf("%d of 2000 that nobody made tell something", misheard)
	}
	if _, _, told := teller("ours").Told("zzzz", now); told {
		t.Error("what is no reference tells something")
	}
	for _, none := range []int{-1, 0, reference.MaxKind + 1} {
		if kind, _, told := teller("ours").Told(teller("ours").New(none, now), now); told && kind == none {
			t.Errorf("%d is told", none)
		}
	}
}
