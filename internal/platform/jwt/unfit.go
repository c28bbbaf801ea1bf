package jwt

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
)

// UsualRSA says which RSA keys are accepted.
var UsualRSA = fmt.Sprintf("%d to %d bits with the exponent %d", minRSABits, maxRSABits, rsaExponent)

// Unfit says of each RSA key that is meant for signatures, but works with no algorithm, what is wrong with it, as
// `Key "2026" is RSA of 1024 bits`. Whoever registers such a key should learn it then and not with the first refusal.
func (s Set) Unfit() []string { return s.unfit }

// rsaText is an RSA key as it stands in a set, of any size.
type rsaText struct {
	Type     string `json:"kty"`
	ID       string `json:"kid"`
	Use      string `json:"use"`
	Modulus  string `json:"n"`
	Exponent string `json:"e"`
}

// unfit says what is wrong with a key, if it is an RSA key for signatures. It reads the key itself, as one of an odd
// size may not be read otherwise.
func unfit(number int, text []byte) string {
	var key rsaText
	if json.Unmarshal(text, &key) != nil || key.Type != "RSA" || !verifies(text, key.Use) {
		return ""
	}
	modulus, readable := bigNumber(key.Modulus)
	exponent, also := bigNumber(key.Exponent)
	problem := "cannot be read"
	if readable && also {
		problem = rsaProblem(modulus, exponent)
	}
	if problem == "" {
		return ""
	}
	if key.ID == "" {
		return fmt.Sprintf("Key number %d %s", number, problem)
	}
	return fmt.Sprintf("Key %.40q %s", key.ID, problem)
}

// bigNumber reads a number of RFC 7518 §2, Base64urlUInt.
func bigNumber(text string) (*big.Int, bool) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	return new(big.Int).SetBytes(plain), err == nil && len(plain) > 0
}

// verifies reports whether a key is meant for the verification of signatures (RFC 7517 §4.2 and §4.3).
func verifies(text []byte, use string) bool {
	var operations struct {
		Names []string `json:"key_ops"`
	}
	if json.Unmarshal(text, &operations) != nil {
		return false
	}
	return (use == "" || use == "sig") && (operations.Names == nil || slices.Contains(operations.Names, "verify"))
}
