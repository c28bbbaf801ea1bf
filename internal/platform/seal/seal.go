// Package seal keeps secrets at rest unreadable without the master key: keys, one-time secrets, the
// text of mail. It does not know what it seals.
//
// A sealed value begins with the id of the key that sealed it, so that a new master key can be put in
// front of the old one. Its context (which table, which row, which column) is part of the seal: a
// sealed value that was moved elsewhere cannot be opened there.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"

	"signpost/internal/platform/random"
)

// Box seals and opens under a master key.
type Box struct {
	keys []key // the first seals; all open
}

// key is one master key and what is derived from it.
type key struct {
	id     [idSize]byte
	aead   cipher.AEAD
	digest []byte
}

const (
	keySize = 32 // bytes
	idSize  = 4
)

// New makes a box from master keys of 32 bytes. The first seals, every one opens.
func New(masters ...[]byte) (*Box, error) {
	if len(masters) == 0 {
		return nil, errors.New("sealing needs a master key")
	}
	b := &Box{}
	for _, master := range masters {
		k, err := derive(master)
		if err != nil {
			return nil, err
		}
		b.keys = append(b.keys, k)
	}
	return b, nil
}

func derive(master []byte) (key, error) {
	if len(master) != keySize {
		return key{}, fmt.Errorf("a master key has %d bytes, not %d", keySize, len(master))
	}
	block, err := aes.NewCipher(mac(master, "seal"))
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return key{}, err
	}
	k := key{aead: aead, digest: mac(master, "digest")}
	copy(k.id[:], mac(master, "id"))
	return k, nil
}

func mac(secret []byte, text string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// Seal hides plain; context says where it will be kept, as "mail/ID".
func (b *Box) Seal(plain []byte, context string) []byte {
	k := b.keys[0]
	nonce := random.Bytes(k.aead.NonceSize())
	out := append(k.id[:], nonce...)
	return k.aead.Seal(out, nonce, plain, []byte(context))
}

// Open reads what Seal hid for the same context.
func (b *Box) Open(sealed []byte, context string) ([]byte, error) {
	for _, k := range b.keys {
		head := idSize + k.aead.NonceSize()
		if len(sealed) < head || string(sealed[:idSize]) != string(k.id[:]) {
			continue
		}
		plain, err := k.aead.Open(nil, sealed[idSize:head], sealed[head:], []byte(context))
		if err != nil {
			return nil, fmt.Errorf("open sealed %s: changed, or moved from elsewhere", context)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("open sealed %s: %w", context, ErrOtherKey)
}

// ErrOtherKey is given where none of the master keys is the one that something was sealed with.
var ErrOtherKey = errors.New("it was sealed under a key that is not here")

// Digest is a keyed digest of text, for finding again what must not be readable. It is made with the
// last, oldest key, so that adding a key in front changes no digest.
func (b *Box) Digest(text string) []byte {
	return mac(b.keys[len(b.keys)-1].digest, text)
}
