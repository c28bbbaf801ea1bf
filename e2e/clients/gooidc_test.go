package clients_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func TestGoOIDC(t *testing.T) {
	for id, style := range map[string]oauth2.AuthStyle{
		byPost: oauth2.AuthStyleInParams, byBasic: oauth2.AuthStyleInHeader,
	} {
		t.Run(id, func(t *testing.T) { finishes(t, id, style) })
		t.Run(id+" by trial", func(t *testing.T) { // as oauth2 does where nobody says how the client authenticates
			finishes(t, id, oauth2.AuthStyleAutoDetect)
		})
	}
}

// finishes logs Ada in, reads her claims, and has the provider end her session.
func finishes(t *testing.T, id string, style oauth2.AuthStyle) {
	t.Parallel()
	d := start(t)
	provider, err := oidc.NewProvider(t.Context(), d.issuer)
	check(t, err)
	party := oauth2.Config{
		ClientID: id, ClientSecret: secret, Endpoint: provider.Endpoint(), RedirectURL: d.service + "/callback",
		Scopes: scopes,
	}
	party.Endpoint.AuthStyle = style
	verifier := oauth2.GenerateVerifier()
	back := d.signIn(t, party.AuthCodeURL("s-1", oidc.Nonce("n-1"), oauth2.S256ChallengeOption(verifier))).Query()
	tokens, err := party.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	check(t, err)
	text, _ := tokens.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: id}).Verify(t.Context(), text)
	check(t, err)
	info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(tokens))
	check(t, err)
	if back.Get("state") != "s-1" || idToken.Nonce != "n-1" {
		t.Errorf("came back with state %q and nonce %q", back.Get("state"), idToken.Nonce)
	}
	if idToken.Subject != ada || info.Email != "ada@example.invalid" {
		t.Errorf("signed in %q with %q", idToken.Subject, info.Email)
	}
	var metadata struct {
		EndSession string `json:"end_session_endpoint"`
	}
	check(t, provider.Claims(&metadata))
	d.logsOut(t, metadata.EndSession, text)
	isTold(t, d, provider.Verifier(&oidc.Config{ClientID: id}))
}

// isTold ends Ada's session and sees that a logout token comes that the client takes for hers.
func isTold(t *testing.T, d *double, verifier *oidc.IDTokenVerifier) {
	t.Helper()
	told := make(chan string, 10)
	d.routes.HandleFunc("POST /backchannel-logout", func(_ http.ResponseWriter, r *http.Request) {
		told <- r.PostFormValue("logout_token")
	})
	d.control(t, "sessions/end", map[string]string{"person": "ada"}, nil)
	select {
	case text := <-told:
		token, err := verifier.VerifyLogout(t.Context(), text)
		check(t, err)
		if token.Subject != ada {
			t.Errorf("a logout token for %q", token.Subject)
		}
	case <-time.After(20 * time.Second):
		t.Error("no logout token came")
	}
}
