package jwt

// The types of tokens, as their headers say them.
const (
	TypePlain  = "JWT"
	TypeLogout = "logout+jwt" // OpenID Connect Back-Channel Logout 1.0 §2.4
)

// AssertionType is the only kind of client assertion there is (RFC 7523 §2.2).
const AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// LogoutEvent is the member of events that makes a token a logout token (Back-Channel Logout 1.0 §2.4).
const LogoutEvent = "http://schemas.openid.net/event/backchannel-logout"
