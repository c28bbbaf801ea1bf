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
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// at gives the world's person another workplace, which has approved some kinds and has a registration
// authority.
func (w *world) at(code string, approved ...authn.Kind) {
	w.t.Helper()
	w.update(func(dw *db.W) error {
		o := organisation.Organisation{Code: code, Name: "STRICT PHARMACY", Contact: "ra@strict.example, 01632 960001"}
		if err := organisation.Add(w.t.Context(), dw, o, approved...); err != nil {
			return err
		}
		i, err := identity.Add(w.t.Context(), dw,
			identity.New{
				GivenName: "Cy", FamilyName: "Example", Email: "Ada@example.nhs.uk",
				AssuranceLevel: 3, Organisation: code,
			})
		w.uuid = i.UUID
		return err
	})
}

var radio = regexp.MustCompile(`<input class="nhsuk-radios__input"[^>]*value="([a-z_]+)"([^>]*)>`)

// offers lists the ways to sign in on a page, and the one that is chosen.
func offers(page string) (kinds []authn.Kind, checked authn.Kind) {
	for _, m := range radio.FindAllStringSubmatch(page, -1) {
		kinds = append(kinds, authn.Kind(m[1]))
		if strings.Contains(m[0], "checked") {
			checked = authn.Kind(m[1])
		}
	}
	return kinds, checked
}

func TestADeviceOffersWhatItWasUsedWith(t *testing.T) {
	w := open(t)
	w.at("FXX02", authn.AuthenticatorApp, authn.SecurityKey)
	key := newDevice()
	w.bindDevice(key, authn.SecurityKey)
	b := w.browser()
	if kinds, checked := offers(text(b.get(b.begin(request())))); !slices.Equal(kinds, w.options.Ways.Kinds()) ||
		checked != "" {
		t.Fatalf("a new device offers %v, chosen is %q", kinds, checked)
	}
	b.signIn(request(), key)
	if got := b.cookies["__Host-device"]; got != "security_key.FXX02" {
		t.Fatalf("the device keeps %q", got)
	}
	at := b.begin(request("prompt", "login"))
	page := text(b.get(at))
	if kinds, checked := offers(page); !slices.Equal(kinds, []authn.Kind{authn.SecurityKey, authn.AuthenticatorApp}) ||
		checked != authn.SecurityKey {
		t.Errorf("used again it offers %v, chosen is %q", kinds, checked)
	}
	if !strings.Contains(page, "Used last on this device. A physical key") ||
		!strings.Contains(page, `href="`+at+`?all=1"`) {
		t.Errorf("the page: %s", page)
	}
	all := text(b.get(at + "?all=1"))
	if kinds, checked := offers(all); len(kinds) != 4 || kinds[0] != authn.SecurityKey ||
		checked != authn.SecurityKey || strings.Contains(all, "Show all ways") {
		t.Errorf("all ways are %v, chosen is %q", kinds, checked)
	}
	if res := b.do("POST", at+"/authenticator", values("all", "1")); res.StatusCode != 422 {
		t.Errorf("no choice: %d", res.StatusCode)
	} else if kinds, _ := offers(text(res)); len(kinds) != 4 {
		t.Errorf("after no choice among all: %v", kinds)
	}
	if to := b.send(at+"/authenticator", "authenticator", string(authn.Passkey)); to != at ||
		!strings.Contains(text(b.get(at)), "Use your passkey") {
		t.Error("a colleague of another organisation cannot choose their way")
	}
	kinds, checked := offers(text(b.get(b.begin(request("acr_values", "AAL2_PASSKEY")))))
	if !slices.Equal(kinds, []authn.Kind{authn.Passkey}) || checked != "" {
		t.Errorf("a request for a kind that is not approved here: %v %q", kinds, checked)
	}
	long := "security_key." + strings.Repeat("A01.", 500)
	for _, planted := range []string{"x", "security_key.FXX02.'--", long, "<script>"} {
		b.cookies["__Host-device"] = planted
		kinds, checked := offers(text(b.get(b.begin(request("prompt", "login")))))
		if !slices.Equal(kinds, w.options.Ways.Kinds()) || checked != "" {
			t.Errorf("with the cookie %.40q: %v %q", planted, kinds, checked)
		}
	}
}

func TestTheHintFillsInTheAddress(t *testing.T) {
	w := open(t)
	for hint, want := range map[string]string{
		"ada@example.nhs.uk": "ada@example.nhs.uk", "500000000017": "", "\"><script>": "", "-": "",
	} {
		b := w.browser()
		at := b.begin(request("login_hint", hint))
		b.send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		got := text(b.get(at))
		if filled := strings.Contains(got, `value="ada@example.nhs.uk"`); filled != (want != "") ||
			strings.Contains(got, "<script>") {
			t.Errorf("hint %q: %s", hint, got)
		}
		again := text(b.do("POST", at+"/password", values("email", "eve@example.nhs.uk")))
		if !strings.Contains(again, `value="eve@example.nhs.uk"`) {
			t.Errorf("hint %q stands where another address was typed", hint)
		}
	}
}

var reference = regexp.MustCompile(`quote the reference <span class="signpost-code">([^<]+)</span>`)

// refused reads the page of a refusal, and the events that its reference finds.
func (b *browser) refused(at string) (page string, events []audit.Entry) {
	b.w.t.Helper()
	res := b.get(at)
	page = text(res)
	m := reference.FindStringSubmatch(page)
	if res.StatusCode != http.StatusForbidden || m == nil {
		b.w.t.Fatalf("no refusal with a reference: %d %s", res.StatusCode, page)
	}
	if again := reference.FindStringSubmatch(text(b.get(at))); again == nil || again[1] != m[1] {
		b.w.t.Errorf("looked at again, the reference is another")
	}
	b.w.view(func(ctx context.Context, r db.R) (err error) {
		events, err = audit.Refusals(ctx, r, m[1])
		return err
	})
	return html.UnescapeString(page), events
}

func TestEachRefusalHasItsCureAndAReferenceThatIsFound(t *testing.T) {
	ra := "The registration authority of STRICT PHARMACY: ra@strict.example, 01632 960001"
	for _, tt := range []struct {
		name   string
		do     func(w *world, b *browser, at string, key *device)
		kind   audit.Kind // of the event
		reason provider.Reason
		reads  []string
	}{
		{"cancelled", func(_ *world, b *browser, at string, _ *device) { b.send(at+"/key", "failed", "NotAllowedError") },
			provider.Refused, provider.Cancelled,
			[]string{"You did not finish logging in", "Try again", "Log in another way",
				"Find your registration authority"}},
		{"no script", func(_ *world, b *browser, at string, _ *device) { b.send(at + "/key") },
			provider.Refused, provider.NoScript,
			[]string{"Your browser could not ask your authenticator", "Switch JavaScript on",
				"Log in another way"}},
		{"no WebAuthn", func(_ *world, b *browser, at string, _ *device) { b.send(at+"/key", "failed", "NotSupportedError") },
			provider.Refused, provider.Unsupported,
			[]string{"This browser cannot use your authenticator", "Microsoft Edge"}},
		{"a key that nobody registered", func(_ *world, b *browser, at string, _ *device) {
			stranger := newDevice()
			stranger.auth.Options.UserHandle = []byte("somebody else")
			b.send(at+"/key", "answer", b.touch(at, stranger))
		}, provider.Refused, provider.UnknownKey, []string{"We do not know this authenticator", "Try again"}},
		{"locked", func(w *world, b *browser, at string, key *device) {
			for range 10 {
				_ = w.d.Update(t.Context(), desk, func(dw *db.W) error {
					return dw.Refuse(t.Context(), authenticator.Refusal(w.authenticatorID(t), "assertion"),
						fault.Unauthenticated)
				})
			}
			b.send(at+"/key", "answer", b.touch(at, key))
		}, authenticator.WrongTry, "suspended, removed or locked",
			[]string{"Your authenticator is locked", ra, "Log in another way"}},
		{"removed", func(w *world, b *browser, at string, key *device) {
			check(t, authenticator.Remove(t.Context(), w.d, desk, w.authenticatorID(t), "lost"))
			b.send(at+"/key", "answer", b.touch(at, key))
		}, authenticator.WrongTry, "suspended, removed or locked", []string{"Your authenticator cannot be used", ra}},
		{"inactive", func(w *world, b *browser, at string, key *device) {
			check(t, identity.Move(t.Context(), w.d, desk, w.uuid, identity.Suspend, "on leave"))
			b.send(at+"/key", "answer", b.touch(at, key))
		}, provider.Refused, provider.Inactive, []string{"Your Care Identity is not active", ra, "Try again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			w.options.FindRA = "https://cim.example/find-your-ra"
			w.options.Metrics = web.NewMetrics(prometheus.NewRegistry())
			w.site = login.New(w.options)
			w.at("FXX02")
			key := newDevice()
			w.bindDevice(key, authn.SecurityKey)
			if w.browser().signIn(request(), key).Query().Get("code") == "" {
				t.Fatal("the honest twin is refused")
			}
			b := w.browser()
			at := b.begin(request())
			b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
			tt.do(w, b, at, key)
			page, events := b.refused(at)
			for _, want := range append(tt.reads, "Who to ask", "Cancel and go back to Directory of Services") {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q: %s", want, page)
				}
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

// A refusal names what else the person has that would do, and not what would not.
func TestNotApprovedNamesWhatWouldDo(t *testing.T) {
	w := open(t)
	w.at("FXX02", authn.AuthenticatorApp)
	key := newDevice()
	w.bindDevice(key, authn.SecurityKey)
	refused := func() string {
		b := w.browser()
		page, events := b.refused(b.signIn(request(), key).String())
		if len(events) != 1 || events[0].Reason != string(provider.NotApproved) {
			t.Errorf("the reference finds %+v", events)
		}
		return page
	}
	if page := refused(); strings.Contains(page, "You have an authenticator that will do") ||
		!strings.Contains(page, "ask your registration authority which ones are approved") {
		t.Errorf("with nothing else: %s", page)
	}
	w.update(func(dw *db.W) error {
		for _, kind := range []authn.Kind{authn.AuthenticatorApp, authn.Passkey} {
			_, err := authenticator.Bind(t.Context(), dw,
				authenticator.New{UUID: w.uuid, Kind: kind, Level: authn.AAL2})
			if err != nil {
				return err
			}
		}
		return nil
	})
	page := refused()
	if !strings.Contains(page, "You have an authenticator that will do: Authenticator app. Log in with that one.") {
		t.Errorf("with an app and a passkey: %s", page)
	}
}

// A request for a class that nothing offers is refused with a reference that the log has.
func TestNoAuthenticatorIsInTheLog(t *testing.T) {
	w := open(t)
	var log bytes.Buffer
	w.options.Log = slog.New(slog.NewJSONHandler(&log, nil))
	w.options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.site = login.New(w.options)
	b := w.browser()
	page, events := b.refused(b.begin(request("acr_values", "AAL3_N3_SMARTCARD")))
	if m := reference.FindStringSubmatch(page); len(events) != 0 ||
		!strings.Contains(log.String(), `"request":"`+m[1]+`"`) {
		t.Errorf("reference %v is not in the log", m)
	}
	if strings.Contains(page, "Try again") || !strings.Contains(page, "go back to Directory of Services") {
		t.Errorf("the page: %s", page)
	}
}

func TestTheLockedAppIsNamedOnlyAfterItsPassword(t *testing.T) {
	w := open(t)
	w.bindApp(t)
	reach := func() (*browser, string) {
		b := w.browser()
		at := b.begin(request())
		b.send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		b.send(at+"/password", "email", "ada@example.nhs.uk", "password", goodPass)
		return b, at
	}
	b, at := reach()
	for range 10 {
		if got := b.do("POST", at+"/code", values("code", "000000")).StatusCode; got != 422 {
			t.Fatalf("a wrong code: %d", got)
		}
	}
	b.send(at+"/code", "code", w.appCode(t))
	if page, events := b.refused(at); !strings.Contains(page, "Your authenticator is locked") || len(events) != 1 {
		t.Errorf("%d events; %s", len(events), page)
	}
}

func TestASignInThatIsOverAndOneOfAnotherBrowserDiffer(t *testing.T) {
	w, key := withKey(t)
	b := w.browser()
	at := b.begin(request())
	for name, tt := range map[string]struct {
		b    *browser
		at   string
		want string
	}{
		"another browser": {w.browser(), at, "This login was started in another browser"},
		"never begun":     {w.browser(), "/sign-in/0198a0f0-0000-7000-8000-000000000000", "This login is over"},
	} {
		if res := tt.b.get(tt.at); res.StatusCode != http.StatusGone ||
			heading(res) != tt.want+" - Care Identity login" {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	b.send(at+"/key", "answer", b.touch(at, key))
	if res := b.get(at); res.StatusCode != http.StatusGone ||
		heading(res) != "This login is over - Care Identity login" {
		t.Errorf("finished: %d", res.StatusCode)
	}
	at = b.begin(request("prompt", "login"))
	w.clock.Advance(provider.FlowLife)
	for name, b := range map[string]*browser{"this browser": b, "another": w.browser()} {
		if res := b.get(at); res.StatusCode != http.StatusGone ||
			heading(res) != "This login is over - Care Identity login" {
			t.Errorf("too late, %s: %d", name, res.StatusCode)
		}
	}
}

func TestWithoutJavaScriptTheOtherWaysAreNamed(t *testing.T) {
	w := open(t)
	for class, want := range map[string]string{
		"AAL2_OR_AAL3_ANY": "or log in with: Authenticator app.",
		"AAL3_ANY":         "Switch it on and load this page again.",
	} {
		b := w.browser()
		at := b.begin(request("acr_values", class))
		b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		_, rest, _ := strings.Cut(text(b.get(at)), "<noscript>")
		notice, _, found := strings.Cut(rest, "</noscript>")
		if !found || !strings.Contains(notice, want) {
			t.Errorf("%s: %s", class, notice)
		}
	}
}

func TestEndingAllOtherSignIns(t *testing.T) {
	w, key := withKey(t)
	here := w.browser()
	there := w.browser()
	third := w.browser()
	here.agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0"
	for _, b := range []*browser{here, there, third} {
		w.redeem(b.signIn(request(), key).Query().Get("code"))
	}
	stranger := w.browser()
	w.another(t)
	if page := text(here.get("/my-sessions")); strings.Count(page, "Another browser") != 2 ||
		strings.Count(page, "Microsoft Edge, Windows") != 1 || !strings.Contains(page, "End all other sessions") {
		t.Errorf("sessions: %s", page)
	}
	if got := stranger.do("POST", "/my-sessions/end-others", url.Values{}).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", got)
	}
	if to := here.send("/my-sessions/end-others"); to != "/my-sessions" {
		t.Errorf("went to %s", to)
	}
	page := text(here.get("/my-sessions"))
	if strings.Contains(page, "Another browser") || !strings.Contains(page, "You are not logged in anywhere else.") ||
		!strings.Contains(page, "All your other sessions have been ended.") {
		t.Errorf("afterwards: %s", page)
	}
	for _, b := range []*browser{there, third} {
		if _, errorCode := b.silently(request()); errorCode != "login_required" {
			t.Errorf("another browser: %q", errorCode)
		}
	}
	if code, _ := here.silently(request()); code == "" {
		t.Error("this browser was signed out too")
	}
}
