// Package mailbox proves by mailed codes which email address an account has, changes it, and remembers which ones it
// had before.
//
// It does not know what an address is proved for: linking and merging ask it. It counts the addresses of a domain.
package mailbox

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
)

// The kinds of events that this package records.
const (
	eventRefused audit.Kind = "account.email-refused"
	eventAsked   audit.Kind = "account.email-asked"
	eventProved  audit.Kind = "account.email-proved"
	eventTaken   audit.Kind = "account.email-taken"
	eventChanged audit.Kind = "account.email-changed"
)

// Settled is how long an address must be unchanged before it counts for linking (rule R8). In that time the holder
// notices a change that somebody else made.
const Settled = 72 * time.Hour

// ProofLasts is how long a mailed code proves an address for linking (rule R3).
const ProofLasts = 30 * 24 * time.Hour

// Ask mails a code to an address, the present one or a new one. Nothing changes until the code is typed in the
// session that asked for it.
func Ask(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, id, to string) error {
	address, err := email.ParseNew(to)
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if err := problem(a, address, w.Now()); err != nil {
			return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(id), Reason: err.Error()}, err)
		}
		write := func(code string) mail.Message { return codeMail(a, address.String(), code) }
		if err := mailcode.Ask(ctx, w, post, account.ForEmail.Within(by.Session), account.Ref(id), write); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventAsked, Subject: account.Ref(id), After: address.String()})
	})
}

// AskAgain mails another code to the address that waits for one.
func AskAgain(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, id string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		write := func(to, code string) mail.Message { return codeMail(a, to, code) }
		err = mailcode.Again(ctx, w, post, account.ForEmail.Within(by.Session), account.Ref(id), write)
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventAsked, Subject: account.Ref(id)})
	})
}

// The faults of addresses that an account cannot have.
var (
	errShared = fault.SayCure(fault.Forbidden,
		"This is a shared account, so its email address is not one person's.", "Ask for an account of your own.")
	errTeam    = fault.OfField("email", "Enter an email address that only you can use, not a team’s")
	errTooSoon = fault.OfField("email",
		"Your email address was changed less than 3 days ago. Change it again when 3 days have passed, or ask your "+
			"DoS user administrator")
)

// problem gives the reason why an address cannot be the account's, or nil. A change must settle before the
// next one (rule R8), and a mailbox of a team proves nothing about one person (rule R9).
func problem(a account.Account, address email.Address, now time.Time) error {
	switch {
	case a.Kind == account.Shared:
		return errShared
	case email.RoleMailbox(address):
		return errTeam
	case address.String() != a.Email && a.EmailSince.After(a.Created) && now.Sub(a.EmailSince) < Settled:
		return errTooSoon
	}
	return nil
}

// Confirm proves the address to which the code was mailed, and makes it the account's address if it was not
// yet. After a change both the old and the new address get a mail.
func Confirm(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, id, code string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		to, err := mailcode.Use(ctx, w, post, account.ForEmail.Within(by.Session), account.Ref(id), code)
		if err != nil {
			return err
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if a.Email == to {
			return markProved(ctx, w, a)
		}
		return replace(ctx, w, post, a, to)
	})
}

// Awaited gives the address to which the last code of a session was mailed, if that was not used; else
// fault.NotFound.
func Awaited(ctx context.Context, r db.R, by actor.Actor, id string) (string, error) {
	return mailcode.Sent(ctx, r, account.ForEmail.Within(by.Session), account.Ref(id))
}

func markProved(ctx context.Context, w *db.W, a account.Account) error {
	if err := account.ProveEmail(ctx, w, a.ID); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventProved, Subject: account.Ref(a.ID)})
}

// replace makes a proved address the account's, and keeps which one it had.
func replace(ctx context.Context, w *db.W, post *mail.Post, a account.Account, to string) error {
	address, err := email.ParseNew(to)
	if err != nil {
		return err
	}
	if err := problem(a, address, w.Now()); err != nil {
		return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(a.ID), Reason: err.Error()}, err)
	}
	if err := keepPast(ctx, w, post, a); err != nil {
		return err
	}
	err = account.SetEmail(ctx, w, a, address)
	if errors.Is(err, account.ErrEmailTaken) {
		return w.Refuse(ctx, audit.Event{Kind: eventTaken, Subject: account.Ref(a.ID)}, err)
	}
	if err != nil {
		return err
	}
	if err := mailcode.Cancel(ctx, w, account.Ref(a.ID), account.ForEmail, account.ForLink,
		account.ForPassword); err != nil {
		return err
	}
	for _, recipient := range []string{a.Email, to} {
		if err := post.Send(ctx, w, changedMail(recipient, to)); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventChanged, Subject: account.Ref(a.ID), Before: a.Email, After: to})
}

func codeMail(a account.Account, to, code string) mail.Message {
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

func changedMail(to, now string) mail.Message {
	return mail.Message{
		Kind:    "account.email-changed",
		To:      to,
		Subject: "Your Directory of Services email address was changed",
		Text: "The email address of your Directory of Services account is now " + now + ".\n\n" +
			"For 3 days it cannot be used to link a Care Identity. If you did not change it, tell the " +
			"service desk at once.\n",
	}
}

// Addresses gives the email addresses of accounts, in their order.
func Addresses(list []account.Account) (addresses []string) {
	for _, a := range list {
		addresses = append(addresses, a.Email)
	}
	return addresses
}
