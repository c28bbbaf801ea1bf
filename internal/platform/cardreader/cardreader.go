// Package cardreader works with the smartcard in a reader of this machine, by the PKCS#11 library of its maker: it
// reads certificates, makes keys that never leave the card, and sets PINs. It knows nobody and asks no server.
//
// PKCS#11 needs cgo, so that the usual program is made without it; build with the tag hsm to have it.
package cardreader

import (
	"crypto"
	"crypto/x509"
	"errors"
)

// ErrNotBuilt is a program without PKCS#11.
var ErrNotBuilt = errors.New("this signpost was built without PKCS#11: use the one that make build-hsm builds")

// Card is the card in the reader, until it is closed. The PIN lets the functions use keys that need one.
type Card interface {
	// Label is what the card calls itself.
	Label() string
	// Blank reports whether nothing is on the card yet, not even a PIN.
	Blank() bool
	// Certificates lists the certificates on the card, which everybody may read.
	Certificates() ([]*x509.Certificate, error)
	// Prepare gives a blank card a label, an unlock key and a PIN.
	Prepare(label, unlockKey, pin string) error
	// Enter enters the PIN.
	Enter(pin string) error
	// NewKey makes a key on the card.
	NewKey() (Key, error)
	// KeyOf finds the key of a certificate on the card.
	KeyOf(c *x509.Certificate) (Key, error)
	// Keep writes the certificate of a key to the card, and takes all others off it, with their keys.
	Keep(k Key, c *x509.Certificate) error
	// Drop takes a key off the card.
	Drop(k Key) error
	// Unlock gives a card another PIN.
	Unlock(unlockKey, pin string) error
	Close() error
}

// Key is a key on a card.
type Key interface {
	crypto.Signer
	// ID is by what the card knows it.
	ID() []byte
}
