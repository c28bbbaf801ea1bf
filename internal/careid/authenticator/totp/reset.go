package totp

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/password"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
)

// Resets let the owner of an authenticator app set another password who has forgotten the one before. It takes a code
// that is mailed and the code that the app shows: a mailbox alone would be less than what the app proves.
//
// Whether an address is anybody's is not told: for one that is not, all looks the same, and no code is right.
type Resets struct {
	*Keeper
	DB   *db.DB
	Post *mail.Post
	// Asking writes the mail with the code.
	Asking func(to, code string) mail.Message
	// Tell tells the owner that there is another password, as a part of the Update that sets it.
	Tell func(ctx context.Context, w *db.W, owner identity.Identity) error
}

// The kinds of events of passwords that are set anew.
const (
	eventResetAsked    audit.Kind = "authenticator.password-asked"
	eventResetTooOften audit.Kind = "authenticator.password-asked-too-often"
	eventResetWrong    audit.Kind = "authenticator.password-code-wrong"
	eventReset         audit.Kind = "authenticator.password-set"
)

const (
	resetLife       = 15 * time.Minute
	maxOfNetwork    = 10 // codes for one app
	maxOfNetworkAll = 30 // codes for all apps
	maxOfDay        = 20 // codes for one app
	maxAsks         = 5  // codes in one browser
	maxWrongCodes   = 5
)

// forReset is the purpose of the codes that are mailed to the owner of an app. What is said of a code that is not right
// is the same whoever asked.
var forReset = mailcode.Purpose{
	Name: "authenticator.password", Life: resetLife, MaxAsks: maxAsks, MaxWrong: maxWrongCodes,
	MaxOfNetwork: maxOfNetwork, MaxOfNetworkAll: maxOfNetworkAll, MaxOfDay: maxOfDay,
	AskedTooOften: audit.Event{Kind: eventResetTooOften},
	WrongTry:      audit.Event{Kind: eventResetWrong},
	ErrAsks:       errManyCodes, ErrDay: errManyCodes,
	ErrWrong: fault.Keyed("reset-code", fault.OfField("code",
		"Enter the code from the newest email. If none came, go back and check the email address you typed")),
}

var (
	errManyCodes = fault.Keyed("reset-codes", fault.SayCure(fault.TooMany,
		"Too many codes were asked for, for this email address or from your network.",
		"Codes that were sent still work. If you have none, wait 15 minutes, or ask your registration authority."))
	errResetOver = fault.Keyed("reset-over", fault.SayCure(fault.Expired,
		"Setting another password took too long, was not started in this browser, or is done already.",
		"Start again from “Forgotten your password?” where you log in with your authenticator app."))
	errResetApp = fault.Keyed("reset-app", fault.OfField("app",
		"Enter the 6 digits that your authenticator app shows now for Care Identity. A code can be used only once"))
	// Only whoever reads the mailbox is told.
	errResetLocked = fault.Keyed("reset-locked", fault.SayCure(fault.Forbidden,
		"Your authenticator app is locked for a time, after too many wrong passwords or codes.",
		"Wait some minutes, at most an hour, then try again, or ask your registration authority to unlock it."))
)

// resetting is what is under way on one browser.
type resetting struct {
	App     string `json:"app,omitempty"`
	UUID    string `json:"uuid,omitempty"`
	Nobody  string `json:"nobody,omitempty"` // stands for an address for which there is no app
	Network string `json:"network,omitempty"`
}

var resets = session.Flows[resetting]{Name: "careid.app-password", Life: resetLife}

func (s resetting) subject() audit.Ref {
	if s.App == "" {
		return mailcode.Nobody(s.Nobody)
	}
	return authenticator.Ref(s.App)
}

// Ask mails a code to the owner of the app that belongs to an address, and gives the cookie of what is under way.
func (k *Resets) Ask(
	ctx context.Context, by actor.Actor, crowd *session.Crowd, typed string, browser tries.Browser,
) (cookie string, err error) {
	address, err := email.Parse(typed)
	if err != nil {
		return "", err
	}
	key, _ := address.Canonical()
	uuids, err := withEmail(ctx, k.DB, key)
	if err != nil {
		return "", err
	}
	app, err := k.onlyApp(ctx, k.DB, uuids)
	if err != nil {
		return "", err
	}
	if known := browser.For(app.authenticatorID); known != "" {
		by.Network = known // the owner's browser has codes of its own, whatever others do in the same building
	}
	started := resetting{App: app.authenticatorID, UUID: app.uuid, Network: by.Network}
	if started.App == "" {
		started.Nobody = hex.EncodeToString(k.Box.Digest("totp-reset/" + key)[:16])
	}
	cookie, err = db.Write(ctx, k.DB, by, func(w *db.W) (string, error) {
		id, secret, err := resets.Start(ctx, w, started)
		if err != nil {
			return "", err
		}
		return session.Cookie(id, secret), k.send(ctx, w, started, id)
	})
	if err != nil {
		return "", err
	}
	from, _ := netip.ParseAddr(by.Address) // without one they count as one network
	return cookie, resets.Admit(ctx, k.DB, crowd, from, cookie)
}

// send mails the code, or does as if.
func (k *Resets) send(ctx context.Context, w *db.W, s resetting, flow string) error {
	if s.App == "" {
		return mailcode.Pretend(ctx, w, k.Post, forReset.Within(flow), s.subject())
	}
	owner, err := identity.ByUUID(ctx, w, s.UUID)
	if err != nil {
		return err
	}
	// While somebody is suspended, nobody sets the password with which they will log in again.
	if owner.Status != identity.Active {
		return mailcode.Pretend(ctx, w, k.Post, forReset.Within(flow), s.subject())
	}
	write := func(code string) mail.Message { return k.Asking(owner.Email, code) }
	if err := mailcode.Ask(ctx, w, k.Post, forReset.Within(flow), s.subject(), write); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventResetAsked, Subject: s.subject()})
}

// SendAgain mails another code.
func (k *Resets) SendAgain(ctx context.Context, by actor.Actor, cookie string) error {
	started, err := k.Find(ctx, cookie)
	if err != nil {
		return err
	}
	by.Network = started.State.Network
	return k.DB.Update(ctx, by, func(w *db.W) error { return k.send(ctx, w, started.State, started.ID) })
}

// Find gives what is under way on a browser.
func (k *Resets) Find(ctx context.Context, cookie string) (session.Flow[resetting], error) {
	return db.Read(ctx, k.DB, func(r db.R) (session.Flow[resetting], error) { return underWay(ctx, r, cookie) })
}

func underWay(ctx context.Context, r db.R, cookie string) (session.Flow[resetting], error) {
	id, secret := session.Split(cookie)
	flow, err := resets.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		err = errResetOver
	}
	return flow, err
}

// NewPassword is what somebody typed who sets another password.
type NewPassword struct{ Mailed, App, Password string }

// Set sets another password, tells the owner, and ends the sessions that were proved with the app. The mailed code is
// looked at first, so that nobody guesses at the app who does not read the mailbox.
func (k *Resets) Set(ctx context.Context, by actor.Actor, browser tries.Browser, cookie string, n NewPassword) error {
	started, err := k.Find(ctx, cookie)
	if err != nil {
		return err
	}
	if err := k.Hasher.Acceptable(password.WithCode, n.Password); err != nil {
		return err
	}
	hash, err := k.Hasher.Hash(ctx, password.Asker{Network: by.Network}, n.Password)
	if err != nil {
		return err
	}
	if started.State.App != "" {
		by.Kind = actor.Person
		by.ID = started.State.UUID
	}
	err = k.DB.Update(ctx, by, func(w *db.W) error { return k.set(ctx, w, browser, cookie, n, hash) })
	if wrong, is := authenticator.AsWrongAnswer(err); is {
		return wrong.Refusal
	}
	return err
}

func (k *Resets) set(
	ctx context.Context, w *db.W, browser tries.Browser, cookie string, n NewPassword, hash string,
) error {
	flow, err := underWay(ctx, w, cookie)
	if err != nil {
		return err
	}
	s := flow.State
	to, err := mailcode.Use(ctx, w, k.Post, forReset.Within(flow.ID), s.subject(), n.Mailed)
	if err != nil {
		return err
	}
	owner, err := identity.ByUUID(ctx, w, s.UUID)
	if err != nil {
		return err
	}
	if owner.Email != to || owner.Status != identity.Active { // it was changed meanwhile
		return errResetOver
	}
	if err := k.useCode(ctx, w, s.App, browser, n.App); err != nil {
		return err
	}
	err = k.Hasher.Acceptable(password.WithCode, n.Password, owner.GivenName, owner.FamilyName, owner.Email)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, putPassword, s.App, hash); err != nil {
		return fmt.Errorf("set password of authenticator app: %w", err)
	}
	if err := w.Enqueue(ctx, authenticator.PasswordSet{AuthenticatorID: s.App, UUID: s.UUID}); err != nil {
		return err
	}
	if err := k.Tell(ctx, w, owner); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventReset, Subject: authenticator.Ref(s.App)})
}

const putPassword = `UPDATE totp_secret SET password_hash = $2 WHERE authenticator_id = $1`

// useCode takes the code that the app shows, each once. A wrong one counts as at any login with the app.
func (k *Resets) useCode(ctx context.Context, w *db.W, id string, browser tries.Browser, typed string) error {
	at := authenticator.At(id, browser)
	refuse := func(wrong *authenticator.WrongAnswer) error {
		return wrong.Refuse(ctx, w, func(context.Context) error { return nil })
	}
	app, err := authenticator.MayProve(ctx, w, id, browser)
	if errors.Is(err, authenticator.Unusable) {
		if app.Locked {
			err = errResetLocked
		}
		return refuse(authenticator.NewBarred(at, err))
	}
	if err != nil {
		return err
	}
	s, secret, err := k.secret(ctx, w, id)
	if err != nil {
		return err
	}
	step, ok := match(secret, typed, w.Now(), s.lastStep)
	if !ok {
		return refuse(authenticator.NewWrongTry(at, "code for another password", errResetApp))
	}
	return w.Change(ctx, useStep, id, step)
}
