package endpoint

import (
	"net/http"

	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// metadata is the discovery document. It lists only what works.
type metadata struct {
	Issuer               string   `json:"issuer"`
	Authorization        string   `json:"authorization_endpoint"`
	Token                string   `json:"token_endpoint"`
	UserInfo             string   `json:"userinfo_endpoint"`
	Pushed               string   `json:"pushed_authorization_request_endpoint"`
	Introspection        string   `json:"introspection_endpoint"`
	Revocation           string   `json:"revocation_endpoint"`
	Keys                 string   `json:"jwks_uri"`
	EndSession           string   `json:"end_session_endpoint"`
	Scopes               []string `json:"scopes_supported"`
	ResponseTypes        []string `json:"response_types_supported"`
	ResponseModes        []string `json:"response_modes_supported"`
	GrantTypes           []string `json:"grant_types_supported"`
	Classes              []string `json:"acr_values_supported"`
	SubjectTypes         []string `json:"subject_types_supported"`
	IDTokenAlgorithms    []string `json:"id_token_signing_alg_values_supported"`
	UserInfoAlgorithms   []string `json:"userinfo_signing_alg_values_supported"`
	TokenAuthMethods     []string `json:"token_endpoint_auth_methods_supported"`
	TokenAuthAlgorithms  []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	IntrospectMethods    []string `json:"introspection_endpoint_auth_methods_supported"`
	RevokeMethods        []string `json:"revocation_endpoint_auth_methods_supported"`
	IntrospectAlgorithms []string `json:"introspection_endpoint_auth_signing_alg_values_supported"`
	RevokeAlgorithms     []string `json:"revocation_endpoint_auth_signing_alg_values_supported"`
	Displays             []string `json:"display_values_supported"`
	Locales              []string `json:"ui_locales_supported"`
	ClaimTypes           []string `json:"claim_types_supported"`
	Challenges           []string `json:"code_challenge_methods_supported"`
	Prompts              []string `json:"prompt_values_supported"`
	Claims               []string `json:"claims_supported"`
	ClaimsParameter      bool     `json:"claims_parameter_supported"`
	RequestParameter     bool     `json:"request_parameter_supported"`
	RequestURIParameter  bool     `json:"request_uri_parameter_supported"`
	SendsIssuer          bool     `json:"authorization_response_iss_parameter_supported"`
	BackchannelLogout    bool     `json:"backchannel_logout_supported"`
	BackchannelSessionID bool     `json:"backchannel_logout_session_supported"`
}

func (e *Endpoints) metadata() metadata {
	set := e.o.Keys.Set()
	signing := set.Algorithms()
	proofs := names(client.Algorithms)
	methods := []string{client.PrivateKeyJWT, client.ClientSecretPost, client.ClientSecretBasic}
	return metadata{
		Issuer:        e.o.Issuer,
		Authorization: e.address(cis2.AuthorizePath), Token: e.address(cis2.TokenPath),
		UserInfo: e.address(cis2.UserInfoPath), Pushed: e.address(cis2.PushedPath),
		Introspection: e.address(cis2.IntrospectPath), Revocation: e.address(cis2.RevokePath),
		Keys: e.address(cis2.KeysPath), EndSession: e.address(cis2.EndSessionPath),
		Scopes: cis2.Scopes, Claims: cis2.Claims(), Classes: authn.Classes(),
		ResponseTypes: []string{"code"}, ResponseModes: []string{"query", "form_post"},
		GrantTypes: []string{"authorization_code"}, SubjectTypes: []string{"public"},
		IDTokenAlgorithms: signing, UserInfoAlgorithms: signing,
		TokenAuthMethods: methods, IntrospectMethods: methods, RevokeMethods: methods,
		TokenAuthAlgorithms: proofs, IntrospectAlgorithms: proofs, RevokeAlgorithms: proofs,
		Challenges: []string{"S256"},
		Displays:   []string{"page"}, Locales: []string{"en-GB"}, ClaimTypes: []string{"normal"},
		Prompts: []string{"none", "login"}, ClaimsParameter: true, SendsIssuer: true,
		BackchannelLogout: true, BackchannelSessionID: true,
	}
}

func names(algorithms []jwt.Algorithm) []string {
	var list []string
	for _, a := range algorithms {
		list = append(list, string(a))
	}
	return list
}

// cacheControl lets callers keep for a while documents that seldom change.
const cacheControl = "public, max-age=300"

func (e *Endpoints) serveDiscovery(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", cacheControl)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return web.JSON(w, http.StatusOK, e.metadata())
}

func (e *Endpoints) serveKeys(w http.ResponseWriter, r *http.Request) error {
	set := e.o.Keys.Set()
	if r.Method == http.MethodGet { // a HEAD request gets no keys
		set = e.o.Keys.Fetched(web.Address(r), r.UserAgent())
	}
	w.Header().Set("Cache-Control", cacheControl)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return web.JSON(w, http.StatusOK, set)
}
