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
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
)

// errCeremonyEnded answers a confirmation on a browser without a ceremony: most often a second click.
var errCeremonyEnded = fault.SayCure(fault.Expired,
	"This link was not started in this browser, took too long, or is done already.",
	"Log in with your Care Identity. If your account is not linked, you can then start again.")

// Link completes a ceremony: it joins the account and the care identity, ends every session of the account, and
// removes its password. If several requests try at once, one of them succeeds.
func (l *Linker) Link(ctx context.Context, by actor.Actor, cookie, code string) (account.Account, error) {
	started, err := l.FindCeremony(ctx, cookie)
	if err != nil {
		return account.Account{}, err
	}
	if by.Kind == actor.Person && by.ID != started.AccountID {
		return account.Account{}, errCeremonyEnded // somebody else has signed in on this browser in the meantime
	}
	by.Kind = actor.Person
	by.ID = started.AccountID
	by.Name = started.Name
	return db.Write(ctx, l.DB, by, func(w *db.W) (account.Account, error) {
		c, err := findCeremony(ctx, w, cookie)
		if err != nil {
			return account.Account{}, err
		}
		a, err := account.ByID(ctx, w, c.AccountID)
		if err != nil {
			return account.Account{}, err
		}
		return a, l.finish(ctx, w, a, c, cookie, code)
	})
}

// finish checks everything again as it is now, uses up the code and the ceremony, and joins the two.
func (l *Linker) finish(ctx context.Context, w *db.W, a account.Account, c Ceremony, cookie, code string) error {
	// The level was checked when the ceremony began.
	person := cis2.Person{Issuer: c.Issuer, Subject: c.Subject, Name: c.Name, IdentityLevel: signin.MinIdentityLevel}
	if err := l.mayLink(ctx, w, a, person, c.Control); err != nil {
		return err
	}
	if a.Email != c.AccountEmail {
		return refuseLink(ctx, w, a, person, refusals[Overtaken])
	}
	if c.NeedsCode {
		if _, err := mailcode.Use(ctx, w, l.Post, account.ForLink, account.Ref(a.ID), code); err != nil {
			return err
		}
	}
	id, secret := session.Split(cookie)
	if _, err := Ceremonies.Take(ctx, w, id, secret); err != nil {
		return fmt.Errorf("take link ceremony: %w", err)
	}
	return l.join(ctx, w, a, c)
}

// join stores the link, ends every session (rule R5), and mails both addresses (rule R12).
func (l *Linker) join(ctx context.Context, w *db.W, a account.Account, c Ceremony) error {
	err := account.AddLink(ctx, w, account.Link{AccountID: a.ID, Issuer: c.Issuer, Subject: c.Subject, How: c.proofs()})
	if errors.Is(err, account.ErrLinked) {
		return refuseLink(ctx, w, a, cis2.Person{Issuer: c.Issuer, Subject: c.Subject}, refusals[AlreadyLinked])
	}
	if err != nil {
		return err
	}
	if _, err := signin.Sessions.EndSubject(ctx, w, a.ID); err != nil {
		return fmt.Errorf("end sessions at link: %w", err)
	}
	recipients := []string{a.Email}
	if address, err := email.Parse(c.Email); err == nil && address.String() != a.Email {
		recipients = append(recipients, address.String())
	}
	for _, to := range recipients {
		if err := l.Post.Send(ctx, w, linkedMail(to, a.Username)); err != nil {
			return err
		}
	}
	return nil
}

func linkedMail(to, username string) mail.Message {
	return mail.Message{
		Kind:    "link.made",
		To:      to,
		Subject: "Your Directory of Services account is linked to your Care Identity",
		Text: "The Directory of Services account " + username +
			" is now linked to a Care Identity. From now on, log in with your Care Identity. The old password " +
			"no longer works.\n\n" +
			"If this was not you, tell the service desk at once. The link can be undone for 30 days.\n",
	}
}

// Undo removes the link of an account for its holder or an administrator, and ends the account's sessions. It does
// not restore the password (rule R11).
func (l *Linker) Undo(ctx context.Context, by actor.Actor, id, reason string) error {
	return l.DB.Update(ctx, by, func(w *db.W) error {
		byHolder := by.Kind == actor.Person && by.ID == id
		if !byHolder {
			if err := account.Require(ctx, w, account.ManageUsers); err != nil {
				return err
			}
		}
		if err := account.RemoveLink(ctx, w, id, reason); err != nil {
			return err
		}
		if _, err := signin.Sessions.EndSubject(ctx, w, id); err != nil {
			return fmt.Errorf("end sessions at undo: %w", err)
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if !byHolder && a.Active && !a.Shared {
			if err := account.AllowRelink(ctx, w, id); err != nil {
				return err
			}
		}
		return l.Post.Send(ctx, w, undoneMail(a))
	})
}

// AllowRelink lets an administrator allow linking by the account's mailbox, and tells the holder by mail.
func (l *Linker) AllowRelink(ctx context.Context, by actor.Actor, id string) error {
	return l.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.AllowRelink(ctx, w, id); err != nil {
			return err
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		return l.Post.Send(ctx, w, relinkMail(a))
	})
}

func undoneMail(a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.undone",
		To:      a.Email,
		Subject: "Your Directory of Services account is no longer linked to a Care Identity",
		Text: "The link of the Directory of Services account " + a.Username +
			" to a Care Identity was undone. The old password does not come back.\n\n" +
			"To link it again, ask your DoS user administrator to let you, then log in with your Care Identity. If " +
			"you did not expect this, tell the service desk.\n",
	}
}

func relinkMail(a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.leave",
		To:      a.Email,
		Subject: "You can link your Directory of Services account to your Care Identity",
		Text: "For 7 days you can link the Directory of Services account " + a.Username +
			" to your Care Identity without its password: log in with your Care Identity, enter the username, and " +
			"type the code that is sent to this address.\n\n" +
			"If you did not ask for this, tell the service desk at once and pass no code on.\n",
	}
}
