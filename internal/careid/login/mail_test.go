package login_test

import (
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login"
	"signpost/internal/national/authn"
)

// The mails about changes are written in the language of the catalogue, all but the name of the authenticator.
func TestMailsAboutChangesAreInTheCatalogue(t *testing.T) {
	key := authenticator.Authenticator{Name: "1234", Kind: authn.SecurityKey}
	both := bilingual(t)
	for _, change := range authenticator.Changes() {
		n := authenticator.Notice{Change: change, Language: "cy"}
		letter := login.NoticeMail(both)("ada@example.nhs.uk", n, key)
		if left := letters.FindString(strings.Replace(letter.Subject+letter.Text, key.Name, "", 1)); left != "" {
			t.Errorf("the mail says in English %q: %s", left, letter.Text)
		}
	}
	unlocked := authenticator.Notice{Change: authenticator.WasUnlocked}
	letter := login.NoticeMail(both)("ada@example.nhs.uk", unlocked, key)
	if letter.To != "ada@example.nhs.uk" || !strings.Contains(letter.Text, "1234 (Security Key)") {
		t.Errorf("the mail in British English: %+v", letter)
	}
	app := authenticator.Authenticator{Name: authn.AuthenticatorApp.Label(), Kind: authn.AuthenticatorApp} // as those are called that nobody named
	letter = login.NoticeMail(both)("ada@example.nhs.uk", unlocked, app)
	if !strings.Contains(letter.Text, "Authenticator: "+authn.AuthenticatorApp.Label()+"\n") {
		t.Errorf("the mail about an app: %s", letter.Text)
	}
}
