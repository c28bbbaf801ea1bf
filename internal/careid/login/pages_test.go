package login_test

import (
	"bytes"
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	references "signpost/internal/platform/reference"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// at gives the world's person another workplace, which has approved some kinds and has a registration
// authority.
func (w *world) at(code string, approved ...authn.Kind) {
	w.Helper()
	w.ByDesk(func(dw *db.W) error {
		o := organisation.Organisation{Code: code, Name: "STRICT PHARMACY", Contact: "ra@strict.example, 01632 960001"}
		if err := organisation.Add(w.Context(), dw, o, approved...); err != nil {
			return err
		}
		i, err := identity.Add(w.Context(), dw,
			identity.New{
				GivenName: "Cy", FamilyName: "Example", Email: "Ada@example.nhs.uk",
				AssuranceLevel: 3, Organisation: code,
			})
		w.UUID = i.UUID
		return err
	})
}

func TestADeviceOffersWhatItWasUsedWith(t *testing.T) {
	w := open(t)
	w.at("FXX02", authn.AuthenticatorApp, authn.SecurityKey)
	key := logintest.NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	b := w.Browser()
	kinds, last := offers(logintest.Text(b.Get(b.Begin(logintest.Request()))))
	if !slices.Equal(kinds, w.Options.Ways.Kinds()) || last != "" {
		t.Fatalf("a new device offers %v, and first %q", kinds, last)
	}
	b.SignIn(logintest.Request(), key)
	if got := b.Cookies["__Host-device"]; got != "security_key.FXX02" {
		t.Fatalf("the device keeps %q", got)
	}
	at := b.Begin(logintest.Request("prompt", "login"))
	page := logintest.Text(b.Get(at))
	if kinds, last := offers(page); !slices.Equal(kinds, []authn.Kind{authn.AuthenticatorApp}) ||
		last != authn.SecurityKey {
		t.Errorf("used again it offers first %q, and then %v", last, kinds)
	}
	const unfolded = `<details class="nhsuk-details" open`
	if strings.Contains(page, unfolded) || !strings.Contains(page, `href="`+at+`?all=1"`) ||
		!strings.Contains(page, `data-prompt="security_key"`) || strings.Contains(page, "data-comes-up") {
		t.Errorf("the page: %s", page)
	}
	all := logintest.Text(b.Get(at + "?all=1"))
	if kinds, last := offers(all); len(kinds) != len(w.Options.Ways.Kinds())-1 || last != authn.SecurityKey ||
		strings.Contains(all, "Show all ways") || !strings.Contains(all, unfolded) {
		t.Errorf("all ways are %v, after %q", kinds, last)
	}
	if res := b.Do("POST", at+"/authenticator", logintest.Values("all", "1")); res.StatusCode != 422 {
		t.Errorf("no choice: %d", res.StatusCode)
	} else if kinds, _ := offers(logintest.Text(res)); len(kinds) != len(w.Options.Ways.Kinds())-1 {
		t.Errorf("after no choice among all: %v", kinds)
	}
	if to := b.Send(at+"/authenticator", "authenticator", string(authn.Passkey)); to != at ||
		!strings.Contains(logintest.Text(b.Get(at)), "Use your passkey") {
		t.Error("a colleague of another organisation cannot choose their way")
	}
	kinds, last = offers(logintest.Text(b.Get(b.Begin(logintest.Request("acr_values", "AAL2_PASSKEY")))))
	if !slices.Equal(kinds, []authn.Kind{authn.Passkey}) || last != "" {
		t.Errorf("a request for a kind that is not approved here: %v %q", kinds, last)
	}
	long := "security_key." + strings.Repeat("A01.", 500)
	for _, planted := range []string{"x", "security_key.FXX02.'--", long, "<script>"} {
		b.Cookies["__Host-device"] = planted
		kinds, last := offers(logintest.Text(b.Get(b.Begin(logintest.Request("prompt", "login")))))
		if !slices.Equal(kinds, w.Options.Ways.Kinds()) || last != "" {
			t.Errorf("with the cookie %.40q: %v %q", planted, kinds, last)
		}
	}
}

func TestTheHintFillsInTheAddress(t *testing.T) {
	w := open(t)
	for hint, want := range map[string]string{
		"ada@example.nhs.uk": "ada@example.nhs.uk", "500000000017": "", "\"><script>": "", "-": "",
	} {
		b := w.Browser()
		at := b.Begin(logintest.Request("login_hint", hint))
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		got := logintest.Text(b.Get(at))
		if filled := strings.Contains(got, `value="ada@example.nhs.uk"`); filled != (want != "") ||
			strings.Contains(got, "<script>") {
			t.Errorf("hint %q: %s", hint, got)
		}
		again := logintest.Text(b.Do("POST", at+"/password", logintest.Values("email", "eve@example.nhs.uk")))
		if !strings.Contains(again, `value="eve@example.nhs.uk"`) {
			t.Errorf("hint %q stands where another address was typed", hint)
		}
	}
}

var reference = regexp.MustCompile(`quote the reference <span class="signpost-code signpost-code--whole">([^<]+)</span>`)

// refused reads the page of a refusal, and the events that its reference finds.
func (w *world) refused(b *logintest.Browser, at string) (page string, events []audit.Entry) {
	w.Helper()
	res := b.Get(at)
	page = logintest.Text(res)
	m := reference.FindStringSubmatch(page)
	if res.StatusCode != http.StatusForbidden || m == nil {
		w.Fatalf("no refusal with a reference: %d %s", res.StatusCode, page)
	}
	if again := reference.FindStringSubmatch(logintest.Text(b.Get(at))); again == nil || again[1] != m[1] {
		w.Errorf("looked at again, the reference is another")
	}
	w.View(func(ctx context.Context, r db.R) (err error) {
		events, err = audit.Refusals(ctx, r, references.Read(m[1]))
		return err
	})
	return html.UnescapeString(page), events
}

func TestEachRefusalHasItsCureAndAReferenceThatIsFound(t *testing.T) {
	ra := "The registration authority of STRICT PHARMACY: <a href=\"mailto:ra@strict.example\">"
	for _, tt := range []struct {
		name   string
		do     func(w *world, b *logintest.Browser, at string, key *logintest.Device)
		kind   audit.Kind // of the event
		reason provider.Reason
		reads  []string
	}{
		{"cancelled", func(_ *world, b *logintest.Browser, at string, _ *logintest.Device) {
			b.Send(at+"/key", "failed", "NotAllowedError")
		},
			provider.Refused, provider.Cancelled,
			[]string{"You did not finish logging in", "Try again", "Log in another way",
				"Find your registration authority"}},
		{"no script", func(_ *world, b *logintest.Browser, at string, _ *logintest.Device) { b.Send(at + "/key") },
			provider.Refused, provider.NoScript,
			[]string{"Your browser could not use your authenticator", "Switch JavaScript on",
				"Log in another way"}},
		{"no WebAuthn", func(_ *world, b *logintest.Browser, at string, _ *logintest.Device) {
			b.Send(at+"/key", "failed", "NotSupportedError")
		},
			provider.Refused, provider.Unsupported,
			[]string{"This browser cannot use your authenticator", "Microsoft Edge"}},
		{"a key that nobody registered", func(_ *world, b *logintest.Browser, at string, _ *logintest.Device) {
			stranger := logintest.NewDevice()
			stranger.Authenticator.Options.UserHandle = []byte("somebody else")
			b.Send(at+"/key", "answer", b.Touch(at, stranger))
		}, provider.Refused, provider.UnknownKey, []string{"We cannot use this authenticator", "Try again"}},
		{"locked", func(w *world, b *logintest.Browser, at string, key *logintest.Device) {
			for range 10 {
				_ = w.DB.Update(t.Context(), logintest.Desk, func(dw *db.W) error {
					return careidtest.WrongTry(t.Context(), dw, w.AuthenticatorID(t), tries.Browser{})
				})
			}
			b.Send(at+"/key", "answer", b.Touch(at, key))
		}, provider.Refused, provider.Locked, []string{"We cannot use this authenticator", "Log in another way"}},
		{"removed", func(w *world, b *logintest.Browser, at string, key *logintest.Device) {
			w.ByDesk(func(dw *db.W) error {
				return authenticator.Remove(t.Context(), dw, w.AuthenticatorID(t), "lost")
			})
			b.Send(at+"/key", "answer", b.Touch(at, key))
		}, provider.Refused, provider.Unusable, []string{"We cannot use this authenticator"}},
		{"inactive", func(w *world, b *logintest.Browser, at string, key *logintest.Device) {
			worldtest.Check(t, identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Suspend, "on leave"))
			b.Send(at+"/key", "answer", b.Touch(at, key))
		}, provider.Refused, provider.Inactive, []string{"Your Care Identity is not active", ra, "Try again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			w.Options.FindRA = "https://cim.example/find-your-ra"
			w.Options.Desk = serviceDesk
			w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
			w.Site = login.New(w.Options)
			w.at("FXX02")
			key := logintest.NewDevice()
			w.BindDevice(key, authn.SecurityKey)
			if w.Browser().SignIn(logintest.Request(), key).Query().Get("code") == "" {
				t.Fatal("the honest twin is refused")
			}
			b := w.Browser()
			at := b.Begin(logintest.Request())
			b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
			tt.do(w, b, at, key)
			page, events := w.refused(b, at)
			for _, want := range append(tt.reads, ways...) {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q: %s", want, page)
				}
			}
			if n := strings.Count(page, `"mailto:desk@a.example`); n != 1 {
				t.Errorf("the service desk's address stands %d times on the page", n)
			}
			if len(events) != 1 || events[0].Kind != tt.kind || events[0].Reason != string(tt.reason) {
				t.Errorf("the reference finds %+v", events)
			}
			if strings.Contains(page, ra) && !slices.Contains(tt.reads, ra) {
				t.Error("it tells where somebody works who has not proved who they are")
			}
		})
	}
}

// A request for a class that nothing offers is refused with a reference that the log has.
func TestNoAuthenticatorIsInTheLog(t *testing.T) {
	w := open(t)
	var log bytes.Buffer
	w.Options.Log = slog.New(slog.NewJSONHandler(&log, nil))
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
	b := w.Browser()
	page, events := w.refused(b, b.Begin(logintest.Request("acr_values", "AAL3_N3_SMARTCARD")))
	if m := reference.FindStringSubmatch(page); len(events) != 0 ||
		!strings.Contains(log.String(), `"request":"`+references.Read(m[1])+`"`) {
		t.Errorf("reference %v is not in the log", m)
	}
	if strings.Contains(page, "Try again") || !strings.Contains(page, "go back to Directory of Services") {
		t.Errorf("the page: %s", page)
	}
}

func TestTheLockedAppIsNamedOnlyAfterItsPassword(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	reach := func() (*logintest.Browser, string) {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
		return b, at
	}
	b, at := reach()
	for range 10 {
		if got := b.Do("POST", at+"/code", logintest.Values("code", "000000")).StatusCode; got != 422 {
			t.Fatalf("a wrong code: %d", got)
		}
	}
	b.Send(at+"/code", "code", w.AppCode(t))
	if page, events := w.refused(b, at); !strings.Contains(page, "Your authenticator is locked") || len(events) != 1 {
		t.Errorf("%d events; %s", len(events), page)
	}
}

func TestASignInThatIsOverAndOneOfAnotherBrowserDiffer(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	at := b.Begin(logintest.Request())
	for name, tt := range map[string]struct {
		b    *logintest.Browser
		at   string
		want string
	}{
		"another browser": {w.Browser(), at, "This login was started in another browser"},
		"never begun":     {w.Browser(), "/sign-in/0198a0f0-0000-7000-8000-000000000000", "This login is over"},
	} {
		if res := tt.b.Get(tt.at); res.StatusCode != http.StatusGone ||
			logintest.Heading(res) != tt.want+" - Care Identity login" {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	b.Send(at+"/key", "answer", b.Touch(at, key))
	if res := b.Get(at); res.StatusCode != http.StatusGone ||
		logintest.Heading(res) != "This login has already gone on - Care Identity login" {
		t.Errorf("finished: %d", res.StatusCode)
	}
	at = b.Begin(logintest.Request("prompt", "login"))
	w.Clock.Advance(provider.FlowLife)
	for name, b := range map[string]*logintest.Browser{"this browser": b, "another": w.Browser()} {
		if res := b.Get(at); res.StatusCode != http.StatusGone ||
			logintest.Heading(res) != "This login is over - Care Identity login" {
			t.Errorf("too late, %s: %d", name, res.StatusCode)
		}
	}
}

func TestEndingAllOtherSignIns(t *testing.T) {
	w, key := withKey(t)
	here := w.Browser()
	there := w.Browser()
	third := w.Browser()
	here.Agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0"
	for _, b := range []*logintest.Browser{here, there, third} {
		w.Redeem(b.SignIn(logintest.Request(), key).Query().Get("code"))
	}
	stranger := w.Browser()
	w.Another(t)
	if page := logintest.Text(here.Get("/my-sessions")); strings.Count(page, "Another browser") != 2 ||
		strings.Count(page, "Microsoft Edge, Windows") != 1 || !strings.Contains(page, "End all other sessions") {
		t.Errorf("sessions: %s", page)
	}
	if got := stranger.Do("POST", "/my-sessions/end-others", url.Values{}).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", got)
	}
	if to := here.Send("/my-sessions/end-others"); to != "/my-sessions" {
		t.Errorf("went to %s", to)
	}
	page := logintest.Text(here.Get("/my-sessions"))
	if strings.Contains(page, "Another browser") || !strings.Contains(page, "You are not logged in anywhere else.") ||
		!strings.Contains(page, "All your other sessions have been ended.") {
		t.Errorf("afterwards: %s", page)
	}
	for _, b := range []*logintest.Browser{there, third} {
		if _, errorCode := b.Silently(logintest.Request()); errorCode != "login_required" {
			t.Errorf("another browser: %q", errorCode)
		}
	}
	if code, _ := here.Silently(logintest.Request()); code == "" {
		t.Error("this browser was signed out too")
	}
}
