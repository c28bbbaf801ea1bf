package extract

import (
	"strings"
	"time"
)

// The asker proves itself with a JWT of its own making in the Authorization header, signed with the
// key it registered: header typ TokenType; claims iss and sub its client id, aud Audience(base), iat,
// exp and jti. A token is single use: the answerer keeps the jti for TokenMaxAge and refuses it a
// second time.
const (
	// TokenType is the JWT header typ, so that no other token of ours can be used here.
	TokenType = "signpost-extract+jwt"
	// TokenMaxAge is the longest life that is believed, from iat to exp and from iat to now.
	TokenMaxAge = 60 * time.Second
)

// Audience is the aud claim for the answerer at base, such as "https://cim.example.nhs.uk".
func Audience(base string) string { return strings.TrimRight(base, "/") + Path }
