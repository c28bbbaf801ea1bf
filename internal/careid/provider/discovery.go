package provider

import (
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
)

// Where the endpoints answer, below the issuer (reference §1).
const (
	discoveryPath = "/.well-known/openid-configuration"
	authorizePath = "/authorize"
	tokenPath     = "/access_token"
	userInfoPath  = "/userinfo"
	keysPath      = "/connect/jwk_uri"
	endPath       = "/connect/endSession"
)

// metadata is the discovery document. It names what works, and nothing else.
type metadata struct {
	Issuer               string   `json:"issuer"`
	Authorization        string   `json:"authorization_endpoint"`
	Token                string   `json:"token_endpoint"`
	UserInfo             string   `json:"userinfo_endpoint"`
	Keys                 string   `json:"jwks_uri"`
	EndSession           string   `json:"end_session_endpoint"`
	Scopes               []string `json:"scopes_supported"`
	ResponseTypes        []string `json:"response_types_supported"`
	ResponseModes        []string `json:"response_modes_supported"`
	GrantTypes           []string `json:"grant_types_supported"`
	Classes              []string `json:"acr_values_supported"`
	SubjectTypes         []string `json:"subject_types_supported"`
	IDTokenAlgorithms    []string `json:"id_token_signing_alg_values_supported"`
	TokenAuthMethods     []string `json:"token_endpoint_auth_methods_supported"`
	TokenAuthAlgorithms  []string `json:"token_endpoint_auth_signing_alg_values_supported"`
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

func (p *Provider) metadata() metadata {
	key, _ := p.keys.Current()
	var algorithms []string
	for _, a := range client.Algorithms {
		algorithms = append(algorithms, string(a))
	}
	return metadata{
		Issuer: p.o.Issuer, Authorization: p.address(authorizePath), Token: p.address(tokenPath), UserInfo: p.address(userInfoPath),
		Keys: p.address(keysPath), EndSession: p.address(endPath),
		Scopes: Scopes, ResponseTypes: []string{"code"}, ResponseModes: []string{"query"}, GrantTypes: []string{"authorization_code"},
		Classes: authn.Classes(), SubjectTypes: []string{"public"}, IDTokenAlgorithms: []string{string(key.Algorithm)},
		TokenAuthMethods: []string{client.PrivateKeyJWT, client.ClientSecretPost}, TokenAuthAlgorithms: algorithms, Challenges: []string{"S256"},
		Prompts: []string{"none", "login"}, Claims: claimNames, SendsIssuer: true, BackchannelLogout: true, BackchannelSessionID: true,
	}
}

var claimNames = []string{
	"sub", "subname", "sid", "auth_time", "acr", "amr", "authentication_assurance_level", "id_assurance_level", "idassurancelevel", "selected_roleid",
	"name", "given_name", "family_name", "uid", "email", "email_verified", "nhsid_useruid", "title", "initials", "middle_names", "display_name",
	"nhsid_user_orgs", "nhsid_org_memberships", "nhsid_org_roles", "nhsid_nrbac_roles",
}
