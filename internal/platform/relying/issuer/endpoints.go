package issuer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, code, description string) {
	answer(w, status, map[string]string{"error": code, "error_description": description})
}

func (i *Issuer) metadata(w http.ResponseWriter, _ *http.Request) {
	i.note(Seen{What: "metadata"})
	s := i.script()
	m := map[string]any{
		"issuer": s.Name, "authorization_endpoint": i.base + cis2.AuthorizePath,
		"token_endpoint":    i.base + cis2.TokenPath,
		"userinfo_endpoint": i.base + cis2.UserInfoPath, "jwks_uri": i.base + cis2.KeysPath,
		"end_session_endpoint":     i.base + cis2.EndSessionPath,
		"response_types_supported": []string{"code"},
		"subject_types_supported":  []string{"public"},
		"scopes_supported": []string{
			cis2.OpenID, cis2.Profile, cis2.Email, cis2.NHSPerson, cis2.Roles, cis2.Orgs, cis2.SelectedRole,
		},
		"acr_values_supported": []string{
			authn.AAL2Any.Name(), authn.AAL2OrAAL3Any.Name(), authn.AAL3Any.Name(),
		},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{
			"client_secret_post", "client_secret_basic", "private_key_jwt",
		},
		"code_challenge_methods_supported":               []string{"S256"},
		"backchannel_logout_supported":                   true,
		"backchannel_logout_session_supported":           true,
		"authorization_response_iss_parameter_supported": true,
	}
	if s.Alter.Metadata != nil {
		s.Alter.Metadata(m)
	}
	answer(w, http.StatusOK, m)
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.note(Seen{What: "keys"})
	s := i.script()
	set := jwt.NewSet(s.Key)
	if s.Alter.Keys != nil {
		answer(w, http.StatusOK, s.Alter.Keys(set))
		return
	}
	answer(w, http.StatusOK, set)
}

// authorize signs Person in without asking anything, and sends the browser back.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i.note(Seen{What: "authorize", Values: q})
	i.mu.Lock()
	client, known := i.clients[q.Get("client_id")]
	i.mu.Unlock()
	if !known || !client.comesBackTo(q.Get("redirect_uri"), i.Strict) {
		http.Error(w, "unknown client or redirect URI", http.StatusBadRequest)
		return
	}
	if i.Strict && !isCareful(q) {
		http.Error(w, "not a request that a careful client makes", http.StatusBadRequest)
		return
	}
	s := i.script()
	code := random.Secret()
	i.mu.Lock()
	i.codes[code] = grant{request: q, person: s.Person}
	i.mu.Unlock()
	back := url.Values{"code": {code}, "state": q["state"], "iss": {s.Name}, "client_id": {client.ID}}
	if s.Alter.Callback != nil {
		s.Alter.Callback(back)
	}
	http.Redirect(w, r, withQuery(q.Get("redirect_uri"), back), http.StatusSeeOther)
}

func (c Client) comesBackTo(uri string, strict bool) bool {
	if c.RedirectURI == "" && !strict {
		return uri != ""
	}
	return uri == c.RedirectURI
}

func isCareful(q url.Values) bool {
	return q.Get("response_type") == "code" && slices.Contains(strings.Fields(q.Get("scope")), "openid") &&
		q.Get("code_challenge_method") == "S256" && q.Get("nonce") != "" && q.Get("state") != ""
}

func withQuery(address string, more url.Values) string {
	if strings.Contains(address, "?") {
		return address + "&" + more.Encode()
	}
	return address + "?" + more.Encode()
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	s := i.script()
	seen := Seen{What: "token", Values: maps.Clone(r.PostForm), Problem: i.clientProblem(r)}
	switch {
	case s.Alter.Refuse != "":
		seen.Refused = "as the script asks"
		i.note(seen)
		refuse(w, http.StatusBadRequest, s.Alter.Refuse, seen.Refused)
		return
	case seen.Problem != "" && i.Strict:
		seen.Refused = seen.Problem
		i.note(seen)
		refuse(w, http.StatusUnauthorized, "invalid_client", seen.Problem)
		return
	}
	g, known := i.redeem(r.PostFormValue("code"))
	seen.Refused = g.problem(r, known, i.Strict, s.Alter.AnyVerifier)
	i.note(seen)
	if seen.Refused != "" {
		refuse(w, http.StatusBadRequest, "invalid_grant", "the access grant is invalid, expired, or revoked")
		return
	}
	i.grant(w, s, g)
}

// redeem takes a code, once.
func (i *Issuer) redeem(code string) (g grant, known bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	g, known = i.codes[code]
	delete(i.codes, code)
	return g, known
}

// problem says why a token request does not fit its code; empty if it does.
func (g grant) problem(r *http.Request, known, strict, anyVerifier bool) string {
	if !known {
		return "the code is not one that was given, or was used before"
	}
	for name, received := range map[string]string{
		"redirect_uri": r.PostFormValue("redirect_uri"), "client_id": clientID(r),
	} {
		if expected := g.request.Get(name); received != expected {
			return fmt.Sprintf("%s: expected %.200q as in the request, received %.200q", name, expected, received)
		}
	}
	challenge := g.request.Get("code_challenge")
	if anyVerifier || challenge == "" && !strict || challenge == Challenge(r.PostFormValue("code_verifier")) {
		return ""
	}
	return "the code_verifier does not fit the code_challenge"
}

// Challenge is the PKCE challenge of a verifier (RFC 7636, S256).
func Challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (i *Issuer) userInfo(w http.ResponseWriter, r *http.Request) {
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	i.note(Seen{What: "userinfo", Values: r.URL.Query(), Bearer: bearer})
	i.mu.Lock()
	g, known := i.access[bearer]
	i.mu.Unlock()
	if !known {
		refuse(w, http.StatusUnauthorized, "invalid_token", "not a token of ours")
		return
	}
	info := g.person.userInfo()
	if alter := i.script().Alter.UserInfo; alter != nil {
		alter(info)
	}
	answer(w, http.StatusOK, info)
}
