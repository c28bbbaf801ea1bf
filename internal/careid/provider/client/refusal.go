package client

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// The places where a client may be refused.
const (
	AtAuthorize = "authorize" // a request to sign somebody in
	AtPush      = "par"       // such a request, pushed beforehand
	AtToken     = "token"
	AtOther     = "other" // introspection, revocation
)

// Refusal tells the people who look after a client why it was refused. The protocol's error says little on
// purpose; a Refusal says what was expected and what was received. It holds no secret, code or token.
type Refusal struct {
	ClientID string
	Place    string // AtAuthorize and so on
	Code     string // the error that the client got, as "invalid_client"; empty where a person saw a page
	Reason   string
	Times    int64 // how often, with exactly these words
	First    time.Time
	Last     time.Time
}

// maxRefusals is how many different refusals of one client are kept for each place. Refusals with
// invalid_client (RFC 6749 §5.2), where the client did not authenticate, are counted apart: anybody can cause
// those, so they must push out only each other.
const maxRefusals = 50

const (
	insertRefusal = `INSERT INTO provider_client_refusal (id, client_id, place, code, reason, times, first_at,
		last_at) VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
	ON CONFLICT (client_id, place, code, reason) DO UPDATE SET times = provider_client_refusal.times + 1, last_at = $6`
	boundRefusals = `DELETE FROM provider_client_refusal WHERE id IN (SELECT id FROM provider_client_refusal
		WHERE client_id = $1 AND place = $2
	AND (code = 'invalid_client') = $3 ORDER BY last_at DESC, id DESC LIMIT 1000 OFFSET $4)`
)

// NoteRefusal stores why a client was refused.
func NoteRefusal(ctx context.Context, d *db.DB, r Refusal) error {
	return d.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, insertRefusal, random.ID(), r.ClientID, r.Place, r.Code, Plain(r.Reason), k.Now())
		if err != nil {
			return fmt.Errorf("note refusal: %w", err)
		}
		unauthenticated := r.Code == "invalid_client"
		if _, err := k.Exec(ctx, boundRefusals, r.ClientID, r.Place, unauthenticated, maxRefusals); err != nil {
			return fmt.Errorf("bound refusals: %w", err)
		}
		return nil
	})
}

const selectRefusals = `SELECT client_id, place, code, reason, times, first_at, last_at FROM provider_client_refusal
	WHERE client_id = $1 ORDER BY last_at DESC, id DESC`

// Refusals lists the stored refusals of a client, the newest first.
func Refusals(ctx context.Context, r db.R, id string) ([]Refusal, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (f Refusal, err error) {
		err = scan(&f.ClientID, &f.Place, &f.Code, &f.Reason, &f.Times, db.At(&f.First), db.At(&f.Last))
		return f, err
	}, selectRefusals, id)
	if err != nil {
		return nil, fmt.Errorf("list refusals: %w", err)
	}
	return list, nil
}

// What another machine's message may contain and must not be stored: our tokens, and the values of
// parameters that hold secrets.
var (
	tokenText  = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*`)
	secretText = regexp.MustCompile(`(?i)((?:code|secret|token|assertion|verifier|password)[a-z_]*` +
		`(?:=|%3D|\\?["']\s*:\s*\\?["']))[A-Za-z0-9_.~+/%-]{8,}`)
)

const maxReasonBytes = 600

// Plain makes another machine's message fit to be stored and shown: without anything that looks like a token
// or a secret, in whole characters, and of bounded length.
func Plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = secretText.ReplaceAllString(tokenText.ReplaceAllString(text, "[token]"), "$1[hidden]")
	if len(text) > maxReasonBytes {
		text = strings.ToValidUTF8(text[:maxReasonBytes], "") + "…"
	}
	return text
}
