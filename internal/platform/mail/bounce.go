package mail

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail/received"
)

// eventReturned is recorded when a mail server reported that a mail does not arrive.
const eventReturned audit.Kind = "mail.returned"

// ReturnAddress is what stands before the + of the addresses to which mail servers report.
const ReturnAddress = "bounces"

// returnTo gives the address to which servers report that one message does not arrive; empty where no mail is taken in.
// It has the message's id and a secret, so that nobody reports what no server does.
func (p *Post) returnTo(id string) string {
	if p.Bounces == "" {
		return ""
	}
	return ReturnAddress + "+" + plainID(id) + "." + p.returnSecret(id) + "@" + p.Bounces
}

func (p *Post) returnSecret(id string) string {
	return hex.EncodeToString(p.box.Digest("return of mail\n" + id)[:10])
}

func plainID(id string) string { return strings.ReplaceAll(id, "-", "") }

// idOf gives the id of which one is written without hyphens.
func idOf(plain string) string {
	if len(plain) != 32 {
		return plain
	}
	return plain[:8] + "-" + plain[8:12] + "-" + plain[12:16] + "-" + plain[16:20] + "-" + plain[20:]
}

const (
	insertReturn    = `INSERT INTO mail_return (mail_id, batch) VALUES ($1, $2)`
	selectReturning = `SELECT m.kind FROM mail m JOIN mail_return b ON b.mail_id = m.id
		WHERE m.id = $1 AND b.returned_at IS NULL`
	markReturned = `UPDATE mail_return SET returned_at = $2, status = $3 WHERE mail_id = $1 AND returned_at IS NULL`
)

// mayReturn notes that servers may report of a message, where mail is taken in.
func (p *Post) mayReturn(ctx context.Context, w *db.W, id, batch string) error {
	if p.Bounces == "" {
		return nil
	}
	if _, err := w.Exec(ctx, insertReturn, id, batch); err != nil {
		return fmt.Errorf("note that mail %s may return: %w", id, err)
	}
	return nil
}

// Returned takes what a mail server reports about a message, at the address that was made for it. What is not a
// failure, is about a message that nobody knows any more or has a tag that was made up changes nothing.
func (p *Post) Returned(ctx context.Context, tag string, report received.Report) error {
	plain, secret, _ := strings.Cut(tag, ".")
	id := idOf(plain)
	if subtle.ConstantTimeCompare([]byte(p.returnSecret(id)), []byte(secret)) != 1 || !report.Failed() {
		return nil
	}
	err := p.d.Update(ctx, actor.ForJob("mail.returned", id), func(w *db.W) error {
		kind, err := db.Value[string](ctx, w, selectReturning, id)
		if err != nil {
			return err
		}
		if err := w.Change(ctx, markReturned, id, w.Now(), report.Status); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventReturned, Subject: audit.Ref{Kind: "mail", ID: id},
			After: map[string]string{"kind": kind, "status": report.Status, "diagnosis": report.Diagnosis}})
	})
	if err != nil && !errors.Is(err, fault.NotFound) {
		return fmt.Errorf("note returned mail %s: %w", id, err)
	}
	return nil
}

// Bounce says since when mail to an address does not arrive. It is zero where it does, as far as anybody knows.
type Bounce struct {
	Since  time.Time
	Status string // of the last report: "5.1.1"
}

const (
	// arrivedAfter is how long after a mail was sent without a report it is taken to have arrived: servers report
	// what fails for good at once, and what fails for now after some days.
	arrivedAfter = 6 * 24 * time.Hour
	maxLooked    = 200 // mails to one address, the newest first
)

// outcome is what became of a mail.
type outcome struct {
	queued, delivered, returned, settled time.Time
	status                               string
}

const selectOutcomes = `SELECT m.queued_at, m.delivered_at, b.returned_at, b.settled_at, COALESCE(b.status, '')
	FROM mail m LEFT JOIN mail_return b ON b.mail_id = m.id
	WHERE m.recipient = $1 ORDER BY m.queued_at DESC LIMIT $2`

func scanOutcome(scan db.Scanner) (o outcome, err error) {
	err = scan(db.At(&o.queued), db.At(&o.delivered), db.At(&o.returned), db.At(&o.settled), &o.status)
	return o, err
}

// BounceOf tells whether mail to an address arrives. What was returned for good counts, until somebody confirms the
// address, or a later mail is not returned within some days.
func BounceOf(ctx context.Context, r db.R, address string) (b Bounce, err error) {
	if address == "" {
		return b, nil
	}
	list, err := db.All(ctx, r, scanOutcome, selectOutcomes, keyOf(address), maxLooked)
	if err != nil {
		return b, fmt.Errorf("look for returned mail: %w", err)
	}
	for _, o := range list {
		if o.arrived(r.Now()) {
			break
		}
		if o.returned.IsZero() || !strings.HasPrefix(o.status, "5.") {
			continue
		}
		if b.Since.IsZero() {
			b.Status = o.status
		}
		b.Since = o.queued
	}
	return b, nil
}

// arrived reports whether a mail is known to have come, or somebody to have confirmed its address since.
func (o outcome) arrived(now time.Time) bool {
	return !o.settled.IsZero() ||
		o.returned.IsZero() && !o.delivered.IsZero() && now.Sub(o.delivered) >= arrivedAfter
}

// Bouncing gives those of some addresses to which mail does not arrive, as they are given.
func Bouncing(ctx context.Context, r db.R, addresses []string) (map[string]Bounce, error) {
	keys := map[string][]string{}
	var all []string
	for _, one := range addresses {
		key := keyOf(one)
		if keys[key] == nil {
			all = append(all, key)
		}
		keys[key] = append(keys[key], one)
	}
	found := map[string]Bounce{}
	if len(all) == 0 {
		return found, nil
	}
	var args db.Arguments
	returned, err := db.All(ctx, r, db.Column[string], `SELECT DISTINCT m.recipient
		FROM mail m JOIN mail_return b ON b.mail_id = m.id
		WHERE b.returned_at IS NOT NULL AND m.recipient IN (`+db.AddEach(&args, all)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look for returned mail: %w", err)
	}
	for _, key := range returned {
		b, err := BounceOf(ctx, r, key)
		if err != nil {
			return nil, err
		}
		for _, address := range keys[key] {
			if !b.Since.IsZero() {
				found[address] = b
			}
		}
	}
	return found, nil
}

// Confirmed notes that somebody reads an address: what was returned before says nothing of it any more.
func (p *Post) Confirmed(ctx context.Context, w *db.W, address string) error {
	if p.Bounces == "" {
		return nil
	}
	const settle = `UPDATE mail_return SET settled_at = $2 WHERE returned_at IS NOT NULL AND settled_at IS NULL
		AND mail_id IN (SELECT id FROM mail WHERE recipient = $1)`
	if _, err := w.Exec(ctx, settle, keyOf(address), w.Now()); err != nil {
		return fmt.Errorf("note that an address is read: %w", err)
	}
	return nil
}

// CameBack lists the recipients of a batch whose mail was returned, as Message.Batch names it, by their canonical
// addresses.
func CameBack(ctx context.Context, r db.R, batch string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], `SELECT m.recipient
		FROM mail m JOIN mail_return b ON b.mail_id = m.id
		WHERE b.batch = $1 AND b.batch <> '' AND b.returned_at IS NOT NULL ORDER BY m.recipient`, batch)
	if err != nil {
		return nil, fmt.Errorf("list returned mail of a batch: %w", err)
	}
	return list, nil
}
