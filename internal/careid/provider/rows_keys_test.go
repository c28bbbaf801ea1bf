package provider_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// O24: keys that a token's own header offers are not looked at.
func TestOfferedKeysAreIgnored(t *testing.T) {
	w, key := withKey(t)
	fetched := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched++ }))
	defer server.Close()
	mine := worldtest.Must(rsa.GenerateKey(rand.Reader, 2048))(t)
	offered := func(header map[jose.HeaderKey]any) func() bool {
		return func() bool {
			options := &jose.SignerOptions{ExtraHeaders: header}
			signer := worldtest.Must(jose.NewSigner(jose.SigningKey{Algorithm: jose.RS512,
				Key: jose.JSONWebKey{Key: mine, KeyID: w.Key.ID}}, options))(t)
			now := w.Clock.Now().Unix()
			payload := worldtest.Must(json.Marshal(map[string]any{"iss": logintest.ClientID, "sub": logintest.ClientID,
				"aud": logintest.Issuer + "/access_token", "jti": random.ID(), "exp": now + 60}))(t)
			token := worldtest.Must(worldtest.Must(signer.Sign(payload))(t).CompactSerialize())(t)
			return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"),
				"client_assertion", token).Status == http.StatusOK
		}
	}
	public := jose.JSONWebKey{Key: mine.Public(), KeyID: w.Key.ID}
	tally(t, "O24 keys in the header", func() bool {
		return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).Status == http.StatusOK
	}, map[string]func() bool{
		"jwk": offered(map[jose.HeaderKey]any{"jwk": public}),
		"jku": offered(map[jose.HeaderKey]any{"jku": server.URL}),
		"x5u": offered(map[jose.HeaderKey]any{"x5u": server.URL}),
		"x5c": offered(map[jose.HeaderKey]any{"x5c": []string{"MIIB"}}),
	})
	if fetched > 0 {
		t.Errorf("an address in a header was fetched %d times", fetched)
	}
}

// O23: a key id is looked up among the client's keys, and is nothing else.
func TestKeyIDs(t *testing.T) {
	w, key := withKey(t)
	signed := func(kid string) func() bool {
		return func() bool {
			mine := logintest.TestKey(jwt.RS512)
			mine.ID = kid
			now := w.Clock.Now().Unix()
			claims := map[string]any{
				"iss": logintest.ClientID, "sub": logintest.ClientID, "aud": logintest.Issuer + "/access_token",
			}
			claims["jti"] = random.ID()
			claims["exp"] = now + 60
			token := worldtest.Must(jwt.Sign(mine, "JWT", claims))(t)
			return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"),
				"client_assertion", token).Status == http.StatusOK
		}
	}
	tally(t, "O23 key ids", func() bool {
		return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).Status == http.StatusOK
	}, map[string]func() bool{
		"a path": signed("../../../../dev/null"), "SQL": signed("' OR '1'='1"), "an address": signed("https://evil.example/key"), "a large one": signed(strings.Repeat("k", 50_000)),
		"none": signed(""), "the provider's own": signed(logintest.ProviderKey.ID),
	})
}

// O25: a client's key address leads to no machine of ours.
func TestKeyAddressesLeadNowhereInside(t *testing.T) {
	w, key := withKey(t)
	reached := 0
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	p := worldtest.Must(provider.New(provider.Options{
		Issuer: logintest.Issuer, DB: w.DB, Box: w.Box, Fetch: fetch.New(fetch.Options{}), Clock: w.Clock,
	}))(t)
	worldtest.Check(t, p.Keys().Load(t.Context(), logintest.Desk))
	o := w.Options
	o.Provider = p
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(o)
	redeemed := func() bool {
		return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).Status == http.StatusOK
	}
	by := func(uri string) func() bool {
		return func() bool {
			w.alter(func(c *client.Client) {
				c.JWKS = ""
				c.JWKSURI = uri
			})
			return redeemed()
		}
	}
	jwks := ""
	w.View(func(ctx context.Context, r db.R) error {
		c, err := client.ByID(ctx, r, logintest.ClientID)
		jwks = c.JWKS
		return err
	})
	honest := func() bool {
		w.alter(func(c *client.Client) {
			c.JWKS = jwks
			c.JWKSURI = ""
		})
		return redeemed()
	}
	tally(t, "O25 key addresses", honest, map[string]func() bool{
		"loopback":          by("https://127.0.0.1:" + port + "/jwks"),
		"loopback by name":  by("https://localhost:" + port + "/jwks"),
		"loopback, IPv6":    by("https://[::1]:" + port + "/jwks"),
		"mapped loopback":   by("https://[::ffff:127.0.0.1]:" + port + "/jwks"),
		"a private network": by("https://10.0.0.1/jwks"),
		"link-local":        by("https://169.254.169.254/latest/meta-data"),
		"unspecified":       by("https://0.0.0.0:" + port + "/jwks"),
	})
	if reached > 0 {
		t.Errorf("a machine inside was reached %d times", reached)
	}
}
