package provider

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// granted is what a code, and then a token, stands for.
type granted struct {
	Request Request              `json:"request"`
	Proven  authenticator.Proven `json:"proven"`
	SID     string               `json:"sid"`
	Role    string               `json:"role,omitempty"`
}

const insertCode = `INSERT INTO provider_code (digest, client_id, sid, granted, ends_at) VALUES ($1, $2, $3, $4, $5)`

// grant makes a code for a sign-in that is done and gives the address that takes it to the service.
func (p *Provider) grant(ctx context.Context, w *db.W, s State) (to string, err error) {
	g := granted{Request: s.Request, Proven: *s.Proven, SID: s.SID, Role: s.Role}
	text, err := json.Marshal(g)
	if err != nil {
		return "", fmt.Errorf("encode grant: %w", err)
	}
	code := random.Secret()
	if _, err := w.Exec(ctx, insertCode, digest(code), s.Request.ClientID, s.SID, string(text), w.Now().Add(codeLife)); err != nil {
		return "", fmt.Errorf("make code: %w", err)
	}
	if err := backchannel.Visit(ctx, w, s.SID, s.Request.ClientID, s.Proven.UUID); err != nil {
		return "", err
	}
	err = w.Record(ctx, audit.Event{Kind: "signin.granted", Subject: audit.Ref{Kind: "identity", ID: s.Proven.UUID},
		After: map[string]any{"client": s.Request.ClientID, "acr": s.Request.Class, "scopes": s.Request.Scopes}})
	q := p.answering(s.Request)
	q.Set("code", code)
	q.Set("client_id", s.Request.ClientID)
	return withQuery(s.Request.RedirectURI, q), err
}

// answering begins an answer: the state, and who answers (RFC 9207).
func (p *Provider) answering(r Request) url.Values {
	q := url.Values{"iss": {p.o.Issuer}}
	if r.State != "" {
		q.Set("state", r.State)
	}
	return q
}

// answer is the address that takes an error to the service.
func (p *Provider) answer(r Request, e *Error) string {
	q := p.answering(r)
	q.Set("error", e.Code)
	q.Set("error_description", e.Description)
	return withQuery(r.RedirectURI, q)
}

// withQuery adds parameters to a registered address, which may have some already.
func withQuery(address string, q url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // cannot be: it was registered
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += q.Encode()
	return u.String()
}

func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
