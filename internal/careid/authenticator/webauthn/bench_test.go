package webauthn_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"maps"
	"slices"
	"testing"

	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/platform/worldtest"
)

// BenchmarkVerifications measures how many answers are checked: bindings of each format, and logins with each
// algorithm, beside nothing but the signatures in them.
func BenchmarkVerifications(b *testing.B) {
	s := openStage(b)
	bindings := s.honestBindings()
	for _, name := range slices.Sorted(maps.Keys(bindings)) {
		b.Run("binding, "+name, func(b *testing.B) { s.measureBinding(b, bindings[name]) })
	}
	logins := s.honestLogins()
	for _, name := range slices.Sorted(maps.Keys(logins)) {
		b.Run("login, "+name, func(b *testing.B) { s.measureLogin(b, logins[name]) })
	}
}

func (s *stage) measureBinding(b *testing.B, base honest) {
	b.Helper()
	d := s.device(base)
	at := s.beginBinding(base.kind, d)
	var bare []func() bool
	look := credentialtest.Spoil{Statement: func(c *ceremony) { bare = s.signatures(b, c) }}
	answer := d.Create(at.challenge, base.attest, look)
	worldtest.Beside(b, func() {
		_, err := s.party.FinishBinding(s.Context(), s.attempt(base.kind, at, answer), s.owner.UUID)
		worldtest.Check(b, err)
	}, func() {
		for _, verified := range bare {
			if !verified() {
				b.Fatal("the bare signature is not right")
			}
		}
	})
}

// signatures gives the signatures in an attestation: its own, where it has one, and those of its certificates up to the
// root.
func (s *stage) signatures(t testing.TB, c *ceremony) (list []func() bool) {
	t.Helper()
	key := c.Device.Key.Public()
	certificates := s.chainIn(t, c)
	if len(certificates) > 0 {
		key = certificates[0].PublicKey
	}
	message := c.Signed()
	if info, there := c.Statement.At("certInfo").([]byte); there {
		message = info
	}
	if c.Format == "fido-u2f" {
		message = c.SignedAsU2F()
	}
	if signature, there := c.Statement.At("sig").([]byte); there {
		list = append(list, func() bool { return verifies(key, message, signature) })
	}
	for i := 1; i < len(certificates); i++ {
		list = append(list, func() bool { return certificates[i-1].CheckSignatureFrom(certificates[i]) == nil })
	}
	return list
}

// chainIn gives the certificates of a statement with the root to which they lead.
func (s *stage) chainIn(t testing.TB, c *ceremony) (list []*x509.Certificate) {
	t.Helper()
	written, _ := c.Statement.At("x5c").([]any)
	for _, one := range written {
		der, _ := one.([]byte)
		list = append(list, worldtest.Must(x509.ParseCertificate(der))(t))
	}
	if len(list) == 0 {
		return nil
	}
	for _, m := range []maker{s.keys, s.hello, s.fleet, s.apple, s.google} {
		last := list[len(list)-1]
		if last.CheckSignatureFrom(m.root.Certificate) == nil && !last.Equal(m.root.Certificate) {
			return append(list, m.root.Certificate)
		}
	}
	return list
}

func verifies(key crypto.PublicKey, message, signature []byte) bool {
	digest := sha256.Sum256(message)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, digest[:], signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	}
	return false
}

func (s *stage) measureLogin(b *testing.B, l *honestLogin) {
	b.Helper()
	s.mustBeBound(l)
	at := s.beginLogin(l.base.kind)
	var message, signature []byte
	answer := l.device.Use(at.challenge, credentialtest.Spoil{Statement: func(c *ceremony) {
		message, signature = c.Signed(), c.Signature
	}})
	worldtest.Beside(b, func() {
		_, err := s.party.FinishProof(s.Context(), s.attempt(l.base.kind, at, answer))
		worldtest.Check(b, err)
	}, func() {
		if !verifies(l.device.Key.Public(), message, signature) {
			b.Fatal("the bare signature is not right")
		}
	})
}
