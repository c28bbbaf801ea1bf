// Package code keeps what a service gets for a sign-in: a code, which it may use once, and the access token that it
// gets for the code. A row holds the digest of the code or token, and its grant. The package does not know who may
// have a code, or how a client authenticates.
package code

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// codeLife is how long a code is valid.
const codeLife = 60 * time.Second

// Grant is the sign-in that a code, and then a token, stands for.
type Grant struct {
	Request request.Request      `json:"request"`
	Proven  authenticator.Proven `json:"proven"`
	SID     string               `json:"sid"` // the SSO session
	Role    string               `json:"role,omitempty"`
}

const insertCode = `INSERT INTO provider_code (digest, client_id, sid, granted, ends_at) VALUES ($1, $2, $3, $4, $5)`

// Issue makes the code of a grant, as a part of an Update.
func Issue(ctx context.Context, w *db.W, g Grant) (string, error) {
	text, err := json.Marshal(g)
	if err != nil {
		return "", fmt.Errorf("encode grant: %w", err)
	}
	code := random.Secret()
	ends := w.Now().Add(codeLife)
	if err := w.Soon(ctx, insertCode, random.Digest(code), g.Request.ClientID, g.SID, string(text), ends); err != nil {
		return "", fmt.Errorf("make code: %w", err)
	}
	return code, nil
}

// Code is a code that has been used, just now or earlier.
type Code struct {
	ClientID string // the client that it was given to
	Grant    Grant
	Ends     time.Time
	Used     time.Time // when it was used earlier; zero if this is the first time
}

// A code is used up by deleting it. One that was used before is found by the token that was issued for it.
const (
	takeCode = `DELETE FROM provider_code WHERE digest = $1 RETURNING client_id, granted, ends_at, CAST(NULL AS BIGINT)`
	usedCode = `SELECT client_id, granted, ends_at, issued_at FROM provider_token WHERE code_digest = $1`
)

// Spend uses a code up and returns its grant, or fault.NotFound.
func Spend(ctx context.Context, w *db.W, code string) (Code, error) {
	c, err := db.One(ctx, w, scanCode, takeCode, random.Digest(code))
	if errors.Is(err, fault.NotFound) {
		c, err = db.One(ctx, w, scanCode, usedCode, random.Digest(code))
	}
	if err != nil {
		return c, fmt.Errorf("spend code: %w", err)
	}
	return c, nil
}

func scanCode(scan db.Scanner) (c Code, err error) {
	var text string
	if err = scan(&c.ClientID, &text, db.At(&c.Ends), db.At(&c.Used)); err != nil {
		return c, err
	}
	if err = json.Unmarshal([]byte(text), &c.Grant); err != nil {
		return c, fmt.Errorf("read grant: %w", err)
	}
	return c, nil
}
