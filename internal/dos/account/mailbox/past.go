package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

const insertPast = `INSERT INTO account_email_past (account_id, email, email_key, since, until)
	VALUES ($1, $2, $3, $4, $5)`

// keepPast keeps the address that an account has had until now, as a part of the Update in which another takes its
// place.
func keepPast(ctx context.Context, w *db.W, post *mail.Post, a account.Account) error {
	if _, err := w.Exec(ctx, insertPast, a.ID, a.Email, a.EmailKey, a.EmailSince, w.Now()); err != nil {
		return fmt.Errorf("keep old email: %w", err)
	}
	return Bury(ctx, w, post, a)
}

const insertTombstone = `INSERT INTO email_tombstone (digest, account_id, issuer, subject, since, until)
	VALUES ($1, $2, $3, $4, $5, $6)`

func tombstoneDigest(post *mail.Post, key string) []byte {
	return post.Digest("tombstone of address\n" + key)
}

// Bury keeps a tombstone of the address that an account has had until now (rule R7), as a part of the Update in which
// the address leaves it.
func Bury(ctx context.Context, w *db.W, post *mail.Post, a account.Account) error {
	if a.EmailKey == "" || a.Kind != account.Individual {
		return nil
	}
	_, err := w.Exec(ctx, insertTombstone, tombstoneDigest(post, a.EmailKey), a.ID, "", "", a.EmailSince, w.Now())
	if err != nil {
		return fmt.Errorf("keep tombstone of address: %w", err)
	}
	return nil
}

// BuryLinked keeps with which Care Identity addresses came to the link of an account, as a part of the Update that
// links.
func BuryLinked(ctx context.Context, w *db.W, post *mail.Post, l account.Link, keys []string) error {
	for _, key := range keys {
		err := w.Soon(ctx, insertTombstone, tombstoneDigest(post, key), l.AccountID, l.Issuer, l.Subject, w.Now(), nil)
		if err != nil {
			return fmt.Errorf("keep address of link: %w", err)
		}
	}
	return nil
}

// KeysOf gives the keys of two addresses, each once: that of an account, and what the other is in canonical form.
func KeysOf(key, theirs string) []string {
	keys := []string{key}
	address, err := email.Parse(theirs)
	if err != nil {
		return keys
	}
	if other, _ := address.Canonical(); other != key {
		keys = append(keys, other)
	}
	return keys
}

// PastHolder is an account that had an address, or to whose link an address came with another Care Identity.
type PastHolder struct {
	AccountID string
	Subject   string // of the Care Identity with which it came; empty where it was the account's address
	Since     time.Time
	Until     time.Time // zero where that is not over
}

const selectPastHolders = `SELECT account_id, subject, since, until FROM email_tombstone WHERE digest = $1
		AND account_id <> $2 AND (subject = '' OR issuer <> $3 OR subject <> $4)
	UNION SELECT account_id, '', since, until FROM account_email_past WHERE email_key = $5 AND account_id <> $2
	UNION SELECT id, '', email_since, deactivated_at FROM account
		WHERE email_key = $5 AND email_key <> '' AND NOT shared AND NOT active AND id <> $2
	ORDER BY 3 DESC LIMIT 20`

// PastHolders lists the other accounts that had the address with a key, and those to whose link it came with another
// Care Identity than that of l (rule R7). Addresses that accounts had before there were tombstones count too.
func PastHolders(ctx context.Context, r db.R, post *mail.Post, l account.Link, key string) ([]PastHolder, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (h PastHolder, err error) {
		err = scan(&h.AccountID, &h.Subject, db.At(&h.Since), db.At(&h.Until))
		return h, err
	}, selectPastHolders, tombstoneDigest(post, key), l.AccountID, l.Issuer, l.Subject, key)
	if err != nil {
		return nil, fmt.Errorf("look for who had an address: %w", err)
	}
	return list, nil
}

const emailAt = `SELECT email FROM account_email_past WHERE account_id = $1 AND until > $2 AND since <= $2
	ORDER BY until LIMIT 1`

// SettledOf gives the address that the account had 72 hours ago, or its first one if the account is younger.
func SettledOf(ctx context.Context, r db.R, a account.Account) (string, error) {
	return At(ctx, r, a, r.Now().Add(-Settled))
}

// At gives the account's address as it stood at a time, or its first one if the account is younger.
func At(ctx context.Context, r db.R, a account.Account, then time.Time) (string, error) {
	if !a.EmailSince.After(then) {
		return a.Email, nil
	}
	past, err := db.Value[string](ctx, r, emailAt, a.ID, then)
	if err == nil {
		return past, nil
	}
	if !errors.Is(err, fault.NotFound) {
		return "", fmt.Errorf("read earlier email: %w", err)
	}
	first, err := db.Value[string](ctx, r,
		`SELECT email FROM account_email_past WHERE account_id = $1 ORDER BY since LIMIT 1`, a.ID)
	if errors.Is(err, fault.NotFound) {
		return a.Email, nil
	}
	return first, err
}

// formerRow is an address that an account had before.
type formerRow struct{ account, key string }

// Former gives the addresses that several accounts had before, in canonical form and the newest first, by the id
// of the account.
func Former(ctx context.Context, r db.R, ids []string) (map[string][]string, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (row formerRow, err error) {
		err = scan(&row.account, &row.key)
		return row, err
	}, `SELECT account_id, email_key FROM account_email_past WHERE email_key <> '' AND account_id IN (`+
		db.AddEach(&args, ids)+`) ORDER BY until DESC`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read earlier emails: %w", err)
	}
	former := map[string][]string{}
	for _, row := range list {
		former[row.account] = append(former[row.account], row.key)
	}
	return former, nil
}
