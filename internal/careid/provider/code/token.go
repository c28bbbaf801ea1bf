package code

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records.
const (
	eventIssued       audit.Kind = "token.issued"
	eventCodeReplayed audit.Kind = "token.code-replayed"
	eventRevoked      audit.Kind = "token.revoked"
)

// TokenLife is how long an access token is valid.
const TokenLife = time.Hour

const insertToken = `INSERT INTO provider_token (digest, code_digest, client_id, sid, granted, issued_at, ends_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

// IssueToken stores the access token for a code, as a part of an Update.
func IssueToken(ctx context.Context, w *db.W, g Grant, code, token string) error {
	text, err := json.Marshal(g)
	if err != nil {
		return fmt.Errorf("encode grant: %w", err)
	}
	ends := w.Now().Add(TokenLife)
	err = w.Soon(ctx, insertToken, random.Digest(token), random.Digest(code), g.Request.ClientID, g.SID, string(text),
		w.Now(), ends)
	if err != nil {
		return fmt.Errorf("make token: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventIssued, Subject: identity.Ref(g.Proven.UUID),
		After: map[string]any{"client": g.Request.ClientID, "scopes": g.Request.Scopes}})
}

// Token is an access token.
type Token struct {
	ClientID string // the client that it was given to
	Grant    Grant
	Issued   time.Time
	Ends     time.Time
	Revoked  time.Time // zero if it was not revoked
}

// Live reports whether the token is valid.
func (t Token) Live(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Ends) }

const selectToken = `SELECT client_id, granted, issued_at, ends_at, revoked_at FROM provider_token WHERE digest = $1`

// FindToken reads an access token, or fault.NotFound.
func FindToken(ctx context.Context, r db.R, token string) (Token, error) {
	t, err := db.One(ctx, r, scanToken, selectToken, random.Digest(token))
	if err != nil {
		return t, fmt.Errorf("read token: %w", err)
	}
	return t, nil
}

func scanToken(scan db.Scanner) (t Token, err error) {
	var text string
	if err = scan(&t.ClientID, &text, db.At(&t.Issued), db.At(&t.Ends), db.At(&t.Revoked)); err != nil {
		return t, err
	}
	if err = json.Unmarshal([]byte(text), &t.Grant); err != nil {
		return t, fmt.Errorf("read grant: %w", err)
	}
	return t, nil
}

const (
	revokeOfCode = `UPDATE provider_token SET revoked_at = $2 WHERE code_digest = $1 AND revoked_at IS NULL`
	revokeToken  = `UPDATE provider_token SET revoked_at = $3
	WHERE digest = $1 AND client_id = $2 AND revoked_at IS NULL`
)

// RevokeReplayed revokes the tokens of a code that is used a second time, because one of its two users must have
// stolen it.
func RevokeReplayed(ctx context.Context, w *db.W, clientID, code string) error {
	n, err := w.Exec(ctx, revokeOfCode, random.Digest(code), w.Now())
	if err != nil {
		return fmt.Errorf("revoke the tokens of a code: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventCodeReplayed, Subject: client.Ref(clientID), After: revoked(n)})
}

// Revoke revokes a client's own token. It does nothing if there is no such token.
func Revoke(ctx context.Context, w *db.W, clientID, token string) error {
	n, err := w.Exec(ctx, revokeToken, random.Digest(token), clientID, w.Now())
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventRevoked, Subject: client.Ref(clientID), After: revoked(n)})
}

// revoked is an event's count of revoked tokens.
func revoked(n int64) map[string]int64 { return map[string]int64{"tokens revoked": n} }
