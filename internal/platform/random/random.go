// Package random is where chance comes from: ids, secrets, and codes that people type.
package random

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/google/uuid"
)

// ID is a new id: a UUID of version 7, so that later ids sort after earlier ones.
func ID() string { return uuid.Must(uuid.NewV7()).String() }

// Bytes gives n random bytes.
func Bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the runtime ends the program instead
	return b
}

// Secret is 256 random bits in base64url, for cookies, tokens and links.
func Secret() string { return base64.RawURLEncoding.EncodeToString(Bytes(32)) }

// Digest hashes a secret, so that a table can find it and does not hold it. It is for what Secret makes: what
// people choose or type is too easily guessed.
func Digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Below gives a number from 0 to n-1, each as likely; 0 if n is not positive.
func Below(n int) int {
	if n <= 0 {
		return 0
	}
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0 // cannot be: crypto/rand does not fail
	}
	return int(v.Int64())
}

// Digits gives n random decimal digits.
func Digits(n int) string { return from("0123456789", n) }

// CodeLetters are the letters and digits of a typed code: none that look alike, no vowels that could make a word.
const CodeLetters = "23456789BCDFGHJKMNPQRSTVWXYZ"

// Code is a code of eight letters and digits for a person to type, about 38 bits. What it proves may be proved once,
// for a short time, with few tries.
func Code() string { return from(CodeLetters, 8) }

// codeGroup is how many letters of a code people read in one breath.
const codeGroup = 4

// Grouped is a code as people read it out and copy it by hand: in two groups, "KDF7 2M9X".
func Grouped(code string) string {
	if len(code) <= codeGroup {
		return code
	}
	return code[:codeGroup] + " " + code[codeGroup:]
}

// Ungrouped is a code as it was made, from what somebody typed or pasted: case, spaces and hyphens do not count.
func Ungrouped(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\t", "", "\u00a0", "").Replace(typed))
}

func from(letters string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(letters[Below(len(letters))])
	}
	return b.String()
}
