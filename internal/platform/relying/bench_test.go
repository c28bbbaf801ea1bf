package relying_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"signpost/internal/platform/worldtest"
)

// BenchmarkVerifications measures how many tokens of a provider are checked, beside nothing but their signature.
func BenchmarkVerifications(b *testing.B) {
	m := meet(b, nil)
	token := m.issuer.LogoutToken(b, clientID, "500000000017", "s1", nil)
	const bits = 2048 // as the keys of providers have
	key := worldtest.Must(rsa.GenerateKey(nil, bits))(b)
	digest := sha256.Sum256([]byte(token))
	signature := worldtest.Must(rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]))(b)
	b.Run("token of a provider", func(b *testing.B) {
		worldtest.Beside(b, func() {
			_, err := m.client.VerifyLogout(b.Context(), token)
			worldtest.Check(b, err)
		}, func() {
			digest := sha256.Sum256([]byte(token))
			worldtest.Check(b, rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature))
		})
	})
}
