package provider_test

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/worldtest"
)

// O43: smartcards, at the door that asks for their certificate.
func TestSmartcardAttacks(t *testing.T) {
	w := open(t)
	cards := w.Cards()
	onCards := worldtest.Must(x509.ParseOID("1.2.826.0.1.3344810.1.2"))(t)
	cards.Verifier.Policies = []x509.OID{onCards}
	issued := func(change func(*x509.Certificate)) *logintest.Card {
		c := cards.Person("Ada Example", func(c *x509.Certificate) {
			c.Policies = []x509.OID{onCards}
			if change != nil {
				change(c)
			}
		})
		return &c
	}
	bound := func(change func(*x509.Certificate)) *logintest.Card { // while it was still good
		card := issued(change)
		w.BindCard(cards, *card)
		return card
	}
	try := func(card *logintest.Card) bool {
		b := w.Browser()
		at := b.ChooseCard(authn.SmartcardInternet, logintest.Request("prompt", "login"))
		return strings.HasPrefix(b.UseCard(cards, at, card).Header.Get("Location"), logintest.Callback)
	}
	soon := w.Clock.Now().Add(30 * time.Minute)
	honest := bound(nil)
	ends := bound(func(c *x509.Certificate) { c.NotAfter = soon })
	revoked := bound(nil)
	cards.Revoke(*revoked)
	w.Clock.Advance(time.Hour)
	other := certificatetest.New(t, "Cards", w.Clock)
	elsewhere := other.Person("Ada Example", func(c *x509.Certificate) {
		c.Policies = []x509.OID{onCards}
		c.SerialNumber = honest.SerialNumber
	})
	inFile := cards.Person("Ada Example", nil)
	tally(t, "O43 smartcards", func() bool { return try(honest) }, map[string]func() bool{
		"expired":              func() bool { return try(ends) },
		"revoked":              func() bool { return try(revoked) },
		"of another authority": func() bool { return try(&elsewhere) },
		"for another purpose": func() bool {
			return try(issued(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
		},
		"a key that is on no card, and asks for no PIN": func() bool { return try(&inFile) },
		"another's certificate in a header": func() bool {
			cards.Header = http.Header{"Client-Cert": {":" + base64.StdEncoding.EncodeToString(honest.Raw) + ":"}}
			defer func() { cards.Header = nil }()
			return try(nil)
		},
		"another's certificate in a header, beside one's own": func() bool {
			cards.Header = http.Header{"Client-Cert": {":" + base64.StdEncoding.EncodeToString(honest.Raw) + ":"}}
			defer func() { cards.Header = nil }()
			return try(issued(nil))
		},
		"none": func() bool { return try(nil) },
	})
}
