package linking

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
)

// Control is how somebody showed that they hold an account (rule R3).
type Control string

// The ways.
const (
	BySession Control = "password session"         // signed in by password on this browser
	ByTyping  Control = "password"                 // typed after coming with a Care Identity
	ByMailbox Control = "an administrator's leave" // and a code to the account's mailbox
)

// Claim is an account that somebody showed to be theirs, before they prove at CIS2 who they are.
type Claim struct {
	AccountID string
	Control   Control
	Session   string // of BySession
}

// Ask sends them to CIS2 to prove themselves now: a session that is there may be a colleague's (rule R3).
func (c Claim) Ask() portal.Ask { return portal.ProveNow(string(c.Control), c.AccountID, c.Session) }

// ClaimOf gives the claim for which a sign-in was started, or none.
func ClaimOf(p portal.Pending) (Claim, bool) {
	c := Claim{AccountID: p.Subject, Control: Control(p.Act), Session: p.Session}
	switch c.Control {
	case BySession, ByTyping, ByMailbox:
		return c, true
	}
	return Claim{}, false
}

// Claim takes the username and password of an account from somebody who came with a Care Identity that no
// account is linked to.
func (l *Linker) Claim(
	ctx context.Context, by actor.Actor, arrived Arrival, typed signin.Typed,
) (Claim, error) {
	claimed, err := l.Passwords.Claim(ctx, typed)
	if err != nil {
		return Claim{}, fmt.Errorf("claim account: %w", err)
	}
	person := arrived.person()
	claim := Claim{AccountID: claimed.Account.ID, Control: ByTyping}
	if claimed.Mailbox {
		claim.Control = ByMailbox
	}
	err = l.DB.Update(ctx, naming(by, person.Subject, person.Name), func(w *db.W) error {
		if err := claimed.Admit(ctx, w, true); err != nil {
			return err
		}
		a, err := account.ByID(ctx, w, claim.AccountID)
		if err != nil {
			return err
		}
		return l.mayLink(ctx, w, a, person, claim.Control)
	})
	switch {
	case errors.Is(err, signin.ErrSignInFailed):
		err = errCannotLink
	case errors.Is(err, signin.ErrTooManyTries):
		err = ErrTooManyTries
	}
	return claim, err
}

// Begin begins a ceremony for an account that was claimed, with the Care Identity that was proved since.
func (l *Linker) Begin(ctx context.Context, by actor.Actor, p portal.Pending, person cis2.Person) (string, error) {
	claim, claimed := ClaimOf(p)
	if !claimed || !p.ProvedNow() {
		return "", portal.ErrNotStarted
	}
	return db.Write(ctx, l.DB, naming(by, claim.AccountID, person.Name), func(w *db.W) (string, error) {
		a, err := account.ByID(ctx, w, claim.AccountID)
		if err != nil {
			return "", err
		}
		if err := claim.stands(ctx, w, a); err != nil {
			return "", err
		}
		return l.begin(ctx, w, a, person, claim)
	})
}

// stands makes sure that the claim is still one: the session is there, or the administrator's leave.
func (c Claim) stands(ctx context.Context, w *db.W, a account.Account) error {
	switch c.Control {
	case ByMailbox:
		if !w.Now().Before(a.RelinkUntil) {
			return errCannotLink
		}
	case BySession:
		live, err := signin.Sessions.OfSubject(ctx, w, c.AccountID)
		if err != nil {
			return err
		}
		for _, s := range live {
			if s.ID == c.Session {
				return nil
			}
		}
		return portal.ErrNotStarted
	}
	return nil
}

// naming gives the actor as somebody whose name is known.
func naming(by actor.Actor, id, name string) actor.Actor {
	by.Kind = actor.Person
	by.ID = id
	by.Name = name
	return by
}
