// Package linking performs the ceremony that links an account of the Directory of Services to a Care
// Identity, refuses pairs that must never be linked, and undoes links.
//
// It does not show pages, and it does not sign anybody in.
package linking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
)

// The kinds of events that this package records.
const (
	eventBegun   audit.Kind = "link.begun"
	eventRefused audit.Kind = "link.refused"
)

// Linker links accounts to care identities.
type Linker struct {
	DB        *db.DB
	Post      *mail.Post
	Passwords *signin.PasswordSignIn // checks the password of somebody who claims an account
}

// Control is the way in which somebody showed that they hold an account (rule R3).
type Control string

// The ways to show it.
const (
	BySession Control = "password session"         // signed in by password on this browser
	ByTyping  Control = "password"                 // typed after coming with a Care Identity
	ByMailbox Control = "an administrator's leave" // and a code to the account's mailbox
)

// Ceremony is a link in progress: the person has signed in with their Care Identity and has shown that the account is
// theirs. It is bound to the browser, lasts 15 minutes and can be used once (rule R4).
type Ceremony struct {
	AccountID       string
	AccountEmail    string // when the ceremony began
	Issuer, Subject string
	Name            string // as CIS2 gave it
	Email           string // as CIS2 gave it; it decides nothing here (rule R1)
	Control         Control
	NeedsCode       bool   // the person must also prove the mailbox of the account
	CodeTo          string // where that code went
}

// proofs lists the proofs that the person gave, for the stored link.
func (c Ceremony) proofs() string {
	text := string(c.Control) + ", Care Identity"
	if c.NeedsCode {
		text += ", code to the account's address"
	}
	return text
}

// Ceremonies stores the ceremonies in progress.
var Ceremonies = session.Flows[Ceremony]{Name: "dos.link", Life: 15 * time.Minute}

// FromSession begins a ceremony for the account that was signed in by password on this browser when the sign-in at
// CIS2 started. Its session must not have ended.
func (l *Linker) FromSession(ctx context.Context, by actor.Actor, p portal.Pending,
	person cis2.Person) (string, error) {
	by.Kind = actor.Person
	by.ID = p.Subject
	by.Name = person.Name
	return db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		live, err := signin.Sessions.OfSubject(ctx, w, p.Subject)
		if err != nil {
			return "", err
		}
		for _, s := range live {
			if s.ID == p.Session {
				return l.begin(ctx, w, p.Subject, person, BySession)
			}
		}
		return "", portal.ErrNotStarted
	})
}

// ByClaim begins a ceremony for somebody who signed in with a Care Identity that no account is linked to, and then
// typed the username and password of an account.
func (l *Linker) ByClaim(ctx context.Context, by actor.Actor, arrived Arrival,
	username, plain string) (string, error) {
	c, err := l.Passwords.Claim(ctx, username, plain)
	if err != nil {
		return "", fmt.Errorf("claim account: %w", err)
	}
	person := arrived.person()
	by.Kind = actor.Person
	by.ID = person.Subject
	by.Name = person.Name
	cookie, err := db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		if err := c.Admit(ctx, w, true); err != nil {
			return "", err
		}
		control := ByTyping
		if c.Mailbox {
			control = ByMailbox
		}
		return l.begin(ctx, w, c.Account.ID, person, control)
	})
	if errors.Is(err, signin.ErrSignInFailed) {
		return "", errCannotLink
	}
	return cookie, err
}

// begin checks that the two may be joined, mails a code unless the email addresses already prove that the account is
// the person's, and stores the ceremony.
func (l *Linker) begin(ctx context.Context, w *db.W, id string, p cis2.Person,
	control Control) (cookie string, err error) {
	a, err := account.ByID(ctx, w, id)
	if err != nil {
		return "", err
	}
	if err := l.mayLink(ctx, w, a, p, control); err != nil {
		return "", err
	}
	c := Ceremony{
		AccountID:    id,
		AccountEmail: a.Email,
		Issuer:       p.Issuer,
		Subject:      p.Subject,
		Name:         p.Name,
		Email:        p.Email,
		Control:      control,
	}
	if c.NeedsCode = control == ByMailbox || !emailsProve(a, p, w.Now()); c.NeedsCode {
		if c.CodeTo, err = l.mailCode(ctx, w, a); err != nil {
			return "", err
		}
	}
	flow, secret, err := Ceremonies.Start(ctx, w, c)
	if err != nil {
		return "", err
	}
	event := audit.Event{Kind: eventBegun, Subject: account.Ref(id),
		After: map[string]any{"care_identity": signin.CareIdentity(p).ID, "code": c.NeedsCode}}
	return session.Cookie(flow, secret), w.Record(ctx, event)
}

// mayLink refuses pairs that must never be joined.
func (l *Linker) mayLink(ctx context.Context, w *db.W, a account.Account, p cis2.Person, c Control) error {
	problem, err := l.obstacle(ctx, w, a, p, c)
	if err != nil || problem == nil {
		return err
	}
	return refuseLink(ctx, w, a, p, problem)
}

func refuseLink(ctx context.Context, w *db.W, a account.Account, p cis2.Person, problem error) error {
	return w.Refuse(ctx, audit.Event{
		Kind:    eventRefused,
		Subject: account.Ref(a.ID),
		After:   signin.CareIdentity(p).ID,
		Reason:  problem.Error(),
	}, problem)
}

// emailsProve reports whether the email addresses already prove that the account is the person's: CIS2 has verified
// the person's address, the account has the same one, a code of ours proved it within the last 30 days, and it has
// not changed in the last 72 hours (rules R2, R3, R8).
func emailsProve(a account.Account, p cis2.Person, now time.Time) bool {
	if !p.EmailVerified || a.EmailProved.IsZero() || now.Sub(a.EmailProved) > account.ProofLasts ||
		now.Sub(a.EmailSince) < account.Settled {
		return false
	}
	theirs, err := email.Parse(p.Email)
	if err != nil {
		return false
	}
	key, automatic := theirs.Canonical()
	return automatic && key == a.EmailKey
}

// Candidate gives the username of the account that probably belongs to somebody, found by their email address, or an
// empty text. It only proposes the account: they still have to show that it is theirs (rule R2).
func (l *Linker) Candidate(ctx context.Context, arrived Arrival) (string, error) {
	address, _ := email.Parse(arrived.Email) // a text that is no address has no key and finds nobody
	key, _ := address.Canonical()
	username, err := db.Read(ctx, l.DB, func(r db.R) (string, error) {
		a, err := account.ByEmail(ctx, r, key)
		if err != nil {
			return "", err
		}
		problem, err := l.obstacle(ctx, r, a, arrived.person(), ByTyping)
		if err != nil || problem != nil || !emailsProve(a, arrived.person(), r.Now()) {
			return "", err
		}
		return a.Username, nil
	})
	if errors.Is(err, fault.NotFound) {
		return "", nil
	}
	return username, err
}

func (l *Linker) mailCode(ctx context.Context, w *db.W, a account.Account) (to string, err error) {
	if to, err = account.SettledEmail(ctx, w, a); err != nil {
		return "", err
	}
	write := func(code string) mail.Message { return codeMail(to, code) }
	return to, mailcode.Ask(ctx, w, l.Post, account.ForLink, account.Ref(a.ID), write)
}

func codeMail(to, code string) mail.Message {
	return mail.Message{
		Kind:    "link.code",
		To:      to,
		Subject: "Your code to link your Care Identity",
		Text: "Your code is " + code + "\n\n" +
			"Type it on the page where you are linking your Directory of Services account to your Care Identity. It " +
			"works once, for 15 minutes.\n\n" +
			"If this is not you, do not pass the code on, and tell the service desk.\n",
	}
}
