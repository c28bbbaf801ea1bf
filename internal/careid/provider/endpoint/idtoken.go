package endpoint

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"

	"signpost/internal/careid/provider/code"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/random"
)

// idToken returns the ID token's claims, including those that the request asked for by name.
func (e *Endpoints) idToken(t tokenRequest, got redeemed) (any, error) {
	own := e.idClaims(t, got)
	if len(got.extraClaims) == 0 {
		return own, nil
	}
	text, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	all := maps.Clone(got.extraClaims)
	if err := json.Unmarshal(text, &all); err != nil { // last, so that extra claims cannot replace the token's own
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	return all, nil
}

func (e *Endpoints) idClaims(t tokenRequest, got redeemed) cis2.IDToken {
	g := got.grant
	owner := got.owner
	now := e.o.Clock.Now()
	level := cis2.LevelOf(owner.AssuranceLevel)
	c := cis2.IDToken{
		SignIn: cis2.SignIn{
			Issuer: e.o.Issuer, Subject: owner.UUID, SessionID: g.SID,
			ACR: g.Request.Class, AMR: []string{g.Proven.Kind.AMR()},
			AuthenticationLevel: cis2.Level(g.Proven.Level.Claim()), IdentityLevel: level, OlderIdentityLevel: level,
		},
		Audience: g.Request.ClientID, AuthorizedParty: g.Request.ClientID, SubjectName: owner.UUID,
		IssuedAt: cis2.SecondsOf(now), Expires: cis2.SecondsOf(now.Add(code.TokenLife)),
		AuthTime: cis2.SecondsOf(g.Proven.At), Nonce: g.Request.Nonce,
		AccessHash: halfHash(t.token), CodeHash: halfHash(t.code),
		Realm: cis2.RealmName, TokenName: cis2.IDTokenName, TokenType: cis2.IDTokenType,
		AuditTracking: random.ID() + "-1", Operations: random.Secret(),
	}
	if g.Request.State != "" {
		c.StateHash = halfHash(g.Request.State)
	}
	if g.Request.WantsRole() {
		c.SelectedRoleID = &g.Role
	}
	return c
}

// halfHash returns the left half of the SHA-256, which is at_hash for RS256 and ES256.
func halfHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
