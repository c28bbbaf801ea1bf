package login_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
)

// silently asks without a page and gives the code, or the error.
func (b *browser) silently(q url.Values) (code, errorCode string) {
	b.w.t.Helper()
	q.Set("prompt", "none")
	to := must(url.Parse(b.get(realm + "/authorize?" + q.Encode()).Header.Get("Location")))(b.w.t)
	return to.Query().Get("code"), to.Query().Get("error")
}

func TestOneSignInServesAgain(t *testing.T) {
	w, key := withKey(t)
	b := w.browser()
	first := w.idClaims(w.redeem(b.signIn(request(), key).Query().Get("code")).IDToken)
	w.clock.Advance(10 * time.Minute)
	code, errorCode := b.silently(request())
	if code == "" {
		t.Fatalf("a second request: %s", errorCode)
	}
	again := w.idClaims(w.redeem(code).IDToken)
	if again["sid"] != first["sid"] || again["auth_time"] != first["auth_time"] {
		t.Errorf("sid or auth_time changed: %v, %v", first, again)
	}
	for name, tt := range map[string]struct {
		q    url.Values
		want string
	}{
		"older than max_age":         {request("max_age", "300"), "login_required"},
		"a class that was not met":   {request("acr_values", "AAL2_TOTP"), "interaction_required"},
		"a class of level 2 exactly": {request("acr_values", "AAL2_ANY"), "interaction_required"},
	} {
		if _, errorCode := b.silently(tt.q); errorCode != tt.want {
			t.Errorf("%s: %q, want %q", name, errorCode, tt.want)
		}
	}
	if at := b.begin(request("prompt", "login")); at == "" {
		t.Error("prompt login did not ask again")
	}
	if _, errorCode := w.browser().silently(request()); errorCode != "login_required" {
		t.Errorf("another browser: %q", errorCode)
	}
	w.clock.Advance(16 * time.Minute)
	if _, errorCode := b.silently(request()); errorCode != "login_required" {
		t.Errorf("idle for 16 minutes at AAL3: %q", errorCode)
	}
}

func TestSigningInAgainKeepsTheSIDAndRotatesTheSecret(t *testing.T) {
	w, key := withKey(t)
	b := w.browser()
	first := w.idClaims(w.redeem(b.signIn(request(), key).Query().Get("code")).IDToken)
	old := b.cookies["__Host-sso"]
	again := w.idClaims(w.redeem(b.signIn(request("prompt", "login"), key).Query().Get("code")).IDToken)
	if again["sid"] != first["sid"] || b.cookies["__Host-sso"] == old {
		t.Errorf("sid %v then %v, cookie rotated %v", first["sid"], again["sid"], b.cookies["__Host-sso"] != old)
	}
	thief := w.browser()
	thief.cookies["__Host-sso"] = old
	if _, errorCode := thief.silently(request()); errorCode != "login_required" {
		t.Errorf("the old cookie: %q", errorCode)
	}
}

func TestAuthorizeByPOSTGoesOnAsGET(t *testing.T) {
	w, key := withKey(t)
	b := w.browser()
	b.signIn(request(), key)
	res := b.do("POST", realm+"/authorize", request())
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, realm+"/authorize?posted=") {
		t.Fatalf("%d %s", res.StatusCode, to)
	}
	if w.browser().get(to).StatusCode != http.StatusGone {
		t.Error("another browser took up the request")
	}
	if code := b.get(to).Header.Get("Location"); !strings.Contains(code, "code=") {
		t.Errorf("went on to %s", code)
	}
	if b.get(to).StatusCode != http.StatusGone {
		t.Error("the request was taken up twice")
	}
}

func TestRoleSelection(t *testing.T) {
	w, key := withKey(t)
	asks := func(scope string) url.Values { return request("scope", "openid "+scope) }
	role := func(to string) any { return w.idClaims(w.redeem(codeOf(t, to)).IDToken)["selected_roleid"] }
	one := role(w.browser().signIn(asks("selectedrole"), key).String())
	if s, _ := one.(string); len(s) != 12 {
		t.Fatalf("one role: %v", one)
	}
	w.position("S8000:G8000:R8000")
	b := w.browser()
	at := b.signIn(asks("selectedrole"), key).String()
	page := text(b.get(at))
	if !strings.Contains(page, "Which role are you working in?") || !strings.Contains(page, "EXAMPLE PHARMACY") {
		t.Fatalf("two roles: %s", page)
	}
	if res := b.do("POST", at+"/role", values("role", "999999999999")); res.StatusCode != 422 {
		t.Errorf("somebody else's role: %d", res.StatusCode)
	}
	if got := role(b.send(at+"/role", "role", one.(string))); got != one {
		t.Errorf("chose %v, got %v", one, got)
	}
	if code, errorCode := b.silently(asks("selectedrole")); code == "" {
		t.Errorf("the role was not remembered: %s", errorCode)
	}
	if _, errorCode := b.silently(asks("changedrole")); errorCode != "interaction_required" {
		t.Errorf("changing the role: %q", errorCode)
	}
}

func TestSignOutTellsTheService(t *testing.T) {
	w, key := withKey(t)
	b := w.browser()
	got := w.redeem(b.signIn(request(), key).Query().Get("code"))
	q := values("id_token_hint", got.IDToken, "post_logout_redirect_uri", "https://dos.example.nhs.uk/signed-out",
		"state", "x")
	asks := b.get(realm + "/connect/endSession?" + q.Encode()).Header.Get("Location")
	if page := text(b.get(asks)); !strings.Contains(page, "Directory of Services asked to sign you out") {
		t.Fatalf("no question: %s", page)
	}
	if code, _ := b.silently(request()); code == "" {
		t.Fatal("signed out before the answer (O29)")
	}
	if to := b.send(asks); to != "https://dos.example.nhs.uk/signed-out?state=x" {
		t.Errorf("went to %s", to)
	}
	if _, errorCode := b.silently(request()); errorCode != "login_required" {
		t.Errorf("after signing out: %q", errorCode)
	}
	status, _ := w.userInfo(got.AccessToken)
	countRow(status != http.StatusUnauthorized, "O30")
	if status != http.StatusUnauthorized {
		t.Errorf("token after signing out: %d", status)
	}
	w.expectNotice(w.idClaims(got.IDToken)["sid"])
}

// expectNotice waits for the one logout token and checks it.
func (w *world) expectNotice(sid any) {
	w.t.Helper()
	jobtest.Settle(w.t, w.jobs)
	if n := len(w.told.tokens); n != 1 {
		w.t.Fatalf("the service was told %d times", n)
	}
	set := must(jwt.ParseSet([]byte(text(w.browser().get(realm + "/connect/jwk_uri")))))(w.t)
	token := must(jwt.Verify(w.t.Context(), <-w.told.tokens, set,
		jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{"logout+jwt"}}))(w.t)
	var claims map[string]any
	check(w.t, token.Decode(&claims))
	events, _ := claims["events"].(map[string]any)
	if claims["sid"] != sid || claims["sub"] != w.uuid || claims["aud"] != clientID || claims["jti"] == "" ||
		claims["nonce"] != nil || events[jwt.LogoutEvent] == nil {
		w.t.Errorf("logout token: %v", claims)
	}
}

func TestSignOutRequestsThatAreRefused(t *testing.T) {
	w, key := withKey(t)
	b := w.browser()
	hint := w.redeem(b.signIn(request(), key).Query().Get("code")).IDToken
	good := "https://dos.example.nhs.uk/signed-out"
	goes := func(q url.Values) bool {
		asks := b.get(realm + "/connect/endSession?" + q.Encode())
		return asks.StatusCode == http.StatusSeeOther
	}
	tally(t, "O11, O29 sign-out requests", func() bool {
		return goes(values("id_token_hint", hint, "post_logout_redirect_uri", good)) && goes(url.Values{}) &&
			goes(values("client_id", clientID, "post_logout_redirect_uri", good))
	}, map[string]func() bool{
		"address not registered": func() bool {
			return goes(values("id_token_hint", hint, "post_logout_redirect_uri", "https://evil.example"))
		},
		"address without a client":  func() bool { return goes(values("post_logout_redirect_uri", good)) },
		"address of another client": func() bool { return goes(values("client_id", otherID, "post_logout_redirect_uri", good)) },
		"hint of another client":    func() bool { return goes(values("id_token_hint", hint, "client_id", otherID)) },
		"hint that was changed":     func() bool { return goes(values("id_token_hint", hint[:len(hint)-4]+"AAAA")) },
		"hint that is no token":     func() bool { return goes(values("id_token_hint", "x")) },
		"an unknown client":         func() bool { return goes(values("client_id", "nobody")) },
	})
	asks := b.get(realm + "/connect/endSession?" + values("id_token_hint", hint).Encode()).Header.Get("Location")
	if w.browser().do("POST", asks, url.Values{}).StatusCode == http.StatusSeeOther {
		t.Error("another browser answered the question")
	}
}

// Ending an identity or an authenticator ends what was proved with it, and the service hears of it.
func TestEndsReachTheService(t *testing.T) {
	for name, end := range map[string]func(w *world) error{
		"identity suspended": func(w *world) error { return identity.Move(t.Context(), w.d, desk, w.uuid, identity.Suspend, "left") },
		"position ended": func(w *world) error {
			return w.d.Update(t.Context(), desk, func(dw *db.W) error {
				positions, err := access.OfIdentity(t.Context(), dw, w.uuid)
				if err != nil {
					return err
				}
				return access.End(t.Context(), dw, w.uuid, positions[0].ID, "moved on")
			})
		},
		"authenticator removed": func(w *world) error {
			return authenticator.Remove(t.Context(), w.d, desk, w.authenticatorID(t), "lost")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, key := withKey(t)
			b := w.browser()
			got := w.redeem(b.signIn(request(), key).Query().Get("code"))
			check(t, end(w))
			// The person may still sign in; a job ends the sign-ins that chose the position.
			if name == "position ended" {
				jobtest.Settle(t, w.jobs)
			}
			_, errorCode := b.silently(request())
			countRow(errorCode != "login_required", "O30")
			if errorCode != "login_required" {
				t.Errorf("signed in still: %q", errorCode)
			}
			w.expectNotice(w.idClaims(got.IDToken)["sid"])
			if status, _ := w.userInfo(got.AccessToken); status != 401 {
				t.Errorf("token: %d", status)
			}
		})
	}
}

func TestMySessions(t *testing.T) {
	w, key := withKey(t)
	here := w.browser()
	there := w.browser()
	w.redeem(here.signIn(request(), key).Query().Get("code"))
	w.redeem(there.signIn(request(), key).Query().Get("code"))
	page := text(here.get("/my-sessions"))
	if strings.Count(page, "Directory of Services") != 2 || !strings.Contains(page, "24 November 2026 at 9am") ||
		!strings.Contains(page, "Security Key") {
		t.Fatalf("sessions: %s", page)
	}
	_, rest, _ := strings.Cut(page, "Another browser")
	_, rest, _ = strings.Cut(rest, `action="`)
	end, _, _ := strings.Cut(rest, `"`)
	here.send(end)
	if _, errorCode := there.silently(request()); errorCode != "login_required" {
		t.Errorf("the other browser: %q", errorCode)
	}
	if code, _ := here.silently(request()); code == "" {
		t.Error("this browser was signed out too")
	}
	if got := w.browser().get("/my-sessions").StatusCode; got != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", got)
	}
}

func TestRefusalsHaveTheirOwnPages(t *testing.T) {
	w, key := withKey(t)
	start := func(q url.Values) (*browser, string) {
		b := w.browser()
		at := b.begin(q)
		b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		return b, at
	}
	page := func(b *browser, at string) string {
		res := b.get(at)
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("status %d", res.StatusCode)
		}
		return text(res)
	}
	b, at := start(request())
	b.send(at+"/key", "failed", "NotAllowedError")
	if got := page(b, at); !strings.Contains(got, "You did not finish logging in") ||
		!strings.Contains(got, "quote the reference") {
		t.Errorf("cancelled: %s", got)
	}
	b.send(at + "/again")
	if got := text(b.get(at)); !strings.Contains(got, "How do you want to log in?") {
		t.Errorf("after trying again: %s", got)
	}
	if to := b.send(at + "/leave"); !strings.Contains(to, "error=access_denied") || !strings.HasPrefix(to, callback) {
		t.Errorf("left to %s", to)
	}
	b = w.browser()
	at = b.begin(request("acr_values", "AAL3_N3_SMARTCARD"))
	if got := page(b, at); !strings.Contains(got, "You cannot log in to this service here") {
		t.Errorf("no authenticator: %s", got)
	}
	check(t, identity.Move(t.Context(), w.d, desk, w.uuid, identity.Suspend, "on leave"))
	b, at = start(request())
	b.send(at+"/key", "answer", b.touch(at, key))
	if got := page(b, at); !strings.Contains(got, "Your Care Identity is not active") {
		t.Errorf("inactive: %s", got)
	}
}

// W12: a key that syncs is AAL2, whatever kind it was bound as.
func TestSyncedKeyIsNotEnoughForAAL3(t *testing.T) {
	w := open(t)
	synced := newDevice()
	bound := newDevice()
	synced.auth.Options.BackupEligible = true
	synced.auth.Options.BackupState = true
	w.bindDevice(synced, authn.SecurityKey)
	tokens := w.redeem(w.browser().signIn(request(), synced).Query().Get("code"))
	if got := w.idClaims(tokens.IDToken)["authentication_assurance_level"]; got != "2" {
		t.Errorf("level %v", got)
	}
	w.bindDevice(bound, authn.SecurityKey)
	b := w.browser()
	at := b.signIn(request("acr_values", "AAL3_ANY"), synced).String()
	if got := text(b.get(at)); !strings.Contains(got, "This service needs a stronger authenticator") ||
		!strings.Contains(got, "You have an authenticator that will do: Security Key") {
		t.Errorf("synced key for AAL3 at %s: %s", at, got)
	}
}

// People who are signed in and need a stronger authenticator read which of theirs is one; strangers learn nothing.
func TestSteppingUpSaysWhatWillDo(t *testing.T) {
	w := open(t)
	synced := newDevice()
	bound := newDevice()
	synced.auth.Options.BackupEligible = true
	synced.auth.Options.BackupState = true
	w.bindDevice(synced, authn.Passkey)
	b := w.browser()
	choice := func(b *browser) string { return text(b.get(b.begin(request("acr_values", "AAL3_ANY")))) }
	b.signIn(request(), synced)
	const none = "asks for a stronger authenticator. You have none that will do."
	if got := choice(b); !strings.Contains(got, "You are logged in, but Directory of Services "+none) {
		t.Errorf("without one that will do: %s", got)
	}
	w.bindDevice(bound, authn.SecurityKey)
	if got := choice(b); !strings.Contains(got, "You have one that will do: Security Key.") {
		t.Errorf("with a security key: %s", got)
	}
	if got := choice(w.browser()); strings.Contains(got, "asks for a stronger authenticator") ||
		!strings.Contains(got, "How do you want to log in?") {
		t.Errorf("somebody who is not signed in: %s", got)
	}
	got := text(b.get(b.begin(request("prompt", "login"))))
	if strings.Contains(got, "asks for a stronger authenticator") {
		t.Errorf("somebody who has to prove themselves afresh: %s", got)
	}
}

func TestSimulatedAuthenticatorIsForTheDemoAlone(t *testing.T) {
	w := open(t)
	var id string
	w.update(func(dw *db.W) (err error) {
		id, err = authenticator.Bind(t.Context(), dw, simulatedKey(w.uuid))
		return err
	})
	b := w.browser()
	at := b.begin(request())
	if strings.Contains(text(b.get(at)), "imulated") {
		t.Error("the usual site offers it")
	}
	flow := strings.TrimPrefix(at, "/sign-in/")
	if got := b.do("POST", "/simulated/"+flow, values("authenticator", id)).StatusCode; got != http.StatusNotFound {
		t.Errorf("the usual site takes it: %d", got)
	}
	w.site = w.demoSite()
	b.send(at+"/authenticator", "authenticator", "simulated")
	page := text(b.get("/simulated/" + flow))
	if !strings.Contains(page, "Nobody is asked to prove anything here") ||
		!strings.Contains(page, "Ada Example - simulated Security Key (AAL3)") {
		t.Fatalf("personas: %s", page)
	}
	claims := w.idClaims(w.redeem(codeOf(t, b.send("/simulated/"+flow, "authenticator", id))).IDToken)
	if claims["authentication_assurance_level"] != "3" || claims["sub"] != w.uuid {
		t.Errorf("claims %v", claims)
	}
}

// What binding must refuse.
func TestBindingAttacks(t *testing.T) {
	w := open(t)
	invite := func() string {
		return must(authenticator.Invite(t.Context(), w.d, desk, w.uuid, authn.AuthenticatorApp))(t)
	}
	for range 5 {
		b := w.browser()
		path := invite()
		for _, method := range []string{"HEAD", "GET", "GET"} {
			if got := b.do(method, path, nil).StatusCode; got != 200 {
				t.Fatalf("L21 %s of the link: %d", method, got)
			}
		}
	}
	if len(w.mails.All()) != 0 {
		t.Error("opening a link sent mail")
	}
	old := invite()
	path := invite()
	if got := w.browser().get(old).StatusCode; got != http.StatusGone {
		t.Errorf("an older link: %d", got)
	}
	b := w.browser()
	at := b.send(path, "email", "somebody@example.nhs.uk")
	jobtest.Settle(t, w.jobs)
	if len(w.mails.All()) != 0 {
		t.Error("a code went to an address that is not the identity's")
	}
	for range 10 {
		if got := b.do("POST", at+"/code", values("code", "BCDFGHJK")).StatusCode; got != 422 {
			t.Fatalf("a guess: %d", got)
		}
	}
	if got := b.do("POST", at+"/code", values("code", "BCDFGHJK")).StatusCode; got != http.StatusGone {
		t.Errorf("after ten guesses: %d", got)
	}
	path = invite()
	b = w.browser()
	at = b.send(path, "email", "ada@example.nhs.uk")
	code := w.mailed("Ada@example.nhs.uk")
	if got := w.browser().do("POST", at+"/code", values("code", code)).StatusCode; got != http.StatusGone {
		t.Errorf("W22 another browser with the code: %d", got)
	}
	if got := b.do("POST", at+"/app", values("code", "000000")).StatusCode; got != http.StatusGone {
		t.Errorf("the last step first: %d", got)
	}
	w.clock.Advance(24 * time.Hour)
	if got := b.do("POST", at+"/code", values("code", code)).StatusCode; got != http.StatusGone {
		t.Errorf("a day later: %d", got)
	}
	w.clock.Advance(-24 * time.Hour)
	b.send(at+"/code", "code", code)
	if got := b.do("POST", at+"/password", values("password", "short")).StatusCode; got != 422 {
		t.Errorf("a short password: %d", got)
	}
	w.bindApp(t)
	if got := b.do("POST", at+"/password", values("password", goodPass)).StatusCode; got != http.StatusGone {
		t.Errorf("a binding whose link was replaced: %d", got)
	}
}

// W15: one credential belongs to one identity.
func TestACredentialIsRegisteredOnce(t *testing.T) {
	w, key := withKey(t)
	b := w.browser()
	first := w.uuid
	_ = w.another(t)
	var second string
	w.view(func(ctx context.Context, r db.R) error {
		list, err := identity.ByEmail(ctx, r, "ada@example.nhs.uk")
		for _, i := range list {
			if i.UUID != first {
				second = i.UUID
			}
		}
		return err
	})
	at := w.bindPages(b, second, "Ada@example.nhs.uk", authn.SecurityKey)
	if got := b.do("POST", at+"/key", values("answer", b.register(at, key))); got.StatusCode != 422 {
		t.Errorf("somebody else's key: %d", got.StatusCode)
	}
}

// W23: what the person's organisation has not approved does not let them in.
func TestUnapprovedAuthenticatorIsRefused(t *testing.T) {
	w, key := withKey(t)
	code := w.browser().signIn(request(), key).Query().Get("code")
	if code == "" {
		t.Fatal("where nothing is said, every kind is approved")
	}
	w.update(func(dw *db.W) error {
		err := organisation.Add(t.Context(), dw, organisation.Organisation{Code: "FXX02", Name: "STRICT PHARMACY"},
			authn.AuthenticatorApp)
		if err != nil {
			return err
		}
		i, err := identity.Add(t.Context(), dw,
			identity.New{
				GivenName: "Cy", FamilyName: "Example", Email: "Ada@example.nhs.uk",
				AssuranceLevel: 3, Organisation: "FXX02",
			})
		w.uuid = i.UUID
		return err
	})
	strict := newDevice()
	w.bindDevice(strict, authn.SecurityKey)
	b := w.browser()
	at := b.signIn(request(), strict).String()
	if got := text(b.get(at)); !strings.Contains(got, "Your organisation has not approved this authenticator") {
		t.Errorf("at %s: %s", at, got)
	}
}
