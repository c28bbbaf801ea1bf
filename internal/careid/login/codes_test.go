package login_test

import (
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
)

// A script sends the form of a code once it is as long as codes are.
func TestCodesSayHowLongTheyAre(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	b.Send(at+"/password", "email", adasAddress, "password", logintest.GoodPass)
	link := b.Send(w.Invite(w.UUID, authn.Passkey), "email", adasAddress, "authenticator", string(authn.Passkey))
	mailed := strings.ReplaceAll(strings.TrimSpace(w.Mailed(adasAddress)), " ", "")
	for name, page := range map[string]struct {
		at, says string
		length   int
	}{
		"of an app": {at, `data-sent-whole="6"`, len(w.AppCode(t))},
		"mailed":    {link, `data-sent-whole="8"`, len(mailed)},
	} {
		got := logintest.Text(b.Get(page.at))
		if !strings.Contains(got, page.says) || !strings.HasSuffix(page.says, string(rune('0'+page.length))+`"`) {
			t.Errorf("%s, of %d: %s", name, page.length, got)
		}
	}
}
