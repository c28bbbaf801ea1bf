package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/worldtest"
)

func TestOneSignInServesAgain(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	first := w.IDClaims(w.Redeem(b.SignIn(logintest.Request(), key).Query().Get("code")).IDToken)
	w.Clock.Advance(10 * time.Minute)
	code, errorCode := b.Silently(logintest.Request())
	if code == "" {
		t.Fatalf("a second request: %s", errorCode)
	}
	again := w.IDClaims(w.Redeem(code).IDToken)
	if again["sid"] != first["sid"] || again["auth_time"] != first["auth_time"] {
		t.Errorf("sid or auth_time changed: %v, %v", first, again)
	}
	for name, tt := range map[string]struct {
		q    url.Values
		want string
	}{
		"older than max_age":         {logintest.Request("max_age", "300"), "login_required"},
		"a class that was not met":   {logintest.Request("acr_values", "AAL2_TOTP"), "interaction_required"},
		"a class of level 2 exactly": {logintest.Request("acr_values", "AAL2_ANY"), "interaction_required"},
	} {
		if _, errorCode := b.Silently(tt.q); errorCode != tt.want {
			t.Errorf("%s: %q, want %q", name, errorCode, tt.want)
		}
	}
	if at := b.Begin(logintest.Request("prompt", "login")); at == "" {
		t.Error("prompt login did not ask again")
	}
	if _, errorCode := w.Browser().Silently(logintest.Request()); errorCode != "login_required" {
		t.Errorf("another browser: %q", errorCode)
	}
	w.Clock.Advance(16 * time.Minute)
	if _, errorCode := b.Silently(logintest.Request()); errorCode != "login_required" {
		t.Errorf("idle for 16 minutes at AAL3: %q", errorCode)
	}
}

func TestSigningInAgainKeepsTheSIDAndRotatesTheSecret(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	first := w.IDClaims(w.Redeem(b.SignIn(logintest.Request(), key).Query().Get("code")).IDToken)
	old := b.Cookies["__Host-sso"]
	again := w.IDClaims(w.Redeem(b.SignIn(logintest.Request("prompt", "login"), key).Query().Get("code")).IDToken)
	if again["sid"] != first["sid"] || b.Cookies["__Host-sso"] == old {
		t.Errorf("sid %v then %v, cookie rotated %v", first["sid"], again["sid"], b.Cookies["__Host-sso"] != old)
	}
	thief := w.Browser()
	thief.Cookies["__Host-sso"] = old
	if _, errorCode := thief.Silently(logintest.Request()); errorCode != "login_required" {
		t.Errorf("the old cookie: %q", errorCode)
	}
}

func TestAuthorizeByPOSTGoesOnAsGET(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	b.SignIn(logintest.Request(), key)
	res := b.Do("POST", logintest.Realm+"/authorize", logintest.Request())
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, logintest.Realm+"/authorize?posted=") {
		t.Fatalf("%d %s", res.StatusCode, to)
	}
	if w.Browser().Get(to).StatusCode != http.StatusGone {
		t.Error("another browser took up the request")
	}
	if code := b.Get(to).Header.Get("Location"); !strings.Contains(code, "code=") {
		t.Errorf("went on to %s", code)
	}
	if b.Get(to).StatusCode != http.StatusGone {
		t.Error("the request was taken up twice")
	}
}

func TestRoleSelection(t *testing.T) {
	w, key := withKey(t)
	asks := func(scope string) url.Values { return logintest.Request("scope", "openid "+scope) }
	role := func(to string) any { return w.IDClaims(w.Redeem(logintest.CodeOf(t, to)).IDToken)["selected_roleid"] }
	one := role(w.Browser().SignIn(asks("selectedrole"), key).String())
	if s, _ := one.(string); len(s) != 12 {
		t.Fatalf("one role: %v", one)
	}
	w.Position("S8000:G8000:R8000")
	b := w.Browser()
	at := b.SignIn(asks("selectedrole"), key).String()
	page := logintest.Text(b.Get(at))
	if !strings.Contains(page, "Which role are you working in?") || !strings.Contains(page, "EXAMPLE PHARMACY") {
		t.Fatalf("two roles: %s", page)
	}
	if res := b.Do("POST", at+"/role", logintest.Values("role", "999999999999")); res.StatusCode != 422 {
		t.Errorf("somebody else's role: %d", res.StatusCode)
	}
	if got := role(b.Send(at+"/role", "role", one.(string))); got != one {
		t.Errorf("chose %v, got %v", one, got)
	}
	if code, errorCode := b.Silently(asks("selectedrole")); code == "" {
		t.Errorf("the role was not remembered: %s", errorCode)
	}
	if _, errorCode := b.Silently(asks("changedrole")); errorCode != "interaction_required" {
		t.Errorf("changing the role: %q", errorCode)
	}
}

func TestSignOutTellsTheService(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	got := w.Redeem(b.SignIn(logintest.Request(), key).Query().Get("code"))
	q := logintest.Values("id_token_hint", got.IDToken, "post_logout_redirect_uri",
		"https://dos.example.nhs.uk/signed-out",
		"state", "x")
	asks := b.Get(logintest.Realm + "/connect/endSession?" + q.Encode()).Header.Get("Location")
	b.Do(http.MethodHead, asks, nil)
	if code, _ := b.Silently(logintest.Request()); code == "" {
		t.Fatal("signed out by a HEAD")
	}
	// The service proves by its ID token that it asks for this session, so nobody is asked again.
	if to := b.Get(asks).Header.Get("Location"); to != "https://dos.example.nhs.uk/signed-out?state=x" {
		t.Errorf("went to %s", to)
	}
	if _, errorCode := b.Silently(logintest.Request()); errorCode != "login_required" {
		t.Errorf("after signing out: %q", errorCode)
	}
	status, _ := w.UserInfo(got.AccessToken)
	countRow(status != http.StatusUnauthorized, "O30")
	if status != http.StatusUnauthorized {
		t.Errorf("token after signing out: %d", status)
	}
	w.expectNotice(w.IDClaims(got.IDToken)["sid"])
}

// expectNotice waits for the one logout token and checks it.
func (w *world) expectNotice(sid any) {
	w.Helper()
	raw := w.onlyNotice()
	published := logintest.Text(w.Browser().Get(logintest.Realm + "/connect/jwk_uri"))
	set := worldtest.Must(jwt.ParseSet([]byte(published)))(w)
	token := worldtest.Must(jwt.Verify(w.Context(), raw, set,
		jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{"logout+jwt"}}))(w)
	var claims map[string]any
	worldtest.Check(w, token.Decode(&claims))
	events, _ := claims["events"].(map[string]any)
	if claims["sid"] != sid || claims["sub"] != w.UUID || claims["aud"] != logintest.ClientID || claims["jti"] == "" ||
		claims["nonce"] != nil || events[jwt.LogoutEvent] == nil {
		w.Errorf("logout token: %v", claims)
	}
}

// onlyNotice gives the one logout token that the service is told. A job that was in another one's way comes again a
// moment later.
func (w *world) onlyNotice() (token string) {
	w.Helper()
	select {
	case token = <-w.BackChannel.Tokens:
	case <-time.After(10 * time.Second):
		w.Fatal("the service was not told")
	}
	jobtest.Settle(w, w.Jobs)
	if n := len(w.BackChannel.Tokens); n != 0 {
		w.Errorf("the service was told %d times more", n)
	}
	return token
}

// A request that proves nothing, or names an address that is not registered, signs nobody out by itself, and whoever
// signs out then stays here and is told why. That holds after a key was withdrawn too, which makes a hint unusable.
func TestSignOutsThatDoNotGoBack(t *testing.T) {
	w, key := withKey(t)
	good := "https://dos.example.nhs.uk/signed-out"
	const unusable, missing = "could not check which service", "did not say who it is"
	for name, tt := range map[string]struct {
		change  func(q url.Values)
		message string
	}{
		"address not registered": {func(q url.Values) { q.Set("post_logout_redirect_uri", "https://evil.example") },
			"is not registered for it"},
		"no hint": {func(q url.Values) { q.Del("id_token_hint") }, missing},
		"a client_id alone": {func(q url.Values) {
			q.Del("id_token_hint")
			q.Set("client_id", logintest.ClientID)
		}, missing},
		"hint of another client": {func(q url.Values) { q.Set("client_id", logintest.OtherID) }, unusable},
		"hint that was changed": {func(q url.Values) {
			q.Set("id_token_hint", q.Get("id_token_hint")[:len(q.Get("id_token_hint"))-4]+"AAAA")
		}, unusable},
		"hint that is no token": {func(q url.Values) { q.Set("id_token_hint", "x") }, unusable},
		"hint of a withdrawn key": {func(q url.Values) {
			withdrawn := signer(t, q.Get("id_token_hint"))
			worldtest.Check(t, w.Provider.Keys().Revoke(t.Context(), logintest.Desk, withdrawn))
		}, unusable},
	} {
		b := w.Browser()
		hint := w.Redeem(b.SignIn(logintest.Request(), key).Query().Get("code")).IDToken
		q := logintest.Values("id_token_hint", hint, "post_logout_redirect_uri", good)
		tt.change(q)
		asks := b.Get(logintest.Realm + "/connect/endSession?" + q.Encode()).Header.Get("Location")
		page := b.Get(asks)
		if text := logintest.Text(page); page.StatusCode != http.StatusOK || !strings.Contains(text, tt.message) {
			t.Errorf("%s: %d, without %q", name, page.StatusCode, tt.message)
		}
		code, _ := b.Silently(logintest.Request())
		countRow(code == "", "O29")
		if code == "" {
			t.Errorf("%s: signed out before the answer", name)
		}
		if w.Browser().Do("POST", asks, url.Values{}).StatusCode == http.StatusSeeOther {
			t.Errorf("%s: another browser answered the question", name)
		}
		to := b.Send(asks)
		countRow(to != "/signed-out", "O11")
		if to != "/signed-out" {
			t.Errorf("%s: went to %s", name, to)
		}
	}
}

// Nobody is asked where nobody is signed in (RP-Initiated Logout §4).
func TestSignOutWithoutASession(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	hint := w.Redeem(b.SignIn(logintest.Request(), key).Query().Get("code")).IDToken
	q := logintest.Values("id_token_hint", hint, "post_logout_redirect_uri", "https://dos.example.nhs.uk/signed-out")
	for range 2 {
		asks := b.Get(logintest.Realm + "/connect/endSession?" + q.Encode()).Header.Get("Location")
		if to := b.Get(asks).Header.Get("Location"); to != "https://dos.example.nhs.uk/signed-out" {
			t.Errorf("went to %q", to)
		}
	}
	// The session of somebody else, or a newer one, is not the one that the hint names.
	b.SignIn(logintest.Request(), key)
	asks := b.Get(logintest.Realm + "/connect/endSession?" + q.Encode()).Header.Get("Location")
	if page := b.Get(asks); page.StatusCode != http.StatusOK || page.Header.Get("Location") != "" {
		t.Errorf("a newer session ended without a question: %d", page.StatusCode)
	}
}

// Ending an identity or an authenticator ends what was proved with it, and the service hears of it.
func TestEndsReachTheService(t *testing.T) {
	for name, end := range map[string]func(w *world) error{
		"identity suspended": func(w *world) error {
			return identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Suspend, "left")
		},
		"position ended": func(w *world) error {
			return w.DB.Update(t.Context(), logintest.Desk, func(dw *db.W) error {
				positions, err := access.OfIdentity(t.Context(), dw, w.UUID)
				if err != nil {
					return err
				}
				return access.End(t.Context(), dw, w.UUID, positions[0].ID, "moved on")
			})
		},
		"authenticator removed": func(w *world) error {
			return w.DB.Update(t.Context(), logintest.Desk, func(dw *db.W) error {
				return authenticator.Remove(t.Context(), dw, w.AuthenticatorID(t), "lost")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, key := withKey(t)
			b := w.Browser()
			got := w.Redeem(b.SignIn(logintest.Request(), key).Query().Get("code"))
			worldtest.Check(t, end(w))
			// The person may still sign in; a job ends the sign-ins that chose the position.
			if name == "position ended" {
				jobtest.Settle(t, w.Jobs)
			}
			_, errorCode := b.Silently(logintest.Request())
			countRow(errorCode != "login_required", "O30")
			if errorCode != "login_required" {
				t.Errorf("signed in still: %q", errorCode)
			}
			w.expectNotice(w.IDClaims(got.IDToken)["sid"])
			if status, _ := w.UserInfo(got.AccessToken); status != 401 {
				t.Errorf("token: %d", status)
			}
		})
	}
}
