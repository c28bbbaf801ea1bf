// Package mailcode mails a code to somebody and takes it back once, which shows that they read the mailbox.
//
// Whoever mails codes declares a Purpose: how long a code lives, how many may be asked for and mistyped, and
// what is said of each refusal. The package keeps a keyed digest of the code, never the code, and does not
// know what the mailbox is proved for.
package mailcode

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// Purpose is what codes are mailed for. A code for one purpose is worth nothing for another.
type Purpose struct {
	Name     string // in the database
	Life     time.Duration
	MaxAsks  int64 // codes one after another, after which the last must end first; 0 where the caller limits them
	MaxWrong int64 // wrong tries, after which no code works

	// Events of refusals, to which the subject is added. Wrong tries are counted by theirs.
	AskedTooOften audit.Event
	WrongTry      audit.Event

	ErrAsks  error // too many codes were asked for
	ErrOver  error // there is no code, or no longer; which of those is said unless it is given
	ErrWrong error // it is another code

	flow string
}

// The faults of codes that do not work any more, unless a purpose has its own.
var (
	errUsed     = over("This code has been used. Send another code if you still need one")
	errExpired  = over("This code has expired. Send another code")
	errTooWrong = over("Wrong codes were entered too many times, so no code works any more. Send another code")
)

func over(message string) error {
	return &fault.Fault{Code: fault.Expired, Field: "code", Message: message}
}

// over gives the purpose's own fault of a code that does not work any more, or the usual one.
func (p Purpose) over(usual error) error {
	if p.ErrOver != nil {
		return p.ErrOver
	}
	return usual
}

// Within narrows a purpose to one flow: each flow of a subject has a code of its own, and wrong tries count
// against the subject in all of them, whatever code comes after.
func (p Purpose) Within(flow string) Purpose {
	p.flow = flow
	return p
}

const putCode = `INSERT INTO mailed_code (purpose, subject, flow, address, digest, ends_at, asks)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (purpose, subject, flow) DO UPDATE SET address = $4, digest = $5, ends_at = $6, asks = $7`

// Ask makes a code for a subject, in place of any before it, and mails what write makes of it, in two groups as people
// copy it. It is a part of an Update; too many codes are refused with an event.
func Ask(
	ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref, write func(code string) mail.Message,
) error {
	code := random.Code()
	message := write(random.Grouped(code))
	if err := put(ctx, w, p, subject, message.To, p.digest(post, subject, code)); err != nil {
		return err
	}
	return post.Send(ctx, w, message)
}

// Pretend keeps a code that is mailed to nobody: whoever named a mailbox that is not the subject's sees the
// same as others, and no code they type is right.
func Pretend(ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref) error {
	return put(ctx, w, p, subject, "", p.digest(post, subject, random.Code()))
}

func put(ctx context.Context, w *db.W, p Purpose, subject audit.Ref, address string, digest []byte) error {
	last, err := newest(ctx, w, p, subject)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	if p.MaxAsks > 0 && last.asks >= p.MaxAsks {
		return w.Refuse(ctx, about(subject, p.AskedTooOften), p.ErrAsks)
	}
	ends := w.Now().Add(p.Life)
	if _, err := w.Exec(ctx, putCode, p.Name, subject.ID, p.flow, address, digest, ends, last.asks+1); err != nil {
		return fmt.Errorf("keep %s code: %w", p.Name, err)
	}
	return p.forgetWrong(ctx, w, subject)
}

// codeRow is the newest code that was made for a subject.
type codeRow struct {
	address string
	digest  []byte // empty once the code is spent; its row stays until it ends, for the count
	ends    time.Time
	asks    int64 // how many were asked for one after another, this the last
}

const selectCode = `SELECT address, digest, ends_at, asks FROM mailed_code
	WHERE purpose = $1 AND subject = $2 AND flow = $3`

// last is the newest code, also one that has ended.
func last(ctx context.Context, r db.R, p Purpose, subject audit.Ref) (codeRow, error) {
	row, err := db.One(ctx, r, func(scan db.Scanner) (row codeRow, err error) {
		err = scan(&row.address, &row.digest, db.At(&row.ends), &row.asks)
		return row, err
	}, selectCode, p.Name, subject.ID, p.flow)
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
	if err == nil && len(row.digest) == 0 {
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
	if to == "" {
		return Pretend(ctx, w, post, p, subject)
	}
	return Ask(ctx, w, post, p, subject, func(code string) mail.Message { return write(to, code) })
}

// usable is the newest code if it can still be typed, or fault.NotFound.
func usable(ctx context.Context, r db.R, p Purpose, subject audit.Ref) (codeRow, error) {
	row, err := newest(ctx, r, p, subject)
	if err == nil && len(row.digest) == 0 {
		return codeRow{}, fault.NotFound
	}
	return row, err
}

// Awaited gives the address to which a code that still works was mailed, or fault.NotFound.
func Awaited(ctx context.Context, r db.R, p Purpose, subject audit.Ref) (string, error) {
	row, err := usable(ctx, r, p, subject)
	return row.address, err
}

// Use takes a typed code once and gives the address it was mailed to. It is a part of an Update; a wrong code
// is refused with an event and counted, and after too many no code works.
func Use(ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref, typed string) (string, error) {
	row, err := last(ctx, w, p, subject)
	switch {
	case errors.Is(err, fault.NotFound):
		return "", p.over(errExpired)
	case err != nil:
		return "", err
	case len(row.digest) == 0:
		return "", p.over(errUsed)
	case !w.Now().Before(row.ends):
		return "", p.over(errExpired)
	}
	wrongTry := about(subject, p.WrongTry)
	tries, err := db.Counted(ctx, w, wrongTry.Kind, subject.ID)
	if err != nil {
		return "", err
	}
	if tries.N >= p.MaxWrong {
		return "", w.Refuse(ctx, wrongTry, p.over(errTooWrong))
	}
	if subtle.ConstantTimeCompare(p.digest(post, subject, typed), row.digest) != 1 {
		return "", w.Refuse(ctx, wrongTry, p.ErrWrong)
	}
	if err := Cancel(ctx, w, subject, p); err != nil {
		return "", err
	}
	return row.address, p.forgetWrong(ctx, w, subject)
}

const spendCode = `UPDATE mailed_code SET digest = $4 WHERE purpose = $1 AND subject = $2 AND flow = $3`

// Cancel ends the codes of a subject that wait to be typed. How many were asked for still counts: a code that
// is spent makes room for no more mail.
func Cancel(ctx context.Context, w *db.W, subject audit.Ref, purposes ...Purpose) error {
	for _, p := range purposes {
		if _, err := w.Exec(ctx, spendCode, p.Name, subject.ID, p.flow, []byte{}); err != nil {
			return fmt.Errorf("spend %s code: %w", p.Name, err)
		}
	}
	return nil
}

// forgetWrong forgets the wrong tries before a new or a right code, but not those of other flows.
func (p Purpose) forgetWrong(ctx context.Context, w *db.W, subject audit.Ref) error {
	if p.flow != "" {
		return nil
	}
	return db.ClearCount(ctx, w, p.WrongTry.Kind, subject.ID)
}

// digest is made of the code as a person types it: case, spaces and hyphens do not count.
func (p Purpose) digest(post *mail.Post, subject audit.Ref, code string) []byte {
	parts := []string{"mailed code", p.Name, subject.Kind, subject.ID, p.flow, random.Ungrouped(code)}
	return post.Digest(strings.Join(parts, "\n"))
}

func about(subject audit.Ref, e audit.Event) audit.Event {
	e.Subject = subject
	return e
}
