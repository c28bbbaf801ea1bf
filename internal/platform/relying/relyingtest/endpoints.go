package relyingtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// grant is what a code stands for.
type grant struct {
	request url.Values
	person  Person
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, code, why string) {
	answer(w, status, map[string]string{"error": code, "error_description": why})
}

func (i *Issuer) count(what string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reads[what]++
}

func (i *Issuer) metadata(w http.ResponseWriter, _ *http.Request) {
	i.count("metadata")
	m := map[string]any{
		"issuer": i.Name, "authorization_endpoint": i.base + "/authorize", "token_endpoint": i.base + "/access_token",
		"userinfo_endpoint": i.base + "/userinfo", "jwks_uri": i.base + "/connect/jwk_uri",
		"end_session_endpoint":                           i.base + "/connect/endSession",
		"response_types_supported":                       []string{"code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_post", "private_key_jwt"},
		"authorization_response_iss_parameter_supported": true,
	}
	if i.Alter.Metadata != nil {
		i.Alter.Metadata(m)
	}
	answer(w, http.StatusOK, m)
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.count("keys")
	set := jwt.NewSet(i.Key)
	if i.Alter.Keys != nil {
		answer(w, http.StatusOK, i.Alter.Keys(set))
		return
	}
	answer(w, http.StatusOK, set)
}

// authorize signs Person in without asking anything, and sends the browser back.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i.mu.Lock()
	client, known := i.clients[q.Get("client_id")]
	i.mu.Unlock()
	switch {
	case !known || q.Get("redirect_uri") != client.RedirectURI:
		http.Error(w, "unknown client or redirect URI", http.StatusBadRequest)
		return
	case q.Get("response_type") != "code" || !slices.Contains(strings.Fields(q.Get("scope")), "openid"),
		q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "":
		http.Error(w, "not a request that a careful client makes", http.StatusBadRequest)
		return
	}
	code := random.Secret()
	i.mu.Lock()
	i.codes[code] = grant{request: q, person: i.Person}
	i.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.Name}, "client_id": {client.ID}}
	if i.Alter.Callback != nil {
		i.Alter.Callback(back)
	}
	http.Redirect(w, r, client.RedirectURI+"?"+back.Encode(), http.StatusSeeOther)
}

// SignIn is the browser: it goes to the address that Start gave and says with what it came back.
func (i *Issuer) SignIn(t testing.TB, address string) url.Values {
	t.Helper()
	res, err := Fetch().HTTP().Transport.RoundTrip(httpGet(t, address))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("the issuer did not send the browser back: status %d", res.StatusCode)
	}
	return back.Query()
}

func httpGet(t testing.TB, address string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if i.Alter.Refuse != "" {
		refuse(w, http.StatusBadRequest, i.Alter.Refuse, "as the test asked")
		return
	}
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	if why := i.refusesClient(r); why != "" {
		refuse(w, http.StatusUnauthorized, "invalid_client", why)
		return
	}
	i.mu.Lock()
	g, known := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	i.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || g.request.Get("redirect_uri") != r.PostFormValue("redirect_uri") ||
		g.request.Get("client_id") != r.PostFormValue("client_id") ||
		g.request.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) {
		refuse(w, http.StatusBadRequest, "invalid_grant", "the access grant is invalid, expired, or revoked")
		return
	}
	i.grant(w, g)
}

// refusesClient says what is wrong with the client's proof of itself, or nothing.
func (i *Issuer) refusesClient(r *http.Request) string {
	i.mu.Lock()
	client, known := i.clients[r.PostFormValue("client_id")]
	i.mu.Unlock()
	if !known {
		return "unknown client"
	}
	if client.Secret != "" {
		if r.PostFormValue("client_secret") != client.Secret {
			return "wrong secret"
		}
		return ""
	}
	expect := jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256, jwt.RS512, jwt.ES256}, Types: []string{"JWT"}}
	token, err := jwt.Verify(r.Context(), r.PostFormValue("client_assertion"), client.Keys, expect)
	if err != nil {
		return err.Error()
	}
	claims, err := token.Claims()
	if err != nil {
		return err.Error()
	}
	err = claims.Check(jwt.Rules{
		Issuer: client.ID, Audience: []string{i.base + "/access_token", i.Name}, Now: i.clock.Now(),
		MaxLife: 5 * time.Minute, NeedIssuedAt: true, NeedID: true,
	})
	if err != nil || claims.Subject != client.ID {
		return "JWT is not valid"
	}
	return ""
}

func (i *Issuer) grant(w http.ResponseWriter, g grant) {
	access := random.Secret()
	i.mu.Lock()
	i.access[access] = g.person
	i.mu.Unlock()
	claims := i.claims(g, access)
	if i.Alter.IDToken != nil {
		i.Alter.IDToken(claims)
	}
	id, err := i.sign("JWT", claims)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	body := map[string]any{
		"access_token": access, "id_token": id, "token_type": "Bearer", "expires_in": 3599, "scope": g.request.Get("scope"),
	}
	if i.Alter.Token != nil {
		i.Alter.Token(body)
	}
	answer(w, http.StatusOK, body)
}

func (i *Issuer) claims(g grant, access string) map[string]any {
	now, p := i.clock.Now(), g.person
	if p.AuthTime.IsZero() {
		p.AuthTime = now
	}
	acr := "AAL3_ANY" // CIS2's own when nothing is asked
	if asked := strings.Fields(g.request.Get("acr_values")); len(asked) > 0 {
		acr = asked[0]
	}
	half := sha256.Sum256([]byte(access))
	return map[string]any{
		"iss": i.Name, "aud": g.request.Get("client_id"), "azp": g.request.Get("client_id"), "sub": p.Subject, "sid": p.SID,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": p.AuthTime.Unix(), "nonce": g.request.Get("nonce"),
		"acr": acr, "amr": p.AMR, "authentication_assurance_level": p.AuthenticationLevel,
		"id_assurance_level": p.IdentityLevel, "selected_roleid": p.SelectedRoleID,
		"at_hash": base64.RawURLEncoding.EncodeToString(half[:16]),
		"realm":   "/NHSIdentity/Healthcare", "tokenName": "id_token",
	}
}

func (i *Issuer) userInfo(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	p, known := i.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	i.mu.Unlock()
	if !known {
		refuse(w, http.StatusUnauthorized, "invalid_token", "not a token of ours")
		return
	}
	info := map[string]any{
		"sub": p.Subject, "uid": p.Subject, "nhsid_useruid": p.Subject, "name": p.Name, "given_name": p.GivenName,
		"family_name": p.FamilyName, "email": p.Email, "idassurancelevel": p.IdentityLevel,
		"nhsid_nrbac_roles": p.Roles, "nhsid_user_orgs": p.Orgs,
	}
	if p.EmailVerified != nil {
		info["email_verified"] = p.EmailVerified
	}
	if i.Alter.UserInfo != nil {
		i.Alter.UserInfo(info)
	}
	answer(w, http.StatusOK, info)
}
