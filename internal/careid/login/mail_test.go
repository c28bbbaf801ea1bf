package login_test

import (
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
)

// The mail about an ended lock is written in the language of the catalogue, all but the name of the authenticator.
func TestTheMailAboutAnEndedLockIsInTheCatalogue(t *testing.T) {
	key := authenticator.Authenticator{Name: "1234", Kind: authn.SecurityKey}
	both := bilingual(t)
	letter := login.UnlockedMail(both.Match("cy"))("ada@example.nhs.uk", key)
	if left := letters.FindString(strings.Replace(letter.Subject+letter.Text, key.Name, "", 1)); left != "" {
		t.Errorf("the mail says in English %q: %s", left, letter.Text)
	}
	letter = login.UnlockedMail(both.Match(words.British))("ada@example.nhs.uk", key)
	if letter.To != "ada@example.nhs.uk" || !strings.Contains(letter.Text, "1234 (Security Key)") {
		t.Errorf("the mail in British English: %+v", letter)
	}
	app := authenticator.Authenticator{Name: authn.AuthenticatorApp.Label(), Kind: authn.AuthenticatorApp} // as those are called that nobody named
	letter = login.UnlockedMail(both.Match(words.British))("ada@example.nhs.uk", app)
	if !strings.Contains(letter.Text, "Authenticator: "+authn.AuthenticatorApp.Label()+"\n") {
		t.Errorf("the mail about an app: %s", letter.Text)
	}
}
