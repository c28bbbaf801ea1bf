package provider

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// granted is what a code, and then a token, stands for.
type granted struct {
	Request request.Request      `json:"request"`
	Proven  authenticator.Proven `json:"proven"`
	SID     string               `json:"sid"`
	Role    string               `json:"role,omitempty"`
}

const insertCode = `INSERT INTO provider_code (digest, client_id, sid, granted, ends_at) VALUES ($1, $2, $3, $4, $5)`

// grant makes a code for a sign-in that is done and gives the answer that takes it to the service.
func (p *Provider) grant(ctx context.Context, w *db.W, s State) (a Answer, err error) {
	g := granted{Request: s.Request, Proven: *s.Proven, SID: s.SID, Role: s.Role}
	text, err := json.Marshal(g)
	if err != nil {
		return a, fmt.Errorf("encode grant: %w", err)
	}
	code := random.Secret()
	if err := w.Soon(ctx, insertCode, digest(code), s.Request.ClientID, s.SID, string(text), w.Now().Add(codeLife)); err != nil {
		return a, fmt.Errorf("make code: %w", err)
	}
	if err := backchannel.Visit(ctx, w, s.SID, s.Request.ClientID, s.Proven.UUID); err != nil {
		return a, err
	}
	err = w.Record(ctx, audit.Event{Kind: "signin.granted", Subject: audit.Ref{Kind: "identity", ID: s.Proven.UUID},
		After: map[string]any{"client": s.Request.ClientID, "acr": s.Request.Class, "scopes": s.Request.Scopes}})
	return p.answer(s.Request, url.Values{"code": {code}, "client_id": {s.Request.ClientID}}), err
}

func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
