package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// A code that was mailed lives this long and may be mistyped this often. So many may be asked for one
// after another; then the last must end first, so that nobody can be sent mail without end.
const (
	codeLife  = 15 * time.Minute
	mostTries = 5
	mostAsks  = 5
)

// Purpose is what a mailed code is for; a code for one thing is worth nothing for another.
type Purpose string

// What codes are mailed for.
const (
	ForEmail Purpose = "email" // to prove an address, the present one or a new one
	ForLink  Purpose = "link"  // to prove the old account's mailbox while linking
)

// codeEvents are the kinds of events of a purpose's codes.
type codeEvents struct{ wrong, tooOften audit.Kind }

var eventsOf = map[Purpose]codeEvents{
	ForEmail: {eventEmailCodeWrong, eventEmailCodeTooOften},
	ForLink:  {eventLinkCodeWrong, eventLinkCodeTooOften},
}

const keepCode = `INSERT INTO account_code (account_id, purpose, email, digest, ends_at, asks) VALUES ($1, $2, $3, $4, $5, $6)
	ON CONFLICT (account_id, purpose) DO UPDATE SET email = $3, digest = $4, ends_at = $5, asks = $6`

var errAsks = fault.SayCure(fault.TooMany, "You asked for too many codes.", "Use the newest code we sent you, or wait 15 minutes and ask again.")

// NewCode makes a code for a purpose, in place of any before it, and gives it to be mailed to address.
// It is a part of an Update; too many are refused with an event.
func NewCode(ctx context.Context, w *db.W, id string, p Purpose, address string) (string, error) {
	last, err := keptCode(ctx, w, id, p)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return "", err
	}
	if last.asks >= mostAsks {
		return "", w.Refuse(ctx, audit.Event{Kind: eventsOf[p].tooOften, Subject: Ref(id)}, errAsks)
	}
	code := random.Code()
	if _, err := w.Exec(ctx, keepCode, id, string(p), address, codeDigest(id, p, code), w.Now().Add(codeLife), last.asks+1); err != nil {
		return "", fmt.Errorf("keep code: %w", err)
	}
	return code, db.ClearCount(ctx, w, eventsOf[p].wrong, id)
}

// kept is a code that was mailed, and how many were before it.
type kept struct {
	email  string
	digest []byte // empty once the code is spent; its row stays until it ends, for the count
	ends   time.Time
	asks   int64 // how many were asked for one after another, this the last
}

func keptCode(ctx context.Context, r db.R, id string, p Purpose) (kept, error) {
	k, err := db.One(ctx, r, func(scan db.Scanner) (k kept, err error) {
		err = scan(&k.email, &k.digest, db.At(&k.ends), &k.asks)
		return k, err
	}, `SELECT email, digest, ends_at, asks FROM account_code WHERE account_id = $1 AND purpose = $2`, id, string(p))
	if err == nil && !r.Now().Before(k.ends) {
		err = fault.NotFound
	}
	if err != nil {
		return kept{}, fmt.Errorf("read code: %w", err)
	}
	return k, nil
}

// waitingCode is the kept code if it can still be typed, or fault.NotFound.
func waitingCode(ctx context.Context, r db.R, id string, p Purpose) (kept, error) {
	k, err := keptCode(ctx, r, id, p)
	if err == nil && len(k.digest) == 0 {
		return kept{}, fault.NotFound
	}
	return k, err
}

// Awaited gives the address to which a code that still works was mailed, or fault.NotFound.
func Awaited(ctx context.Context, r db.R, id string, p Purpose) (string, error) {
	k, err := waitingCode(ctx, r, id, p)
	return k.email, err
}

var (
	errNoCode    = fault.SayCure(fault.Expired, "The code has expired or has been used.", "Ask for another code and use that one.")
	errWrongCode = fault.OfField("code", "Enter the code from the newest email. Codes sent before it do not work")
)

// UseCode takes a typed code once and gives the address it was mailed to. It is a part of an Update; a
// wrong code is refused with an event and counted, and after five no code works.
func UseCode(ctx context.Context, w *db.W, id string, p Purpose, typed string) (string, error) {
	k, err := waitingCode(ctx, w, id, p)
	if errors.Is(err, fault.NotFound) {
		return "", errNoCode
	}
	if err != nil {
		return "", err
	}
	tries, err := db.Counted(ctx, w, eventsOf[p].wrong, id)
	if err != nil {
		return "", err
	}
	refused := audit.Event{Kind: eventsOf[p].wrong, Subject: Ref(id)}
	if tries.N >= mostTries {
		return "", w.Refuse(ctx, refused, errNoCode)
	}
	if subtle.ConstantTimeCompare(codeDigest(id, p, typed), k.digest) != 1 {
		return "", w.Refuse(ctx, refused, errWrongCode)
	}
	if err := spendCodes(ctx, w, id, p); err != nil {
		return "", err
	}
	return k.email, db.ClearCount(ctx, w, eventsOf[p].wrong, id)
}

const spendCode = `UPDATE account_code SET digest = $3 WHERE account_id = $1 AND (purpose = $2 OR $2 = '')`

// spendCodes ends the codes that wait to be typed, for one purpose or, if it is empty, for all. How many
// were asked for still counts: a code that was used makes room for no more mail.
func spendCodes(ctx context.Context, w *db.W, id string, p Purpose) error {
	if _, err := w.Exec(ctx, spendCode, id, string(p), []byte{}); err != nil {
		return fmt.Errorf("spend codes: %w", err)
	}
	return nil
}

// codeDigest is made of the code as a person types it: case, spaces and hyphens do not count.
func codeDigest(id string, p Purpose, code string) []byte {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	sum := sha256.Sum256([]byte(id + " " + string(p) + " " + plain))
	return sum[:]
}
