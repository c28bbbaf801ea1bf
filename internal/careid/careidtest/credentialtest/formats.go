package credentialtest

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
)

// None attests nothing (WebAuthn section 8.7).
func None(*Ceremony) (string, Map) { return "none", Map{} }

// Self attests with the credential itself (section 8.2).
func Self(c *Ceremony) (string, Map) {
	key := c.Device.Key
	return "packed", Map{{"alg", AlgorithmOf(key)}, {"sig", Sign(key, c.Signed())}}
}

// Packed attests with a certificate of the maker (section 8.2); more may stand behind it.
func Packed(by *Certificate, more ...*Certificate) Attest {
	return func(c *Ceremony) (string, Map) {
		return "packed", Map{
			{"alg", AlgorithmOf(by.Key)}, {"sig", Sign(by.Key, c.Signed())},
			{"x5c", chain(append([]*Certificate{by}, more...))},
		}
	}
}

// U2F attests as keys of the time before FIDO2 do (section 8.6).
func U2F(by *Certificate) Attest {
	return func(c *Ceremony) (string, Map) {
		return "fido-u2f", Map{{"sig", Sign(by.Key, c.SignedAsU2F())}, {"x5c", chain([]*Certificate{by})}}
	}
}

// SignedAsU2F is what keys of the time before FIDO2 sign.
func (c *Ceremony) SignedAsU2F() []byte {
	point := []byte{4}
	if public, is := c.Device.Key.Public().(*ecdsa.PublicKey); is {
		x, y := coordinates(public)
		point = slices.Concat(point, x, y)
	}
	return slices.Concat([]byte{0}, c.Auth.RPIDHash, c.Hash(), c.Auth.ID, point)
}

// OfCredential is what the certificate of a credential says where each has one of its own: for Apple and Android.
type OfCredential struct {
	Nonce    []byte // Apple: the hash of what would be signed. Android: the hash of the client data
	Key      *Certificate
	Purposes []int // Android: for which the key may be used
	Origin   int   // Android: where the key was made; 0 for in the hardware
	AllApps  bool  // Android: every app may use the key
	Without  bool  // the extension
}

// Apple attests as Apple's devices do (section 8.8): an authority issues a certificate for the credential.
func Apple(by *Certificate, change func(*OfCredential)) Attest {
	return func(c *Ceremony) (string, Map) {
		nonce := sha256.Sum256(c.Signed())
		leaf := c.leaf(by, OfCredential{Nonce: nonce[:]}, change, func(o OfCredential) pkix.Extension {
			const nonceTag = 1
			return pkix.Extension{
				Id: appleExtension, Value: der([]asn1.RawValue{explicit(nonceTag, der(o.Nonce))}),
			}
		})
		return "apple", Map{{"x5c", chain([]*Certificate{leaf, by})}}
	}
}

// Android attests as Android's keystore does (section 8.4); more certificates may stand behind the authority.
func Android(by *Certificate, change func(*OfCredential), more ...*Certificate) Attest {
	const sign = 2
	return func(c *Ceremony) (string, Map) {
		o := OfCredential{Nonce: c.Hash(), Purposes: []int{sign}}
		leaf := c.leaf(by, o, change, func(o OfCredential) pkix.Extension {
			return pkix.Extension{Id: androidExtension, Value: o.description()}
		})
		key := c.Device.Key
		return "android-key", Map{
			{"alg", AlgorithmOf(key)}, {"sig", Sign(key, c.Signed())},
			{"x5c", chain(append([]*Certificate{leaf, by}, more...))},
		}
	}
}

func (c *Ceremony) leaf(
	by *Certificate, o OfCredential, change func(*OfCredential), extension func(OfCredential) pkix.Extension,
) *Certificate {
	if change != nil {
		change(&o)
	}
	key := c.Device.Key
	if o.Key != nil {
		key = o.Key.Key
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "Credential", Organization: []string{"Maker"}}}
	if !o.Without {
		template.ExtraExtensions = []pkix.Extension{extension(o)}
	}
	return issue(by, key, template)
}

// description writes what Android's keystore says of a key.
func (o OfCredential) description() []byte {
	const (
		purpose, allApplications, origin = 1, 600, 702
		set                              = 17
	)
	var purposes []byte
	for _, p := range o.Purposes {
		purposes = append(purposes, der(p)...)
	}
	hardware := der(explicit(purpose, der(asn1.RawValue{Tag: set, IsCompound: true, Bytes: purposes})))
	if o.AllApps {
		hardware = append(hardware, der(explicit(allApplications, []byte{5, 0}))...)
	}
	hardware = append(hardware, der(explicit(origin, der(o.Origin)))...)
	sequence := func(inner []byte) asn1.RawValue {
		return asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: inner}
	}
	return der(struct {
		Version       int
		Level         asn1.Enumerated
		Keymaster     int
		KeymasterAt   asn1.Enumerated
		Challenge, ID []byte
		Software, TEE asn1.RawValue
	}{3, 1, 4, 1, o.Nonce, []byte{}, sequence(nil), sequence(hardware)})
}
