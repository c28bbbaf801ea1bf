package checkrp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"time"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying/issuer"
)

// Strangers to every relying party.
const (
	otherIssuer  = "https://hostile.example/openam/oauth2"
	otherClient  = "999999999999.apps.national"
	otherSubject = "999999999999"
)

// idTokens are ID tokens that must be refused, and some that differ and must be taken.
func idTokens() []requirement {
	return []requirement{
		{"oidcc-client-test-invalid-iss", "refuses an ID token of another issuer, or of none", refuses(
			attack{"of another", claim("iss", otherIssuer), "token"},
			attack{"with a slash more", idToken(func(c map[string]any) { c["iss"] = textOf(c["iss"]) + "/" }), "token"},
			attack{"of none", without("iss"), "token"})},
		{
			"oidcc-client-test-missing-sub", "refuses an ID token without sub",
			refuses(attack{"no sub", without("sub"), "token"}),
		},
		{"oidcc-client-test-invalid-aud", "refuses an ID token for another client", refuses(
			attack{"for another", together(claim("aud", otherClient)), "token"},
			attack{"for both, whom we do not know beside us", idToken(func(c map[string]any) {
				c["aud"] = []any{c["aud"], otherClient}
			}), "token"})},
		{
			"oidcc-client-test-missing-aud", "refuses an ID token for nobody",
			refuses(attack{"no aud", without("aud"), "token"}),
		},
		{
			"oidcc-client-test-missing-iat", "refuses an ID token without iat",
			refuses(attack{"no iat", without("iat"), "token"}),
		},
		{"signpost-expired", "refuses an ID token that has expired, or never does", expired},
		{"oidcc-client-test-nonce-invalid", "refuses an ID token with another nonce, or none", refuses(
			attack{"another nonce", claim("nonce", "another"), "token"},
			attack{"no nonce", without("nonce"), "token"})},
		{"oidcc-client-test-invalid-athash", "refuses an at_hash that is not of the access token", refuses(
			attack{"another at_hash", claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "token"})},
		{"oidcc-client-test-idtoken-sig-none", "refuses an ID token that is not signed", refuses(
			attack{"alg none", signing(unsigned("none")), "token"},
			attack{"alg nOnE", signing(unsigned("nOnE")), "token"},
			attack{"signature left out", cutSignature, "token"})},
		{"oidcc-client-test-invalid-sig-rs256", "refuses a signature by another's key", byAnother},
		{
			"oidcc-client-test-invalid-sig-hs256",
			"refuses HS256 with the public key, or the client's secret, as the secret", withPublicKey,
		},
		{
			"signpost-token-type", "refuses a logout token in place of an ID token",
			refuses(attack{"a logout token", idToken(asLogout), "token"}),
		},
		{
			"oidcc-client-test-kid-absent-single-jwks", "takes an ID token without kid where one key is published",
			withoutKeyID,
		},
		{"signpost-token-answer", "takes a token answer that says “bearer”, or not how long it is valid",
			takes(func(s *issuer.Script) {
				s.Alter.Token = func(a map[string]any) { a["token_type"] = "bearer"; delete(a, "expires_in") }
			})},
	}
}

func textOf(v any) string { s, _ := v.(string); return s }

func expired(r *run) finding {
	ago := r.Timer.Now().Add(-time.Hour).Unix()
	past := idToken(func(c map[string]any) { c["exp"] = ago })
	return refuses(attack{"expired an hour ago", past, "token"}, attack{"no exp", without("exp"), "token"})(r)
}

// asLogout makes the claims those of a logout token.
func asLogout(c map[string]any) {
	for _, name := range []string{"nonce", "at_hash", "auth_time", "acr", "amr", "azp"} {
		delete(c, name)
	}
	c["events"] = map[string]any{jwt.LogoutEvent: map[string]any{}}
	c["jti"] = "logout"
}

func signing(sign func(typ string, claims any) string) change {
	return func(s *issuer.Script) { s.Alter.Sign = sign }
}

// byHand writes a token with any header; without a secret it is not signed.
func byHand(head map[string]any, claims any, secret []byte) string {
	h, err := json.Marshal(head)
	if err != nil {
		return ""
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return ""
	}
	input := base64url.EncodeToString(h) + "." + base64url.EncodeToString(c)
	if secret == nil {
		return input + "."
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(input))
	return input + "." + base64url.EncodeToString(m.Sum(nil))
}

func unsigned(alg string) func(string, any) string {
	return func(typ string, claims any) string {
		return byHand(map[string]any{"alg": alg, "typ": typ}, claims, nil)
	}
}

// cutSignature leaves the signature out of a token that says it has one.
func cutSignature(s *issuer.Script) {
	k := s.Key
	s.Alter.Sign = func(typ string, claims any) string {
		token := signed(k, typ, claims)
		return token[:strings.LastIndex(token, ".")+1]
	}
}

func signed(k jwt.Key, typ string, claims any) string {
	token, err := jwt.Sign(k, typ, claims)
	if err != nil {
		return ""
	}
	return token
}

// stranger signs with a key that is not published, under a name.
func stranger(k jwt.Key, kid func(s *issuer.Script) string) change {
	return func(s *issuer.Script) {
		k.ID = kid(s)
		s.Alter.Sign = func(typ string, claims any) string { return signed(k, typ, claims) }
	}
}

func byAnother(r *run) finding {
	own := r.other.ID
	return refuses(
		attack{"under the published kid", stranger(r.other, func(s *issuer.Script) string {
			return s.Key.ID
		}), "token"},
		attack{"under a kid of its own", stranger(r.other, func(*issuer.Script) string { return own }), "token"},
		attack{"under a kid that is a path", stranger(r.other, func(*issuer.Script) string {
			return "../../../../dev/null"
		}), "token"},
	)(r)
}

func withPublicKey(r *run) finding {
	var attacks []attack
	for _, s := range publicSecrets(r) {
		attacks = append(attacks, attack{s.name, symmetric(s.secret), "token"})
	}
	return refuses(attacks...)(r)
}

// notSecret could be taken by a careless relying party for the secret of HS256.
type notSecret struct {
	name   string
	secret []byte
}

func publicSecrets(r *run) []notSecret {
	var published jwt.Key
	r.Issuer.Change(func(s *issuer.Script) { published = s.Key })
	list := []notSecret{{"an empty secret", []byte{}}}
	if der, err := x509.MarshalPKIXPublicKey(published.Public()); err == nil {
		list = append(list, notSecret{"the public key in DER", der},
			notSecret{"the public key in PEM", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})})
	}
	if r.Client.Secret != "" {
		list = append(list, notSecret{"the client's secret", []byte(r.Client.Secret)})
	}
	return list
}

func symmetric(secret []byte) change {
	return func(s *issuer.Script) {
		kid := s.Key.ID
		s.Alter.Sign = func(typ string, claims any) string {
			return byHand(map[string]any{"alg": "HS256", "typ": typ, "kid": kid}, claims, secret)
		}
	}
}

func withoutKeyID(r *run) finding {
	return takes(func(s *issuer.Script) {
		k := s.Key
		k.ID = ""
		s.Alter.Sign = func(typ string, claims any) string { return signed(k, typ, claims) }
	})(r)
}
