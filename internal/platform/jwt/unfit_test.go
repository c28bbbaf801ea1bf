package jwt_test

import (
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"signpost/internal/platform/jwt"
)

// Keys whose signatures cost more to check than they are worth, or whose exponent nobody uses, work with no algorithm,
// and the set says what is wrong with them.
func TestRSAKeysOfUnusualSizes(t *testing.T) {
	odd := func(bits uint, exponent int) *rsa.PublicKey {
		modulus := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return &rsa.PublicKey{N: modulus.Add(modulus, big.NewInt(1)), E: exponent}
	}
	for _, tt := range []struct {
		bits     uint
		exponent int
		problem  string // empty for a key that works
	}{
		{2048, 65537, ""}, {4096, 65537, ""}, {1024, 65537, `Key "k" is RSA of 1024 bits`},
		{4097, 65537, `Key "k" is RSA of 4097 bits`}, {524_288, 65537, `Key "k" is RSA of 524288 bits`},
		{2048, 3, `Key "k" is RSA with the exponent 3`}, {2048, 65539, `Key "k" is RSA with the exponent 65539`},
	} {
		key := jose.JSONWebKey{Key: odd(tt.bits, tt.exponent), KeyID: "k"}
		text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
		if err != nil {
			t.Fatal(err)
		}
		set, err := jwt.ParseSet(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = set.Find(t.Context(), "k", jwt.RS256)
		if works := err == nil; works != (tt.problem == "") || works != set.WorksWith(jwt.RS256) {
			t.Errorf("%d bits with the exponent %d: %v", tt.bits, tt.exponent, err)
		}
		if got := set.Unfit(); tt.problem != "" && !slices.Equal(got, []string{tt.problem}) ||
			tt.problem == "" && len(got) != 0 {
			t.Errorf("%d bits with the exponent %d: %q", tt.bits, tt.exponent, got)
		}
	}
}

// A key that cannot be read as RSA, or that has no id, is named too; those for other purposes are nobody's concern.
func TestKeysThatCannotBeReadAreNamed(t *testing.T) {
	text := `{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "RSA", "kid": "b", "n": "+/", "e": "AQAB"},
		{"kty": "RSA", "kid": "c", "use": "enc", "n": "AQAB", "e": "AQAB"}, {"kty": "new", "kid": "d"},
		{"kty": "RSA", "kid": "e", "key_ops": ["encrypt"], "n": "AQAB", "e": "AQAB"}]}`
	set, err := jwt.ParseSet([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := set.Unfit(), []string{"Key number 1 is RSA of 17 bits", `Key "b" cannot be read`}; !slices.Equal(got, want) {
		t.Errorf("named %q, want %q", got, want)
	}
}
