//go:build hsm

package hsm

import (
	"crypto/cipher"
	"errors"
	"fmt"

	"github.com/ThalesGroup/crypto11"

	"signpost/internal/platform/random"
)

// module is a token that we are logged in to.
type module struct {
	token *crypto11.Context
	label string
}

// ivBytes is the length of the initialisation vector that NIST SP 800-38D recommends for GCM.
const ivBytes = 12

// Open logs in to the token.
func Open(o Options) (Opened, error) {
	token, err := crypto11.Configure(&crypto11.Config{
		Path: o.Module, TokenLabel: o.Token, Pin: o.PIN, MaxSessions: 2, GCMIVLength: ivBytes,
	})
	if err != nil {
		return nil, fmt.Errorf("open security module %s, token %q: %w", o.Module, o.Token, err)
	}
	return &module{token: token, label: o.Key}, nil
}

// signer is a key pair in a token that we are logged in to.
type signer struct {
	crypto11.Signer

	token *crypto11.Context
}

// OpenSigner logs in to the token and finds a key pair by its label. Others make it: it is an authority's.
func OpenSigner(o Options) (Signer, error) {
	token, err := crypto11.Configure(&crypto11.Config{Path: o.Module, TokenLabel: o.Token, Pin: o.PIN})
	if err != nil {
		return nil, fmt.Errorf("open security module %s, token %q: %w", o.Module, o.Token, err)
	}
	key, err := token.FindKeyPair(nil, []byte(o.Key))
	if err == nil && key == nil {
		err = errors.New("there is none")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("find key pair %q in the security module: %w", o.Key, err), token.Close())
	}
	return &signer{Signer: key, token: token}, nil
}

// Close logs out.
func (s *signer) Close() error { return s.token.Close() }

// Close logs out.
func (m *module) Close() error { return m.token.Close() }

// what is bound into every wrapped key, so that the module's key serves nothing else of ours.
var what = []byte("signpost master key")

// Wrap encrypts with the module's key, which is made if it is not there.
func (m *module) Wrap(plain []byte) (wrapped []byte, err error) {
	key, err := m.find(true)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // the library's Seal has no other way to fail
			err = fmt.Errorf("wrap in the security module: %v", p)
		}
	}()
	iv := random.Bytes(ivBytes)
	return key.Seal(iv, iv, plain, what), nil
}

// Unwrap decrypts what Wrap encrypted.
func (m *module) Unwrap(wrapped []byte) ([]byte, error) {
	if len(wrapped) < ivBytes {
		return nil, errors.New("unwrap in the security module: too short")
	}
	key, err := m.find(false)
	if err != nil {
		return nil, err
	}
	plain, err := key.Open(nil, wrapped[:ivBytes], wrapped[ivBytes:], what)
	if err != nil {
		return nil, fmt.Errorf("unwrap in the security module: %w", err)
	}
	return plain, nil
}

func (m *module) find(mayMake bool) (cipher.AEAD, error) {
	found, err := m.token.FindKeys(nil, []byte(m.label))
	if err != nil {
		return nil, fmt.Errorf("look for key %q in the security module: %w", m.label, err)
	}
	switch {
	case len(found) == 1:
		return found[0].NewGCM()
	case len(found) > 1:
		return nil, fmt.Errorf("the security module has %d keys %q", len(found), m.label)
	case !mayMake:
		return nil, fmt.Errorf("the security module has no key %q", m.label)
	}
	made, err := m.token.GenerateSecretKeyWithLabel(random.Bytes(16), []byte(m.label), 256, crypto11.CipherAES)
	if err != nil {
		return nil, fmt.Errorf("make key %q in the security module: %w", m.label, err)
	}
	return made.NewGCM()
}
