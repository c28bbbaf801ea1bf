package clients_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

// party makes a relying party of zitadel's that keeps its state in cookies.
func party(t *testing.T, d *double, id, secret string, options ...rp.Option) rp.RelyingParty {
	t.Helper()
	key := []byte("0123456789abcdef")
	cookies := httphelper.NewCookieHandler(key, key, httphelper.WithUnsecure())
	options = append(options, rp.WithCookieHandler(cookies), rp.WithPKCE(cookies))
	made, err := rp.NewRelyingPartyOIDC(t.Context(), d.issuer, id, secret, d.service+"/callback", scopes, options...)
	check(t, err)
	return made
}

// comesIn has a browser go through the handlers of a relying party, and returns what the callback answered.
func comesIn(t *testing.T, d *double, login, callback http.Handler) (int, string) {
	t.Helper()
	d.routes.Handle("/login", login)
	d.routes.Handle("/callback", callback)
	browser := &http.Client{Jar: jar{}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	asks, err := browser.Get(d.service + "/login")
	check(t, err)
	defer asks.Body.Close()
	res, err := browser.Get(d.signIn(t, asks.Header.Get("Location")).String())
	check(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	check(t, err)
	return res.StatusCode, string(text)
}

// welcome is the page after a log in: who came in. It keeps the ID token for the log out.
func welcome(idToken *string) rp.CodeExchangeUserinfoCallback[*oidc.IDTokenClaims, *oidc.UserInfo] {
	type all = oidc.Tokens[*oidc.IDTokenClaims]
	return func(w http.ResponseWriter, _ *http.Request, tokens *all, _ string, _ rp.RelyingParty, info *oidc.UserInfo) {
		*idToken = tokens.IDToken
		fmt.Fprintf(w, "%s %s", tokens.IDTokenClaims.Subject, info.Email)
	}
}

func TestZitadelWithASecret(t *testing.T) {
	for id, style := range map[string]oauth2.AuthStyle{
		byPost: oauth2.AuthStyleInParams, byBasic: oauth2.AuthStyleInHeader,
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			d := start(t)
			made := party(t, d, id, secret, rp.WithAuthStyle(style))
			var idToken string
			status, text := comesIn(t, d, rp.AuthURLHandler(func() string { return "s-1" }, made),
				rp.CodeExchangeHandler(rp.UserinfoCallback(welcome(&idToken)), made))
			if status != http.StatusOK || text != ada+" ada@example.invalid" {
				t.Fatalf("logged in: %d %q", status, text)
			}
			d.logsOut(t, made.GetEndSessionEndpoint(), idToken)
		})
	}
}

// Its own handler lets assertions expire in an hour, which is refused; an assertion that the service makes is taken.
func TestZitadelWithAKey(t *testing.T) {
	t.Parallel()
	d := start(t)
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(d.key)})
	made := party(t, d, byKey, "", rp.WithJWTProfile(rp.SignerFromKeyAndKeyID(private, keyID)))
	var idToken string
	status, text := comesIn(t, d, rp.AuthURLHandler(func() string { return "s-1" }, made),
		rp.CodeExchangeHandler(rp.UserinfoCallback(welcome(&idToken)), made))
	if status != http.StatusUnauthorized || !strings.Contains(text, "invalid_client") {
		t.Errorf("with an assertion of an hour: %d %q, want invalid_client", status, text)
	}

	verifier := oauth2.GenerateVerifier()
	challenge := rp.WithCodeChallenge(oauth2.S256ChallengeFromVerifier(verifier))
	code := d.signIn(t, rp.AuthURL("s-1", made, challenge)).Query().Get("code")
	assertion, err := client.SignedJWTProfileAssertion(byKey, []string{d.issuer}, 5*time.Minute, made.Signer())
	check(t, err)
	tokens, err := rp.CodeExchange[*oidc.IDTokenClaims](t.Context(), code, made, rp.WithCodeVerifier(verifier),
		rp.WithClientAssertionJWT(assertion))
	check(t, err)
	info, err := rp.Userinfo[*oidc.UserInfo](t.Context(), tokens.AccessToken, tokens.TokenType, ada, made)
	check(t, err)
	if tokens.IDTokenClaims.Subject != ada || info.Email != "ada@example.invalid" {
		t.Errorf("signed in %q with %q", tokens.IDTokenClaims.Subject, info.Email)
	}
	d.logsOut(t, made.GetEndSessionEndpoint(), tokens.IDToken)
}
