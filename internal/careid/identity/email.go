package identity

import (
	"context"
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

// emailCode is the purpose of the codes that confirm a new address.
var emailCode = mailcode.Purpose{
	Name: "identity.email", Life: 15 * time.Minute, MaxAsks: 5, MaxWrong: 5, MaxOfNetwork: 10,
	AskedTooOften: audit.Event{Kind: eventEmailAskedTooOften},
	WrongTry:      audit.Event{Kind: eventEmailCodeWrong},
	ErrAsks: fault.SayCure(fault.TooMany, "You asked for too many codes.",
		"Use the newest code we sent you, or wait 15 minutes and ask again."),
	ErrWrong: fault.OfField("code",
		"Enter the code from the email. Check the newest one, codes sent before it do not work"),
}

// RequestEmail mails a code to a new address of an identity. Nothing changes until the code is entered in
// the session that asked for it.
func RequestEmail(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, uuid, to string) error {
	address, err := email.ParseNew(to)
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		owner, err := ByUUID(ctx, w, uuid)
		if err != nil {
			return err
		}
		write := func(code string) mail.Message { return codeMail(owner, address.String(), code) }
		if err := mailcode.Ask(ctx, w, post, emailCode.Within(by.Session), Ref(uuid), write); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventEmailAsked, Subject: Ref(uuid), After: address.String()})
	})
}

// PendingEmail returns the address to which the last code of a session was mailed, if that was not used; else
// fault.NotFound.
func PendingEmail(ctx context.Context, r db.R, by actor.Actor, uuid string) (string, error) {
	return mailcode.Sent(ctx, r, emailCode.Within(by.Session), Ref(uuid))
}

// SendCodeAgain mails another code to the address that waits for one.
func SendCodeAgain(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, uuid string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		owner, err := ByUUID(ctx, w, uuid)
		if err != nil {
			return err
		}
		write := func(to, code string) mail.Message { return codeMail(owner, to, code) }
		if err := mailcode.Again(ctx, w, post, emailCode.Within(by.Session), Ref(uuid), write); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventEmailAsked, Subject: Ref(uuid)})
	})
}

// ConfirmEmail makes the waiting address the identity's own, and confirmed, if the code is the one that was
// mailed. It and each earlier one that was proved get an email about it.
func ConfirmEmail(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, uuid, code string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		to, err := mailcode.Use(ctx, w, post, emailCode.Within(by.Session), Ref(uuid), code)
		if err != nil {
			return err
		}
		return setEmail(ctx, w, post, uuid, newEmail{to: to, how: "code mailed and typed back"})
	})
}

const updateEmail = `UPDATE identity SET email = $2, email_canonical = $3, email_since = $4,
	email_verified_at = $5, email_verified_how = $6 WHERE uuid = $1`

// PutEmail gives an identity another address that nobody has confirmed, as a part of an Update of somebody who looks
// after it. It and each earlier one that was proved get an email about it. unused is that nobody can log in with the
// identity: its address may then be used at once, as one may that was typed when the identity was made.
func PutEmail(ctx context.Context, w *db.W, post *mail.Post, uuid, to string, unused bool) error {
	return setEmail(ctx, w, post, uuid, newEmail{to: to, first: unused})
}

// newEmail is an address that an identity gets.
type newEmail struct {
	to    string
	how   string // it was confirmed; empty if it was not
	first bool   // it counts as the one with which the identity was made
}

func setEmail(ctx context.Context, w *db.W, post *mail.Post, uuid string, n newEmail) error {
	address, err := email.ParseNew(n.to)
	if err != nil {
		return err
	}
	to := address.String()
	canonical, _ := address.Canonical()
	before, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	if to == before.Email && n.how == "" {
		return nil
	}
	since := w.Now()
	switch {
	case canonical == before.EmailCanonical: // the same one, confirmed or written in another way
		since = before.EmailSince
	case n.first:
		since = before.Created
	}
	if canonical != before.EmailCanonical {
		if err := keepPast(ctx, w, before); err != nil {
			return err
		}
	}
	confirmed := time.Time{}
	if n.how != "" {
		confirmed = w.Now()
	}
	if err := w.Change(ctx, updateEmail, uuid, to, canonical, since, confirmed, n.how); err != nil {
		return fmt.Errorf("change email: %w", err)
	}
	if err := mailcode.Cancel(ctx, w, Ref(uuid), emailCode); err != nil {
		return err
	}
	if err := noteAddresses(ctx, w, uuid, before.EmailCanonical, canonical); err != nil {
		return err
	}
	told, err := ProvedEmails(ctx, w, uuid)
	if err != nil {
		return err
	}
	for _, recipient := range email.EachOnce(append(told, to)) {
		if err := post.Send(ctx, w, changedMail(recipient, to)); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventEmailChanged, Subject: Ref(uuid), Before: before.Email, After: to})
}

// keepPast keeps the address that an identity has had until now.
func keepPast(ctx context.Context, w *db.W, i Identity) error {
	const insert = `INSERT INTO identity_email_past (uuid, email_canonical, since, until, proved)
		VALUES ($1, $2, $3, $4, $5)`
	if i.EmailCanonical == "" {
		return nil
	}
	proved := ""
	if i.EmailVerified.Done() {
		proved = i.Email
	}
	if err := w.Soon(ctx, insert, i.UUID, i.EmailCanonical, i.EmailSince, w.Now(), proved); err != nil {
		return fmt.Errorf("keep earlier email: %w", err)
	}
	return nil
}

// toldBefore is how long somebody is still told at an address that is not theirs any more: whoever took over a care
// identity may have changed its address first.
const toldBefore = 90 * 24 * time.Hour

const selectProvedPast = `SELECT proved FROM identity_email_past p WHERE uuid = $1 AND until > $2 AND proved <> ''
	AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.email_canonical = p.email_canonical AND i.uuid <> p.uuid)
	ORDER BY until DESC`

// ProvedEmails lists the addresses that an identity has, or had until lately, if it was proved that they are its
// owner's, the newest first. One that is somebody else's by now is left out.
func ProvedEmails(ctx context.Context, r db.R, uuid string) (list []string, err error) {
	i, err := ByUUID(ctx, r, uuid)
	if err != nil {
		return nil, err
	}
	past, err := db.All(ctx, r, db.Column[string], selectProvedPast, uuid, r.Now().Add(-toldBefore))
	if err != nil {
		return nil, fmt.Errorf("read earlier emails: %w", err)
	}
	if i.Email != "" && i.EmailVerified.Done() {
		list = append(list, i.Email)
	}
	return append(list, past...), nil
}

// pastRow is an address that an identity had before.
type pastRow struct{ uuid, email string }

// HadEmails gives the numbers of the identities that had each of several addresses before, by the address in canonical
// form.
func HadEmails(ctx context.Context, r db.R, canonical []string) (map[string][]string, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (row pastRow, err error) {
		err = scan(&row.uuid, &row.email)
		return row, err
	}, `SELECT DISTINCT uuid, email_canonical FROM identity_email_past WHERE email_canonical IN (`+
		db.AddEach(&args, canonical)+`) ORDER BY uuid`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("find identities by earlier email: %w", err)
	}
	found := map[string][]string{}
	for _, row := range list {
		found[row.email] = append(found[row.email], row.uuid)
	}
	return found, nil
}

func codeMail(owner Identity, to, code string) mail.Message {
	return mail.Message{Kind: "identity.email-code", To: to, Subject: "Your Care Identity code", Text: "" +
		"Your code is " + code + "\n\n" +
		"It makes this the email address of the Care Identity of " + owner.DisplayName() + ".\n\n" +
		"Type it on the page where you asked to change the email address. It works once, for 15 minutes.\n\n" +
		"If that is not you, do not pass the code on: nothing changes without it. If the Care Identity is yours and " +
		"you did not ask for the code, somebody else is logged in with it: tell your registration authority at once.\n"}
}

func changedMail(to, now string) mail.Message {
	const subject = "Your Care Identity email address was changed"
	return mail.Message{Kind: "identity.email-changed", To: to, Subject: subject, Text: "" +
		"The email address of your Care Identity is now " + now + ".\n\n" +
		"If you did not change it, contact your registration authority at once.\n"}
}
