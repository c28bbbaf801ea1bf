package words_test

import (
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read each mail of the login pages. What they are about counts as easy words.
func TestATwelveYearOldReadsEveryMail(t *testing.T) {
	const maxAge = 12
	l := words.Shipped().Match("en-GB")
	texts := []string{l.Say("mail.code", "code", "KDF7 2M9X")}
	for _, change := range authenticator.Changes() {
		_, text := l.Notice(change, "", authn.SmartcardInternet)
		texts = append(texts, text)
	}
	for _, text := range texts {
		age := reading.Of(text, "Care Identity", "registration authority", "authenticator", "smartcard").Age()
		if age > maxAge {
			t.Errorf("reading age %d: %s", age, text)
		}
	}
}

// Whoever is twelve can read what to do with an authenticator, and what to do when it is lost.
func TestATwelveYearOldReadsTheHelp(t *testing.T) {
	const maxAge = 12
	l := words.Shipped().Match("en-GB")
	for _, k := range authn.Kinds() {
		use, lost := l.Help(k)
		for _, text := range []string{use, lost} {
			age := reading.Of(text, "Care Identity", "registration authority", "authenticator", "smartcard",
				"certificate", "Windows Hello", "NHS.net Connect", "Bluetooth", "email address").Age()
			if age > maxAge || len(text) < 100 {
				t.Errorf("%s, reading age %d: %s", k, age, text)
			}
		}
	}
}
