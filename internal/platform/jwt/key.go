package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"
)

// Algorithm is a signature algorithm as JWS names it.
type Algorithm string

// The algorithms that can be asked for. There is no symmetric one and no "none".
const (
	RS256 Algorithm = "RS256"
	RS384 Algorithm = "RS384"
	RS512 Algorithm = "RS512"
	PS256 Algorithm = "PS256"
	ES256 Algorithm = "ES256"
	ES384 Algorithm = "ES384"
)

var all = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.ES256, jose.ES384}

// The RSA keys that are used: NIST SP 800-131A asks for 2048 bits; beyond 4096 one check of a signature costs what a
// thousand others do. The exponent is the one that every maker of keys uses.
const (
	minRSABits  = 2048
	maxRSABits  = 4096
	rsaExponent = 65537
)

// fits says whether a public key is of the kind the algorithm works with, strong enough, and not too costly.
func (a Algorithm) fits(public any) bool {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return a != ES256 && a != ES384 && known(a) && rsaProblem(key.N, big.NewInt(int64(key.E))) == ""
	case *ecdsa.PublicKey:
		return (a == ES256 && key.Curve == elliptic.P256()) || (a == ES384 && key.Curve == elliptic.P384())
	}
	return false
}

// rsaProblem says what is wrong with an RSA key, or nothing.
func rsaProblem(modulus, exponent *big.Int) string {
	bits := modulus.BitLen()
	if bits < minRSABits || bits > maxRSABits {
		return fmt.Sprintf("is RSA of %d bits", bits)
	}
	switch {
	case exponent.Cmp(big.NewInt(rsaExponent)) == 0:
		return ""
	case exponent.IsInt64():
		return fmt.Sprintf("is RSA with the exponent %d", exponent)
	}
	return fmt.Sprintf("is RSA with an exponent of %d bits", exponent.BitLen())
}

// Key is a private key that signs with one algorithm.
type Key struct {
	ID        string // the kid; made as RFC 7638's thumbprint, and free to be changed to one already registered
	Algorithm Algorithm
	private   crypto.Signer
}

// String names the key without showing it.
func (k Key) String() string { return string(k.Algorithm) + " key " + k.ID }

// Public is the public half.
func (k Key) Public() crypto.PublicKey { return k.private.Public() }

// Generate makes a new key: RSA of 2048 bits, or the algorithm's curve.
func Generate(a Algorithm) (Key, error) {
	var private crypto.Signer
	var err error
	switch a {
	case ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ES384:
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, minRSABits)
	}
	if err != nil {
		return Key{}, fmt.Errorf("make %s key: %w", a, err)
	}
	return newKey(a, private)
}

func newKey(a Algorithm, private crypto.Signer) (Key, error) {
	if !known(a) || !a.fits(private.Public()) {
		return Key{}, fmt.Errorf("a %T cannot sign with %q, or is too short", private, a)
	}
	jwk := jose.JSONWebKey{Key: private.Public()}
	sum, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return Key{}, fmt.Errorf("thumbprint of %s key: %w", a, err)
	}
	return Key{ID: base64.RawURLEncoding.EncodeToString(sum), Algorithm: a, private: private}, nil
}

func known(a Algorithm) bool {
	for _, k := range all {
		if string(k) == string(a) {
			return true
		}
	}
	return false
}

// PKCS8 is the private key in PKCS#8, for sealing.
func (k Key) PKCS8() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", k, err)
	}
	return der, nil
}

// FromPKCS8 reads a private key in PKCS#8. Its id is the thumbprint.
func FromPKCS8(a Algorithm, der []byte) (Key, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return Key{}, fmt.Errorf("read %s key: %w", a, err)
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return Key{}, fmt.Errorf("read %s key: a %T cannot sign", a, parsed)
	}
	return newKey(a, private)
}
