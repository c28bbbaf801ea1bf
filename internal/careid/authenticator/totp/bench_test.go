package totp_test

import (
	"crypto/hmac"
	"crypto/sha1" // as authenticator apps do it (RFC 6238)
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/password"
	"signpost/internal/platform/worldtest"
)

// BenchmarkVerifications measures how many passwords are checked at today's cost, and how many codes of apps, each
// beside nothing but its digest. Taking a code writes that it was taken.
func BenchmarkVerifications(b *testing.B) {
	w := bound{World: careidtest.Open(b, nine), secret: totp.NewSecret()}
	w.Apps.Hasher = worldtest.Must(password.New(password.Usual))(b)
	w.Person(population.Person{GivenName: "Ann", FamilyName: "Example", Email: address, EmailVerified: true,
		Authenticators: []population.Authenticator{
			{Kind: authn.AuthenticatorApp, Password: right, Secret: w.secret},
		},
	})
	var begun authenticator.Attempt
	check := func() { begun = worldtest.Must(w.begin(address, right))(b) }
	const saltBytes, keyBytes = 16, 32
	b.Run("password", func(b *testing.B) {
		worldtest.Beside(b, check, func() {
			cost := password.Usual
			argon2.IDKey([]byte(right), make([]byte, saltBytes), uint32(cost.Passes), cost.MemoryKiB,
				uint8(cost.Parallelism), keyBytes)
		})
	})
	check()
	b.Run("code", func(b *testing.B) {
		worldtest.Beside(b, func() {
			w.Clock.Advance(30 * time.Second)
			worldtest.Check(b, w.prove(begun, worldtest.Must(totp.CodeAt(w.secret, w.Clock.Now()))(b)))
		}, func() {
			digest := hmac.New(sha1.New, []byte(w.secret))
			digest.Write(make([]byte, 8))
			digest.Sum(nil)
		})
	})
}
