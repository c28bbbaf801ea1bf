package email

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDiffer(t *testing.T) {
	for name, tt := range map[string]struct {
		one, other string
		want       Difference
	}{
		"the same":                {"ann.smith@nhs.net", "ann.smith@nhs.net", NoDifference},
		"the trust moved":         {"ann.smith@trust.nhs.uk", "ann.smith@nhs.net", OtherDomain},
		"a letter left out":       {"ann.smth@nhs.net", "ann.smith@nhs.net", Mistyped},
		"two changed places":      {"ann.simth@nhs.net", "ann.smith@nhs.net", Mistyped},
		"two wrong in a long one": {"alexandr.robinsen@nhs.net", "alexandra.robinson@nhs.net", Mistyped},
		"the domain mistyped":     {"ann.smith@exampletrst.nhs.uk", "ann.smith@exampletrust.nhs.uk", Mistyped},
		"two people of one name":  {"ann.smith1@nhs.net", "ann.smith2@nhs.net", AllDifferent},
		"one with a number":       {"ann.smith@nhs.net", "ann.smith2@nhs.net", AllDifferent},
		"another family name":     {"ann.smith@nhs.net", "ann.jones@nhs.net", OtherName},
		"a short name":            {"ann@nhs.net", "anna@nhs.net", AllDifferent},
		"others":                  {"ann.smith@nhs.net", "bo.lee@nhs.net", AllDifferent},
		"others elsewhere":        {"ann.smith@nhs.net", "ann.jones@trust.nhs.uk", AllDifferent},
		"one to be looked at":     {"look:änn@nhs.net", "ann@nhs.net", AllDifferent},
		"none":                    {"", "ann@nhs.net", AllDifferent},
	} {
		if got := Differ(tt.one, tt.other); got != tt.want {
			t.Errorf("%s: Differ(%q, %q) = %q, want %q", name, tt.one, tt.other, got, tt.want)
		}
		if got := Differ(tt.other, tt.one); got != tt.want {
			t.Errorf("%s, the other way: %q, want %q", name, got, tt.want)
		}
	}
}

// However addresses are made, they compare alike both ways, an address is equal to itself alone, and one slip is one.
func TestDifferProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 12))
	word := func(letters string) string {
		var b strings.Builder
		for range 1 + random.IntN(9) {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	address := func() string { return word("abc.1") + "@" + word("abc") + ".uk" }
	for range 20_000 {
		one := address()
		other := address()
		if Differ(one, other) != Differ(other, one) || (Differ(one, other) == NoDifference) != (one == other) {
			t.Fatalf("%q and %q: %q and %q", one, other, Differ(one, other), Differ(other, one))
		}
		long := word("abcdef") + "long.name@nhs.net"
		i := random.IntN(6)
		slip := long[:i] + "x" + long[i+1:]
		if got := Differ(long, slip); got != Mistyped {
			t.Fatalf("one slip in %q: %q is %q", long, slip, got)
		}
	}
}
