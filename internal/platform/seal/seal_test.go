package seal_test

import (
	"bytes"
	"testing"

	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

func box(t *testing.T, masters ...[]byte) *seal.Box {
	t.Helper()
	b, err := seal.New(masters...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealOpensOnlyWhereItWasMade(t *testing.T) {
	old := random.Bytes(32)
	fresh := random.Bytes(32)
	before := box(t, old)
	after := box(t, fresh, old)
	stranger := box(t, random.Bytes(32))
	sealed := before.Seal([]byte("secret"), "mail/1")
	for name, b := range map[string]*seal.Box{"same key": before, "after a new key": after} {
		if plain, err := b.Open(sealed, "mail/1"); err != nil || string(plain) != "secret" {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	refused := map[string]func() ([]byte, error){
		"other row":      func() ([]byte, error) { return before.Open(sealed, "mail/2") },
		"other key":      func() ([]byte, error) { return stranger.Open(sealed, "mail/1") },
		"changed":        func() ([]byte, error) { return before.Open(changed, "mail/1") },
		"cut short":      func() ([]byte, error) { return before.Open(sealed[:6], "mail/1") },
		"empty":          func() ([]byte, error) { return before.Open(nil, "mail/1") },
		"new key to old": func() ([]byte, error) { return before.Open(after.Seal([]byte("x"), "a"), "a") },
	}
	for name, open := range refused {
		if plain, err := open(); err == nil {
			t.Errorf("%s: opened as %q", name, plain)
		}
	}
	if !bytes.Equal(before.Digest("QQ123456C"), after.Digest("QQ123456C")) {
		t.Error("a new key in front changed a digest")
	}
}
