package checkrp

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying/issuer"
)

// How many sign-ins tell whether something is fresh each time.
const samples = 8

// Bits that a state and a nonce must have, so that nobody guesses one (ASVS 11.5.1).
const minBits = 128

// freshSeconds is how old a proof of oneself may be (conformance Ses 002).
const freshSeconds = 300

// requests lists the requirements on what the relying party asks of the provider.
func requests() []requirement {
	return []requirement{
		{"oidcc-client-test", "finishes the code flow: somebody is signed in", (*run).honestly},
		{
			"signpost-request", "asks for response_type code and scope openid, always with the same redirect URI",
			everyRequest(requestProblem),
		},
		{
			"NHS CIA Ses Req 002", "asks for a fresh sign-in: prompt=login, or max_age of at most 300 seconds",
			everyRequest(notFresh),
		},
		{"signpost-pkce", "sends a new PKCE challenge by S256 each time, and its verifier", (*run).pkce},
		{"signpost-state", "sends a state that is new and cannot be guessed", unguessable("state")},
		{"signpost-nonce", "sends a nonce that is new and cannot be guessed", unguessable("nonce")},
		{
			"signpost-client-authentication",
			"proves itself by private_key_jwt: iss and sub, aud, less than 30 minutes, a new jti, a published key",
			(*run).proof,
		},
		{"oidcc-client-test-discovery-openid-config", "reads the provider's metadata at run time", reads("metadata")},
		{
			"oidcc-client-test-discovery-jwks-uri-keys", "reads the provider's keys from the address in the metadata",
			reads("keys"),
		},
		{
			"oidcc-client-test-userinfo-bearer-header", "sends the access token in the header, never in an address",
			(*run).bearer,
		},
	}
}

// honestly signs in some times, each on a browser on which nobody is signed in yet.
func (r *run) honestly() finding {
	if in, err := r.isIn(r.browser()); err != nil || in {
		return fail("the words that show that somebody is signed in are shown to everybody, or the page cannot be "+
			"read %s", errorText(err))
	}
	for range samples {
		a, err := r.signIn(nil)
		switch {
		case err != nil || !a.in:
			return fail("not signed in: %s; asked of the provider: %s", outcome(a, err), kinds(a.seen))
		case len(a.requests("authorize")) == 0 || len(a.requests("token")) == 0:
			return fail("signed in, but only this was asked of the provider: %s", kinds(a.seen))
		}
	}
	return pass("signed in %d times", samples)
}

// kinds are the requests to the provider, in order.
func kinds(seen []issuer.Seen) string {
	var list []string
	for _, s := range seen {
		list = append(list, s.What)
	}
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// everyRequest passes if check finds no problem in any authorisation request.
func everyRequest(check func(r *run, s issuer.Seen) (saw, problem string)) func(*run) finding {
	return func(r *run) finding {
		var saw, problem string
		for _, a := range r.honest {
			for _, s := range a.requests("authorize") {
				if saw, problem = check(r, s); problem != "" {
					return fail("%s", problem)
				}
			}
		}
		return pass("%s", saw)
	}
}

func requestProblem(r *run, s issuer.Seen) (saw, problem string) {
	first := r.honest[0].query("authorize")
	switch q := s.Values; {
	case q.Get("response_type") != "code":
		return "", fmt.Sprintf("response_type is %q", q.Get("response_type"))
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return "", fmt.Sprintf("scope %q lacks openid", q.Get("scope"))
	case q.Get("redirect_uri") != first.Get("redirect_uri"):
		return "", fmt.Sprintf("redirect_uri is %q and then %q", first.Get("redirect_uri"), q.Get("redirect_uri"))
	}
	for name, values := range s.Values {
		if len(values) > 1 {
			return "", name + " is sent more than once"
		}
	}
	return fmt.Sprintf("scope %q, acr_values %q", first.Get("scope"), first.Get("acr_values")), ""
}

func notFresh(_ *run, s issuer.Seen) (saw, problem string) {
	if asksLogin(s) {
		return "prompt=login", ""
	}
	age := s.Values.Get("max_age")
	seconds, err := strconv.Atoi(age)
	switch {
	case age == "":
		return "", "neither prompt=login nor max_age is sent"
	case err != nil || seconds < 0:
		return "", fmt.Sprintf("max_age is %q, not a number of seconds", age)
	case seconds > freshSeconds:
		return "", fmt.Sprintf("max_age is %d; it is in seconds, and must be at most %d", seconds, freshSeconds)
	}
	return "max_age=" + age, ""
}

func asksLogin(s issuer.Seen) bool {
	return slices.Contains(strings.Fields(s.Values.Get("prompt")), "login")
}

func (r *run) pkce() finding {
	met := map[string]bool{}
	for _, a := range r.honest {
		request := a.query("authorize")
		redeemed := a.query("token")
		challenge := request.Get("code_challenge")
		verifier := redeemed.Get("code_verifier")
		switch {
		case challenge == "":
			return fail("no code_challenge is sent")
		case request.Get("code_challenge_method") != "S256":
			return fail("code_challenge_method is %q", request.Get("code_challenge_method"))
		case issuer.Challenge(verifier) != challenge:
			return fail("the code_verifier does not fit the challenge")
		case met[challenge]:
			return fail("a challenge is sent twice")
		case len(verifier) < 43:
			return fail("the code_verifier has %d characters; it needs at least 43 (RFC 7636 §4.1)", len(verifier))
		}
		met[challenge] = true
	}
	return pass("%d challenges by S256, all new and proved", len(met))
}

// unguessable finds that a parameter is there, new each time, and not to be guessed.
func unguessable(name string) func(*run) finding {
	return func(r *run) finding {
		var values []string
		for _, a := range r.honest {
			value := a.query("authorize").Get(name)
			if value == "" {
				return fail("no %s is sent", name)
			}
			if slices.Contains(values, value) {
				return fail("%s %.20q is sent twice", name, value)
			}
			values = append(values, value)
		}
		if bits := entropy(values); bits < minBits {
			return fail("about %d bits change from one to the next; at least %d must", bits, minBits)
		}
		return pass("%d, all different, of about %d bits or more", len(values), minBits)
	}
}

// entropy is about how many bits differ between values: each place that ever changes counts as much as the
// letters in use can tell apart. It sees counters and constants, not a poor source of chance.
func entropy(values []string) int {
	shortest := len(values[0])
	for _, v := range values {
		shortest = min(shortest, len(v))
	}
	changing := 0
	for place := range shortest {
		if slices.ContainsFunc(values, func(v string) bool { return v[place] != values[0][place] }) {
			changing++
		}
	}
	return changing * bitsOfLetter(strings.Join(values, ""))
}

// bitsOfLetter counts what one letter of an alphabet tells, rounded down.
func bitsOfLetter(all string) int {
	digits := true
	hex := true
	for _, c := range all {
		digits = digits && (c >= '0' && c <= '9' || c == '-')
		hex = hex && (c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == '-')
	}
	switch {
	case digits:
		return 3
	case hex:
		return 4
	}
	return 5
}

func (r *run) proof() finding {
	var saw string
	for _, a := range r.honest {
		for _, s := range a.requests("token") {
			if s.Problem != "" {
				return fail("%s", s.Problem)
			}
			saw = header(s.Values.Get("client_assertion"))
		}
	}
	if r.Client.Secret != "" {
		return warn("the secret is right; plan for private_key_jwt, which the guidance prefers")
	}
	return pass("%s, %d assertions in order", saw, len(r.honest))
}

func header(assertion string) string {
	t, err := jwt.Unverified(assertion)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("alg %s, kid %.60q", t.Algorithm, t.KeyID)
}

func reads(what string) func(*run) finding {
	return func(r *run) finding {
		if n := r.Issuer.Reads(what); n > 0 {
			return pass("read %d times in %d sign-ins", n, len(r.honest))
		}
		return fail("never read")
	}
}

func (r *run) bearer() finding {
	count := 0
	for _, a := range r.honest {
		for _, s := range a.requests("userinfo") {
			if s.Values.Has("access_token") {
				return fail("the access token is in the address of the userinfo request")
			}
			if s.Bearer == "" {
				return fail("no access token in the header")
			}
			count++
		}
	}
	if count == 0 {
		return notSeen("userinfo was never asked for")
	}
	return pass("userinfo asked for %d times", count)
}

// base64url is how tokens are written.
var base64url = base64.RawURLEncoding
