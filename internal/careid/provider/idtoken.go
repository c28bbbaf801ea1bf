package provider

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	"signpost/internal/careid/provider/code"
	"signpost/internal/platform/random"
)

// idClaims are the ID token's claims (reference §5): strings where CIS2 gives strings, and the members
// that ForgeRock Access Management adds, which services have learnt to step over.
type idClaims struct {
	Issuer          string   `json:"iss"`
	Audience        string   `json:"aud"`
	AuthorizedParty string   `json:"azp"`
	Subject         string   `json:"sub"`
	SubjectName     string   `json:"subname"`
	SessionID       string   `json:"sid"`
	IssuedAt        int64    `json:"iat"`
	Expires         int64    `json:"exp"`
	AuthTime        int64    `json:"auth_time"`
	Nonce           string   `json:"nonce,omitempty"`
	ACR             string   `json:"acr"`
	AMR             []string `json:"amr"`
	AuthLevel       string   `json:"authentication_assurance_level"`
	IDLevel         string   `json:"id_assurance_level"`
	OlderIDLevel    string   `json:"idassurancelevel"`
	SelectedRole    *string  `json:"selected_roleid,omitempty"`
	AccessHash      string   `json:"at_hash"`
	CodeHash        string   `json:"c_hash"`
	StateHash       string   `json:"s_hash,omitempty"`
	Realm           string   `json:"realm"`
	TokenName       string   `json:"tokenName"`
	TokenType       string   `json:"tokenType"`
	AuditTracking   string   `json:"auditTrackingId"`
	Operations      string   `json:"org.forgerock.openidconnect.ops"`
}

// idToken gives the ID token's claims, with those that a request asked for one by one.
func (p *Provider) idToken(t tokenRequest, got redeemed) (any, error) {
	own := p.idClaims(t, got)
	if len(got.further) == 0 {
		return own, nil
	}
	text, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	all := maps.Clone(got.further)
	if err := json.Unmarshal(text, &all); err != nil { // its own come last: nothing asked for replaces them
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	return all, nil
}

func (p *Provider) idClaims(t tokenRequest, got redeemed) idClaims {
	g := got.grant
	owner := got.owner
	now := p.o.Clock.Now()
	level := strconv.Itoa(owner.AssuranceLevel)
	c := idClaims{
		Issuer: p.o.Issuer, Audience: g.Request.ClientID, AuthorizedParty: g.Request.ClientID,
		Subject: owner.UUID, SubjectName: owner.UUID, SessionID: g.SID,
		IssuedAt: unix(now), Expires: unix(now.Add(code.TokenLife)), AuthTime: unix(g.Proven.At), Nonce: g.Request.Nonce,
		ACR: g.Request.Class, AMR: []string{g.Proven.Kind.AMR()},
		AuthLevel: g.Proven.Level.Claim(), IDLevel: level, OlderIDLevel: level,
		AccessHash: halfHash(t.token), CodeHash: halfHash(t.code),
		Realm: "/NHSIdentity/Healthcare", TokenName: "id_token", TokenType: "JWTToken",
		AuditTracking: random.ID() + "-1", Operations: random.Secret(),
	}
	if g.Request.State != "" {
		c.StateHash = halfHash(g.Request.State)
	}
	if g.Request.WantsRole() {
		c.SelectedRole = &g.Role
	}
	return c
}

// halfHash is the left half of SHA-256, as at_hash is for RS256 and ES256.
func halfHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func unix(t time.Time) int64 { return t.Unix() }
