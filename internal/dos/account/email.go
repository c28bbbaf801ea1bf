package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
)

// Settled is how long an address must be unchanged before it counts for linking (rule R8). In that time the holder
// notices a change that somebody else made.
const Settled = 72 * time.Hour

// ProofLasts is how long a mailed code proves an address for linking (rule R3).
const ProofLasts = 30 * 24 * time.Hour

// AskEmail mails a code to an address, the present one or a new one. Nothing changes until the code is typed in the
// session that asked for it.
func AskEmail(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, id, to string) error {
	address, err := email.ParseNew(to)
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		a, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if err := a.emailProblem(address, w.Now()); err != nil {
			return w.Refuse(ctx, audit.Event{Kind: eventEmailRefused, Subject: Ref(id), Reason: err.Error()}, err)
		}
		write := func(code string) mail.Message { return emailCode(a, address.String(), code) }
		if err := mailcode.Ask(ctx, w, post, ForEmail.Within(by.Session), Ref(id), write); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventEmailAsked, Subject: Ref(id), After: address.String()})
	})
}

// SendCodeAgain mails another code to the address that waits for one.
func SendCodeAgain(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, id string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		a, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		write := func(to, code string) mail.Message { return emailCode(a, to, code) }
		if err := mailcode.Again(ctx, w, post, ForEmail.Within(by.Session), Ref(id), write); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventEmailAsked, Subject: Ref(id)})
	})
}

// The faults of addresses that an account cannot have.
var (
	errSharedEmail = fault.SayCure(fault.Forbidden,
		"This is a shared account, so its email address is not one person's.", "Ask for an account of your own.")
	errTeamEmail = fault.OfField("email", "Enter an email address that only you can use, not a team’s")
	errTooSoon   = fault.OfField("email",
		"Your email address was changed less than 3 days ago. Change it again when 3 days have passed, or ask your "+
			"DoS user administrator")
	errEmailTaken = fault.OfField("email", "Enter another email address, this one cannot be used for your account")
)

// emailProblem gives the reason why an address cannot be the account's, or nil. A change must settle before the
// next one (rule R8), and a mailbox of a team proves nothing about one person (rule R9).
func (a Account) emailProblem(address email.Address, now time.Time) error {
	switch {
	case a.Kind == Shared:
		return errSharedEmail
	case email.RoleMailbox(address):
		return errTeamEmail
	case address.String() != a.Email && a.EmailSince.After(a.Created) && now.Sub(a.EmailSince) < Settled:
		return errTooSoon
	}
	return nil
}

// ConfirmEmail proves the address to which the code was mailed, and makes it the account's address if it was not
// yet. After a change both the old and the new address get a mail.
func ConfirmEmail(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, id, code string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		to, err := mailcode.Use(ctx, w, post, ForEmail.Within(by.Session), Ref(id), code)
		if err != nil {
			return err
		}
		a, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if a.Email == to {
			return markProved(ctx, w, a)
		}
		return replaceEmail(ctx, w, post, a, to)
	})
}

// AwaitedEmail gives the address to which the last code of a session was mailed, if that was not used; else
// fault.NotFound.
func AwaitedEmail(ctx context.Context, r db.R, by actor.Actor, id string) (string, error) {
	return mailcode.Sent(ctx, r, ForEmail.Within(by.Session), Ref(id))
}

func markProved(ctx context.Context, w *db.W, a Account) error {
	if err := w.Change(ctx, `UPDATE account SET email_proved_at = $2 WHERE id = $1`, a.ID, w.Now()); err != nil {
		return fmt.Errorf("prove email: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventEmailProved, Subject: Ref(a.ID)})
}

const (
	insertPastEmail = `INSERT INTO account_email_past (account_id, email, email_key, since, until)
		VALUES ($1, $2, $3, $4, $5)`
	updateEmail = `UPDATE account SET email = $2, email_key = $3, email_since = $4, email_proved_at = $4
		WHERE id = $1`
)

func replaceEmail(ctx context.Context, w *db.W, post *mail.Post, a Account, to string) error {
	address, err := email.ParseNew(to)
	if err != nil {
		return err
	}
	if err := a.emailProblem(address, w.Now()); err != nil {
		return w.Refuse(ctx, audit.Event{Kind: eventEmailRefused, Subject: Ref(a.ID), Reason: err.Error()}, err)
	}
	if _, err := w.Exec(ctx, insertPastEmail, a.ID, a.Email, a.EmailKey, a.EmailSince, w.Now()); err != nil {
		return fmt.Errorf("keep old email: %w", err)
	}
	if err := Bury(ctx, w, post, a); err != nil {
		return err
	}
	key, _ := address.Canonical()
	_, err = w.Exec(ctx, updateEmail, a.ID, to, key, w.Now())
	if errors.Is(err, db.ErrUnique) {
		return w.Refuse(ctx, audit.Event{Kind: eventEmailTaken, Subject: Ref(a.ID)}, errEmailTaken)
	}
	if err != nil {
		return fmt.Errorf("change email: %w", err)
	}
	found := a
	found.EmailKey = key
	if err := putWords(ctx, w, found); err != nil {
		return err
	}
	if err := mailcode.Cancel(ctx, w, Ref(a.ID), ForEmail, ForLink, ForPassword); err != nil {
		return err
	}
	for _, recipient := range []string{a.Email, to} {
		if err := post.Send(ctx, w, emailChanged(recipient, to)); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventEmailChanged, Subject: Ref(a.ID), Before: a.Email, After: to})
}

const insertTombstone = `INSERT INTO email_tombstone (digest, account_id, issuer, subject, since, until)
	VALUES ($1, $2, $3, $4, $5, $6)`

func tombstoneDigest(post *mail.Post, key string) []byte {
	return post.Digest("tombstone of address\n" + key)
}

// Bury keeps a tombstone of the address that an account has had until now (rule R7), as a part of the Update in which
// the address leaves it.
func Bury(ctx context.Context, w *db.W, post *mail.Post, a Account) error {
	if a.EmailKey == "" || a.Kind != Individual {
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
func BuryLinked(ctx context.Context, w *db.W, post *mail.Post, l Link, keys []string) error {
	for _, key := range keys {
		err := w.Soon(ctx, insertTombstone, tombstoneDigest(post, key), l.AccountID, l.Issuer, l.Subject, w.Now(), nil)
		if err != nil {
			return fmt.Errorf("keep address of link: %w", err)
		}
	}
	return nil
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
func PastHolders(ctx context.Context, r db.R, post *mail.Post, l Link, key string) ([]PastHolder, error) {
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

// SettledEmail gives the address that the account had 72 hours ago, or its first one if the account is younger.
func SettledEmail(ctx context.Context, r db.R, a Account) (string, error) {
	return EmailAt(ctx, r, a, r.Now().Add(-Settled))
}

// EmailAt is the account's address as it stood at a time, or its first one if the account is younger.
func EmailAt(ctx context.Context, r db.R, a Account, then time.Time) (string, error) {
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

// FormerEmails gives the addresses that several accounts had before, in canonical form and the newest first, by the id
// of the account.
func FormerEmails(ctx context.Context, r db.R, ids []string) (map[string][]string, error) {
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

func emailCode(a Account, to, code string) mail.Message {
	purpose := "It makes this the email address of the Directory of Services account " + a.Username + " (" + a.Name() +
		"), in place of the present one."
	if to == a.Email {
		purpose = "It confirms that this is the email address of the Directory of Services account " + a.Username +
			" (" + a.Name() + ")."
	}
	return mail.Message{
		Kind:    "account.email-code",
		To:      to,
		Subject: "Your Directory of Services code",
		Text: "Your code is " + code + "\n\n" +
			purpose + "\n\n" +
			"Type it on the page where you asked for it. It works once, for 15 minutes.\n\n" +
			"If that is not you, do not pass the code on: nothing changes without it. If the account is yours and " +
			"you did not ask for the code, somebody else is logged in to it: tell the service desk at once.\n",
	}
}

func emailChanged(to, now string) mail.Message {
	return mail.Message{
		Kind:    "account.email-changed",
		To:      to,
		Subject: "Your Directory of Services email address was changed",
		Text: "The email address of your Directory of Services account is now " + now + ".\n\n" +
			"For 3 days it cannot be used to link a Care Identity. If you did not change it, tell the " +
			"service desk at once.\n",
	}
}
