package email_test

import (
	"testing"

	"signpost/internal/platform/email"
)

var keySeeds = []string{
	"Ann.Smith@NHS.net", "ann@nhs", "ann..smith@nhs.net", ".ann@nhs.net", "ann.@nhs.net", "ann@.nhs.net", "ann@nhs.net.",
	"ann@nhs..net", "a@b@nhs.net", "ann+x@nhs.net", "ann@trust-1.nhs.uk", "ann-marie@nhs.net", "ann@nhs.n3t", "ann@1.2.3.4",
	"siân@nhs.net", "ann@siân.nhs.uk", " ann@nhs.net ", "", "@nhs.net", "ann@", "ann@xn--sin-8la.uk", "ann@-x.uk", "ann@x-.uk",
	"0123456789012345678901234567890123456789012345678901234567890123456789@nhs.net",
	"a@0123456789012345678901234567890123456789012345678901234567890123456789.uk", "ann@ab--cd.uk", "ann-@nhs.net",
}

// wantKey is what Parse and Canonical give.
func wantKey(typed string) (string, bool) {
	a, err := email.Parse(typed)
	if err != nil {
		return "", false
	}
	key, automatic := a.Canonical()
	if !automatic {
		return "", false
	}
	return key, true
}

func checkKey(t *testing.T, typed string) {
	t.Helper()
	want, wantAutomatic := wantKey(typed)
	key, automatic := email.AppendKey([]byte("x"), []byte(typed))
	if string(key) != "x"+want || automatic != wantAutomatic {
		t.Errorf("%q: %q, %v, but Parse and Canonical give %q, %v", typed, key[1:], automatic, want, wantAutomatic)
	}
}

func TestAppendKeyIsCanonical(t *testing.T) {
	for _, typed := range keySeeds {
		checkKey(t, typed)
	}
}

func FuzzAppendKey(f *testing.F) {
	for _, typed := range keySeeds {
		f.Add(typed)
	}
	f.Fuzz(checkKey)
}
