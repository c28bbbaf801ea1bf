package words_test

import (
	"testing"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read each mail of the login pages. What they are about counts as easy words.
func TestATwelveYearOldReadsEveryMail(t *testing.T) {
	const maxAge = 12
	l := words.Shipped().Match("en-GB")
	for _, text := range []string{l.Say("mail.code", "code", "KDF7 2M9X"), l.Say("mail.added", "kind", "Smartcard"),
		l.Say("mail.unlocked", "authenticator", "Smartcard")} {
		age := reading.Of(text, "Care Identity", "registration authority", "authenticator", "smartcard").Age()
		if age > maxAge {
			t.Errorf("reading age %d: %s", age, text)
		}
	}
}
