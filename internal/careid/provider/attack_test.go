package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

// tally runs attacks after their honest twin and says how many were tried and accepted.
func tally(t *testing.T, row string, honest func() bool, attacks map[string]func() bool) {
	t.Helper()
	if !honest() {
		t.Fatalf("%s: the honest twin failed", row)
	}
	accepted := 0
	for name, try := range attacks {
		got := try()
		countRow(got, row, name)
		if got {
			accepted++
			t.Errorf("%s: %s was accepted", row, name)
		}
	}
	if len(attacks) == 0 {
		t.Errorf("%s: nothing was tried", row)
	}
	if !honest() {
		t.Errorf("%s: the honest twin fails after the attacks", row)
	}
	t.Logf("%s: tried %d, accepted %d", row, len(attacks), accepted)
}

// O1: the browser is not sent to an address that differs in any way from a registered one.
func TestRedirectMutations(t *testing.T) {
	w := open(t)
	b := w.Browser()
	sent := func(q url.Values) bool {
		return b.Get(logintest.Realm+"/authorize?"+q.Encode()).StatusCode == http.StatusSeeOther
	}
	attacks := map[string]func() bool{}
	for _, uri := range []string{
		"", logintest.Callback + "/", logintest.Callback + "/x", logintest.Callback + "?a=b", logintest.Callback + "?",
		logintest.Callback + "#", logintest.Callback + "#f", logintest.Callback + "%2f", logintest.Callback + "/..",
		logintest.Callback + "/../callback",
		logintest.Callback + "\x00", logintest.Callback + " ", " " + logintest.Callback, logintest.Callback + "\n",
		logintest.Callback + "%0a", logintest.Callback + ".",
		logintest.Callback + ";x", logintest.Callback + "\\",
		"HTTPS://dos.example.nhs.uk/signin/callback", "https://DOS.example.nhs.uk/signin/callback",
		"https://dos.example.nhs.uk:443/signin/callback",
		"https://dos.example.nhs.uk./signin/callback", "https://dos.example.nhs.uk//signin/callback",
		"https://dos.example.nhs.uk/signin//callback",
		"https://dos.example.nhs.uk/./signin/callback", "https://dos.example.nhs.uk/signin/Callback",
		"https://dos.example.nhs.uk/signin/callback2",
		"https://dos.example.nhs.uk/signin/%63allback", "https://dos.example.nhs.uk%2fsignin/callback",
		"https://dos.example.nhs.uk/signin\\callback",
		"http://dos.example.nhs.uk/signin/callback", "//dos.example.nhs.uk/signin/callback", "/signin/callback",
		"dos.example.nhs.uk/signin/callback",
		"https://evil.example/signin/callback", "https://dos.example.nhs.uk.evil.example/signin/callback",
		"https://dos.example.nhs.uk@evil.example/signin/callback",
		"https://evil.example#dos.example.nhs.uk/signin/callback",
		"https://evil.example?https://dos.example.nhs.uk/signin/callback",
		"https://evil.example/dos.example.nhs.uk/signin/callback",
		"https://user@dos.example.nhs.uk/signin/callback", "https://user:pass@dos.example.nhs.uk/signin/callback",
		"https://dos.example.nhs.uk:8443/signin/callback",
		"https://dоs.example.nhs.uk/signin/callback", "https://xn--ds-jlc.example.nhs.uk/signin/callback",
		"https://dos。example.nhs.uk/signin/callback",
		"https://127.0.0.1/signin/callback", "http://localhost/signin/callback", "http://[::1]/signin/callback",
		"https://0/signin/callback",
		"javascript:alert(1)", "data:text/html,x", "https:dos.example.nhs.uk/signin/callback",
		"https:/dos.example.nhs.uk/signin/callback", "https:///signin/callback",
		"https://*.example.nhs.uk/signin/callback", "https://dos.example.nhs.uk/*",
		logintest.Callback + "," + logintest.Callback, logintest.Callback + " " + logintest.Callback,
		"\t" + logintest.Callback,
		"http://localhost:3000/cb",
	} {
		attacks[uri] = func() bool { return sent(logintest.Request("redirect_uri", uri)) }
	}
	missing := logintest.Request()
	missing.Del("redirect_uri")
	attacks["no redirect_uri"] = func() bool { return sent(missing) }
	twice := logintest.Request()
	twice.Add("redirect_uri", logintest.Callback)
	attacks["redirect_uri twice"] = func() bool { return sent(twice) }
	attacks["unknown client"] = func() bool { return sent(logintest.Request("client_id", "999")) }
	tally(t, "O1 redirect URIs", func() bool { return sent(logintest.Request()) }, attacks)
}

// Bad requests: the error goes to the service, at its registered address.
func TestRequestsRefusedToTheService(t *testing.T) {
	w := open(t)
	b := w.Browser()
	long := strings.Repeat("x", 3000)
	refused := func(q url.Values) string {
		to := worldtest.Must(url.Parse(b.Get(logintest.Realm + "/authorize?" + q.Encode()).Header.Get("Location")))(t)
		if to.Host != "dos.example.nhs.uk" {
			return ""
		}
		if to.Query().Get("iss") != logintest.Issuer || to.Query().Has("code") {
			t.Errorf("answer %s", to)
		}
		return to.Query().Get("error")
	}
	if got := refused(logintest.Request("prompt", "none")); got != "login_required" {
		t.Fatalf("prompt none with nobody signed in: %q", got)
	}
	for name, tt := range map[string]struct {
		q    url.Values
		want string
	}{
		"implicit flow":        {logintest.Request("response_type", "token"), "unsupported_response_type"},
		"no response type":     {logintest.Request("response_type", "-"), "invalid_request"},
		"fragment mode":        {logintest.Request("response_mode", "fragment"), "invalid_request"},
		"request object":       {logintest.Request("request", "x.y.z"), "request_not_supported"},
		"long request object":  {logintest.Request("request", long), "request_not_supported"},
		"long address":         {logintest.Request("request_uri", "https://a.uk/"+long), "request_uri_not_supported"},
		"request by address":   {logintest.Request("request_uri", "https://evil.example"), "request_uri_not_supported"},
		"registration":         {logintest.Request("registration", "{}"), "registration_not_supported"},
		"no openid":            {logintest.Request("scope", "profile"), "invalid_scope"},
		"unknown scope":        {logintest.Request("scope", "openid everything"), "invalid_scope"},
		"offline access":       {logintest.Request("scope", "openid offline_access"), "invalid_scope"},
		"plain PKCE":           {logintest.Request("code_challenge_method", "plain"), "invalid_request"},
		"PKCE without method":  {logintest.Request("code_challenge_method", "-"), "invalid_request"},
		"method, no challenge": {logintest.Request("code_challenge", "-"), "invalid_request"},
		"short challenge":      {logintest.Request("code_challenge", "abc"), "invalid_request"},
		"none with login":      {logintest.Request("prompt", "none login"), "invalid_request"},
		"unknown prompt":       {logintest.Request("prompt", "create"), "invalid_request"},
		"max_age no number":    {logintest.Request("max_age", "soon"), "invalid_request"},
		"max_age below zero":   {logintest.Request("max_age", "-1"), "invalid_request"},
		"unknown class":        {logintest.Request("acr_values", "AAL9_ANY"), "invalid_request"},
		"password class":       {logintest.Request("acr_values", "AAL1_USERPASS"), "unmet_authentication_requirements"},
		"state far too long":   {logintest.Request("state", strings.Repeat("s", 8001)), "invalid_request"},
		"nonce with a NUL":     {logintest.Request("nonce", "a\x00b"), "invalid_request"},
		"scope twice":          {twice("scope"), "invalid_request"},
		"state twice":          {twice("state"), "invalid_request"},
		"nonce is not UTF-8":   {logintest.Request("nonce", "\xff"), "invalid_request"},
		"code_challenge twice": {twice("code_challenge"), "invalid_request"},
		"acr_values twice":     {twice("acr_values"), "invalid_request"},
		"response type hybrid": {logintest.Request("response_type", "code id_token"), "unsupported_response_type"},
	} {
		if got := refused(tt.q); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	unknown := twice("unheard_of")
	unknown.Set("realm", strings.Repeat("r", 5000))
	if at := b.Begin(unknown); at == "" {
		t.Error("unknown parameters were not ignored")
	}
}

func twice(name string) url.Values {
	q := logintest.Request(name, "a")
	q.Add(name, "b")
	return q
}

// O8, O34, O5: what a code is good for.
func TestCodes(t *testing.T) {
	w, key := withKey(t)
	code := func(q url.Values) string { return w.Browser().SignIn(q, key).Query().Get("code") }
	ok := func(a logintest.Answer) bool { return a.Status == 200 || a.AccessToken != "" }
	expired := func(after time.Duration) bool {
		c := code(logintest.Request())
		w.Clock.Advance(after)
		return ok(w.Redeem(c))
	}
	noPKCE := logintest.Request("code_challenge", "-", "code_challenge_method", "-")
	if a := w.Redeem(code(noPKCE), "code_verifier", "-"); !ok(a) {
		t.Fatalf("PKCE is optional for this client: %+v", a)
	}
	if !expired(59 * time.Second) {
		t.Fatal("a code after 59 seconds was refused")
	}
	tally(t, "codes", func() bool { return ok(w.Redeem(code(logintest.Request()))) }, map[string]func() bool{
		"O34 a code after a minute": func() bool { return expired(60 * time.Second) },
		"O8 verifier left out":      func() bool { return ok(w.Redeem(code(logintest.Request()), "code_verifier", "-")) },
		"O8 verifier empty":         func() bool { return ok(w.Redeem(code(logintest.Request()), "code_verifier", "")) },
		"O8 wrong verifier":         func() bool { return ok(w.Redeem(code(logintest.Request()), "code_verifier", logintest.Verifier+"x")) },
		"O8 challenge as verifier": func() bool {
			return ok(w.Redeem(code(logintest.Request()), "code_verifier", logintest.ChallengeOf(logintest.Verifier)))
		},
		"O8 challenge dropped, verifier sent": func() bool { return ok(w.Redeem(code(noPKCE))) },
		"another redirect_uri":                func() bool { return ok(w.Redeem(code(logintest.Request()), "redirect_uri", logintest.Callback+"/")) },
		"no redirect_uri":                     func() bool { return ok(w.Redeem(code(logintest.Request()), "redirect_uri", "-")) },
		"no such code":                        func() bool { return ok(w.Redeem(random.Secret())) },
		"no code":                             func() bool { return ok(w.Redeem("")) },
		"O15 grant type client_credentials":   func() bool { return ok(w.Redeem(code(logintest.Request()), "grant_type", "client_credentials")) },
		"O14 grant type refresh_token": func() bool {
			return ok(w.Redeem(code(logintest.Request()), "grant_type", "refresh_token", "refresh_token", "x"))
		},
		"O5 the code of another client": func() bool {
			form := logintest.Values("grant_type", "authorization_code", "code", code(logintest.Request()),
				"redirect_uri", logintest.Callback,
				"code_verifier", logintest.Verifier, "client_id", logintest.OtherID, "client_secret", logintest.Secret)
			return w.Call(logintest.Realm+"/access_token", form).StatusCode == 200
		},
		"O27 a code and a code": func() bool {
			form := logintest.Values("grant_type", "authorization_code", "redirect_uri", logintest.Callback,
				"code_verifier", logintest.Verifier,
				"client_id", logintest.ClientID,
				"client_assertion_type", jwt.AssertionType, "client_assertion", w.Assertion(), "code",
				code(logintest.Request()))
			form.Add("code", random.Secret())
			return w.Call(logintest.Realm+"/access_token", form).StatusCode == 200
		},
		"O27 query and body": func() bool {
			form := logintest.Values("grant_type", "authorization_code", "code", code(logintest.Request()),
				"redirect_uri", logintest.Callback,
				"code_verifier", logintest.Verifier, "client_id", logintest.ClientID,
				"client_assertion_type", jwt.AssertionType, "client_assertion", w.Assertion())
			return w.Call(logintest.Realm+"/access_token?code="+form.Get("code"), form).StatusCode == 200
		},
		"of an identity that was suspended in between": func() bool {
			c := code(logintest.Request())
			worldtest.Check(t, identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Suspend, "left"))
			a := w.Redeem(c)
			jobtest.Settle(t, w.Jobs) // the end of its sessions must not meet those that begin after it is back
			worldtest.Check(t, identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Resume, "back"))
			return ok(a)
		},
	})
}

func TestReplayedCodeRevokesWhatItGave(t *testing.T) {
	w, key := withKey(t)
	code := w.Browser().SignIn(logintest.Request(), key).Query().Get("code")
	first := w.Redeem(code)
	if status, _ := w.UserInfo(first.AccessToken); status != 200 {
		t.Fatalf("honest token: %d", status)
	}
	if again := w.Redeem(code); again.Status != 400 || again.Error != "invalid_grant" || again.IDToken != "" {
		t.Errorf("replay: %+v", again)
	}
	if status, claims := w.UserInfo(first.AccessToken); status != 401 || claims["error"] != "invalid_token" {
		t.Errorf("token of a replayed code: %d %v", status, claims)
	}
}

func TestOfManyRedemptionsOneWins(t *testing.T) {
	w, key := withKey(t)
	code := w.Browser().SignIn(logintest.Request(), key).Query().Get("code")
	results := make(chan bool, 8)
	for range cap(results) {
		go func() { results <- w.Redeem(code).Status == 200 }()
	}
	won := 0
	for range cap(results) {
		if <-results {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won", won, cap(results))
	}
}

// O18, O22, O26: what a client proves itself with.
func TestClientAssertions(t *testing.T) {
	w, key := withKey(t)
	with := func(assertion string, more ...string) bool {
		code := w.Browser().SignIn(logintest.Request(), key).Query().Get("code")
		a := w.Redeem(code, append([]string{"client_assertion", assertion}, more...)...)
		if len(assertion) > 1 && a.Status == 401 &&
			(a.Error != "invalid_client" || a.ErrorDescription != "JWT is not valid") {
			t.Errorf("says %q %q", a.Error, a.ErrorDescription)
		}
		return a.Status == 200
	}
	claim := func(name string, value any) func() bool {
		return func() bool {
			return with(w.Assertion(func(c map[string]any) {
				c[name] = value
				if value == nil {
					delete(c, name)
				}
			}))
		}
	}
	now := func() int64 { return w.Clock.Now().Unix() }
	used := w.Assertion()
	if !with(used) {
		t.Fatal("an honest assertion was refused")
	}
	for name, accepted := range map[string]func() bool{
		"aud is the issuer":                       claim("aud", logintest.Issuer),
		"aud is a list of exactly one":            claim("aud", []string{logintest.Issuer}),
		"expires a second less than half an hour": claim("exp", now()+30*60-1),
	} {
		if !accepted() {
			t.Errorf("%s: refused", name)
		}
	}
	signed := func(k jwt.Key, typ string) string {
		return worldtest.Must(jwt.Sign(k, typ,
			map[string]any{"iss": logintest.ClientID, "sub": logintest.ClientID, "aud": logintest.Issuer,
				"jti": random.ID(), "exp": now() + 60}))(t)
	}
	wrongAlg := logintest.TestKey(jwt.RS256)
	sameName := logintest.TestKey(jwt.RS512)
	sameName.ID = w.Key.ID
	idToken := w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).IDToken
	tally(t, "client assertions", func() bool { return with(w.Assertion()) }, map[string]func() bool{
		"replayed":                    func() bool { return with(used) },
		"without jti":                 claim("jti", nil),
		"aud another issuer":          claim("aud", "https://evil.example"),
		"O18 aud as array of two":     claim("aud", []string{logintest.Issuer, "https://evil.example"}),
		"aud twice in an array":       claim("aud", []string{logintest.Issuer, logintest.Issuer}),
		"aud another in an array":     claim("aud", []string{"https://evil.example"}),
		"aud with a slash at its end": claim("aud", logintest.Issuer+"/access_token/"),
		"aud with another port":       claim("aud", strings.Replace(logintest.Issuer, ":8080", "", 1)),
		"aud of another endpoint":     claim("aud", logintest.Issuer+"/authorize"),
		"no aud":                      claim("aud", nil),
		"expired":                     claim("exp", now()-61),
		"never expires":               claim("exp", nil),
		"expires in half an hour":     claim("exp", now()+30*60),
		"expires in an hour":          claim("exp", now()+3600),
		"not yet valid":               claim("nbf", now()+600),
		"iss another client":          claim("iss", logintest.OtherID),
		"sub another client":          claim("sub", logintest.OtherID),
		"sub unknown":                 claim("sub", "nobody"),
		"O22 alg none":                func() bool { return with("eyJhbGciOiJub25lIn0." + strings.Split(used, ".")[1] + ".") },
		"O22 no signature":            func() bool { return with(used[:strings.LastIndex(used, ".")+1]) },
		"signed by another":           func() bool { return with(signed(sameName, "JWT")) },
		"alg other than registered":   func() bool { return with(signed(wrongAlg, "JWT")) },
		"O26 type of a logout token":  func() bool { return with(signed(w.Key, "logout+jwt")) },
		"O26 an ID token":             func() bool { return with(idToken) },
		"empty":                       func() bool { return with("") },
		"not a token":                 func() bool { return with("a.b.c") },
		"other assertion type": func() bool {
			return with(w.Assertion(),
				"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")
		},
		"client_id of another client": func() bool { return with(w.Assertion(), "client_id", logintest.OtherID) },
		"a secret beside it":          func() bool { return with(w.Assertion(), "client_secret", "x") },
		"only a secret":               func() bool { return with("-", "client_assertion_type", "-", "client_secret", logintest.Secret) },
	})
}
