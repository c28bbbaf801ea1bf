package mailcode

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// codeRow is the newest code of a flow. It stays for a day after it ends, for the counts.
type codeRow struct {
	address string
	digest  []byte // empty once the code was cancelled
	ends    time.Time
	asks    int64  // how many were asked for one after another, this the last
	wrong   int64  // tries
	tried   []byte // digest of the last wrong one
	earlier []byte // digests of the codes that this one took the place of, one after another
	used    time.Time
}

// isEarlier reports whether a digest is that of a code of before.
func (c codeRow) isEarlier(digest []byte) bool {
	for earlier := range slices.Chunk(c.earlier, len(digest)) {
		if subtle.ConstantTimeCompare(digest, earlier) == 1 {
			return true
		}
	}
	return false
}

// worthless reports whether the code was used or cancelled.
func (c codeRow) worthless() bool { return len(c.digest) == 0 || !c.used.IsZero() }

func scanCode(scan db.Scanner) (row codeRow, err error) {
	err = scan(&row.address, &row.digest, db.At(&row.ends), &row.asks, &row.wrong, &row.tried, db.At(&row.used),
		&row.earlier)
	return row, err
}

const selectCode = `SELECT address, digest, ends_at, asks, wrong, tried, used_at, earlier FROM mailed_code
	WHERE purpose = $1 AND subject = $2`

// last is the newest code, also one that has ended.
func last(ctx context.Context, r db.R, p Purpose, subject audit.Ref) (codeRow, error) {
	row, err := db.One(ctx, r, scanCode, selectCode+` AND flow = $3`, p.Name, subject.ID, p.flow)
	if err != nil {
		return codeRow{}, fmt.Errorf("read %s code: %w", p.Name, err)
	}
	return row, nil
}

func newest(ctx context.Context, r db.R, p Purpose, subject audit.Ref) (codeRow, error) {
	row, err := last(ctx, r, p, subject)
	if err == nil && !r.Now().Before(row.ends) {
		return codeRow{}, fmt.Errorf("%s code has ended: %w", p.Name, fault.NotFound)
	}
	return row, err
}

// Sent gives the address to which the last code was mailed, also if it has expired, or fault.NotFound if it was used.
func Sent(ctx context.Context, r db.R, p Purpose, subject audit.Ref) (string, error) {
	row, err := last(ctx, r, p, subject)
	if err == nil && row.worthless() {
		return "", fault.NotFound
	}
	return row.address, err
}

// Again mails another code to where the last one went, which then works no more. A code that was used, or of which
// nothing is known any more, is not sent again.
func Again(
	ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref,
	write func(to, code string) mail.Message,
) error {
	to, err := Sent(ctx, w, p, subject)
	if errors.Is(err, fault.NotFound) {
		return p.over(errUsed)
	}
	if err != nil {
		return err
	}
	return Ask(ctx, w, post, p, subject, func(code string) mail.Message { return write(to, code) })
}

// Awaited gives the addresses to which codes were mailed that still work, in whatever flow.
func Awaited(ctx context.Context, r db.R, p Purpose, subject audit.Ref) ([]string, error) {
	rows, err := db.All(ctx, r, scanCode, selectCode+` AND ends_at > $3 ORDER BY ends_at`, p.Name, subject.ID, r.Now())
	if err != nil {
		return nil, fmt.Errorf("read %s codes: %w", p.Name, err)
	}
	var addresses []string
	for _, row := range rows {
		if !row.worthless() {
			addresses = append(addresses, row.address)
		}
	}
	return addresses, nil
}

const (
	useCode  = `UPDATE mailed_code SET used_at = $4 WHERE purpose = $1 AND subject = $2 AND flow = $3`
	addWrong = `UPDATE mailed_code SET wrong = wrong + 1, tried = $4
		WHERE purpose = $1 AND subject = $2 AND flow = $3`
)

// Use takes a typed code once and gives the address it was mailed to. It is a part of an Update; a wrong code
// is refused with an event and counted, and after too many the code of the flow works no more. The same wrong code once
// more is refused too and counts nothing: it is a second click, and whoever guesses learns nothing from it. The code
// that was used is ErrRepeated for as long as it is kept.
func Use(ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref, typed string) (string, error) {
	row, err := last(ctx, w, p, subject)
	if errors.Is(err, fault.NotFound) {
		return "", p.over(errExpired)
	}
	if err != nil {
		return "", err
	}
	digest := p.digest(post, subject, typed)
	right := subtle.ConstantTimeCompare(digest, row.digest) == 1
	switch {
	case right && !row.used.IsZero():
		return "", ErrRepeated
	case row.worthless():
		return "", p.over(errUsed)
	case !w.Now().Before(row.ends):
		return "", p.over(errExpired)
	case row.wrong >= p.MaxWrong:
		return "", p.over(errTooWrong)
	case !right && row.isEarlier(digest):
		return "", errEarlier
	case !right && subtle.ConstantTimeCompare(digest, row.tried) == 1:
		return "", p.ErrWrong
	case !right:
		return "", refuse(ctx, w, subject, p.WrongTry, p.ErrWrong, func(ctx context.Context) error {
			return w.Soon(ctx, addWrong, p.Name, subject.ID, p.flow, digest)
		})
	}
	if err := w.Change(ctx, useCode, p.Name, subject.ID, p.flow, w.Now()); err != nil {
		return "", fmt.Errorf("use %s code: %w", p.Name, err)
	}
	return row.address, post.Confirmed(ctx, w, row.address)
}

const cancelCodes = `UPDATE mailed_code SET digest = $3 WHERE purpose = $1 AND subject = $2 AND used_at IS NULL`

// Cancel ends the codes of a subject that wait to be typed, in whatever flow. How many were asked for still counts: a
// code that has ended makes room for no more mail.
func Cancel(ctx context.Context, w *db.W, subject audit.Ref, purposes ...Purpose) error {
	for _, p := range purposes {
		if _, err := w.Exec(ctx, cancelCodes, p.Name, subject.ID, []byte{}); err != nil {
			return fmt.Errorf("cancel %s codes: %w", p.Name, err)
		}
	}
	return nil
}
