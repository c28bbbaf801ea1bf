package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/password"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/when"
)

// Forgotten lets people set another password by a code that is mailed to their account's address.
type Forgotten struct {
	DB     *db.DB
	Hasher *password.Hasher
	Post   *mail.Post

	crowd session.Crowd // of those who have begun
}

// resetting is one in progress on a browser, by somebody who is not logged in.
type resetting struct {
	AccountID string // empty where the username has no password that can be set
	Nobody    string // what stands for that username then
	Network   string // from which it was asked for, as codes are counted
}

var resettings = session.Flows[resetting]{Name: "dos.forgotten-password", Life: 15 * time.Minute}

func (s resetting) subject() audit.Ref {
	if s.AccountID == "" {
		return mailcode.Nobody(s.Nobody)
	}
	return account.Ref(s.AccountID)
}

var errResetOver = fault.SayCure(fault.Expired,
	"This was not started in this browser, took too long, or is done already.",
	"Start again from “Forgotten your password” on the first page.")

// Ask mails a code to the address of a username's account, and gives the cookie of what is in progress. Where no
// password can be set it looks the same, and no code is right (rule R13).
func (f *Forgotten) Ask(
	ctx context.Context, by actor.Actor, username string, browser tries.Browser,
) (cookie string, err error) {
	started, err := db.Read(ctx, f.DB, func(r db.R) (resetting, error) { return f.of(ctx, r, username) })
	if err != nil {
		return "", err
	}
	if known := browser.For(started.AccountID); known != "" {
		by.Network = known // a browser of the holder's has codes of its own, whatever others do in the same building
	}
	started.Network = by.Network
	cookie, err = db.Write(ctx, f.DB, by, func(w *db.W) (string, error) {
		id, secret, err := resettings.Start(ctx, w, started)
		if err != nil {
			return "", err
		}
		return session.Cookie(id, secret), f.mail(ctx, w, started, id)
	})
	if err != nil {
		return "", err
	}
	from, _ := netip.ParseAddr(by.Address) // without one they count as one network
	return cookie, resettings.Admit(ctx, f.DB, &f.crowd, from, cookie)
}

func (f *Forgotten) of(ctx context.Context, r db.R, username string) (resetting, error) {
	a, err := account.ByUsername(ctx, r, username)
	if err == nil {
		_, err = mayReset(ctx, r, a)
	}
	if absent(err) {
		folded := account.FoldUsername(username)
		return resetting{Nobody: hex.EncodeToString(f.Post.Digest("forgotten password of " + folded)[:16])}, nil
	}
	return resetting{AccountID: a.ID}, err
}

// mayReset gives the address to which the code goes: as it stood 72 hours ago (rule R8). It is fault.NotFound for an
// account that no password opens, or that many know the password of.
func mayReset(ctx context.Context, r db.R, a account.Account) (to string, err error) {
	if !a.Active || a.Kind != account.Individual || a.PasswordHash == "" {
		return "", fault.NotFound
	}
	if _, err := account.LinkOf(ctx, r, a.ID); !absent(err) {
		if err == nil {
			err = fault.NotFound
		}
		return "", err
	}
	current, err := wave.Of(ctx, r, a.ID)
	if err != nil {
		return "", err
	}
	if current.Phase >= path.Require {
		return "", fault.NotFound
	}
	return mailbox.SettledOf(ctx, r, a)
}

// mail sends the code, or does as if. One of nobody leaves no event.
func (f *Forgotten) mail(ctx context.Context, w *db.W, s resetting, flow string) error {
	purpose := account.ForPassword.Within(flow)
	a, to, err := resettable(ctx, w, s.AccountID)
	if absent(err) {
		return mailcode.Pretend(ctx, w, f.Post, purpose, s.subject())
	}
	if err != nil {
		return err
	}
	write := func(code string) mail.Message { return resetMail(to, a.Username, code) }
	if err := mailcode.Ask(ctx, w, f.Post, purpose, s.subject(), write); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventResetAsked, Subject: s.subject()})
}

func resettable(ctx context.Context, r db.R, id string) (a account.Account, to string, err error) {
	if a, err = account.ByID(ctx, r, id); err != nil {
		return a, "", err
	}
	to, err = mayReset(ctx, r, a)
	return a, to, err
}

// SendAgain mails another code.
func (f *Forgotten) SendAgain(ctx context.Context, by actor.Actor, cookie string) error {
	started, err := f.find(ctx, cookie)
	if err != nil {
		return err
	}
	by.Network = started.State.Network
	return f.DB.Update(ctx, by, func(w *db.W) error {
		flow, err := loadReset(ctx, w, cookie)
		if err != nil {
			return err
		}
		return f.mail(ctx, w, flow.State, flow.ID)
	})
}

// Find makes sure that something is in progress on a browser.
func (f *Forgotten) Find(ctx context.Context, cookie string) error {
	_, err := f.find(ctx, cookie)
	return err
}

func (f *Forgotten) find(ctx context.Context, cookie string) (session.Flow[resetting], error) {
	return db.Read(ctx, f.DB, func(r db.R) (session.Flow[resetting], error) { return loadReset(ctx, r, cookie) })
}

func loadReset(ctx context.Context, r db.R, cookie string) (session.Flow[resetting], error) {
	id, secret := session.Split(cookie)
	flow, err := resettings.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		err = errResetOver
	}
	return flow, err
}

// Set sets another password by the code that was mailed, ends every session of the account, and gives the account. What
// is wrong with the password because of whose it is, is told only to whoever has the code.
func (f *Forgotten) Set(ctx context.Context, by actor.Actor, cookie, code, plain string) (accountID string, err error) {
	started, err := f.find(ctx, cookie)
	if err != nil {
		return "", err
	}
	if err := password.Acceptable(plain); err != nil {
		return "", err
	}
	hash, err := f.Hasher.Hash(ctx, password.Asker{Network: by.Network}, plain)
	if err != nil {
		return "", err
	}
	if started.State.AccountID != "" {
		by.Kind = actor.Person
		by.ID = started.State.AccountID
	}
	return db.Write(ctx, f.DB, by, func(w *db.W) (string, error) {
		flow, err := loadReset(ctx, w, cookie)
		if err != nil {
			return "", err
		}
		s := flow.State
		to, err := mailcode.Use(ctx, w, f.Post, account.ForPassword.Within(flow.ID), s.subject(), code)
		if err != nil {
			return "", err
		}
		a, now, err := resettable(ctx, w, s.AccountID)
		if absent(err) || err == nil && now != to {
			return "", errResetOver // it was linked meanwhile, or its passwords have ended
		}
		if err != nil {
			return "", err
		}
		local, _, _ := strings.Cut(a.Email, "@")
		if err := password.Acceptable(plain, a.Username, a.FirstName, a.LastName, local); err != nil {
			return "", err
		}
		return a.ID, f.set(ctx, w, a, to, hash)
	})
}

const putByMail = `INSERT INTO password_by_mail (account_id, set_at) VALUES ($1, $2)
	ON CONFLICT (account_id) DO UPDATE SET set_at = $2`

func (f *Forgotten) set(ctx context.Context, w *db.W, a account.Account, to, hash string) error {
	if err := account.SetPassword(ctx, w, a.ID, hash); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, putByMail, a.ID, w.Now()); err != nil {
		return fmt.Errorf("note that a password was set by mail: %w", err)
	}
	if _, err := Sessions.EndSubject(ctx, w, a.ID, endedByPassword); err != nil {
		return err
	}
	for _, address := range addresses(to, a.Email) {
		if err := f.Post.Send(ctx, w, setMail(address, a.Username)); err != nil {
			return err
		}
	}
	happened := "has a new password since " + when.DateTime(w.Now()) + ". It was set by a code that we emailed to " +
		"its address."
	if err := TellColleagues(ctx, w, f.Post, a, happened); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventReset, Subject: account.Ref(a.ID)})
}

// addresses gives both, or one if they are the same.
func addresses(settled, now string) []string {
	if settled == now {
		return []string{now}
	}
	return []string{settled, now}
}

// PasswordByMail reports whether the password of an account was set by a code to its mailbox.
func PasswordByMail(ctx context.Context, r db.R, accountID string) (bool, error) {
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM password_by_mail WHERE account_id = $1`, accountID)
	if err != nil {
		return false, fmt.Errorf("read how a password was set: %w", err)
	}
	return n > 0, nil
}

func resetMail(to, username, code string) mail.Message {
	return mail.Message{
		Kind:    "signin.password-code",
		To:      to,
		Subject: "Your code to set a password",
		Text: "Your code is " + code + "\n\n" +
			"Type it on the page where you asked for it, to set another password for the Directory of Services " +
			"account " + username + ". It works once, for 15 minutes.\n\n" +
			"If you did not ask for it, ignore this email: nothing changes.\n",
	}
}

func setMail(to, username string) mail.Message {
	return mail.Message{
		Kind:    "signin.password-set",
		To:      to,
		Subject: "The password of your Directory of Services account was changed",
		Text: "The password of the Directory of Services account " + username + " was changed by a code that we " +
			"mailed. Everybody was logged out of the account.\n\n" +
			"If that was not you, tell the service desk at once: somebody else reads your email.\n",
	}
}
