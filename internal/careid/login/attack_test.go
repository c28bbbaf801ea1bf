package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
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

func withKey(t *testing.T) (*world, *device) {
	t.Helper()
	w := open(t)
	key := newDevice()
	w.bindDevice(key, authn.SecurityKey)
	return w, key
}

// O1: the browser is not sent to an address that differs in any way from a registered one.
func TestRedirectMutations(t *testing.T) {
	w := open(t)
	b := w.browser()
	sent := func(q url.Values) bool {
		return b.get(realm+"/authorize?"+q.Encode()).StatusCode == http.StatusSeeOther
	}
	attacks := map[string]func() bool{}
	for _, uri := range []string{
		"", callback + "/", callback + "/x", callback + "?a=b", callback + "?", callback + "#", callback + "#f", callback + "%2f", callback + "/..", callback + "/../callback",
		callback + "\x00", callback + " ", " " + callback, callback + "\n", callback + "%0a", callback + ".",
		callback + ";x", callback + "\\",
		"HTTPS://dos.example.nhs.uk/signin/callback", "https://DOS.example.nhs.uk/signin/callback", "https://dos.example.nhs.uk:443/signin/callback",
		"https://dos.example.nhs.uk./signin/callback", "https://dos.example.nhs.uk//signin/callback", "https://dos.example.nhs.uk/signin//callback",
		"https://dos.example.nhs.uk/./signin/callback", "https://dos.example.nhs.uk/signin/Callback", "https://dos.example.nhs.uk/signin/callback2",
		"https://dos.example.nhs.uk/signin/%63allback", "https://dos.example.nhs.uk%2fsignin/callback", "https://dos.example.nhs.uk/signin\\callback",
		"http://dos.example.nhs.uk/signin/callback", "//dos.example.nhs.uk/signin/callback", "/signin/callback", "dos.example.nhs.uk/signin/callback",
		"https://evil.example/signin/callback", "https://dos.example.nhs.uk.evil.example/signin/callback", "https://dos.example.nhs.uk@evil.example/signin/callback",
		"https://evil.example#dos.example.nhs.uk/signin/callback", "https://evil.example?https://dos.example.nhs.uk/signin/callback", "https://evil.example/dos.example.nhs.uk/signin/callback",
		"https://user@dos.example.nhs.uk/signin/callback", "https://user:pass@dos.example.nhs.uk/signin/callback", "https://dos.example.nhs.uk:8443/signin/callback",
		"https://dоs.example.nhs.uk/signin/callback", "https://xn--ds-jlc.example.nhs.uk/signin/callback", "https://dos。example.nhs.uk/signin/callback",
		"https://127.0.0.1/signin/callback", "http://localhost/signin/callback", "http://[::1]/signin/callback", "https://0/signin/callback",
		"javascript:alert(1)", "data:text/html,x", "https:dos.example.nhs.uk/signin/callback", "https:/dos.example.nhs.uk/signin/callback", "https:///signin/callback",
		"https://*.example.nhs.uk/signin/callback", "https://dos.example.nhs.uk/*", callback + "," + callback, callback + " " + callback, "\t" + callback,
		"http://localhost:3000/cb",
	} {
		attacks[uri] = func() bool { return sent(request("redirect_uri", uri)) }
	}
	missing := request()
	missing.Del("redirect_uri")
	attacks["no redirect_uri"] = func() bool { return sent(missing) }
	twice := request()
	twice.Add("redirect_uri", callback)
	attacks["redirect_uri twice"] = func() bool { return sent(twice) }
	attacks["unknown client"] = func() bool { return sent(request("client_id", "999")) }
	tally(t, "O1 redirect URIs", func() bool { return sent(request()) }, attacks)
}

// Bad requests: the error goes to the service, at its registered address.
func TestRequestsRefusedToTheService(t *testing.T) {
	w := open(t)
	b := w.browser()
	refused := func(q url.Values) string {
		to := must(url.Parse(b.get(realm + "/authorize?" + q.Encode()).Header.Get("Location")))(t)
		if to.Host != "dos.example.nhs.uk" {
			return ""
		}
		if to.Query().Get("iss") != issuer || to.Query().Has("code") {
			t.Errorf("answer %s", to)
		}
		return to.Query().Get("error")
	}
	if got := refused(request("prompt", "none")); got != "login_required" {
		t.Fatalf("prompt none with nobody signed in: %q", got)
	}
	for name, tt := range map[string]struct {
		q    url.Values
		want string
	}{
		"implicit flow":        {request("response_type", "token"), "unsupported_response_type"},
		"no response type":     {request("response_type", "-"), "invalid_request"},
		"fragment mode":        {request("response_mode", "fragment"), "invalid_request"},
		"request object":       {request("request", "x.y.z"), "request_not_supported"},
		"request by address":   {request("request_uri", "https://evil.example"), "request_uri_not_supported"},
		"registration":         {request("registration", "{}"), "registration_not_supported"},
		"no openid":            {request("scope", "profile"), "invalid_scope"},
		"unknown scope":        {request("scope", "openid everything"), "invalid_scope"},
		"offline access":       {request("scope", "openid offline_access"), "invalid_scope"},
		"plain PKCE":           {request("code_challenge_method", "plain"), "invalid_request"},
		"PKCE without method":  {request("code_challenge_method", "-"), "invalid_request"},
		"method, no challenge": {request("code_challenge", "-"), "invalid_request"},
		"short challenge":      {request("code_challenge", "abc"), "invalid_request"},
		"none with login":      {request("prompt", "none login"), "invalid_request"},
		"unknown prompt":       {request("prompt", "create"), "invalid_request"},
		"max_age no number":    {request("max_age", "soon"), "invalid_request"},
		"max_age below zero":   {request("max_age", "-1"), "invalid_request"},
		"unknown class":        {request("acr_values", "AAL9_ANY"), "invalid_request"},
		"password class":       {request("acr_values", "AAL1_USERPASS"), "unmet_authentication_requirements"},
		"state far too long":   {request("state", strings.Repeat("s", 5000)), "invalid_request"},
		"nonce with a NUL":     {request("nonce", "a\x00b"), "invalid_request"},
		"scope twice":          {twice("scope"), "invalid_request"},
		"state twice":          {twice("state"), "invalid_request"},
		"own parameter twice":  {twice("x_own"), "invalid_request"},
		"nonce is not UTF-8":   {request("nonce", "\xff"), "invalid_request"},
		"code_challenge twice": {twice("code_challenge"), "invalid_request"},
		"acr_values twice":     {twice("acr_values"), "invalid_request"},
		"response type hybrid": {request("response_type", "code id_token"), "unsupported_response_type"},
	} {
		if got := refused(tt.q); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if at := b.begin(request("ui_locales", "cy", "display", "popup", "unheard_of", "1")); at == "" {
		t.Error("unknown parameters were not ignored")
	}
}

func twice(name string) url.Values {
	q := request(name, "a")
	q.Add(name, "b")
	return q
}

// O8, O34, O5: what a code is good for.
func TestCodes(t *testing.T) {
	w, key := withKey(t)
	code := func(q url.Values) string { return w.browser().signIn(q, key).Query().Get("code") }
	ok := func(a answer) bool { return a.status == 200 || a.AccessToken != "" }
	expired := func(after time.Duration) bool {
		c := code(request())
		w.clock.Advance(after)
		return ok(w.redeem(c))
	}
	noPKCE := request("code_challenge", "-", "code_challenge_method", "-")
	if a := w.redeem(code(noPKCE), "code_verifier", "-"); !ok(a) {
		t.Fatalf("PKCE is optional for this client: %+v", a)
	}
	if !expired(59 * time.Second) {
		t.Fatal("a code after 59 seconds was refused")
	}
	tally(t, "codes", func() bool { return ok(w.redeem(code(request()))) }, map[string]func() bool{
		"O34 a code after a minute":           func() bool { return expired(60 * time.Second) },
		"O8 verifier left out":                func() bool { return ok(w.redeem(code(request()), "code_verifier", "-")) },
		"O8 verifier empty":                   func() bool { return ok(w.redeem(code(request()), "code_verifier", "")) },
		"O8 wrong verifier":                   func() bool { return ok(w.redeem(code(request()), "code_verifier", verifier+"x")) },
		"O8 challenge as verifier":            func() bool { return ok(w.redeem(code(request()), "code_verifier", challengeOf(verifier))) },
		"O8 challenge dropped, verifier sent": func() bool { return ok(w.redeem(code(noPKCE))) },
		"another redirect_uri":                func() bool { return ok(w.redeem(code(request()), "redirect_uri", callback+"/")) },
		"no redirect_uri":                     func() bool { return ok(w.redeem(code(request()), "redirect_uri", "-")) },
		"no such code":                        func() bool { return ok(w.redeem(random.Secret())) },
		"no code":                             func() bool { return ok(w.redeem("")) },
		"O15 grant type client_credentials":   func() bool { return ok(w.redeem(code(request()), "grant_type", "client_credentials")) },
		"O14 grant type refresh_token":        func() bool { return ok(w.redeem(code(request()), "grant_type", "refresh_token", "refresh_token", "x")) },
		"O5 the code of another client": func() bool {
			form := values("grant_type", "authorization_code", "code", code(request()), "redirect_uri", callback,
				"code_verifier", verifier, "client_id", otherID, "client_secret", secret)
			return w.post(realm+"/access_token", form).StatusCode == 200
		},
		"O27 a code and a code": func() bool {
			form := values("grant_type", "authorization_code", "redirect_uri", callback, "code_verifier", verifier,
				"client_id", clientID,
				"client_assertion_type", jwt.AssertionType, "client_assertion", w.assertion(), "code", code(request()))
			form.Add("code", random.Secret())
			return w.post(realm+"/access_token", form).StatusCode == 200
		},
		"O27 query and body": func() bool {
			form := values("grant_type", "authorization_code", "code", code(request()), "redirect_uri", callback,
				"code_verifier", verifier, "client_id", clientID,
				"client_assertion_type", jwt.AssertionType, "client_assertion", w.assertion())
			return w.post(realm+"/access_token?code="+form.Get("code"), form).StatusCode == 200
		},
		"of an identity that was suspended in between": func() bool {
			c := code(request())
			check(t, identity.Move(t.Context(), w.d, desk, w.uuid, identity.Suspend, "left"))
			a := w.redeem(c)
			jobtest.Settle(t, w.jobs) // the end of its sessions must not meet those that begin after it is back
			check(t, identity.Move(t.Context(), w.d, desk, w.uuid, identity.Resume, "back"))
			return ok(a)
		},
	})
}

func TestReplayedCodeRevokesWhatItGave(t *testing.T) {
	w, key := withKey(t)
	code := w.browser().signIn(request(), key).Query().Get("code")
	first := w.redeem(code)
	if status, _ := w.userInfo(first.AccessToken); status != 200 {
		t.Fatalf("honest token: %d", status)
	}
	if again := w.redeem(code); again.status != 400 || again.Error != "invalid_grant" || again.IDToken != "" {
		t.Errorf("replay: %+v", again)
	}
	if status, claims := w.userInfo(first.AccessToken); status != 401 || claims["error"] != "invalid_token" {
		t.Errorf("token of a replayed code: %d %v", status, claims)
	}
}

func TestOfManyRedemptionsOneWins(t *testing.T) {
	w, key := withKey(t)
	code := w.browser().signIn(request(), key).Query().Get("code")
	results := make(chan bool, 8)
	for range cap(results) {
		go func() { results <- w.redeem(code).status == 200 }()
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
		code := w.browser().signIn(request(), key).Query().Get("code")
		a := w.redeem(code, append([]string{"client_assertion", assertion}, more...)...)
		if len(assertion) > 1 && a.status == 401 &&
			(a.Error != "invalid_client" || a.ErrorDescription != "JWT is not valid") {
			t.Errorf("says %q %q", a.Error, a.ErrorDescription)
		}
		return a.status == 200
	}
	claim := func(name string, value any) func() bool {
		return func() bool {
			return with(w.assertion(func(c map[string]any) {
				c[name] = value
				if value == nil {
					delete(c, name)
				}
			}))
		}
	}
	now := func() int64 { return w.clock.Now().Unix() }
	used := w.assertion()
	if !with(used) || !with(w.assertion(func(c map[string]any) { c["aud"] = issuer })) {
		t.Fatal("an honest assertion was refused")
	}
	signed := func(k jwt.Key, typ string) string {
		return must(jwt.Sign(k, typ,
			map[string]any{"iss": clientID, "sub": clientID, "aud": issuer, "jti": random.ID(), "exp": now() + 60}))(t)
	}
	wrongAlg := testKey(jwt.RS256)
	sameName := testKey(jwt.RS512)
	sameName.ID = w.key.ID
	idToken := w.redeem(w.browser().signIn(request(), key).Query().Get("code")).IDToken
	tally(t, "client assertions", func() bool { return with(w.assertion()) }, map[string]func() bool{
		"replayed":                    func() bool { return with(used) },
		"without jti":                 claim("jti", nil),
		"aud another issuer":          claim("aud", "https://evil.example"),
		"O18 aud as array":            claim("aud", []string{issuer}),
		"O18 aud as array of two":     claim("aud", []string{issuer, "https://evil.example"}),
		"aud with a slash at its end": claim("aud", issuer+"/access_token/"),
		"aud with another port":       claim("aud", strings.Replace(issuer, ":8080", "", 1)),
		"aud of another endpoint":     claim("aud", issuer+"/authorize"),
		"no aud":                      claim("aud", nil),
		"expired":                     claim("exp", now()-61),
		"never expires":               claim("exp", nil),
		"expires in an hour":          claim("exp", now()+3600),
		"not yet valid":               claim("nbf", now()+600),
		"iss another client":          claim("iss", otherID),
		"sub another client":          claim("sub", otherID),
		"sub unknown":                 claim("sub", "nobody"),
		"O22 alg none":                func() bool { return with("eyJhbGciOiJub25lIn0." + strings.Split(used, ".")[1] + ".") },
		"O22 no signature":            func() bool { return with(used[:strings.LastIndex(used, ".")+1]) },
		"signed by another":           func() bool { return with(signed(sameName, "JWT")) },
		"alg other than registered":   func() bool { return with(signed(wrongAlg, "JWT")) },
		"O26 type of a logout token":  func() bool { return with(signed(w.key, "logout+jwt")) },
		"O26 an ID token":             func() bool { return with(idToken) },
		"empty":                       func() bool { return with("") },
		"not a token":                 func() bool { return with("a.b.c") },
		"other assertion type": func() bool {
			return with(w.assertion(),
				"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")
		},
		"client_id of another client": func() bool { return with(w.assertion(), "client_id", otherID) },
		"a secret beside it":          func() bool { return with(w.assertion(), "client_secret", "x") },
		"only a secret":               func() bool { return with("-", "client_assertion_type", "-", "client_secret", secret) },
	})
}
