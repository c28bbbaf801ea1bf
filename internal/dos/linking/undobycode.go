package linking

import (
	"context"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
)

// undoRules are those of an undo by somebody who is not logged in.
var undoRules = mailbox.Rules{
	Flows:       session.Flows[mailbox.Acting]{Name: "dos.undo-link", Life: 15 * time.Minute},
	Purpose:     account.ForUndo,
	Nobody:      "undo of ",
	Asked:       eventUndoAsked,
	ErrOver:     errUndoEnded,
	ErrFinished: ErrFinished,
	To:          undoAddress,
	Mail:        undoMail,
}

func (l *Linker) undo() mailbox.Act {
	return mailbox.Act{Rules: undoRules, DB: l.DB, Post: l.Post, Crowd: &l.undoing}
}

// byCode is the reason that is recorded of an undo by the holder of an account who cannot log in to it.
const byCode = "the holder of the account undid it, by a code to its address as it was at the link"

// AskUndo mails a code to the address that an account had when it was linked, and gives the cookie of the
// undo. Where there is no such link it looks the same, and no code is right (rule R13).
func (l *Linker) AskUndo(
	ctx context.Context, by actor.Actor, username string, browser tries.Browser,
) (cookie string, err error) {
	return l.undo().Begin(ctx, by, username, browser)
}

// SendUndoCodeAgain mails another code of an undo.
func (l *Linker) SendUndoCodeAgain(ctx context.Context, by actor.Actor, cookie string) error {
	return l.undo().SendAgain(ctx, by, cookie)
}

// undoAddress is the address that an account had at its link, or fault.NotFound if it has no link that can be undone.
func undoAddress(ctx context.Context, r db.R, a account.Account) (string, error) {
	link, err := account.LinkOf(ctx, r, a.ID)
	if err != nil {
		return "", err
	}
	if !link.Undoable(r.Now()) {
		return "", fault.NotFound
	}
	return mailbox.At(ctx, r, a, link.Since())
}

// FindUndo makes sure that an undo is under way on a browser.
func (l *Linker) FindUndo(ctx context.Context, cookie string) error {
	_, err := l.undo().Find(ctx, cookie)
	return err
}

// Undone gives the account whose link was undone on a browser, or a fault if none was.
func (l *Linker) Undone(ctx context.Context, cookie string) (account.Account, error) {
	return l.undo().Done(ctx, cookie)
}

var errUndoEnded = fault.SayCure(fault.Expired,
	"This was not started in this browser, took too long, or is done already.",
	"Start again from “Undo a link” on the first page.")

// UndoByCode undoes a link by the code that was mailed. It lets nobody in: to link again, the holder needs a
// relink code. If several requests try at once, one of them succeeds and the others are ErrFinished.
func (l *Linker) UndoByCode(ctx context.Context, by actor.Actor, cookie, code string) error {
	started, err := l.undo().Find(ctx, cookie)
	if err != nil {
		return err
	}
	if by.Kind != actor.Person && started.AccountID != "" {
		by.Kind = actor.Person
		by.ID = started.AccountID
	}
	return l.DB.Update(ctx, by, func(w *db.W) error {
		a, _, err := l.undo().Use(ctx, w, cookie, code)
		if err != nil {
			return err
		}
		if err := l.undo().Finish(ctx, w, cookie); err != nil {
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
