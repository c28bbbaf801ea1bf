package client_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/fault"
)

const honest = `{
	"client_id": "200000000001.apps.supplier", "client_name": "Rota",
	"token_endpoint_auth_method": "client_secret_post", "client_secret": "0123456789abcdef",
	"redirect_uris": ["http://localhost:3000/callback"], "scope": "openid profile",
	"acr_values": ["AAL2_OR_AAL3_ANY"], "require_pkce": true
}`

func TestDecode(t *testing.T) {
	r, err := client.Decode([]byte(honest))
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != "200000000001.apps.supplier" || r.Secret != "0123456789abcdef" ||
		!slices.Equal(r.Scopes, []string{"openid", "profile"}) ||
		!slices.Equal(r.AllowedACR, []string{"AAL2_OR_AAL3_ANY"}) || !r.RequirePKCE || !r.Active ||
		r.IDTokenAlgorithm != "RS256" {
		t.Errorf("read %+v", r)
	}
}

func TestDecodeTakesKeysAsAnObject(t *testing.T) {
	text := strings.Replace(honest, `"client_secret_post", "client_secret": "0123456789abcdef"`,
		`"private_key_jwt", "token_endpoint_auth_signing_alg": "ES256",
		"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "kid": "a",
		"x": "WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis", "y": "y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE"}]}`, 1)
	r, err := client.Decode([]byte(text))
	if err != nil || !strings.HasPrefix(r.JWKS, `{"keys"`) {
		t.Errorf("%v: %q", err, r.JWKS)
	}
}

// Each mistake is reported at its field, with words that say what to do.
func TestDecodeNamesEachMistake(t *testing.T) {
	for _, tt := range []struct{ name, from, to, field, message string }{
		{"unknown setting", `"scope"`, `"scopes"`, "scopes", "There is no setting"},
		{"setting in another case", `"client_name"`, `"Client_Name"`, "Client_Name", "There is no setting"},
		{"twice", `"client_id"`, `"client_name": "Again", "client_id"`, "client", "each setting appears once"},
		{"text for list", `["http://localhost:3000/callback"]`, `"http://localhost:3000/callback"`, "redirect_uris", "a list of texts"},
		{"text for yes or no", `"require_pkce": true`, `"require_pkce": "yes"`, "require_pkce", "true or false"},
		{"number for text", `"Rota"`, `7`, "client_name", "a text in quotes"},
		{"no JSON", `{`, `<`, "client", "JSON object"},
		{"no name", `"Rota"`, `" "`, "client_name", "Enter a name"},
		{"no redirect URI", `["http://localhost:3000/callback"]`, `[]`, "redirect_uris", "at least one"},
		{"http elsewhere", `http://localhost:3000/callback`, `http://rota.example/callback`, "redirect_uris", "https"},
		{"fragment", `3000/callback`, `3000/callback#x`, "redirect_uris", "fragment"},
		{"wildcard", `3000/callback`, `3000/*`, "redirect_uris", "wildcard"},
		{"no openid", `openid profile`, `profile`, "scope", "must contain openid"},
		{"unknown scope", `openid profile`, `openid oidc`, "scope", `"oidc"`},
		{"unknown scopes", `openid profile`, `openid oidc rest`, "scope", `"oidc", nor "rest"`},
		{"unknown classes", `["AAL2_OR_AAL3_ANY"]`, `["AAL9_ANY", "AAL8_ANY"]`, "acr_values", `"AAL9_ANY", nor "AAL8_ANY"`},
		{"bad addresses", `["http://localhost:3000/callback"]`, `["http://a.example/", "https://b.example/#x"]`, "redirect_uris", `"https://b.example/#x" has a fragment`},
		{"unknown class", `AAL2_OR_AAL3_ANY`, `AAL9_ANY`, "acr_values", `"AAL9_ANY"`},
		{"password class", `AAL2_OR_AAL3_ANY`, `AAL1_USERPASS`, "acr_values", `"AAL1_USERPASS"`},
		{"unknown method", `client_secret_post`, `client_secret_jwt`, "token_endpoint_auth_method", "private_key_jwt"},
		{"method without proof", `client_secret_post`, `none`, "token_endpoint_auth_method", "private_key_jwt"},
		{"short secret", `0123456789abcdef`, `short`, "client_secret", "16 characters"},
		{"no keys", `client_secret_post`, `private_key_jwt`, "jwks", "public keys"},
		{"weak token algorithm", `"require_pkce": true`, `"id_token_signed_response_alg": "HS256"`, "id_token_signed_response_alg", "RS256 or ES256"},
		{"unsigned userinfo asked as none", `"require_pkce": true`, `"userinfo_signed_response_alg": "none"`, "userinfo_signed_response_alg", "nothing for plain JSON"},
		{"bad contact", `"require_pkce": true`, `"contact": "nobody"`, "contact", "email address"},
		{"logout address elsewhere", `"require_pkce": true`, `"backchannel_logout_uri": "ftp://rota.example/"`, "backchannel_logout_uri", "https"},
		{"private key published", `"client_secret_post", "client_secret": "0123456789abcdef"`, `"private_key_jwt", "token_endpoint_auth_signing_alg": "RS256", "jwks": {"keys": [{"kty": "oct", "kid": "x", "k": "c2VjcmV0c2VjcmV0"}]}`, "jwks", "no private key"},
	} {
		text := strings.Replace(honest, tt.from, tt.to, 1)
		if text == honest {
			t.Fatalf("%s: nothing replaced", tt.name)
		}
		_, err := client.Decode([]byte(text))
		if !errors.Is(err, fault.Invalid) || !named(err, tt.field, tt.message) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func named(err error, field, message string) bool {
	var p client.Problems
	if errors.As(err, &p) {
		return slices.ContainsFunc(p, func(f *fault.Fault) bool {
			return f.Field == field && strings.Contains(f.Message, message)
		})
	}
	f, known := fault.From(err)
	return known && f.Field == field && strings.Contains(f.Message, message)
}

func TestValuesAndFillAgree(t *testing.T) {
	r, err := client.Decode([]byte(honest))
	if err != nil {
		t.Fatal(err)
	}
	var again client.Client
	values := r.Values()
	for name := range values {
		again.Fill(func(n string) []string { return []string{values[n]} }, name)
	}
	if left := client.Difference(r.Client, again); len(left) != 0 {
		t.Errorf("lost on the way through a form: %v", left)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(honest))
	f.Add([]byte(`{"jwks": {"keys": []}, "scope": ["openid"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := client.Decode(text)
		if err == nil && (len(r.RedirectURIs) == 0 || !slices.Contains(r.Scopes, "openid") || r.ID == "") {
			t.Errorf("accepted %+v", r)
		}
	})
}
