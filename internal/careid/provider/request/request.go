// Package request reads what a service asks of the authorisation endpoint: one validated Request, or an
// error of the protocol. It asks no database; who the client is was looked up before.
package request

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
)

// Request is a service's request to sign somebody in, after it was validated. It is stored; nothing is
// read from the browser again.
type Request struct {
	ClientID    string       `json:"client_id"`
	ClientName  string       `json:"client_name"`
	RedirectURI string       `json:"redirect_uri"`
	FormPost    bool         `json:"form_post,omitempty"` // the answer is posted, not in the address
	Scopes      []string     `json:"scopes"`
	State       string       `json:"state,omitempty"`
	Nonce       string       `json:"nonce,omitempty"`
	Challenge   string       `json:"challenge,omitempty"` // of PKCE, S256
	Class       string       `json:"class"`               // acr
	Login       bool         `json:"login,omitempty"`     // a fresh proof is wanted
	Silent      bool         `json:"silent,omitempty"`    // no page may be shown
	HasMaxAge   bool         `json:"has_max_age,omitempty"`
	MaxAge      int64        `json:"max_age,omitempty"`    // seconds
	LoginHint   string       `json:"login_hint,omitempty"` // an email address or a care identity, to begin with
	Locales     []string     `json:"locales,omitempty"`    // the person's languages, the best first
	Subject     string       `json:"subject,omitempty"`    // the care identity who alone will do
	Claims      claim.Wanted `json:"claims,omitzero"`
}

// Parameters that change what a request means and that this provider does not take.
var refused = map[string]string{
	"request":      "request_not_supported",
	"request_uri":  "request_uri_not_supported",
	"registration": "registration_not_supported",
}

// maxTextBytes bounds a parameter of a request, in bytes.
const maxTextBytes = 2000

// Those parameters that hold a whole document have a bound of their own: an ID token with its claims, and the
// claims asked for one by one.
const maxDocumentBytes = 16000

var documents = map[string]bool{"id_token_hint": true, "claims": true}

// Parse validates the parameters of a request for a client whose redirect URI is right.
func Parse(q url.Values, c client.Client) (Request, *Error) {
	r := Request{
		ClientID: c.ID, ClientName: c.Name, RedirectURI: q.Get("redirect_uri"),
		State: q.Get("state"), Nonce: q.Get("nonce"),
	}
	for _, check := range []func(*Request, url.Values, client.Client) *Error{
		parseMode, plainText, parseType, parseScope, parsePKCE,
		parsePrompt, parseAge, parseHints, parseClaims, parseClass,
	} {
		if e := check(&r, q, c); e != nil {
			return r, e
		}
	}
	return r, nil
}

func plainText(_ *Request, q url.Values, _ client.Client) *Error {
	for name, values := range q {
		if len(values) > 1 {
			return Invalid("invalid_request", "The parameter "+shown(name)+" is there more than once.")
		}
		limit := maxTextBytes
		if documents[name] {
			limit = maxDocumentBytes
		}
		if !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) || len(values[0]) > limit {
			return Invalid("invalid_request", "The parameter "+shown(name)+" is too long or is not text.")
		}
	}
	return nil
}

var plainName = regexp.MustCompile(`^[a-z_]{1,40}$`)

// shown is a parameter's name as it may stand in an answer.
func shown(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return "with an unusual name"
}

// parseMode comes first, so that every later error goes the way that the service asked for.
func parseMode(r *Request, q url.Values, _ client.Client) *Error {
	switch q.Get("response_mode") {
	case "form_post":
		r.FormPost = true
		return nil
	case "", "query":
		return nil
	}
	return Invalid("invalid_request", "Only the response modes query and form_post are supported.")
}

func parseType(_ *Request, q url.Values, _ client.Client) *Error {
	for name, code := range refused {
		if q.Has(name) {
			return Invalid(code, "The parameter "+name+" is not supported.")
		}
	}
	switch {
	case !q.Has("response_type"):
		return Invalid("invalid_request", "The parameter response_type is missing.")
	case q.Get("response_type") != "code":
		return Invalid("unsupported_response_type", "Only the code flow is supported.")
	}
	return nil
}

func parseScope(r *Request, q url.Values, c client.Client) *Error {
	for scope := range strings.FieldsSeq(q.Get("scope")) {
		if !slices.Contains(c.Scopes, scope) {
			return Invalid("invalid_scope", "A scope was asked for that this client is not registered for.")
		}
		if !slices.Contains(r.Scopes, scope) {
			r.Scopes = append(r.Scopes, scope)
		}
	}
	if !slices.Contains(r.Scopes, cis2.OpenID) {
		return Invalid("invalid_scope", "The scope must contain openid.")
	}
	return nil
}

// A challenge is the SHA-256 of the verifier in base64url: 43 characters (RFC 7636 §4.2).
var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

func parsePKCE(r *Request, q url.Values, c client.Client) *Error {
	has, method := q.Has("code_challenge"), q.Get("code_challenge_method")
	switch {
	case !has && q.Has("code_challenge_method"):
		return Invalid("invalid_request", "There is a code_challenge_method without a code_challenge.")
	case !has && c.RequirePKCE:
		return Invalid("invalid_request", "This client must send a code_challenge.")
	case !has:
		return nil
	case method != "S256":
		return Invalid("invalid_request", "The code_challenge_method must be S256.")
	case !challenge.MatchString(q.Get("code_challenge")):
		return Invalid("invalid_request", "The code_challenge is not one of the method S256.")
	}
	r.Challenge = q.Get("code_challenge")
	return nil
}

// The longest max_age that means anything: a year.
const maxAge = 365 * 24 * 60 * 60

func parsePrompt(r *Request, q url.Values, _ client.Client) *Error {
	prompts := strings.Fields(q.Get("prompt"))
	for _, prompt := range prompts {
		switch prompt {
		case "none":
			r.Silent = true
		case "login", "select_account":
			r.Login = true
		case "consent": // consent is implied by the person's terms and conditions
		default:
			return Invalid("invalid_request", "The prompt must be none or login.")
		}
	}
	if r.Silent && len(prompts) > 1 {
		return Invalid("invalid_request", "The prompt none cannot stand with another.")
	}
	return nil
}

func parseAge(r *Request, q url.Values, _ client.Client) *Error {
	if q.Has("max_age") {
		age, err := strconv.ParseInt(q.Get("max_age"), 10, 64)
		if err != nil || age < 0 || age > maxAge {
			return Invalid("invalid_request", "The max_age must be a number of seconds.")
		}
		r.HasMaxAge, r.MaxAge = true, age
	}
	return nil
}

// parseHints keeps what may make the sign-in easier and changes nothing about it.
func parseHints(r *Request, q url.Values, _ client.Client) *Error {
	r.LoginHint = q.Get("login_hint")
	r.Locales = strings.Fields(q.Get("ui_locales"))
	switch q.Get("display") {
	case "", "page", "popup", "touch", "wap":
		return nil
	}
	return Invalid("invalid_request", "The display must be page, popup, touch or wap.")
}

func parseClaims(r *Request, q url.Values, c client.Client) *Error {
	if !q.Has("claims") {
		return nil
	}
	wanted, err := claim.ParseWanted(q.Get("claims"), c.Scopes)
	if err != nil {
		return Invalid("invalid_request", "The claims parameter is not JSON as OpenID Connect Core section 5.5 has it.")
	}
	r.Claims, r.Subject = wanted, wanted.Subject
	return nil
}

// parseClass picks the class of authentication. Essential classes of the claims parameter come before
// acr_values; where none of them is offered, nobody can be signed in.
func parseClass(r *Request, q url.Values, c client.Client) *Error {
	wanted := r.Claims.ACR
	if len(wanted) == 0 {
		wanted = strings.Fields(q.Get("acr_values"))
	}
	class, err := authn.ParseACR(permitted(wanted, c.AllowedACR))
	if errors.Is(err, authn.ErrNotOffered) || err != nil && len(r.Claims.ACR) > 0 {
		return Invalid("unmet_authentication_requirements", "This class of authentication is not offered.")
	}
	if err != nil {
		return Invalid("invalid_request", "The acr_values name no class of authentication that is supported.")
	}
	if len(c.AllowedACR) > 0 && !slices.Contains(c.AllowedACR, class.Name()) {
		return Invalid("invalid_request", "This client is not registered for that class of authentication.")
	}
	r.Class = class.Name()
	return nil
}

// permitted keeps the classes that a client may ask for, if that leaves any; a client that is registered
// for some and asks for none gets the first of them.
func permitted(wanted, allowed []string) []string {
	if len(allowed) == 0 {
		return wanted
	}
	if len(wanted) == 0 {
		return allowed[:1]
	}
	may := slices.DeleteFunc(slices.Clone(wanted), func(class string) bool { return !slices.Contains(allowed, class) })
	if len(may) == 0 {
		return wanted
	}
	return may
}

// Asked is the class of authentication that was asked for. It was validated before it was stored.
func (r Request) Asked() authn.Class {
	c, err := authn.ParseACR([]string{r.Class})
	if err != nil {
		return authn.Class{}
	}
	return c
}

// Offers reports whether the request may be met with this kind of authenticator.
func (r Request) Offers(k authn.Kind) bool { return r.Asked().Allows(k) }

// WantsRole reports whether the service asked for a role to be chosen.
func (r Request) WantsRole() bool {
	return slices.Contains(r.Scopes, cis2.SelectedRole) || r.ChangesRole()
}

// ChangesRole reports whether a role chosen before does not count.
func (r Request) ChangesRole() bool { return slices.Contains(r.Scopes, cis2.ChangedRole) }

// FreshEnough reports whether a proof made at the given time will do at now.
func (r Request) FreshEnough(proved, now time.Time) bool {
	return !r.Login && (!r.HasMaxAge || now.Sub(proved) <= time.Duration(r.MaxAge)*time.Second)
}

// Takes reports whether this person will do.
func (r Request) Takes(uuid string) bool { return r.Subject == "" || r.Subject == uuid }

// Origin is where the answer goes, for a page's form-action.
func (r Request) Origin() string { return Origin(r.RedirectURI) }
