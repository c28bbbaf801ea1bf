package client

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/name"
)

// Algorithms are the ones that a client may sign its assertions with.
var Algorithms = []jwt.Algorithm{jwt.RS256, jwt.RS512, jwt.PS256, jwt.ES256}

// TokenAlgorithms are the ones that a client may choose for its ID tokens and its userinfo.
var TokenAlgorithms = []jwt.Algorithm{jwt.RS256, jwt.ES256}

// AuthMethods are the ways in which a client may authenticate.
var AuthMethods = []string{PrivateKeyJWT, ClientSecretPost, ClientSecretBasic}

// Limits of a registration. Anything beyond them is a mistake.
const (
	maxURIs        = 30
	maxURIBytes    = 2000
	maxNameBytes   = 100
	maxTextBytes   = 1000
	maxKeysBytes   = 32 << 10
	minSecretBytes = 16
)

// Problems lists everything wrong with a registration, each a *fault.Fault of one setting.
type Problems []*fault.Fault

// Error lists them.
func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, f := range p {
		texts[i] = f.Error()
	}
	return strings.Join(texts, ", ")
}

// Unwrap lets errors.Is and errors.As see each problem.
func (p Problems) Unwrap() []error {
	list := make([]error, len(p))
	for i, f := range p {
		list[i] = f
	}
	return list
}

func (p *Problems) add(field, message string) {
	*p = append(*p, &fault.Fault{Code: fault.Invalid, Field: field, Message: message})
}

func (p *Problems) errOrNil() error {
	if len(*p) == 0 {
		return nil
	}
	return *p
}

// withDefaults fills in what holds where nothing was said, and drops the keys of a client that has a secret
// instead.
func (c Client) withDefaults() Client {
	if c.IDTokenAlgorithm == "" {
		c.IDTokenAlgorithm = jwt.RS256
	}
	if c.UsesSecret() {
		c.Algorithm = ""
		c.JWKS = ""
		c.JWKSURI = ""
	}
	return c
}

// check refuses a registration that could not work or would not be safe. secret is the one that is registered
// with it.
func (c Client) check(secret string) error {
	p := c.problems()
	if c.ID == "" {
		p.add("client_id", "Enter an id for the client")
	}
	if c.UsesSecret() && len(secret) < minSecretBytes {
		p.add("client_secret", fmt.Sprintf("Enter a client secret of %d characters or more", minSecretBytes))
	}
	return p.errOrNil()
}

// checkByPeople does what check does, for clients that people register. They also name an owner and a contact.
func (c Client) checkByPeople() error {
	p := c.problems()
	if strings.TrimSpace(c.Owner) == "" {
		p.add("owner", "Enter the organisation that owns the client")
	}
	if c.Contact == "" {
		p.add("contact", "Enter an email address for questions about the client")
	}
	return p.errOrNil()
}

func (c Client) problems() Problems {
	var p Problems
	c.checkTexts(&p)
	c.checkAddresses(&p)
	c.checkAuth(&p)
	c.checkAnswers(&p)
	return p
}

func (c Client) checkTexts(p *Problems) {
	if strings.TrimSpace(c.Name) == "" {
		p.add("client_name", "Enter a name for the client, as people know it")
	}
	for field, text := range map[string]string{"client_name": c.Name, "owner": c.Owner} {
		if problem := name.PublicProblem(text); text != "" && problem != "" {
			p.add(field, problem)
		}
		if len(text) > maxNameBytes {
			p.add(field, fmt.Sprintf("Enter %d characters or fewer", maxNameBytes))
		}
	}
	if len(c.Description) > maxTextBytes {
		p.add("description", fmt.Sprintf("Enter a description of %d characters or fewer", maxTextBytes))
	}
	if _, err := email.ParseNew(c.Contact); c.Contact != "" && err != nil {
		p.add("contact", "Enter an email address such as team@example.nhs.uk")
	}
}

func (c Client) checkAddresses(p *Problems) {
	if len(c.RedirectURIs) == 0 {
		p.add("redirect_uris", "Enter at least one redirect URI")
	}
	for _, list := range []struct {
		field string
		uris  []string
	}{
		{"redirect_uris", c.RedirectURIs}, {"post_logout_redirect_uris", c.PostLogoutURIs},
		{"backchannel_logout_uri", listOf(c.BackchannelLogoutURI)}, {"jwks_uri", listOf(c.JWKSURI)},
	} {
		if len(list.uris) > maxURIs {
			p.add(list.field, fmt.Sprintf("Enter %d addresses or fewer", maxURIs))
		}
		if problems := badURIs(list.uris); len(problems) > 0 {
			p.add(list.field, strings.Join(problems, ", ")+". Enter https addresses, or http ones of this machine")
		}
	}
}

func listOf(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// badURIs lists what is wrong with each address of a list that cannot be taken.
func badURIs(uris []string) (problems []string) {
	for _, uri := range uris {
		if problem := badURI(uri); problem != "" {
			problems = append(problems, fmt.Sprintf("%.200q %s", uri, problem))
		}
	}
	return problems
}

// badURI returns what is wrong with an address, or an empty text. It accepts https addresses, and http ones of
// this machine.
func badURI(uri string) string {
	u, err := url.Parse(uri)
	switch {
	case err != nil, len(uri) > maxURIBytes,
		strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "is not an address"
	case u.Host == "" || u.Opaque != "":
		return "is not a whole address"
	case u.User != nil:
		return "has a username in it"
	case strings.Contains(uri, "#"):
		return "has a fragment (#)"
	case strings.Contains(uri, "*"):
		return "has a wildcard (*)"
	case u.Scheme == "https", u.Scheme == "http" && fetch.ThisMachine(u.Hostname()):
		return ""
	}
	return "is not https"
}

func (c Client) checkAuth(p *Problems) {
	if c.UsesSecret() {
		return
	}
	if c.AuthMethod != PrivateKeyJWT {
		p.add("token_endpoint_auth_method", "Choose "+strings.Join(AuthMethods, ", "))
		return
	}
	if !slices.Contains(Algorithms, c.Algorithm) {
		p.add("token_endpoint_auth_signing_alg", "Choose "+names(Algorithms))
	}
	if (c.JWKS == "") == (c.JWKSURI == "") {
		p.add("jwks", "Enter either the client's public keys or the address where they are")
		return
	}
	c.checkKeys(p)
}

// checkKeys refuses keys with which no assertion of the client would ever be accepted.
func (c Client) checkKeys(p *Problems) {
	if c.JWKS == "" {
		return
	}
	if problem := c.keysProblem(); problem != "" {
		p.add("jwks", problem)
	}
}

// keysProblem says what is wrong with the keys that are registered for the client itself, and the cure.
func (c Client) keysProblem() string {
	set, err := jwt.ParseSet([]byte(c.JWKS))
	unfit := set.Unfit()
	switch {
	case err != nil, len(c.JWKS) > maxKeysBytes, set.Len() == 0 && len(unfit) == 0:
		return `Enter the client's public keys as a JSON Web Key Set: {"keys": [...]}, with no private key in it`
	case len(unfit) > 0:
		return strings.Join(unfit, ". ") + ". Enter RSA keys of " + jwt.UsualRSA + ", or P-256 ones for ES256"
	case slices.Contains(Algorithms, c.Algorithm) && !set.WorksWith(c.Algorithm):
		return fmt.Sprintf("None of these keys works with %s. Enter one that does, or choose another algorithm",
			c.Algorithm)
	}
	return ""
}

func (c Client) checkAnswers(p *Problems) {
	if !slices.Contains(c.Scopes, cis2.OpenID) {
		p.add("scope", "The scopes must contain openid")
	}
	if strange := missing(c.Scopes, cis2.Scopes); strange != "" {
		p.add("scope", "There is no scope "+strange+". Choose among "+strings.Join(cis2.Scopes, ", "))
	}
	if strange := missing(c.AllowedACR, authn.Classes()); strange != "" {
		p.add("acr_values", "There is no class "+strange+". Choose among "+strings.Join(authn.Classes(), ", "))
	}
	if !slices.Contains(TokenAlgorithms, c.withDefaults().IDTokenAlgorithm) {
		p.add("id_token_signed_response_alg", "Choose "+names(TokenAlgorithms))
	}
	if c.UserInfoAlgorithm != "" && !slices.Contains(TokenAlgorithms, c.UserInfoAlgorithm) {
		p.add("userinfo_signed_response_alg", "Choose "+names(TokenAlgorithms)+", or nothing for plain JSON")
	}
}

// missing quotes those of some values that are not among the known ones.
func missing(values, known []string) string {
	var strange []string
	for _, one := range values {
		if !slices.Contains(known, one) {
			strange = append(strange, fmt.Sprintf("%.60q", one))
		}
	}
	return strings.Join(strange, ", nor ")
}

func names(list []jwt.Algorithm) string {
	var texts []string
	for _, a := range list {
		texts = append(texts, string(a))
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1]
}
