package issuer

import (
	"net/http"
	"net/url"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
)

// maxClockDrift is how far a client's clock may differ from ours.
const maxClockDrift = 30 * time.Second

var proofs = jwt.Expect{
	Algorithms: []jwt.Algorithm{jwt.RS256, jwt.RS512, jwt.PS256, jwt.ES256}, Types: []string{"JWT", ""},
}

// clientID gives the id of the client that asks for a token. With client_secret_basic it is in the header (RFC 6749
// §2.3.1); beside an assertion, which names the client itself, it may be left out (RFC 7521 §4.2).
func clientID(r *http.Request) string {
	if id, _, basic := r.BasicAuth(); basic {
		if plain, err := url.QueryUnescape(id); err == nil {
			return plain
		}
	}
	if id := r.PostFormValue("client_id"); id != "" {
		return id
	}
	return subject(r.PostFormValue("client_assertion"))
}

// subject gives the client that an assertion names, before anything is verified; empty if it names none.
func subject(assertion string) string {
	token, err := jwt.Unverified(assertion)
	if err != nil {
		return ""
	}
	claims, err := token.Claims()
	if err != nil {
		return ""
	}
	return claims.Subject
}

// clientProblem says what is wrong with the client's authentication; empty if nothing is.
func (i *Issuer) clientProblem(r *http.Request) string {
	i.mu.Lock()
	c, known := i.clients[clientID(r)]
	i.mu.Unlock()
	switch {
	case !known:
		return "unknown client"
	case c.Secret != "":
		return secretProblem(r, c)
	case c.Keys == nil:
		return "no keys of the client are known"
	case r.PostFormValue("client_assertion_type") != jwt.AssertionType:
		return "client_assertion_type is not jwt-bearer"
	}
	return i.assertionProblem(r, c)
}

func secretProblem(r *http.Request, c Client) string {
	secret := r.PostFormValue("client_secret")
	if _, escaped, basic := r.BasicAuth(); basic {
		var err error
		if secret, err = url.QueryUnescape(escaped); err != nil {
			return "the secret in the header is not form-encoded"
		}
	}
	if secret != c.Secret {
		return "wrong secret"
	}
	return ""
}

func (i *Issuer) assertionProblem(r *http.Request, c Client) string {
	token, err := jwt.Verify(r.Context(), r.PostFormValue("client_assertion"), c.Keys, proofs)
	if err != nil {
		return err.Error()
	}
	claims, err := token.Claims()
	if err != nil {
		return err.Error()
	}
	err = claims.Check(jwt.Rules{
		Issuer: c.ID, Audience: []string{i.base + cis2.TokenPath, i.script().Name},
		AudienceForm: jwt.OneName, Now: i.clock.Now(), Leeway: maxClockDrift, EndsWithin: cis2.AssertionLimit,
		NeedIssuedAt: true, NeedID: true,
	})
	if err != nil {
		return err.Error()
	}
	if claims.Subject != c.ID {
		return (&jwt.Mismatch{Claim: "sub", Want: c.ID, Got: claims.Subject}).Error()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.used[claims.ID] {
		return "jti was used before"
	}
	i.used[claims.ID] = true
	return ""
}
