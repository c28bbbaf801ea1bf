// Package jwttest gives tests keys to sign with. An RSA key takes long to make, so the tests of a program share
// those that they name alike. A test of how keys are made makes its own.
package jwttest

import (
	"sync"
	"testing"

	"signpost/internal/platform/jwt"
)

var (
	mu   sync.Mutex
	keys = map[label]jwt.Key{}
)

// label tells keys apart.
type label struct {
	owner     string
	algorithm jwt.Algorithm
}

// Key is the owner's key for an algorithm: the same one each time within a program, and nobody else's.
func Key(t testing.TB, owner string, a jwt.Algorithm) jwt.Key {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	l := label{owner, a}
	if k, made := keys[l]; made {
		return k
	}
	k, err := jwt.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	keys[l] = k
	return k
}
