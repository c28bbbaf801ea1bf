package certificate_test

import (
	"crypto/x509"
	"testing"

	"signpost/internal/platform/worldtest"
)

// BenchmarkVerifications measures how many smartcards are checked whose lists of revoked cards are at hand, beside
// nothing but the signatures of their certificates. Browsers prove that they have the card's key before.
func BenchmarkVerifications(b *testing.B) {
	w := open(b)
	card := w.Person("Ada Example", nil)
	shown := []*x509.Certificate{card.Certificate}
	b.Run("smartcard", func(b *testing.B) {
		worldtest.Beside(b, func() {
			_, err := w.verifier.Verify(b.Context(), shown)
			worldtest.Check(b, err)
		}, func() {
			worldtest.Check(b, card.CheckSignatureFrom(w.Issuing.Certificate))
			worldtest.Check(b, w.Issuing.CheckSignatureFrom(w.Root.Certificate))
		})
	})
}
