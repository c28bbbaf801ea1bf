// Package cis2 defines what CIS2 Authentication and its services exchange: the paths of its endpoints, the scopes
// that a service may ask for, and the claims that it gets (reference, CIS2 Authentication §1, §5 and §6).
//
// The provider writes these types and services read them. What OpenID Connect itself defines, for any provider, is
// in platform/jwt and platform/relying.
package cis2

import "time"

// AssertionLimit bounds how far ahead a client's assertion may expire: half an hour ahead is too far (seen on the INT
// environment).
const AssertionLimit = 30 * time.Minute

// Realm is the path of the issuer on its server; every endpoint answers below it.
const Realm = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare"

// RealmName is the name of the realm in the ID token.
const RealmName = "/NHSIdentity/Healthcare"

// The paths of the endpoints, below the issuer.
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
