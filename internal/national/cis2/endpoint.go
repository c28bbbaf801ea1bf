// Package cis2 holds the words that CIS2 Authentication and the services behind it say to each other: where
// its endpoints answer, the scopes a service may ask for, and the claims it is given (reference, CIS2
// Authentication §1, §5 and §6).
//
// The provider writes these types and services read them. The words of OpenID Connect itself, which any
// provider speaks, stand in platform/jwt and platform/relying.
package cis2

// Realm is the path of the issuer on its server; every endpoint answers below it.
const Realm = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare"

// RealmName is the realm as the ID token names it.
const RealmName = "/NHSIdentity/Healthcare"

// Where the endpoints answer, below the issuer.
const (
	DiscoveryPath  = "/.well-known/openid-configuration"
	AuthorizePath  = "/authorize"
	PushedPath     = "/par"
	TokenPath      = "/access_token"
	IntrospectPath = "/introspect"
	RevokePath     = "/token/revoke"
	UserInfoPath   = "/userinfo"
	KeysPath       = "/connect/jwk_uri"
	EndSessionPath = "/connect/endSession"
)
