// Package linking performs the ceremony that links an account of the Directory of Services to a Care
// Identity, refuses pairs that must never be linked, and undoes links.
//
// It does not show pages, and it does not sign anybody in.
package linking

import (
	"context"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
)

// The kinds of events that this package records.
const (
	eventBegun     audit.Kind = "link.begun"
	eventCodeAgain audit.Kind = "link.code-again"
	eventRefused   audit.Kind = "link.refused"
	eventHeld      audit.Kind = "link.held"
	eventUndoAsked audit.Kind = "link.undo-asked"

	// Older words, as they are stored.
	eventRelinkCodeWrong  audit.Kind = "link.leave-wrong"
	eventRelinkCodeLocked audit.Kind = "link.leave-locked"
)

// Linker links accounts to care identities.
type Linker struct {
	DB        *db.DB
	Post      *mail.Post
	Passwords *signin.PasswordSignIn // checks the password of somebody who claims an account
	Asker     Asker                  // nil if the care identity side answers no questions

	undoing session.Crowd // of those who have begun to undo a link
}

// Ceremony is a link in progress: the person has shown that the account is theirs, and has then signed in with their
// Care Identity. It is bound to the browser, lasts 15 minutes and can be used once (rule R4).
type Ceremony struct {
	AccountID       string
	AccountEmail    string // when the ceremony began
	Issuer, Subject string
	Name            string // as CIS2 gave it
	Email           string // as CIS2 gave it; it decides nothing here (rule R1)
	EmailVerified   bool   // CIS2 has verified it
	IdentityLevel   int
	Control         Control
	Session         string // of the claim
	NamesDiffer     bool   // the account has another name than the Care Identity
	NamesAccepted   bool   // the person confirmed that both are theirs
	NeedsCode       bool   // the person must also prove the mailbox of the account
	CodeTo          string // where that code went
	Finished        bool   // the link was made; a request that comes second is told so
	Held            string // the id of the case in which a person looks at the link; empty if none does
	Reviewed        string // who approved the link in spite of which doubts, in words; empty where nobody had to
}

// NamesAsked reports whether the person must still confirm that both names are theirs.
func (c Ceremony) NamesAsked() bool { return c.NamesDiffer && !c.NamesAccepted }

// mayGoOn refuses a browser on which somebody else has logged in in the meantime.
func (c Ceremony) mayGoOn(by actor.Actor) error {
	if by.Kind == actor.Person && by.ID != c.AccountID {
		return errCeremonyEnded
	}
	return nil
}

// person is whose Care Identity was proved. The level was checked when the ceremony began.
func (c Ceremony) person() cis2.Person {
	return cis2.Person{Issuer: c.Issuer, Subject: c.Subject, Name: c.Name, IdentityLevel: signin.MinIdentityLevel}
}

// claim gives what the ceremony began with.
func (c Ceremony) claim() Claim {
	return Claim{AccountID: c.AccountID, Control: c.Control, Session: c.Session}
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

// begin checks that the two may be joined, mails a code unless the email addresses already prove that the account is
// the person's, and stores the ceremony.
func (l *Linker) begin(
	ctx context.Context, w *db.W, a account.Account, p cis2.Person, claim Claim,
) (cookie string, err error) {
	if err := mayLink(ctx, w, Pair{Account: a, Person: p, Control: claim.Control}); err != nil {
		return "", err
	}
	c := Ceremony{
		AccountID:     a.ID,
		AccountEmail:  a.Email,
		Issuer:        p.Issuer,
		Subject:       p.Subject,
		Name:          p.Name,
		Email:         p.Email,
		EmailVerified: p.EmailVerified,
		IdentityLevel: p.IdentityLevel,
		Control:       claim.Control,
		Session:       claim.Session,
		NamesDiffer:   !SameName(a, p),
	}
	if c.NeedsCode = claim.Control.withoutPassword() || !emailsProve(a, p, w.Now()); c.NeedsCode {
		if c.CodeTo, err = mailbox.SettledOf(ctx, w, a); err != nil {
			return "", err
		}
	}
	flow, secret, err := Ceremonies.Start(ctx, w, c)
	if err != nil {
		return "", err
	}
	if c.NeedsCode {
		if err := l.mailCode(ctx, w, c, flow); err != nil {
			return "", err
		}
	}
	event := audit.Event{Kind: eventBegun, Subject: account.Ref(a.ID),
		After: map[string]any{"care_identity": signin.CareIdentity(p).ID, "code": c.NeedsCode}}
	return session.Cookie(flow, secret), w.Record(ctx, event)
}

// mayLink refuses pairs that must never be joined.
func mayLink(ctx context.Context, w *db.W, p Pair) error {
	problem, err := p.obstacle(ctx, w)
	if err != nil || problem == nil {
		return err
	}
	return refuseLink(ctx, w, p.Account, p.Person, problem)
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
	if !emailsProved(a, p, now) {
		return false
	}
	address, err := email.Parse(p.Email)
	if err != nil {
		return false
	}
	key, automatic := address.Canonical()
	return automatic && key == a.EmailKey
}

// emailsProved reports whether the addresses of both sides were proved lately and are settled. It does not compare
// them.
func emailsProved(a account.Account, p cis2.Person, now time.Time) bool {
	return p.EmailVerified && !a.EmailProved.IsZero() && now.Sub(a.EmailProved) <= mailbox.ProofLasts &&
		now.Sub(a.EmailSince) >= mailbox.Settled && !now.Before(p.EmailUsable)
}

// mailCode mails the code of a ceremony. It belongs to the ceremony, so that another one for the same account, perhaps
// a stranger's, does not end it.
func (l *Linker) mailCode(ctx context.Context, w *db.W, c Ceremony, flow string) error {
	write := func(code string) mail.Message { return codeMail(c.CodeTo, code) }
	return mailcode.Ask(ctx, w, l.Post, account.ForLink.Within(flow), account.Ref(c.AccountID), write)
}

// SendCodeAgain mails another code of a ceremony, to where the account has its mail now.
func (l *Linker) SendCodeAgain(ctx context.Context, by actor.Actor, cookie string) error {
	started, err := l.FindCeremony(ctx, cookie)
	if err != nil {
		return err
	}
	if err := started.mayGoOn(by); err != nil {
		return err
	}
	return l.DB.Update(ctx, naming(by, started.AccountID, started.Name), func(w *db.W) error {
		flow, err := loadCeremony(ctx, w, cookie)
		if err != nil {
			return err
		}
		a, err := account.ByID(ctx, w, flow.State.AccountID)
		if err != nil {
			return err
		}
		if flow.State.CodeTo, err = mailbox.SettledOf(ctx, w, a); err != nil {
			return err
		}
		if err := Ceremonies.Save(ctx, w, &flow); err != nil {
			return err
		}
		if err := l.mailCode(ctx, w, flow.State, flow.ID); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventCodeAgain, Subject: account.Ref(a.ID)})
	})
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
