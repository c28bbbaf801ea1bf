package signin

import (
	"context"
	"encoding/hex"
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

// After maxWrongPasswords wrong passwords a username is refused for lockTime.
const (
	maxWrongPasswords            = 10
	lockTime                     = 15 * time.Minute
	wrongEvent        audit.Kind = "signin.password-wrong"
)

// ErrSignInFailed is the same for every reason why a password does not open an account, so that it reveals nothing
// about which accounts exist (rule R13).
var ErrSignInFailed = fault.SayCure(fault.Unauthenticated,
	"The username or password is not right, or this account logs in with a Care Identity.",
	"Check both and try again, or log in with your Care Identity.")

// ErrTooManyTries refuses a username for a while after too many wrong passwords, whether there is such an account or
// not.
var ErrTooManyTries = fault.SayCure(fault.TooMany, "Too many tries with this username.",
	"Wait 15 minutes, or log in with your Care Identity.")

// Claim holds the account whose username somebody typed, and whether the password was right.
type Claim struct {
	Account account.Account
	subject audit.Ref // under which wrong passwords are counted
	Mailbox bool      // an administrator allows a code to its mailbox to replace the password during linking
	exists  bool
	matches bool
	newHash string // a hash to store in place of an older kind of hash
}

// Claim checks a typed username and password. It does so outside any transaction, because hashing takes long, and
// takes as long for an account that does not exist.
func (d *PasswordSignIn) Claim(ctx context.Context, username, plain string) (c Claim, err error) {
	c.Account, err = db.Read(ctx, d.DB, func(r db.R) (account.Account, error) {
		return account.ByUsername(ctx, r, username)
	})
	if err != nil && !absent(err) {
		return c, err
	}
	c.exists = err == nil
	c.subject = d.subjectOf(c, username)
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

// subjectOf names the account, or what was typed where there is none: by a digest, as people type passwords there too.
func (d *PasswordSignIn) subjectOf(c Claim, username string) audit.Ref {
	if c.exists {
		return account.Ref(c.Account.ID)
	}
	return account.Ref("unknown-" + hex.EncodeToString(d.Box.Digest("username/" + username)[:16]))
}

// proven reports whether the claim shows control of the account as it is now: by the password, if it has not changed
// since it was checked, or during linking by an administrator's permission.
func (c Claim) proven(now account.Account, at time.Time, linking bool) bool {
	if now.PasswordHash != c.Account.PasswordHash {
		return false
	}
	return c.matches || linking && c.Mailbox && at.Before(now.RelinkUntil)
}

// Admit decides, within an Update, whether to believe the claim, and counts wrong attempts. It does not decide
// whether the account may then sign in. linking allows a code to the mailbox to replace the password.
func (c Claim) Admit(ctx context.Context, w *db.W, linking bool) error {
	wrongPassword := audit.Event{Kind: wrongEvent, Subject: c.subject}
	tries, err := db.Counted(ctx, w, wrongEvent, c.subject.ID)
	if err != nil {
		return err
	}
	if tries.N >= maxWrongPasswords && w.Now().Before(tries.Last.Add(lockTime)) {
		return w.Refuse(ctx, audit.Event{Kind: eventLockedOut, Subject: c.subject}, ErrTooManyTries)
	}
	now, err := account.ByID(ctx, w, c.Account.ID)
	if err != nil && !absent(err) {
		return err
	}
	if !c.exists || !c.proven(now, w.Now(), linking) || !now.Active || now.WebServiceOnly {
		return w.Refuse(ctx, wrongPassword, ErrSignInFailed)
	}
	if c.newHash != "" {
		if err := account.SetPassword(ctx, w, now.ID, c.newHash); err != nil {
			return err
		}
	}
	if !c.matches {
		return nil // permission to use the mailbox does not clear the count of wrong passwords
	}
	return db.ClearCount(ctx, w, wrongEvent, c.subject.ID)
}

// WithPassword signs an account in by its password, if the phase of its wave still allows that, and gives the value
// of its session's cookie. It ends the session that the browser had before, if any.
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
		cookie, err := Sessions.Begin(ctx, w, session.New[State]{Subject: c.Account.ID, State: State{How: ByPassword}})
		if err != nil {
			return "", err
		}
		if err := Sessions.EndCookie(ctx, w, oldCookie); err != nil {
			return "", err
		}
		signedIn := audit.Event{Kind: SignedIn, Subject: account.Ref(c.Account.ID), After: ByPassword}
		return cookie, w.Record(ctx, signedIn)
	})
}

// PasswordsEnded reports whether err says that the password was right but no longer opens the account.
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

// passwordsEndedFault gives the reason why a right password does not open the account in a phase.
func passwordsEndedFault(phase path.Phase, shared bool) error {
	switch {
	case shared:
		return errSharedEnded
	case phase == path.Require:
		return errRequire
	}
	return errClosed
}
