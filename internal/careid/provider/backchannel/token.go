package backchannel

import (
	"time"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// Logout holds the contents of a logout token: whose session ended, and for which client.
type Logout struct {
	Issuer, Client string
	Subject, SID   string
}

// tokenLife is how long a logout token is valid.
const tokenLife = 2 * time.Minute

type logoutClaims struct {
	Issuer   string         `json:"iss"`
	Audience string         `json:"aud"`
	Subject  string         `json:"sub"`
	SID      string         `json:"sid"`
	IssuedAt int64          `json:"iat"`
	Expires  int64          `json:"exp"`
	ID       string         `json:"jti"`
	Events   map[string]any `json:"events"`
}

// Token makes a logout token. Each has an id of its own.
func (o Logout) Token(key jwt.Key, now time.Time) (string, error) {
	return jwt.Sign(key, jwt.TypeLogout, logoutClaims{
		Issuer: o.Issuer, Audience: o.Client, Subject: o.Subject, SID: o.SID,
		IssuedAt: now.Unix(), Expires: now.Add(tokenLife).Unix(), ID: random.ID(),
		Events: map[string]any{jwt.LogoutEvent: map[string]any{}},
	})
}
