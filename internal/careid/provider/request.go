package provider

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
)

// Request is a service's request to sign somebody in, after it was validated. It is stored; nothing is
// read from the browser again.
type Request struct {
	ClientID    string   `json:"client_id"`
	ClientName  string   `json:"client_name"`
	RedirectURI string   `json:"redirect_uri"`
	Scopes      []string `json:"scopes"`
	State       string   `json:"state,omitempty"`
	Nonce       string   `json:"nonce,omitempty"`
	Challenge   string   `json:"challenge,omitempty"` // of PKCE, S256
	Class       string   `json:"class"`               // acr
	Login       bool     `json:"login,omitempty"`     // a fresh proof is wanted
	Silent      bool     `json:"silent,omitempty"`    // no page may be shown
	HasMaxAge   bool     `json:"has_max_age,omitempty"`
	MaxAge      int64    `json:"max_age,omitempty"` // seconds
}

// Error is an error of the protocol: a code that the standards name and words for a developer.
type Error struct {
	Code        string
	Description string
}

// Error gives both.
func (e *Error) Error() string { return e.Code + ": " + e.Description }

func invalid(code, description string) *Error { return &Error{Code: code, Description: description} }

// Errors of the authorisation endpoint that are asked for by name.
var (
	errLoginRequired       = invalid("login_required", "Nobody is signed in, and no page may be shown.")
	errInteractionRequired = invalid("interaction_required", "The person has to do something first, and no page may be shown.")
	errAccessDenied        = invalid("access_denied", "The person did not sign in.")
)

// Parameters that change what a request means and that this provider does not take.
var refused = map[string]string{
	"request": "request_not_supported", "request_uri": "request_uri_not_supported", "registration": "registration_not_supported",
}

// mostText bounds what is stored of a request, in bytes.
const mostText = 2000

// parse validates the parameters of a request for a client whose redirect URI is right. It is pure.
func parse(q url.Values, c client.Client) (Request, *Error) {
	r := Request{ClientID: c.ID, ClientName: c.Name, RedirectURI: q.Get("redirect_uri"), State: q.Get("state"), Nonce: q.Get("nonce")}
	for _, check := range []func(*Request, url.Values, client.Client) *Error{plainText, parseType, parseScope, parsePKCE, parsePrompt, parseClass} {
		if e := check(&r, q, c); e != nil {
			return r, e
		}
	}
	return r, nil
}

func plainText(_ *Request, q url.Values, _ client.Client) *Error {
	for name, values := range q {
		if len(values) > 1 {
			return invalid("invalid_request", "The parameter "+shown(name)+" is there more than once.")
		}
		if !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) || len(values[0]) > mostText {
			return invalid("invalid_request", "The parameter "+shown(name)+" is too long or is not text.")
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

func parseType(_ *Request, q url.Values, _ client.Client) *Error {
	for name, code := range refused {
		if q.Has(name) {
			return invalid(code, "The parameter "+name+" is not supported.")
		}
	}
	switch {
	case !q.Has("response_type"):
		return invalid("invalid_request", "The parameter response_type is missing.")
	case q.Get("response_type") != "code":
		return invalid("unsupported_response_type", "Only the code flow is supported.")
	case q.Has("response_mode") && q.Get("response_mode") != "query":
		return invalid("invalid_request", "Only the response mode query is supported.")
	}
	return nil
}

func parseScope(r *Request, q url.Values, c client.Client) *Error {
	for scope := range strings.FieldsSeq(q.Get("scope")) {
		if !slices.Contains(c.Scopes, scope) {
			return invalid("invalid_scope", "A scope was asked for that this client is not registered for.")
		}
		if !slices.Contains(r.Scopes, scope) {
			r.Scopes = append(r.Scopes, scope)
		}
	}
	if !slices.Contains(r.Scopes, scopeOpenID) {
		return invalid("invalid_scope", "The scope must contain openid.")
	}
	return nil
}

// A challenge is the SHA-256 of the verifier in base64url: 43 characters (RFC 7636 §4.2).
var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

func parsePKCE(r *Request, q url.Values, c client.Client) *Error {
	has, method := q.Has("code_challenge"), q.Get("code_challenge_method")
	switch {
	case !has && q.Has("code_challenge_method"):
		return invalid("invalid_request", "There is a code_challenge_method without a code_challenge.")
	case !has && c.RequirePKCE:
		return invalid("invalid_request", "This client must send a code_challenge.")
	case !has:
		return nil
	case method != "S256":
		return invalid("invalid_request", "The code_challenge_method must be S256.")
	case !challenge.MatchString(q.Get("code_challenge")):
		return invalid("invalid_request", "The code_challenge is not one of the method S256.")
	}
	r.Challenge = q.Get("code_challenge")
	return nil
}

// The longest max_age that means anything: a year.
const mostAge = 365 * 24 * 60 * 60

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
			return invalid("invalid_request", "The prompt must be none or login.")
		}
	}
	if r.Silent && len(prompts) > 1 {
		return invalid("invalid_request", "The prompt none cannot stand with another.")
	}
	if q.Has("max_age") {
		age, err := strconv.ParseInt(q.Get("max_age"), 10, 64)
		if err != nil || age < 0 || age > mostAge {
			return invalid("invalid_request", "The max_age must be a number of seconds.")
		}
		r.HasMaxAge, r.MaxAge = true, age
	}
	return nil
}

func parseClass(r *Request, q url.Values, _ client.Client) *Error {
	class, err := authn.ParseACR(strings.Fields(q.Get("acr_values")))
	if errors.Is(err, authn.ErrNotOffered) {
		return invalid("unmet_authentication_requirements", "This class of authentication is not offered.")
	}
	if err != nil {
		return invalid("invalid_request", "The acr_values name no class of authentication that is supported.")
	}
	r.Class = class.Name()
	return nil
}

// class is the class of authentication that was asked for. It was validated before it was stored.
func (r Request) class() authn.Class {
	c, err := authn.ParseACR([]string{r.Class})
	if err != nil {
		return authn.Class{}
	}
	return c
}

// Offers reports whether the request may be met with this kind of authenticator.
func (r Request) Offers(k authn.Kind) bool { return r.class().Allows(k) }

// wantsRole reports whether the service asked for a role to be chosen.
func (r Request) wantsRole() bool {
	return slices.Contains(r.Scopes, scopeSelectedRole) || r.changesRole()
}

// changesRole reports whether a role chosen before does not count.
func (r Request) changesRole() bool { return slices.Contains(r.Scopes, scopeChangedRole) }

// freshEnough reports whether a proof made at the given time will do at now.
func (r Request) freshEnough(proved, now time.Time) bool {
	return !r.Login && (!r.HasMaxAge || now.Sub(proved) <= time.Duration(r.MaxAge)*time.Second)
}

// Origin is where the answer goes, for a page's form-action.
func (r Request) Origin() string {
	u, err := url.Parse(r.RedirectURI)
	if err != nil {
		return "" // cannot be: it was registered
	}
	return u.Scheme + "://" + u.Host
}
