package linking

import (
	"context"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// Undo removes the link of an account, by the person who is logged in to it or an administrator who is no peer of its,
// and ends its sessions. It brings back no password (rule R11), so the link of the last administrator stays. To an
// administrator it gives the code with which the holder can link again, where there is a holder who may.
func (l *Linker) Undo(ctx context.Context, by actor.Actor, id, reason string) (code string, err error) {
	return db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		byHolder := by.Kind == actor.Person && by.ID == id
		if err := mayUndo(ctx, w, id, account.ManageUsers); err != nil {
			return "", err
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return "", err
		}
		if err := l.unlink(ctx, w, a, reason); err != nil {
			return "", err
		}
		if byHolder || !a.Active || a.Kind != account.Individual {
			return "", nil
		}
		if problem, err := CodeProblem(ctx, w, a); err != nil || problem != nil {
			return "", err // it would open nothing
		}
		code, err := l.allowRelink(ctx, w, a)
		if withholds(err) {
			return "", nil // somebody else makes the code, who could give all that the account has
		}
		return code, err
	})
}

// mayUndo refuses whoever may not end the link of an account. Its holder may, and whoever has the permission over it
// and is no peer of its, unless nobody would be left who manages users everywhere.
func mayUndo(ctx context.Context, w *db.W, id string, p account.Permission) error {
	if by := w.Actor(); by.Kind != actor.Person || by.ID != id {
		if err := account.RequireOver(ctx, w, p, id); err != nil {
			return err
		}
	}
	a, err := account.ByID(ctx, w, id)
	if err != nil {
		return err
	}
	return administration.LeavesAnother(ctx, w, a)
}

// unlink removes a link and tells all whom it concerns.
func (l *Linker) unlink(ctx context.Context, w *db.W, a account.Account, reason string) error {
	link, err := account.LinkOf(ctx, w, a.ID)
	if err != nil {
		return err
	}
	before, err := mailbox.At(ctx, w, a, link.Since())
	if err != nil {
		return err
	}
	if err := account.RemoveLink(ctx, w, a.ID, reason); err != nil {
		return err
	}
	if err := review.Drop(ctx, w, a.ID); err != nil {
		return err
	}
	if _, err := signin.Sessions.EndSubject(ctx, w, a.ID, signin.EndedByUnlink); err != nil {
		return fmt.Errorf("end sessions at undo: %w", err)
	}
	return l.tellUndone(ctx, w, a, before, link.TheirEmail)
}

// tellUndone mails the account's address, and the one that it had at the link, as whoever linked the wrong account may
// have changed it since; and that of the Care Identity, which may be of somebody else.
func (l *Linker) tellUndone(ctx context.Context, w *db.W, a account.Account, before, theirs string) error {
	return l.Post.SendEach(ctx, w, undoneMail(a.Email, a), undoneMail(before, a), unusedMail(theirs, a))
}

func unusedMail(to string, a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.undone",
		To:      to,
		Subject: "Your Care Identity is no longer linked to a Directory of Services account",
		Text: "The link of the Directory of Services account " + a.Username + " (" + a.Name() +
			") to your Care Identity was undone. Your Care Identity no longer opens that account.\n\n" +
			"If it is your account, ask your DoS user administrator for a code, then log in with your Care Identity " +
			"to link it again. If you did not expect this, raise a ticket with the service desk. Begin its title " +
			"with MFA-DoS.\n",
	}
}

func undoneMail(to string, a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.undone",
		To:      to,
		Subject: "Your Directory of Services account is no longer linked to a Care Identity",
		Text: "The link of the Directory of Services account " + a.Username +
			" to a Care Identity was undone. If it had a password before, that does not come back.\n\n" +
			"To link it again, ask your DoS user administrator for a code, then log in with your Care Identity. If " +
			"you did not expect this, tell the service desk.\n",
	}
}
