package linking

import (
	"context"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// Undo removes the link of an account, by the person who is logged in to it or an administrator, and ends its
// sessions. It brings back no password (rule R11). To an administrator it gives the code with which the holder can link
// again, where there is a holder who may.
func (l *Linker) Undo(ctx context.Context, by actor.Actor, id, reason string) (code string, err error) {
	return db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		byHolder := by.Kind == actor.Person && by.ID == id
		if !byHolder {
			if err := account.Require(ctx, w, account.ManageUsers); err != nil {
				return "", err
			}
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return "", err
		}
		if err := l.unlink(ctx, w, a, reason); err != nil {
			return "", err
		}
		if byHolder || !a.Active || a.Shared {
			return "", nil
		}
		return l.allowRelink(ctx, w, id)
	})
}

// unlink removes a link and tells the account's address, and the one it had at the link: whoever linked the
// wrong account may have changed it since.
func (l *Linker) unlink(ctx context.Context, w *db.W, a account.Account, reason string) error {
	link, err := account.LinkOf(ctx, w, a.ID)
	if err != nil {
		return err
	}
	before, err := account.EmailAt(ctx, w, a, link.Linked)
	if err != nil {
		return err
	}
	if err := account.RemoveLink(ctx, w, a.ID, reason); err != nil {
		return err
	}
	if _, err := signin.Sessions.EndSubject(ctx, w, a.ID, signin.EndedByUnlink); err != nil {
		return fmt.Errorf("end sessions at undo: %w", err)
	}
	if before != a.Email {
		if err := l.Post.Send(ctx, w, undoneMail(before, a)); err != nil {
			return err
		}
	}
	return l.Post.Send(ctx, w, undoneMail(a.Email, a))
}

func undoneMail(to string, a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.undone",
		To:      to,
		Subject: "Your Directory of Services account is no longer linked to a Care Identity",
		Text: "The link of the Directory of Services account " + a.Username +
			" to a Care Identity was undone. The old password does not come back.\n\n" +
			"To link it again, ask your DoS user administrator for a code, then log in with your Care Identity. If " +
			"you did not expect this, tell the service desk.\n",
	}
}
