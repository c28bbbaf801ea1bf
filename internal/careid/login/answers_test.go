package login_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web"
)

// answers are the forms of one method to which a wrong answer can be sent. Each leads a browser to its form and gives
// what is sent from there.
type answers map[string]func(w *world, key *logintest.Device, b *logintest.Browser, at string) (string, url.Values)

// forged answers with the right credential and another key.
func forged(key *logintest.Device) *logintest.Device {
	copied := *key
	copied.Credential.Key = logintest.NewDevice().Credential.Key
	return &copied
}

// proving has, for each method that is registered, the forms of a sign-in.
var proving = map[authn.Kind]answers{
	authn.WindowsHello: {
		"an assertion": func(_ *world, key *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			return "/key", logintest.Values("failed", "", "answer", b.Touch(at, forged(key)))
		},
	},
	authn.NHSMail: {
		"an account": func(_ *world, _ *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			b.ToProvider(at, "nhsnet")
			return "/account", logintest.Values("account", "nhsnet?code=made-up&state=made-up")
		},
	},
	authn.SmartcardInternet: {
		"an answer of the door": func(_ *world, _ *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			b.ToDoor(at)
			return "/card", logintest.Values("card", "made up")
		},
	},
	authn.AuthenticatorApp: {
		"a password": func(_ *world, _ *logintest.Device, _ *logintest.Browser, _ string) (string, url.Values) {
			return "/password", logintest.Values("email", "ada@example.nhs.uk", "password", "a guess",
				"asked-remember", "")
		},
		"a code": func(_ *world, _ *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
			return "/code", logintest.Values("code", "000000")
		},
	},
}

// binding has, for each method that is registered, the forms of a binding.
var binding = map[authn.Kind]answers{
	authn.WindowsHello: {
		"a credential": func(_ *world, _ *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			elsewhere := logintest.NewDevice()
			elsewhere.RelyingParty.Origin = "http://elsewhere.localhost:8080"
			return "/key", logintest.Values("failed", "", "answer", b.Register(at, elsewhere))
		},
	},
	authn.NHSMail: {
		"an account": func(_ *world, _ *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			b.ToProvider(at, "nhsnet")
			return "/account", logintest.Values("account", "nhsnet?code=made-up&state=made-up")
		},
	},
	authn.SmartcardInternet: {
		"an answer of the door": func(_ *world, _ *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			b.ToDoor(at)
			return "/card", logintest.Values("card", "made up")
		},
	},
	authn.AuthenticatorApp: {
		"a code": func(_ *world, _ *logintest.Device, b *logintest.Browser, at string) (string, url.Values) {
			b.Send(at+"/password", "password", logintest.GoodPass)
			return "/app", logintest.Values("code", "000000")
		},
	},
}

// tags are the tags of a page.
var tags = regexp.MustCompile(`<[^>]*>`)

// said gives what the page says is wrong to which an answer leads.
func said(b *logintest.Browser, res *http.Response) string {
	if to := res.Header.Get("Location"); to != "" {
		res = b.Get(to)
	}
	page := logintest.Text(res)
	_, rest, _ := strings.Cut(page, `class="nhsuk-error-summary`)
	summary, _, _ := strings.Cut(rest, "</ul>")
	_, item, _ := strings.Cut(summary, "<li>")
	return strings.Join(strings.Fields(tags.ReplaceAllString(item, " ")), " ")
}

// sealOf gives the seal of the form on a page that is sent to a path.
func sealOf(t *testing.T, res *http.Response, path string) string {
	t.Helper()
	_, rest, _ := strings.Cut(logintest.Text(res), `action="`+path+`"`)
	_, rest, _ = strings.Cut(rest, `name="`+web.SealField+`" value="`)
	sealed, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no form that is sent to %s", path)
	}
	return sealed
}

// Of several equal posts with one wrong answer, as a double click makes, one is counted, and each is told what is
// wrong, whether they come at once or one after another. What is answered later is an answer of its own.
func TestAWrongAnswerCountsOnce(t *testing.T) {
	w, key := withKey(t)
	w.BindApp(t)
	for _, way := range w.Options.Ways.All() {
		kind := way.Kinds()[len(way.Kinds())-1]
		if len(proving[kind]) == 0 || len(binding[kind]) == 0 {
			t.Errorf("no wrong answers are known for %s", kind)
		}
		for name, lead := range proving[kind] {
			t.Run("proving by "+name, func(t *testing.T) {
				one := w.Browser()
				at := one.Begin(logintest.Request())
				one.Send(at+"/authenticator", "authenticator", string(kind))
				path, form := lead(w, key, one, at)
				w.oneWrong(t, one, at, path, form, 1)
			})
		}
		for name, lead := range binding[kind] {
			t.Run("binding by "+name, func(t *testing.T) {
				one := w.Browser()
				at := w.BindPages(one, w.bea(), beasAddress, kind)
				path, form := lead(w, key, one, at)
				w.oneWrong(t, one, at, path, form, 0)
			})
		}
	}
	w.Clock.Advance(time.Minute) // for another code
	if !w.withApp(t, w.Browser()) || w.Browser().SignIn(logintest.Request(), key).Query().Get("code") == "" {
		t.Error("the right answers are refused afterwards")
	}
}

// broughtTo is what the address of a page says from which the answer of a smartcard door or a provider is sent.
func broughtTo(form url.Values) string {
	for _, name := range []string{"card", "account"} {
		if form.Has(name) {
			return "?" + url.Values{name: form[name]}.Encode()
		}
	}
	return ""
}

// oneWrong sends the form of a page with a wrong answer several times and makes sure how often it is counted, and that
// all are told the same.
func (w *world) oneWrong(t *testing.T, one *logintest.Browser, at, path string, form url.Values, counted int64) {
	t.Helper()
	form.Set(web.SealField, sealOf(t, one.Get(at+broughtTo(form)), at+path))
	before := w.wrongTries()
	heard := map[string]int{}
	for each, end := range rivals(one, at+path, form) {
		heard[said(each, end)]++
	}
	heard[said(one, one.Do(http.MethodPost, at+path, form))]++
	if n := w.wrongTries() - before; n != counted {
		t.Errorf("counted %d times", n)
	}
	if len(heard) != 1 || heard[""] != 0 {
		t.Errorf("people are told %v", heard)
	}
	w.Clock.Advance(6 * time.Second)
	one.Do(http.MethodPost, at+path, form)
	if n := w.wrongTries() - before; path != "/key" && path != "/card" && path != "/account" && n != 2*counted {
		t.Errorf("counted %d times after a later answer", n)
	}
}
