package linking

import (
	"context"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
)

// undoing is an undo in progress on one browser, by somebody who is not logged in. Its codes are its own: whoever else
// asks to undo the same link, perhaps a stranger, uses up none of them.
type undoing struct {
	AccountID string // empty where the username has no link that can be undone
	Nobody    string // what stands for that username then
	Network   string // from which it was asked for, as codes are counted
	Finished  bool   // the link was undone; a request that comes second is told so
}

var undoings = session.Flows[undoing]{Name: "dos.undo-link", Life: 15 * time.Minute}

// subject is whose codes are typed.
func (u undoing) subject() audit.Ref {
	if u.AccountID == "" {
		return mailcode.Nobody(u.Nobody)
	}
	return account.Ref(u.AccountID)
}

// byCode is the reason that is recorded of an undo by the holder of an account who cannot log in to it.
const byCode = "the holder of the account undid it, by a code to its address as it was at the link"

// AskUndo mails a code to the address that an account had when it was linked, and gives the cookie of the
// undo. Where there is no such link it looks the same, and no code is right (rule R13).
func (l *Linker) AskUndo(ctx context.Context, by actor.Actor, username string,
	browser tries.Browser) (cookie string, err error) {
	started, err := db.Read(ctx, l.DB, func(r db.R) (undoing, error) { return l.undoOf(ctx, r, username) })
	if err != nil {
		return "", err
	}
	if known := browser.For(started.AccountID); known != "" {
		by.Network = known // a browser of the holder's has codes of its own, whatever others do in the same building
	}
	started.Network = by.Network
	cookie, err = db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		id, secret, err := undoings.Start(ctx, w, started)
		if err != nil {
			return "", err
		}
		return session.Cookie(id, secret), l.mailUndo(ctx, w, started, id)
	})
	if err != nil {
		return "", err
	}
	from, _ := netip.ParseAddr(by.Address) // without one they count as one network
	return cookie, undoings.Admit(ctx, l.DB, &l.undoing, from, cookie)
}

// undoOf is the undo of a username's link. What is no username is known by a keyed digest alone, as people type
// passwords there too.
func (l *Linker) undoOf(ctx context.Context, r db.R, username string) (undoing, error) {
	a, err := account.ByUsername(ctx, r, username)
	if err == nil {
		_, err = undoAddress(ctx, r, a)
	}
	if errors.Is(err, fault.NotFound) {
		folded := account.FoldUsername(username)
		return undoing{Nobody: hex.EncodeToString(l.Post.Digest("undo of " + folded)[:16])}, nil
	}
	return undoing{AccountID: a.ID}, err
}

// mailUndo mails the code of an undo, or does as if. An undo of nobody leaves no event.
func (l *Linker) mailUndo(ctx context.Context, w *db.W, u undoing, flow string) error {
	purpose := account.ForUndo.Within(flow)
	a, to, err := undoable(ctx, w, u.AccountID)
	if errors.Is(err, fault.NotFound) {
		return mailcode.Pretend(ctx, w, l.Post, purpose, u.subject())
	}
	if err != nil {
		return err
	}
	write := func(code string) mail.Message { return undoMail(to, a.Username, code) }
	if err := mailcode.Ask(ctx, w, l.Post, purpose, u.subject(), write); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventUndoAsked, Subject: u.subject()})
}

// SendUndoCodeAgain mails another code of an undo.
func (l *Linker) SendUndoCodeAgain(ctx context.Context, by actor.Actor, cookie string) error {
	started, err := l.findUndo(ctx, cookie)
	if err != nil {
		return err
	}
	by.Network = started.Network
	return l.DB.Update(ctx, by, func(w *db.W) error {
		flow, err := loadUndo(ctx, w, cookie)
		if err != nil {
			return err
		}
		return l.mailUndo(ctx, w, flow.State, flow.ID)
	})
}

// undoable gives an account whose link can still be undone, with its address at the link.
func undoable(ctx context.Context, r db.R, id string) (a account.Account, to string, err error) {
	if a, err = account.ByID(ctx, r, id); err != nil {
		return a, "", err
	}
	to, err = undoAddress(ctx, r, a)
	return a, to, err
}

// undoAddress is the address that an account had at its link, or fault.NotFound if it has no link that can be undone.
func undoAddress(ctx context.Context, r db.R, a account.Account) (string, error) {
	link, err := account.LinkOf(ctx, r, a.ID)
	if err != nil {
		return "", err
	}
	if r.Now().Sub(link.Linked) > account.UndoFor {
		return "", fault.NotFound
	}
	return mailbox.At(ctx, r, a, link.Linked)
}

// FindUndo makes sure that an undo is under way on a browser.
func (l *Linker) FindUndo(ctx context.Context, cookie string) error {
	_, err := l.findUndo(ctx, cookie)
	return err
}

func (l *Linker) findUndo(ctx context.Context, cookie string) (undoing, error) {
	return db.Read(ctx, l.DB, func(r db.R) (undoing, error) {
		flow, err := loadUndo(ctx, r, cookie)
		return flow.State, err
	})
}

// Undone gives the account whose link was undone on a browser, or a fault if none was.
func (l *Linker) Undone(ctx context.Context, cookie string) (account.Account, error) {
	return db.Read(ctx, l.DB, func(r db.R) (account.Account, error) {
		flow, err := loadUndo(ctx, r, cookie)
		if err == nil {
			err = errUndoEnded // it is still under way
		}
		if !errors.Is(err, ErrFinished) {
			return account.Account{}, err
		}
		return account.ByID(ctx, r, flow.State.AccountID)
	})
}

func loadUndo(ctx context.Context, r db.R, cookie string) (session.Flow[undoing], error) {
	id, secret := session.Split(cookie)
	flow, err := undoings.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		err = errUndoEnded
	}
	if err == nil && flow.State.Finished {
		err = ErrFinished
	}
	return flow, err
}

var errUndoEnded = fault.SayCure(fault.Expired,
	"This was not started in this browser, took too long, or is done already.",
	"Start again from “Undo a link” on the first page.")

// UndoByCode undoes a link by the code that was mailed. It lets nobody in: to link again, the holder needs a
// relink code. If several requests try at once, one of them succeeds and the others are ErrFinished.
func (l *Linker) UndoByCode(ctx context.Context, by actor.Actor, cookie, code string) error {
	started, err := l.findUndo(ctx, cookie)
	if err != nil {
		return err
	}
	if by.Kind != actor.Person && started.AccountID != "" {
		by.Kind = actor.Person
		by.ID = started.AccountID
	}
	return l.DB.Update(ctx, by, func(w *db.W) error {
		flow, err := loadUndo(ctx, w, cookie)
		if err != nil {
			return err
		}
		u := flow.State
		to, err := mailcode.Use(ctx, w, l.Post, account.ForUndo.Within(flow.ID), u.subject(), code)
		if err != nil {
			return err
		}
		a, now, err := undoable(ctx, w, u.AccountID)
		if errors.Is(err, fault.NotFound) || err == nil && now != to {
			return errUndoEnded // it is undone already, or is another link by now
		}
		if err != nil {
			return err
		}
		flow.State.Finished = true
		if err := undoings.Save(ctx, w, &flow); err != nil {
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
