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

// Where a client was refused.
const (
	AtAuthorize = "authorize" // a request to sign somebody in
	AtPush      = "par"       // one that was pushed beforehand
	AtToken     = "token"
	AtOther     = "other" // introspection, revocation
)

// Refusal is why a client was refused, for the people who look after it: the protocol's error says
// little on purpose, and this says what was expected against what was received. It holds no secret,
// code or token.
type Refusal struct {
	ClientID string
	Place    string // AtAuthorize and so on
	Code     string // the error that the client got, as "invalid_client"; empty where a person saw a page
	Reason   string
	Times    int64 // how often, word for word
	First    time.Time
	Last     time.Time
}

// keptAtPlace is how many different refusals are kept of one client and place, and as many again of those
// there whose client did not prove itself, which is what invalid_client says (RFC 6749 §5.2). Anybody can
// cause these, and those at authorize, so that they push out each other and no others.
const keptAtPlace = 50

const (
	insertRefusal = `INSERT INTO provider_client_refusal (id, client_id, place, code, reason, times, first_at, last_at) VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
	ON CONFLICT (client_id, place, code, reason) DO UPDATE SET times = provider_client_refusal.times + 1, last_at = $6`
	boundRefusals = `DELETE FROM provider_client_refusal WHERE id IN (SELECT id FROM provider_client_refusal WHERE client_id = $1 AND place = $2
	AND (code = 'invalid_client') = $3 ORDER BY last_at DESC, id DESC LIMIT 1000 OFFSET $4)`
)

// NoteRefusal keeps why a client was refused.
func NoteRefusal(ctx context.Context, d *db.DB, r Refusal) error {
	return d.Keep(ctx, func(k *db.K) error {
		if _, err := k.Exec(ctx, insertRefusal, random.ID(), r.ClientID, r.Place, r.Code, Plain(r.Reason), k.Now()); err != nil {
			return fmt.Errorf("note refusal: %w", err)
		}
		unproved := r.Code == "invalid_client"
		if _, err := k.Exec(ctx, boundRefusals, r.ClientID, r.Place, unproved, keptAtPlace); err != nil {
			return fmt.Errorf("bound refusals: %w", err)
		}
		return nil
	})
}

const selectRefusals = `SELECT client_id, place, code, reason, times, first_at, last_at FROM provider_client_refusal
	WHERE client_id = $1 ORDER BY last_at DESC, id DESC`

// Refusals lists all that is kept of why a client was refused, the newest first.
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

// What another machine may send back to us inside its words: our tokens, and values of parameters that
// hold secrets.
var (
	token  = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*`)
	secret = regexp.MustCompile(`(?i)((?:code|secret|token|assertion|verifier|password)[a-z_]*(?:=|%3D|\\?["']\s*:\s*\\?["']))[A-Za-z0-9_.~+/%-]{8,}`)
)

const mostReason = 600 // bytes

// Plain makes what another machine said fit to be kept and shown: without what looks like a token or a
// secret, in whole characters, of bounded length.
func Plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = secret.ReplaceAllString(token.ReplaceAllString(text, "[token]"), "$1[hidden]")
	if len(text) > mostReason {
		text = strings.ToValidUTF8(text[:mostReason], "") + "…"
	}
	return text
}
