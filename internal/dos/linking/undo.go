package linking

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
)

// Undo removes the link of an account, by the person who is logged in to it or an administrator, and ends its
// sessions. It brings back no password (rule R11).
func (l *Linker) Undo(ctx context.Context, by actor.Actor, id, reason string) error {
	return l.DB.Update(ctx, by, func(w *db.W) error {
		byHolder := by.Kind == actor.Person && by.ID == id
		if !byHolder {
			if err := account.Require(ctx, w, account.ManageUsers); err != nil {
				return err
			}
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if err := l.unlink(ctx, w, a, reason); err != nil {
			return err
		}
		if !byHolder && a.Active && !a.Shared {
			return account.AllowRelink(ctx, w, id)
		}
		return nil
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
	if _, err := signin.Sessions.EndSubject(ctx, w, a.ID); err != nil {
		return fmt.Errorf("end sessions at undo: %w", err)
	}
	if before != a.Email {
		if err := l.Post.Send(ctx, w, undoneMail(before, a)); err != nil {
			return err
		}
	}
	return l.Post.Send(ctx, w, undoneMail(a.Email, a))
}

// undoing is an undo in progress on one browser, by somebody who is not logged in.
type undoing struct {
	Subject string // whose codes are typed: an account, or what stands for a username that has no link
}

var undoings = session.Flows[undoing]{Name: "dos.undo", Life: 15 * time.Minute}

// byCode is the reason that is recorded of an undo by the holder of an account who cannot log in to it.
const byCode = "the holder of the account undid it, by a code to its address as it was at the link"

// AskUndo mails a code to the address that an account had when it was linked, and gives the cookie of the
// undo. Where there is no such link it looks the same, and no code is right (rule R13).
func (l *Linker) AskUndo(ctx context.Context, by actor.Actor, username string) (cookie string, err error) {
	return db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		subject, err := l.mailUndo(ctx, w, username)
		if err != nil {
			return "", err
		}
		id, secret, err := undoings.Start(ctx, w, undoing{Subject: subject.ID})
		if err != nil {
			return "", err
		}
		return session.Cookie(id, secret), w.Record(ctx, audit.Event{Kind: eventUndoAsked, Subject: subject})
	})
}

func (l *Linker) mailUndo(ctx context.Context, w *db.W, username string) (audit.Ref, error) {
	a, to, err := undoable(ctx, w, username)
	if errors.Is(err, fault.NotFound) {
		nobody := account.Ref("no link of " + strings.ToValidUTF8(username[:min(len(username), 50)], ""))
		return nobody, mailcode.Pretend(ctx, w, l.Post, account.ForUndo, nobody)
	}
	if err != nil {
		return audit.Ref{}, err
	}
	write := func(code string) mail.Message { return undoMail(to, a.Username, code) }
	return account.Ref(a.ID), mailcode.Ask(ctx, w, l.Post, account.ForUndo, account.Ref(a.ID), write)
}

// SendUndoCodeAgain mails another code of an undo.
func (l *Linker) SendUndoCodeAgain(ctx context.Context, by actor.Actor, cookie string) error {
	started, err := l.findUndo(ctx, cookie)
	if err != nil {
		return err
	}
	return l.DB.Update(ctx, by, func(w *db.W) error {
		a, err := account.ByID(ctx, w, started.Subject)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		write := func(to, code string) mail.Message { return undoMail(to, a.Username, code) }
		if err := mailcode.Again(ctx, w, l.Post, account.ForUndo, account.Ref(started.Subject), write); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventUndoAsked, Subject: account.Ref(started.Subject)})
	})
}

// undoable gives the account of a username whose link can still be undone, with its address at the link.
func undoable(ctx context.Context, r db.R, username string) (a account.Account, to string, err error) {
	if a, err = account.ByUsername(ctx, r, username); err != nil {
		return a, "", err
	}
	link, err := account.LinkOf(ctx, r, a.ID)
	if err != nil {
		return a, "", err
	}
	if r.Now().Sub(link.Linked) > account.UndoFor {
		return a, "", fault.NotFound
	}
	to, err = account.EmailAt(ctx, r, a, link.Linked)
	return a, to, err
}

// FindUndo makes sure that an undo is under way on a browser.
func (l *Linker) FindUndo(ctx context.Context, cookie string) error {
	_, err := l.findUndo(ctx, cookie)
	return err
}

func (l *Linker) findUndo(ctx context.Context, cookie string) (undoing, error) {
	id, secret := session.Split(cookie)
	return db.Read(ctx, l.DB, func(r db.R) (undoing, error) {
		flow, err := undoings.Load(ctx, r, id, secret)
		if errors.Is(err, fault.Expired) {
			err = errUndoEnded
		}
		return flow.State, err
	})
}

var errUndoEnded = fault.SayCure(fault.Expired,
	"This was not started in this browser, took too long, or is done already.",
	"Start again from “Undo a link” on the first page.")

// UndoByCode undoes a link by the code that was mailed. It lets nobody in: to link again, the holder needs an
// administrator's leave.
func (l *Linker) UndoByCode(ctx context.Context, by actor.Actor, cookie, code string) error {
	started, err := l.findUndo(ctx, cookie)
	if err != nil {
		return err
	}
	if by.Kind != actor.Person {
		by.Kind = actor.Person
		by.ID = started.Subject
	}
	return l.DB.Update(ctx, by, func(w *db.W) error {
		to, err := mailcode.Use(ctx, w, l.Post, account.ForUndo, account.Ref(started.Subject), code)
		if err != nil {
			return err
		}
		id, secret := session.Split(cookie)
		if _, err := undoings.Take(ctx, w, id, secret); err != nil {
			return errUndoEnded
		}
		a, err := account.ByID(ctx, w, started.Subject)
		if err != nil {
			return err
		}
		_, at, err := undoable(ctx, w, a.Username)
		if errors.Is(err, fault.NotFound) || err == nil && at != to {
			return errUndoEnded // it is undone already, or is another link by now
		}
		if err != nil {
			return err
		}
		return l.unlink(ctx, w, a, byCode)
	})
}

func undoMail(to, username, code string) mail.Message {
	return mail.Message{
		Kind:    "link.undo-code",
		To:      to,
		Subject: "Your code to undo a link",
		Text: "Your code is " + code + "\n\n" +
			"Type it on the page where you asked for it. It undoes the link of the Directory of Services account " +
			username + " to a Care Identity. It works once, for 15 minutes.\n\n" +
			"If you did not ask for it, ignore this email: nothing changes.\n",
	}
}

func undoneMail(to string, a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.undone",
		To:      to,
		Subject: "Your Directory of Services account is no longer linked to a Care Identity",
		Text: "The link of the Directory of Services account " + a.Username +
			" to a Care Identity was undone. The old password does not come back.\n\n" +
			"To link it again, ask your DoS user administrator to let you, then log in with your Care Identity. If " +
			"you did not expect this, tell the service desk.\n",
	}
}
