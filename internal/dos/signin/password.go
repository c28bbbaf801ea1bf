package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
)

// An account that was given this many wrong passwords takes none for a while.
const (
	maxWrongPasswords            = 10
	lockTime                     = 15 * time.Minute
	wrongEvent        audit.Kind = "signin.password-wrong"
)

// ErrSignInFailed is said for every reason why a password does not open an account, so that it tells nothing
// about which accounts there are (rule R13).
var ErrSignInFailed = fault.SayCure(fault.Unauthenticated,
	"The username or password is not right, or this account signs in with a Care Identity.",
	"Check both and try again, or log in with your Care Identity.")

// unknownSubject is what refusals of usernames that do not exist are counted under.
var unknownSubject = audit.Ref{Kind: "account", ID: "unknown"}

// Claim is an account whose username somebody typed, and whether the password was its.
type Claim struct {
	Account account.Account
	Mailbox bool // an administrator lets its mailbox stand in for the password while linking
	exists  bool
	matches bool
	newHash string // a new hash to keep, if the old one is of an older kind
}

// Claim checks a typed username and password outside any transaction, as that takes long. It costs the
// same for an account that is not there.
func (d *PasswordSignIn) Claim(ctx context.Context, username, plain string) (c Claim, err error) {
	c.Account, err = db.Read(ctx, d.DB, func(r db.R) (account.Account, error) {
		return account.ByUsername(ctx, r, username)
	})
	if err != nil && !absent(err) {
		return c, err
	}
	c.exists = err == nil
	c.Mailbox = c.exists && d.DB.Now().Before(c.Account.RelinkUntil)
	matches, upgrade, err := d.Hasher.Check(ctx, c.Account.PasswordHash, plain)
	if err != nil {
		return c, err
	}
	c.matches = matches
	if upgrade {
		c.newHash, err = d.Hasher.Hash(ctx, plain)
	}
	return c, err
}

// proven reports whether the claim shows control of the account as it is now: by its password, which was
// not changed since it was checked, or while linking by an administrator's leave.
func (c Claim) proven(now account.Account, at time.Time, linking bool) bool {
	if now.PasswordHash != c.Account.PasswordHash {
		return false
	}
	return c.matches || linking && c.Mailbox && at.Before(now.RelinkUntil)
}

// Admit settles, within an Update, whether the claim may be believed, and counts wrong tries. Whether the
// account may then come in is another question. linking says that a mailbox may stand in for a password.
func (c Claim) Admit(ctx context.Context, w *db.W, linking bool) error {
	subject := unknownSubject
	if c.exists {
		subject = account.Ref(c.Account.ID)
	}
	wrong := audit.Event{Kind: wrongEvent, Subject: subject}
	if !c.exists {
		return w.Refuse(ctx, wrong, ErrSignInFailed)
	}
	tries, err := db.Counted(ctx, w, wrongEvent, subject.ID)
	if err != nil {
		return err
	}
	if tries.N >= maxWrongPasswords && w.Now().Before(tries.Last.Add(lockTime)) {
		return w.Refuse(ctx, audit.Event{Kind: eventLockedOut, Subject: subject}, ErrSignInFailed)
	}
	now, err := account.ByID(ctx, w, c.Account.ID)
	if err != nil {
		return err
	}
	if !c.proven(now, w.Now(), linking) || !now.Active || now.WebServiceOnly {
		return w.Refuse(ctx, wrong, ErrSignInFailed)
	}
	if c.newHash != "" {
		if err := account.SetPassword(ctx, w, now.ID, c.newHash); err != nil {
			return err
		}
	}
	if !c.matches {
		return nil // a mailbox does not make up for wrong passwords
	}
	return db.ClearCount(ctx, w, wrongEvent, subject.ID)
}

// WithPassword signs an account in by its password, if its wave's phase still allows that, and gives the
// value of its session's cookie. The session that the browser had before, if any, is over.
func (d *PasswordSignIn) WithPassword(ctx context.Context, by actor.Actor,
	username, plain, oldCookie string) (string, error) {
	c, err := d.Claim(ctx, username, plain)
	if err != nil {
		return "", fmt.Errorf("sign in with password: %w", err)
	}
	if c.matches {
		by.Kind = actor.Person
		by.ID = c.Account.ID
		by.Name = c.Account.Name()
	}
	return db.Write(ctx, d.DB, by, func(w *db.W) (string, error) {
		if err := c.Admit(ctx, w, false); err != nil {
			return "", err
		}
		current, err := wave.Of(ctx, w, c.Account.ID)
		if err != nil {
			return "", err
		}
		if current.Phase >= path.Require {
			refused := audit.Event{Kind: eventPasswordsEnded, Subject: account.Ref(c.Account.ID)}
			return "", w.Refuse(ctx, refused, passwordsEndedFault(current.Phase, c.Account.Shared))
		}
		if err := Sessions.EndCookie(ctx, w, oldCookie); err != nil {
			return "", err
		}
		cookie, err := Sessions.Begin(ctx, w, session.New[State]{Subject: c.Account.ID, State: State{How: ByPassword}})
		if err != nil {
			return "", err
		}
		signedIn := audit.Event{Kind: eventSignedIn, Subject: account.Ref(c.Account.ID), After: ByPassword}
		return cookie, w.Record(ctx, signedIn)
	})
}

// PasswordsEnded asks whether err is a right password that no longer opens the account.
func PasswordsEnded(err error) bool {
	return errors.Is(err, errRequire) || errors.Is(err, errClosed) || errors.Is(err, errSharedEnded)
}

var (
	errRequire = fault.SayCure(fault.Forbidden, "Your password no longer opens the Directory of Services.",
		"Log in with your Care Identity. You are then asked for this password once more, to link your account.")
	errClosed = fault.SayCure(fault.Forbidden, "Passwords are no longer used in the Directory of Services.",
		"Log in with your Care Identity. If you have none, contact your registration authority.")
	errSharedEnded = fault.SayCure(fault.Forbidden,
		"Shared accounts can no longer be used in the Directory of Services.",
		"Request an account of your own, then log in with your Care Identity.")
)

// passwordsEndedFault says why a right password does not open the account in a phase.
func passwordsEndedFault(phase path.Phase, shared bool) error {
	switch {
	case shared:
		return errSharedEnded
	case phase == path.Require:
		return errRequire
	}
	return errClosed
}
