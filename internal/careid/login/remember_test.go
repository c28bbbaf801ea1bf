package login_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
)

// The email address is kept on a device where its owner ticked that, until they do not, or press the button that
// forgets it, or somebody else logs in there; and only if the password was right.
func TestTheEmailAddressIsRememberedOnADeviceOfOnesOwn(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	const bosSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	w.Person(population.Person{GivenName: "Bo", FamilyName: "Example", Email: "bo@example.nhs.uk", Organisation: "FXX01",
		Authenticators: []population.Authenticator{
			{Kind: authn.AuthenticatorApp, Password: logintest.GoodPass, Secret: bosSecret},
		}})
	b := w.Browser()
	page := func() (at, text string) {
		at = b.Begin(logintest.Request("prompt", "login"))
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		return at, logintest.Text(b.Get(at))
	}
	const kept, box, forget = `value="ada@example.nhs.uk"`, "Remember my email address", "Forget this email address"
	shows := func(name string, want ...bool) (at string) {
		t.Helper()
		at, text := page()
		for i, part := range []string{kept, box, forget, "checked"} {
			if strings.Contains(text, part) != want[i] {
				t.Errorf("%s: %q is shown: %v, want %v", name, part, !want[i], want[i])
			}
		}
		return at
	}
	types := func(at, address, plain, remember string) {
		t.Helper()
		b.Do(http.MethodPost, at+"/password",
			logintest.Values("email", address, "password", plain, "remember", remember))
	}
	const ada = "ada@example.nhs.uk"
	at := shows("at first", false, true, false, false)
	types(at, ada, "a guess", "yes")
	at = shows("after a wrong password", false, true, false, false)
	types(at, ada, logintest.GoodPass, "")
	at = shows("not ticked", false, true, false, false)
	types(at, ada, logintest.GoodPass, "yes")
	at = shows("ticked", true, true, true, true)
	b.Send(at + "/forget")
	at = shows("forgotten", false, true, false, false)
	types(at, ada, logintest.GoodPass, "yes")
	at = shows("ticked again", true, true, true, true)
	types(at, ada, logintest.GoodPass, "")
	at = shows("not ticked any more", false, true, false, false)

	types(at, ada, logintest.GoodPass, "yes")
	w.Clock.Advance(time.Minute) // for another code
	b.Send(at+"/code", "code", w.AppCode(t))
	w.Clock.Advance(time.Minute)
	at = shows("logged in", true, true, true, true)
	types(at, "bo@example.nhs.uk", logintest.GoodPass, "yes")
	w.App = bosSecret
	b.Send(at+"/code", "code", w.AppCode(t))
	shows("after somebody else logged in", false, false, false, false)
}
