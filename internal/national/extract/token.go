package extract

import (
	"strings"
	"time"
)

// The asker authenticates itself with a JWT in the Authorization header, signed with the
// key it registered: header typ TokenType; claims iss and sub its client id, aud Audience(base), iat,
// exp and jti. A token works once: the answering side stores the jti for TokenMaxAge and refuses it a
// second time.
const (
	// TokenType is the JWT header typ. It prevents the use of our other tokens here.
	TokenType = "signpost-extract+jwt"
	// TokenMaxAge is the longest time that is accepted, from iat to exp and from iat to now.
	TokenMaxAge = 60 * time.Second
)

// Audience gives the aud claim for the answering side at base, such as "https://cim.example.nhs.uk".
func Audience(base string) string { return strings.TrimRight(base, "/") + Path }
