// Package record keeps what a double was asked and what it answered, one JSON object a line, so that a run
// that failed can be looked at and replayed. Secrets are not in it: a code, a token, a password is written
// as withheld, and of a signed token there are the claims.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"signpost/internal/platform/jwt"
)

// The kinds of request.
const (
	Browser = "browser" // a person's browser, or who stands in for it
	Client  = "client"  // the service's own requests
	Control = "control" // the script's
)

// Entry is one request with its answer.
type Entry struct {
	Number  int            `json:"n"`
	At      time.Time      `json:"at"` // by the double's clock
	Kind    string         `json:"kind"`
	Browser string         `json:"browser,omitempty"` // tells browsers apart
	Method  string         `json:"method"`
	Path    string         `json:"path"`
	Query   url.Values     `json:"query,omitempty"`
	Form    url.Values     `json:"form,omitempty"`
	JSON    map[string]any `json:"json,omitempty"`
	Claims  map[string]any `json:"claims,omitempty"` // of the tokens that were sent, by parameter

	Status      int            `json:"status"`
	Location    string         `json:"location,omitempty"`
	Heading     string         `json:"heading,omitempty"` // of the page that was shown
	Answer      any            `json:"answer,omitempty"`
	TokenClaims map[string]any `json:"told,omitempty"` // claims of the tokens that were answered, by member
}

// Withheld stands where a secret was.
const Withheld = "(withheld)"

// Withholds reports whether something was left out of the request, so that it cannot be made again.
func (e Entry) Withholds() bool {
	for _, values := range []url.Values{e.Query, e.Form} {
		for _, list := range values {
			for _, v := range list {
				if v == Withheld {
					return true
				}
			}
		}
	}
	address, _ := e.JSON["url"].(string)
	return strings.Contains(address, url.QueryEscape(Withheld))
}

// secret are the parameters and members that are never written down.
var secret = map[string]bool{
	"code": true, "code_verifier": true, "client_secret": true, "client_assertion": true, "access_token": true,
	"token": true, "id_token": true, "id_token_hint": true, "logout_token": true, "password": true, "answer": true,
	"request_uri": true, "request": true,
}

// Known names what differs between two doubles of one file.
type Known interface {
	NameOf(authenticator string) (string, bool)
	Named(name string) (string, bool)
}

// Recorder writes entries. It is safe for use by several goroutines.
type Recorder struct {
	To    io.Writer
	Known Known

	mu  sync.Mutex
	n   int
	err error
}

// Header is a recording's first line.
type Header struct {
	Double string    `json:"double"` // the issuer
	File   string    `json:"file"`   // digest of the file
	Begun  time.Time `json:"begun"`
}

// Begin writes the first line.
func (r *Recorder) Begin(h Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write(h)
}

// Add writes an entry.
func (r *Recorder) Add(e Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	e.Number = r.n
	r.write(e)
}

// Err gives what went wrong with writing, if anything did.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *Recorder) write(v any) {
	if r.To == nil || r.err != nil {
		return
	}
	if err := json.NewEncoder(r.To).Encode(v); err != nil {
		r.err = fmt.Errorf("write recording: %w", err)
	}
}

// Values copies parameters without their secrets, and gives the claims of the tokens among them.
func (r *Recorder) Values(v url.Values, claims map[string]any) url.Values {
	plain := url.Values{}
	for name, list := range v {
		for _, one := range list {
			switch {
			case one == "":
			case name == "authenticator" && r.Known != nil:
				if named, known := r.Known.NameOf(one); known {
					one = named
				}
			case secret[name]:
				note(claims, name, one)
				one = Withheld
			}
			plain.Add(name, one)
		}
	}
	return plain
}

// note keeps a token's claims, if it is one.
func note(claims map[string]any, name, text string) {
	token, err := jwt.Unverified(text)
	if err != nil {
		return
	}
	var members map[string]any
	if json.Unmarshal(token.Payload, &members) == nil {
		claims[name] = members
	}
}

// Address copies an address without the secrets of its query.
func (r *Recorder) Address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery == "" {
		return text
	}
	u.RawQuery = r.Values(u.Query(), map[string]any{}).Encode()
	return u.String()
}

// Members copies a JSON value without its secrets, and gives the claims of the tokens in it.
func (r *Recorder) Members(v any, claims map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		plain := map[string]any{}
		for name, member := range v {
			text, is := member.(string)
			switch {
			case is && secret[name]:
				note(claims, name, text)
				plain[name] = Withheld
			case is && (name == "location" || name == "url"):
				plain[name] = r.Address(text)
			default:
				plain[name] = r.Members(member, claims)
			}
		}
		return plain
	case []any:
		plain := make([]any, len(v))
		for i, one := range v {
			plain[i] = r.Members(one, claims)
		}
		return plain
	}
	return v
}

// Body reads an answer's body: JSON, a token, or a page, of which the heading is kept.
func (r *Recorder) Body(e *Entry, kind string, body []byte) {
	e.TokenClaims = map[string]any{}
	switch {
	case strings.HasPrefix(kind, "application/json"):
		var v any
		if json.Unmarshal(body, &v) == nil {
			e.Answer = r.Members(v, e.TokenClaims)
		}
	case strings.HasPrefix(kind, "application/jwt"):
		note(e.TokenClaims, "body", string(body))
	case strings.HasPrefix(kind, "text/html"):
		if m := heading.FindSubmatch(body); m != nil {
			e.Heading = strings.TrimSpace(tags.ReplaceAllString(string(m[1]), ""))
		}
	}
}

var (
	heading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
	tags    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// Read reads a recording.
func Read(from io.Reader) (h Header, list []Entry, err error) {
	d := json.NewDecoder(from)
	if err := d.Decode(&h); err != nil {
		return h, nil, fmt.Errorf("it is not a recording of a double: %w", err)
	}
	if h.Double == "" {
		return h, nil, errors.New(`it is not a recording of a double: it does not begin with a line that has "double"`)
	}
	for d.More() {
		var e Entry
		if err := d.Decode(&e); err != nil {
			return h, list, fmt.Errorf("entry %d: %w", len(list)+1, err)
		}
		list = append(list, e)
	}
	return h, list, nil
}
