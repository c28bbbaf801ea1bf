package webauthn

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"math/big"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// vectors are Project Wycheproof's vectors for signatures by RSA and elliptic keys; bytes are in hexadecimal.
type vectors struct {
	TestGroups []struct {
		PublicKey vectorKey
		Tests     []struct {
			TcID                      int
			Comment, Msg, Sig, Result string
		}
	}
}

// vectorKey is an elliptic key or an RSA key.
type vectorKey struct{ Wx, Wy, Modulus, PublicExponent string }

func (k vectorKey) cose(t *testing.T) []byte {
	t.Helper()
	if k.Modulus != "" {
		return rsaKey(t, unhex(t, k.Modulus), unhex(t, k.PublicExponent))
	}
	return ellipticKey(t, coordinate(t, k.Wx), coordinate(t, k.Wy))
}

// No signature that Wycheproof calls invalid is accepted by a key that may be bound, and every valid one is.
func TestWycheproofSignaturesOfAuthenticators(t *testing.T) {
	for file, want := range map[string]struct{ invalid, valid int }{
		"ecdsa_secp256r1_sha256_test.json":    {310, 174},
		"rsa_signature_2048_sha256_test.json": {249, 7},
		"rsa_signature_3072_sha256_test.json": {250, 7},
		"rsa_signature_4096_sha256_test.json": {250, 7},
	} {
		text, err := fs.ReadFile(wycheproof.TestVectors, file)
		if err != nil {
			t.Fatal(err)
		}
		var all vectors
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		invalid := 0
		valid := 0
		for _, group := range all.TestGroups {
			key := group.PublicKey.cose(t)
			for _, test := range group.Tests {
				accepted := verify(t, key, unhex(t, test.Msg), unhex(t, test.Sig))
				switch {
				case test.Result == "invalid" && accepted:
					t.Errorf("%s, %d %s: accepted", file, test.TcID, test.Comment)
				case test.Result == "invalid":
					invalid++
				case accepted:
					valid++
				}
			}
		}
		if invalid != want.invalid || valid != want.valid {
			t.Errorf("%s: refused %d invalid, accepted %d valid; expected %v", file, invalid, valid, want)
		}
	}
}

// verify checks a signature as a proof does: the key first, then the signature by the library.
func verify(t *testing.T, key, message, signature []byte) bool {
	t.Helper()
	if checkPublicKey(key) != nil {
		return false
	}
	parsed, err := webauthncose.ParsePublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := webauthncose.VerifySignature(parsed, message, signature)
	return accepted && err == nil
}

func TestPublicKeysThatMayBeBound(t *testing.T) {
	x := unhex(t, "04aaec73635726f213fb8a9e64da3b8632e41495a944d0045b522eba7240fad5")
	y := unhex(t, "87d9315798aaa3a5ba01775787ced05eaaf7b4e09fc81d6d1aa546e8365d525d")
	usual := []byte{1, 0, 1}
	modulus := func(bits int) []byte { return append([]byte{0x80}, bytes.Repeat([]byte{1}, bits/8-1)...) }
	for name, tt := range map[string]struct {
		key      []byte
		accepted bool
	}{
		"P-256":                      {ellipticKey(t, x, y), true},
		"RSA of 2048 bits":           {rsaKey(t, modulus(2048), usual), true},
		"RSA of 4096 bits":           {rsaKey(t, modulus(4096), usual), true},
		"off the curve":              {ellipticKey(t, x, x), false},
		"the point of nothing":       {ellipticKey(t, make([]byte, 32), make([]byte, 32)), false},
		"short coordinate":           {ellipticKey(t, x[1:], y), false},
		"P-256 of another algorithm": {cose(t, -35, 1, x, y), false},
		"another curve for ES256":    {cose(t, -7, 2, x, y), false},
		"RSA of 1024 bits":           {rsaKey(t, modulus(1024), usual), false},
		"RSA of 4104 bits":           {rsaKey(t, modulus(4104), usual), false},
		"RSA of 524,288 bits":        {rsaKey(t, modulus(524_288), usual), false},
		"RSA with the exponent 3":    {rsaKey(t, modulus(2048), []byte{3}), false},
		"RSA with a huge exponent":   {rsaKey(t, modulus(2048), bytes.Repeat([]byte{0xff}, 64)), false},
		"RSA without an exponent":    {rsaKey(t, modulus(2048), nil), false},
		"nothing":                    {nil, false},
		"bytes that are no COSE key": {[]byte("key"), false},
	} {
		if err := checkPublicKey(tt.key); (err == nil) != tt.accepted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ellipticKey gives a point of P-256 as a COSE key for ES256.
func ellipticKey(t *testing.T, x, y []byte) []byte { return cose(t, -7, 1, x, y) }

// cose gives an elliptic key in COSE form.
func cose(t *testing.T, algorithm, curve int64, x, y []byte) []byte {
	t.Helper()
	kind := webauthncose.PublicKeyData{KeyType: int64(webauthncose.EllipticKey), Algorithm: algorithm}
	return encode(t, webauthncose.EC2PublicKeyData{PublicKeyData: kind, Curve: curve, XCoord: x, YCoord: y})
}

// rsaKey gives an RSA key as a COSE key for RS256.
func rsaKey(t *testing.T, modulus, exponent []byte) []byte {
	t.Helper()
	kind := webauthncose.PublicKeyData{
		KeyType: int64(webauthncose.RSAKey), Algorithm: int64(webauthncose.AlgRS256),
	}
	return encode(t, webauthncose.RSAPublicKeyData{PublicKeyData: kind, Modulus: modulus, Exponent: exponent})
}

func encode(t *testing.T, key any) []byte {
	t.Helper()
	text, err := webauthncbor.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// coordinate gives a coordinate, which Wycheproof writes with a leading zero where its first bit is set, in 32 bytes.
func coordinate(t *testing.T, text string) []byte {
	t.Helper()
	return new(big.Int).SetBytes(unhex(t, text)).FillBytes(make([]byte, 32))
}
