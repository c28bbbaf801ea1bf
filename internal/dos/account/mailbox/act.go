package mailbox

import (
	"context"
	"encoding/hex"
	"errors"
	"net/netip"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
)

// Act is what the holder of an account does without logging in, by its username and a code to its mailbox. Where it
// cannot be done with the account of a username, or there is none, all looks the same, and no code is right (rule R13).
type Act struct {
	Rules

	DB    *db.DB
	Post  *mail.Post
	Crowd *session.Crowd // of those who have begun it
}

// Rules say what an act is, and with which accounts it can be done.
type Rules struct {
	Flows       session.Flows[Acting]
	Purpose     mailcode.Purpose
	Nobody      string     // what the digests of usernames that stand for nobody begin with
	Asked       audit.Kind // is recorded where a code was mailed
	ErrOver     error      // none is under way on the browser
	ErrFinished error      // it was done on the browser already

	// To gives the address to which the code goes. It is fault.NotFound for an account with which the act cannot be
	// done.
	To   func(ctx context.Context, r db.R, a account.Account) (string, error)
	Mail func(to, username, code string) mail.Message
}

// Acting is an act under way on one browser. Its codes are its own: whoever else begins the same with the account,
// perhaps a stranger, uses up none of them.
type Acting struct {
	AccountID string // empty where the username has no account with which it can be done
	Nobody    string // what stands for that username then
	Network   string // from which it was asked for, as codes are counted
	Finished  bool   // it was done; a request that comes second is told so
}

// subject is whose codes are typed.
func (s Acting) subject() audit.Ref {
	if s.AccountID == "" {
		return mailcode.Nobody(s.Nobody)
	}
	return account.Ref(s.AccountID)
}

// Begin mails a code, and gives the cookie of what is under way.
func (c Act) Begin(
	ctx context.Context, by actor.Actor, username string, browser tries.Browser,
) (cookie string, err error) {
	started, err := db.Read(ctx, c.DB, func(r db.R) (Acting, error) { return c.of(ctx, r, username) })
	if err != nil {
		return "", err
	}
	if known := browser.For(started.AccountID); known != "" {
		by.Network = known // a browser of the holder's has codes of its own, whatever others do in the same building
	}
	started.Network = by.Network
	cookie, err = db.Write(ctx, c.DB, by, func(w *db.W) (string, error) {
		id, secret, err := c.Flows.Start(ctx, w, started)
		if err != nil {
			return "", err
		}
		return session.Cookie(id, secret), c.send(ctx, w, started, id)
	})
	if err != nil {
		return "", err
	}
	from, _ := netip.ParseAddr(by.Address) // without one they count as one network
	return cookie, c.Flows.Admit(ctx, c.DB, c.Crowd, from, cookie)
}

// of is the act with the account of a username. What is no username is known by a keyed digest alone, as people type
// passwords there too.
func (c Act) of(ctx context.Context, r db.R, username string) (Acting, error) {
	a, err := account.ByUsername(ctx, r, username)
	if err == nil {
		_, err = c.To(ctx, r, a)
	}
	if errors.Is(err, fault.NotFound) {
		folded := account.FoldUsername(username)
		return Acting{Nobody: hex.EncodeToString(c.Post.Digest(c.Nobody + folded)[:16])}, nil
	}
	return Acting{AccountID: a.ID}, err
}

// send mails the code, or does as if. That of nobody leaves no event.
func (c Act) send(ctx context.Context, w *db.W, s Acting, flow string) error {
	a, to, err := c.account(ctx, w, s)
	if errors.Is(err, fault.NotFound) {
		return mailcode.Pretend(ctx, w, c.Post, c.Purpose.Within(flow), s.subject())
	}
	if err != nil {
		return err
	}
	write := func(code string) mail.Message { return c.Mail(to, a.Username, code) }
	if err := mailcode.Ask(ctx, w, c.Post, c.Purpose.Within(flow), s.subject(), write); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: c.Asked, Subject: s.subject()})
}

// account gives the account with which the act is done, and the address of its code.
func (c Act) account(ctx context.Context, r db.R, s Acting) (a account.Account, to string, err error) {
	if a, err = account.ByID(ctx, r, s.AccountID); err != nil {
		return a, "", err
	}
	to, err = c.To(ctx, r, a)
	return a, to, err
}

// SendAgain mails another code.
func (c Act) SendAgain(ctx context.Context, by actor.Actor, cookie string) error {
	started, err := c.Find(ctx, cookie)
	if err != nil {
		return err
	}
	by.Network = started.Network
	return c.DB.Update(ctx, by, func(w *db.W) error {
		flow, err := c.load(ctx, w, cookie)
		if err != nil {
			return err
		}
		return c.send(ctx, w, flow.State, flow.ID)
	})
}

// Find gives what is under way on a browser.
func (c Act) Find(ctx context.Context, cookie string) (Acting, error) {
	return db.Read(ctx, c.DB, func(r db.R) (Acting, error) {
		flow, err := c.load(ctx, r, cookie)
		return flow.State, err
	})
}

// Done gives the account with which the act was done on a browser, or a fault if it was not.
func (c Act) Done(ctx context.Context, cookie string) (account.Account, error) {
	return db.Read(ctx, c.DB, func(r db.R) (account.Account, error) {
		flow, err := c.load(ctx, r, cookie)
		if err == nil {
			err = c.ErrOver // it is still under way
		}
		if !errors.Is(err, c.ErrFinished) {
			return account.Account{}, err
		}
		return account.ByID(ctx, r, flow.State.AccountID)
	})
}

func (c Act) load(ctx context.Context, r db.R, cookie string) (session.Flow[Acting], error) {
	id, secret := session.Split(cookie)
	flow, err := c.Flows.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		err = c.ErrOver
	}
	if err == nil && flow.State.Finished {
		err = c.ErrFinished
	}
	return flow, err
}

// Use takes the code that somebody typed, as a part of the Update that does the act. It gives the account, and the
// address to which the code went: the act can still be done, and the account's code would still go there.
func (c Act) Use(ctx context.Context, w *db.W, cookie, code string) (a account.Account, to string, err error) {
	flow, err := c.load(ctx, w, cookie)
	if err != nil {
		return a, "", err
	}
	to, err = mailcode.Use(ctx, w, c.Post, c.Purpose.Within(flow.ID), flow.State.subject(), code)
	if err != nil {
		return a, "", err
	}
	a, now, err := c.account(ctx, w, flow.State)
	if errors.Is(err, fault.NotFound) || err == nil && now != to {
		return a, "", c.ErrOver
	}
	return a, to, err
}

// Finish has whoever comes a second time told that the act is done, as a part of the Update that does it.
func (c Act) Finish(ctx context.Context, w *db.W, cookie string) error {
	flow, err := c.load(ctx, w, cookie)
	if err != nil {
		return err
	}
	flow.State.Finished = true
	return c.Flows.Save(ctx, w, &flow)
}
