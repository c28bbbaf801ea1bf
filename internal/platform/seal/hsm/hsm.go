// Package hsm has a PKCS#11 security module wrap the master keys. The module keeps an AES key of its own,
// which cannot be taken out of it; it is asked as the program starts and not again, so that no sign-in
// waits for it.
//
// PKCS#11 needs cgo, so that the usual program, which is one static file, is made without it; build with
// the tag hsm to have it. The package does not know what the wrapped keys seal.
package hsm

import (
	"crypto"
	"errors"

	"signpost/internal/platform/seal"
)

// Options say which module, and which key in it.
type Options struct {
	Module string // the path of the module's PKCS#11 library
	Token  string // the label of the token
	PIN    string
	Key    string // the label of the AES key, made when a key is first wrapped
}

// ErrNotBuilt is a program without PKCS#11.
var ErrNotBuilt = errors.New("a security module is configured, and this signpost was built without PKCS#11: use the " +
	"one that make build-hsm builds")

// Signer is the key of an authority in a module that is in use, until it is closed. Options name it in place of the AES
// key.
type Signer interface {
	crypto.Signer
	Close() error
}

// Opened is a module in use, until it is closed.
type Opened interface {
	seal.Module
	Close() error
}
