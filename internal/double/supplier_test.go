package double_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"signpost/internal/platform/worldtest"
)

// signInAsSupplier is the Go program of docs/double.md: a test of a supplier's, which knows of the double no
// more than its address and its issuer.
func signInAsSupplier(ctx context.Context, double, issuer string) (*oidc.IDToken, *oidc.UserInfo, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, nil, err
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams // client_secret_post
	service := &oauth2.Config{
		ClientID: "123456789012.apps.supplier", ClientSecret: "not a secret, only a double's", Endpoint: endpoint,
		RedirectURL: "http://localhost:3000/callback", Scopes: []string{"openid", "profile", "email", "nationalrbacaccess", "selectedrole"},
	}
	verifier := oauth2.GenerateVerifier()
	address := service.AuthCodeURL("state-1", oidc.Nonce("nonce-1"), oauth2.S256ChallengeOption(verifier))

	// In place of the browser: who signs in, and in which role.
	body := fmt.Sprintf(`{"url": %q, "person": "ada", "role": "R8000"}`, address)
	res, err := http.Post(double+"/double/sign-in", "application/json", strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	var signedIn struct{ Location string }
	if err := json.NewDecoder(res.Body).Decode(&signedIn); err != nil {
		return nil, nil, err
	}

	// What the service's callback does with the address that the browser comes back to.
	location, err := url.Parse(signedIn.Location)
	if err != nil {
		return nil, nil, err
	}
	tokens, err := service.Exchange(ctx, location.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, nil, err
	}
	text, _ := tokens.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: service.ClientID}).Verify(ctx, text)
	if err != nil {
		return nil, nil, err
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	return idToken, info, err
}

func TestSupplier(t *testing.T) {
	w := open(t)
	id, info, err := signInAsSupplier(t.Context(), w.address, w.double.Issuer())
	worldtest.Check(t, err)
	if id.Subject != "500000000017" || id.Nonce != "nonce-1" || info.Subject != id.Subject || !info.EmailVerified {
		t.Errorf("ID token %+v, userinfo %+v", id, info)
	}
}
