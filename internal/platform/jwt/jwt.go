// Package jwt signs and verifies JSON Web Tokens, and reads and writes the sets of keys for that.
//
// It is a narrow way into a wide library: compact form only, algorithms and types named by whoever
// asks, keys found by id in a set that was chosen beforehand and never by what a token's own header
// offers. It does not remember tokens: whoever needs one used only once keeps its jti.
package jwt

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	strict "github.com/go-jose/go-jose/v4/json"
)

const maxBytes = 64 << 10 // of a token

// Sign makes a token of the given type ("" for none) from anything that becomes a JSON object.
func Sign(k Key, typ string, claims any) (string, error) {
	options := &jose.SignerOptions{}
	if typ != "" {
		options = options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.SignatureAlgorithm(k.Algorithm),
		Key:       jose.JSONWebKey{Key: k.private, KeyID: k.ID},
	}, options)
	if err != nil {
		return "", fmt.Errorf("sign with %s: %w", k, err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign with %s: %w", k, err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign with %s: %w", k, err)
	}
	return signed.CompactSerialize()
}

// Expect says what must stand in a token's header.
type Expect struct {
	Algorithms []Algorithm
	Types      []string // such as "JWT" or "logout+jwt"; "" stands for none given
}

// Token is a token that was read.
type Token struct {
	KeyID     string
	Algorithm Algorithm
	Type      string // lower case, without "application/"
	Payload   []byte
}

// Decode reads the claims into v. Members match by their exact names, and one that comes twice is an
// error, so that two readers of a token cannot see two things in it.
func (t Token) Decode(v any) error {
	if err := strict.Unmarshal(t.Payload, v); err != nil {
		return fmt.Errorf("read token's claims: %w", err)
	}
	return nil
}

// Verify checks a token's form, algorithm, type and signature. Its claims are then to be checked.
func Verify(ctx context.Context, token string, keys Keys, e Expect) (Token, error) {
	jws, t, err := read(token, e.Algorithms)
	if err != nil {
		return Token{}, err
	}
	if !slices.ContainsFunc(e.Types, func(want string) bool { return t.Type == plainType(want) }) {
		return Token{}, &Mismatch{Claim: "typ", Want: strings.Join(e.Types, " or "), Got: t.Type}
	}
	key, err := keys.Find(ctx, t.KeyID, t.Algorithm)
	if err != nil {
		return Token{}, fmt.Errorf("verify token: %w", err)
	}
	payload, err := jws.Verify(key)
	if err != nil {
		return Token{}, fmt.Errorf("verify token: signature by kid %.80q is not right: %w", t.KeyID, err)
	}
	if t.Algorithm == PS256 {
		if err := checkSaltLength(token, key, jws.Signatures[0].Signature); err != nil {
			return Token{}, fmt.Errorf("verify token: signature by kid %.80q is not right: %w", t.KeyID, err)
		}
	}
	t.Payload = payload
	return t, nil
}

// checkSaltLength requires the salt of a PS256 signature to be as long as its hash (RFC 7518 §3.5); the library takes
// any length.
func checkSaltLength(token string, key any, signature []byte) error {
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("a %T has no %s signature", key, PS256)
	}
	signed := sha256.Sum256([]byte(token[:strings.LastIndexByte(token, '.')]))
	options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	return rsa.VerifyPSS(public, crypto.SHA256, signed[:], signature, options)
}

// Unverified reads a token without checking its signature: to learn whose keys to verify it with, and
// for nothing else.
func Unverified(token string) (Token, error) {
	jws, t, err := read(token, nil)
	if err != nil {
		return Token{}, err
	}
	t.Payload = jws.UnsafePayloadWithoutVerification()
	return t, nil
}

// read takes a token apart. No algorithms means any that we know.
func read(token string, algorithms []Algorithm) (*jose.JSONWebSignature, Token, error) {
	if len(token) > maxBytes {
		return nil, Token{}, fmt.Errorf("read token: %d bytes, at most %d", len(token), maxBytes)
	}
	// The decoder below passes over line breaks; a token has none.
	if strings.ContainsFunc(token, func(r rune) bool { return !isTokenRune(r) }) {
		return nil, Token{}, errors.New("read token: not in compact form")
	}
	jws, err := jose.ParseSignedCompact(token, allowed(algorithms))
	if err != nil {
		return nil, Token{}, fmt.Errorf("read token: %w", err)
	}
	head := jws.Signatures[0].Protected
	for _, name := range []jose.HeaderKey{"crit", "b64"} {
		if _, there := head.ExtraHeaders[name]; there {
			return nil, Token{}, fmt.Errorf("read token: header %q is not understood", name)
		}
	}
	typ, _ := head.ExtraHeaders[jose.HeaderType].(string)
	return jws, Token{KeyID: head.KeyID, Algorithm: Algorithm(head.Algorithm), Type: plainType(typ)}, nil
}

func allowed(algorithms []Algorithm) []jose.SignatureAlgorithm {
	if algorithms == nil {
		return all
	}
	var out []jose.SignatureAlgorithm
	for _, a := range algorithms {
		if known(a) {
			out = append(out, jose.SignatureAlgorithm(a))
		}
	}
	return out
}

func isTokenRune(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
}

// A type is a media type whose "application/" may be left out, and has no case (RFC 7515 §4.1.9).
func plainType(typ string) string { return strings.TrimPrefix(strings.ToLower(typ), "application/") }
