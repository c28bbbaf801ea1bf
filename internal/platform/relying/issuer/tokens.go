package issuer

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

func (i *Issuer) grant(w http.ResponseWriter, s Script, g grant) {
	access := random.Secret()
	i.mu.Lock()
	i.access[access] = g
	i.mu.Unlock()
	claims := i.claims(s, g, access)
	if s.Alter.IDToken != nil {
		s.Alter.IDToken(claims)
	}
	id, err := s.sign(jwt.TypePlain, claims)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	body := map[string]any{
		"access_token": access, "id_token": id, "token_type": "Bearer", "expires_in": 3599,
		"scope": g.request.Get("scope"),
	}
	if s.Alter.Token != nil {
		s.Alter.Token(body)
	}
	answer(w, http.StatusOK, body)
}

// sign signs claims, or has Alter do it.
func (s Script) sign(typ string, claims map[string]any) (string, error) {
	if s.Alter.Sign != nil {
		return s.Alter.Sign(typ, claims), nil
	}
	return jwt.Sign(s.Key, typ, claims)
}

func (i *Issuer) claims(s Script, g grant, access string) map[string]any {
	now := i.clock.Now()
	p := g.person
	client := g.request.Get("client_id")
	if p.AuthTime.IsZero() {
		p.AuthTime = now
	}
	acr := authn.Default().Name()
	if requested := strings.Fields(g.request.Get("acr_values")); len(requested) > 0 {
		acr = requested[0]
	}
	half := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": s.Name, "aud": client, "azp": client, "sub": p.Subject, "sid": p.SID,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": p.AuthTime.Unix(), "acr": acr, "amr": p.AMR,
		cis2.AuthenticationLevelClaim: p.AuthenticationLevel, cis2.IdentityLevelClaim: p.IdentityLevel,
		cis2.SelectedRoleClaim: p.SelectedRoleID, "at_hash": base64.RawURLEncoding.EncodeToString(half[:16]),
		"realm": cis2.RealmName, "tokenName": cis2.IDTokenName,
	}
	if nonce := g.request.Get("nonce"); nonce != "" {
		claims["nonce"] = nonce
	}
	return claims
}

// LogoutToken makes a back-channel logout token about a session; change, if not nil, alters its claims.
func (i *Issuer) LogoutToken(clientID, subject, sid string, change func(map[string]any)) (string, error) {
	now := i.clock.Now()
	s := i.script()
	claims := map[string]any{
		"iss": s.Name, "aud": clientID, "sub": subject, "sid": sid, "jti": random.ID(),
		"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"events": map[string]any{jwt.LogoutEvent: map[string]any{}},
	}
	if change != nil {
		change(claims)
	}
	return s.sign(jwt.TypeLogout, claims)
}
