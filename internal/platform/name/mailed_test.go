package name_test

import (
	"testing"

	"signpost/internal/platform/name"
)

// Names in our mails have nothing of which a mail program makes a link, nor a telephone number, in whatever characters.
func TestCheckMailed(t *testing.T) {
	for text, taken := range map[string]bool{
		"Ann-Marie": true, "O’Brien": true, "Zoë": true, "St. John": true, "J. R.": true, "Nuñez i Sal·les": true,
		"山田 太郎": true, "दुःशासन": true, "محمد": true, "Ann – Marie": true,

		"https://x.example": false, "x.example": false, "a@b": false, "0800 1": false, "J.R.": false,
		"nhs-login\u3002example":      false, // an ideographic full stop
		"nhs-login\uff61example":      false, // half as wide
		"see nhs\uff0euk\u2215unlock": false, // wide, and a division slash
		"nhs\u2024uk":                 false, // a leader
		"a\u2044b":                    false, // a fraction slash
		"Note\u2236 Ann":              false, // a ratio
		"Note\u02d0 Ann":              false, // a letter like a colon
		"Note\uff1a Ann":              false,
		"ann\uff20nhs":                false,
		"\u2460\u2461":                false, // digits in circles
		"\uff10\uff18\uff10\uff10":    false, // wide digits
		"\u0660\u0668":                false, // Arabic digits
		"\U0001d7d8\U0001d7e0":        false, // mathematical digits
		"\u2488 Ann":                  false, // a number with its full stop
		"Ann of the ward that is the longest of all wards, and that goes on and on until somebody stops it and sighs": false,
	} {
		if err := name.CheckMailed("name", text); taken != (err == nil) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
