// Package request reads a service's request to the authorisation endpoint, and returns one validated Request or an
// error of the protocol. It does not use the database: the caller has looked the client up.
package request

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
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

// Request is a service's validated request to sign somebody in. It is stored, and never read from the browser
// again.
type Request struct {
	ClientID    string       `json:"client_id"`
	ClientName  string       `json:"client_name"`
	Owner       string       `json:"owner,omitempty"`    // the organisation that runs the client
	Team        string       `json:"team,omitempty"`     // that looks after it; empty for clients of this system itself
	OnTrial     bool         `json:"on_trial,omitempty"` // only that team's members may log in
	RedirectURI string       `json:"redirect_uri"`
	FormPost    bool         `json:"form_post,omitempty"` // the answer is posted, not in the address
	Scopes      []string     `json:"scopes"`
	State       string       `json:"state,omitempty"`
	Nonce       string       `json:"nonce,omitempty"`
	Challenge   string       `json:"challenge,omitempty"` // of PKCE, S256
	Class       string       `json:"class"`               // acr
	Login       bool         `json:"login,omitempty"`     // a new proof is required
	Silent      bool         `json:"silent,omitempty"`    // no page may be shown
	HasMaxAge   bool         `json:"has_max_age,omitempty"`
	MaxAge      int64        `json:"max_age,omitempty"`    // seconds
	LoginHint   string       `json:"login_hint,omitempty"` // an email address or a care identity to suggest
	Locales     []string     `json:"locales,omitempty"`    // the person's languages, the preferred one first
	Subject     string       `json:"subject,omitempty"`    // the only care identity that is acceptable
	Claims      claim.Wanted `json:"claims,omitzero"`
	Pushed      string       `json:"pushed,omitempty"` // names the pushed request, which the grant uses up
}

// The errors about what a client is registered for.
var (
	errScope = NewError("invalid_scope", "A scope was asked for that this client is not registered for.")
	errClass = NewError("invalid_request", "This client is not registered for that class of authentication.")
)

// unsupported lists the parameters that would change what a request means and that this provider does not support.
var unsupported = map[string]string{
	"request":      "request_not_supported",
	"request_uri":  "request_uri_not_supported",
	"registration": "registration_not_supported",
}

// maxTextBytes is the largest size of a parameter.
const maxTextBytes = 2000

// maxDocumentBytes is the largest size of a parameter that holds a whole document: an ID token, or the claims
// parameter.
const maxDocumentBytes = 16000

// maxStateBytes is the largest size of a state. Some services keep a whole page's address in it.
const maxStateBytes = 8000

// maxBytes bounds what is kept while somebody signs in by what people and services use.
var maxBytes = map[string]int{
	"state": maxStateBytes, "id_token_hint": maxDocumentBytes, "claims": maxDocumentBytes,
	"nonce": 512, "ui_locales": 100,
	"login_hint": 254, // an email address (RFC 5321 §4.5.3.1)
}

// Parse validates the Parameters of a request from a client, whose redirect URI was checked before. A refused request
// keeps its state, so that the error carries it.
func Parse(q url.Values, c client.Client) (Request, *Error) {
	r := Request{
		ClientID: c.ID, ClientName: c.Name, Owner: c.Owner, Team: c.Team, RedirectURI: q.Get("redirect_uri"),
		State: q.Get("state"), Nonce: q.Get("nonce"),
	}
	for _, check := range []func(*Request, url.Values, client.Client) *Error{
		parseMode, parseUnsupported, plainText, parseType, parseScope, parsePKCE,
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
			return NewError("invalid_request", "The parameter "+name+" appears more than once.")
		}
		limit := cmp.Or(maxBytes[name], maxTextBytes)
		if !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) || len(values[0]) > limit {
			return NewError("invalid_request", "The parameter "+name+" is too long or is not text.")
		}
	}
	return nil
}

// parseMode comes first, so that every later error is sent in the mode that the service asked for.
func parseMode(r *Request, q url.Values, _ client.Client) *Error {
	switch modeOf(q) {
	case "form_post":
		r.FormPost = true
		return nil
	case "", "query":
		return nil
	}
	return NewError("invalid_request", "Only the response modes query and form_post are supported.")
}

// modeOf returns the response mode that was asked for. One that stands only inside a request object counts too: the
// object is refused, in the mode in which the service expects its answers.
func modeOf(q url.Values) string {
	if q.Has("response_mode") || !q.Has("request") {
		return q.Get("response_mode")
	}
	var inside struct {
		Mode string `json:"response_mode"`
	}
	_, rest, _ := strings.Cut(q.Get("request"), ".")
	payload, _, _ := strings.Cut(rest, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload) // unsigned objects are read too
	if err != nil || json.Unmarshal(text, &inside) != nil || inside.Mode != "form_post" {
		return ""
	}
	return inside.Mode
}

// parseUnsupported comes before plainText: a request object is refused for what it is, however long.
func parseUnsupported(_ *Request, q url.Values, _ client.Client) *Error {
	for name, code := range unsupported {
		if q.Has(name) {
			return NewError(code, "The parameter "+name+" is not supported.")
		}
	}
	return nil
}

func parseType(_ *Request, q url.Values, _ client.Client) *Error {
	switch {
	case !q.Has("response_type"):
		return NewError("invalid_request", "The parameter response_type is missing.")
	case q.Get("response_type") != "code":
		return NewError("unsupported_response_type", "Only the code flow is supported.")
	}
	return nil
}

func parseScope(r *Request, q url.Values, c client.Client) *Error {
	for scope := range strings.FieldsSeq(q.Get("scope")) {
		if !slices.Contains(c.Scopes, scope) {
			return errScope
		}
		if !slices.Contains(r.Scopes, scope) {
			r.Scopes = append(r.Scopes, scope)
		}
	}
	if !slices.Contains(r.Scopes, cis2.OpenID) {
		return NewError("invalid_scope", "The scope must contain openid.")
	}
	return nil
}

// A challenge is the SHA-256 of the verifier in base64url: 43 characters (RFC 7636 §4.2).
var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

func parsePKCE(r *Request, q url.Values, c client.Client) *Error {
	has := q.Has("code_challenge")
	method := q.Get("code_challenge_method")
	switch {
	case !has && q.Has("code_challenge_method"):
		return NewError("invalid_request", "There is a code_challenge_method without a code_challenge.")
	case !has && c.RequirePKCE:
		return NewError("invalid_request", "This client must send a code_challenge.")
	case !has:
		return nil
	case method != "S256":
		return NewError("invalid_request", "The code_challenge_method must be S256.")
	case !challenge.MatchString(q.Get("code_challenge")):
		return NewError("invalid_request", "The code_challenge is not one of the method S256.")
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
			return NewError("invalid_request", "The prompt must be none or login.")
		}
	}
	if r.Silent && len(prompts) > 1 {
		return NewError("invalid_request", "The prompt none cannot stand with another.")
	}
	return nil
}

func parseAge(r *Request, q url.Values, _ client.Client) *Error {
	if q.Has("max_age") {
		age, err := strconv.ParseInt(q.Get("max_age"), 10, 64)
		if err != nil || age < 0 || age > maxAge {
			return NewError("invalid_request", "The max_age must be a number of seconds.")
		}
		r.HasMaxAge = true
		r.MaxAge = age
	}
	return nil
}

// parseHints reads the parameters that make a sign-in easier and do not change its result.
func parseHints(r *Request, q url.Values, _ client.Client) *Error {
	r.LoginHint = q.Get("login_hint")
	r.Locales = strings.Fields(q.Get("ui_locales"))
	switch q.Get("display") {
	case "", "page", "popup", "touch", "wap":
		return nil
	}
	return NewError("invalid_request", "The display must be page, popup, touch or wap.")
}

func parseClaims(r *Request, q url.Values, c client.Client) *Error {
	if !q.Has("claims") {
		return nil
	}
	wanted, err := claim.ParseWanted(q.Get("claims"), c.Scopes)
	if errors.Is(err, claim.ErrTooLong) {
		return NewError("invalid_request", "The parameter claims asks for a sub or a role that is too long.")
	}
	if err != nil {
		return NewError("invalid_request",
			"The claims parameter is not JSON as OpenID Connect Core section 5.5 has it.")
	}
	r.Claims = wanted
	r.Subject = wanted.Subject
	return nil
}

// parseClass chooses the class of authentication. Essential classes in the claims parameter come before acr_values.
// If we offer none of those, nobody can be signed in.
func parseClass(r *Request, q url.Values, c client.Client) *Error {
	wanted := r.Claims.ACR
	if len(wanted) == 0 {
		wanted = strings.Fields(q.Get("acr_values"))
	}
	class, err := authn.ParseACR(classesFor(wanted, c.AllowedACR))
	if errors.Is(err, authn.ErrNotOffered) || err != nil && len(r.Claims.ACR) > 0 {
		return NewError("unmet_authentication_requirements", "This class of authentication is not offered.")
	}
	if err != nil {
		return NewError("invalid_request", "The acr_values name no class of authentication that is supported.")
	}
	if len(c.AllowedACR) > 0 && !slices.Contains(c.AllowedACR, class.Name()) {
		return errClass
	}
	r.Class = class.Name()
	r.Claims.ACR = nil // it was wanted for this
	return nil
}

// classesFor returns the wanted classes that a client is registered for, or all wanted ones if that leaves none. A
// client that is registered for some and asks for none gets the first of them.
func classesFor(wanted, allowed []string) []string {
	if len(allowed) == 0 {
		return wanted
	}
	if len(wanted) == 0 {
		return allowed[:1]
	}
	offered := slices.DeleteFunc(slices.Clone(wanted), func(class string) bool {
		return !slices.Contains(allowed, class)
	})
	if len(offered) == 0 {
		return wanted
	}
	return offered
}

// WantedClass returns the class of authentication that was asked for. It was validated before it was stored.
func (r Request) WantedClass() authn.Class {
	c, err := authn.ParseACR([]string{r.Class})
	if err != nil {
		return authn.Class{}
	}
	return c
}

// Offers reports whether this kind of authenticator is enough for the request.
func (r Request) Offers(k authn.Kind) bool { return r.WantedClass().Allows(k) }

// Standing says whether the client may still have what it asked for: its settings may have changed since the request
// was read. An *Error goes to the service; any other error is shown on a page, as the answer has no address any more.
func (r Request) Standing(c client.Client) error {
	if r.OnTrial {
		c, _ = c.Serving(r.RedirectURI, r.Scopes)
	}
	registered := func(scope string) bool { return slices.Contains(c.Scopes, scope) }
	switch {
	case !c.Active:
		return client.ErrSuspended
	case !slices.Contains(c.RedirectURIs, r.RedirectURI):
		return ErrRedirect
	case slices.ContainsFunc(r.Scopes, func(scope string) bool { return !registered(scope) }):
		return errScope
	case len(c.AllowedACR) > 0 && !slices.Contains(c.AllowedACR, r.Class):
		return errClass
	}
	return nil
}

// WantsRole reports whether the service asked for a role to be chosen.
func (r Request) WantsRole() bool {
	return slices.Contains(r.Scopes, cis2.SelectedRole) || r.ChangesRole()
}

// ChangesRole reports whether the person has to choose a role again.
func (r Request) ChangesRole() bool { return slices.Contains(r.Scopes, cis2.ChangedRole) }

// FreshEnough reports whether a proof made at proven is new enough at now.
func (r Request) FreshEnough(proven, now time.Time) bool {
	return !r.Login && (!r.HasMaxAge || now.Sub(proven) <= time.Duration(r.MaxAge)*time.Second)
}

// Accepts reports whether this person may sign in for the request.
func (r Request) Accepts(uuid string) bool { return r.Subject == "" || r.Subject == uuid }
