package signin

import (
	"context"
	"fmt"
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

// resetRules are those of another password by somebody who is not logged in.
var resetRules = mailbox.Rules{
	Flows:   session.Flows[mailbox.Acting]{Name: "dos.forgotten-password", Life: 15 * time.Minute},
	Purpose: account.ForPassword,
	Nobody:  "forgotten password of ",
	Asked:   eventResetAsked,
	ErrOver: errResetOver,
	To:      mayReset,
	Mail:    resetMail,
}

func (f *Forgotten) act() mailbox.Act {
	return mailbox.Act{Rules: resetRules, DB: f.DB, Post: f.Post, Crowd: &f.crowd}
}

var errResetOver = fault.SayCure(fault.Expired,
	"This was not started in this browser, took too long, or is done already.",
	"Start again from “Forgotten your password” on the first page.")

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

// Ask mails a code to the address of a username's account, and gives the cookie of what is in progress. Where no
// password can be set it looks the same, and no code is right (rule R13).
func (f *Forgotten) Ask(
	ctx context.Context, by actor.Actor, username string, browser tries.Browser,
) (cookie string, err error) {
	return f.act().Begin(ctx, by, username, browser)
}

// SendAgain mails another code.
func (f *Forgotten) SendAgain(ctx context.Context, by actor.Actor, cookie string) error {
	return f.act().SendAgain(ctx, by, cookie)
}

// Find makes sure that something is in progress on a browser.
func (f *Forgotten) Find(ctx context.Context, cookie string) error {
	_, err := f.act().Find(ctx, cookie)
	return err
}

// Set sets another password by the code that was mailed, ends every session of the account, and gives the account. What
// is wrong with the password because of whose it is, is told only to whoever has the code.
func (f *Forgotten) Set(ctx context.Context, by actor.Actor, cookie, code, plain string) (accountID string, err error) {
	started, err := f.act().Find(ctx, cookie)
	if err != nil {
		return "", err
	}
	if err := f.Hasher.Acceptable(password.Alone, plain); err != nil {
		return "", err
	}
	hash, err := f.Hasher.Hash(ctx, password.Asker{Network: by.Network}, plain)
	if err != nil {
		return "", err
	}
	if started.AccountID != "" {
		by.Kind = actor.Person
		by.ID = started.AccountID
	}
	return db.Write(ctx, f.DB, by, func(w *db.W) (string, error) {
		a, to, err := f.act().Use(ctx, w, cookie, code)
		if err != nil {
			return "", err
		}
		err = f.Hasher.Acceptable(password.Alone, plain, a.Username, a.FirstName, a.LastName, a.Email)
		if err != nil {
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
