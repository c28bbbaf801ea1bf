package login_test

import (
	"net/http"
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

// Whoever has one already of a kind of which nobody has two is told with the mailed code, not after all the work.
// Whoever cannot read the mailbox learns nothing of it.
func TestASecondAppIsRefusedBeforeItIsSetUp(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	b := w.Browser()
	link := w.Invite(w.UUID, authn.AuthenticatorApp, authn.Passkey)
	const told = "You have one of this kind already"
	at := b.Send(link, "email", adasAddress, "authenticator", string(authn.AuthenticatorApp))
	mailed := w.Mailed(adasAddress)
	send := func(code string) string {
		return said(b, b.Do(http.MethodPost, at+"/code", logintest.Values("code", code)))
	}
	if page := send("KDF7 2M9X"); page == "" || strings.Contains(page, told) {
		t.Errorf("a wrong code tells what somebody has: %q", page)
	}
	if page := send(mailed); !strings.Contains(page, told) {
		t.Errorf("the second app is begun: %q", page)
	}
	at = b.Send(link, "email", adasAddress, "authenticator", string(authn.Passkey))
	if next := b.Send(at+"/code", "code", w.Mailed(adasAddress)); next != at {
		t.Errorf("the link does not lead on with another kind: %q", next)
	}
}
