package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/allowance"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
)

const (
	wrongEvent audit.Kind = "signin.password-wrong"
	lockTime              = 15 * time.Minute
)

// wrongPasswords is how many wrong passwords lock a username, and for how long: ErrTooManyTries says so.
var wrongPasswords = tries.Limit{WrongTry: wrongEvent, Max: 10, First: lockTime, Longest: lockTime}

// Typed holds what somebody typed to sign in.
type Typed struct {
	Username string
	Password string
	Browser  tries.Browser // on which they typed it
	Network  string        // from which it came
}

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
	at      tries.At // under which wrong passwords are counted
	exists  bool
	matches bool
	newHash string // a hash to store in place of an older kind of hash
}

// Claim checks a typed username and password. It does so outside any transaction, because hashing takes long, and
// takes as long for an account that does not exist.
func (d *PasswordSignIn) Claim(ctx context.Context, typed Typed) (c Claim, err error) {
	c.Account, err = db.Read(ctx, d.DB, func(r db.R) (account.Account, error) {
		return account.ByUsername(ctx, r, typed.Username)
	})
	if err != nil && !absent(err) {
		return c, err
	}
	c.exists = err == nil
	c.at = d.at(c, typed)
	asker := password.Asker{Network: typed.Network, Browser: c.at.Browser}
	matches, upgrade, err := d.Hasher.Check(ctx, asker, c.Account.PasswordHash, typed.Password)
	if err != nil {
		return c, err
	}
	c.matches = matches
	if upgrade {
		c.newHash, err = d.Hasher.Hash(ctx, asker, typed.Password)
	}
	return c, err
}

// at says where wrong tries are counted: at the account, or at what was typed where there is none, of which only a
// digest is kept, as people type passwords there too. A browser is known to an account, whatever that is called: a
// username may become that of somebody else, and two of before may fold to the same.
func (d *PasswordSignIn) at(c Claim, typed Typed) tries.At {
	if c.exists {
		return tries.At{Subject: account.Ref(c.Account.ID), Browser: typed.Browser.For(c.Account.ID)}
	}
	username := account.FoldUsername(typed.Username)
	nobody := account.Ref("unknown-" + hex.EncodeToString(d.Box.Digest("username/" + username)[:16]))
	return tries.At{Subject: nobody, Nobody: true}
}

// proven reports whether the claim shows control of the account as it is now: by the password, if it has not changed
// since it was checked.
func (c Claim) proven(now account.Account) bool {
	return c.matches && now.PasswordHash == c.Account.PasswordHash
}

// Admit decides, within an Update, whether to believe the claim, and counts wrong attempts. It does not decide
// whether the account may then sign in.
func (c Claim) Admit(ctx context.Context, w *db.W) error {
	count, err := wrongPasswords.Of(ctx, w, c.at)
	if err != nil {
		return err
	}
	if count.Locked(w.Now()) {
		locked := audit.Event{Kind: eventLockedOut, Subject: c.at.Subject}
		return tries.RefuseLocked(ctx, w, c.at, locked, count.Until, ErrTooManyTries)
	}
	now, err := account.ByID(ctx, w, c.Account.ID)
	if err != nil && !absent(err) {
		return err
	}
	if !c.exists || !c.proven(now) || !usable(now, w.Now()) || now.Kind == account.Machine {
		return wrongPasswords.Refuse(ctx, w, c.at, "", ErrSignInFailed)
	}
	if c.newHash != "" {
		if err := account.SetPassword(ctx, w, now.ID, c.newHash); err != nil {
			return err
		}
	}
	if !count.Any() {
		return nil
	}
	return wrongPasswords.Forget(ctx, w, c.at)
}

// usable reports whether the right password of an account counts as one: whoever types that of one that retired is told
// so.
func usable(a account.Account, now time.Time) bool { return a.Active || a.Retired(now) }

// Begun is a session that has begun.
type Begun struct {
	AccountID string
	Cookie    string // its value
}

// WithPassword signs an account in by its password, if the phase of its wave still allows that, and gives its session.
// It ends the session that the browser had before, if any. Where a phase alone is in the way, the account is given with
// the error: whoever typed its password is its holder.
func (d *PasswordSignIn) WithPassword(ctx context.Context, by actor.Actor, typed Typed,
	oldCookie string) (Begun, error) {
	c, err := d.Claim(ctx, typed)
	if err != nil {
		return Begun{}, fmt.Errorf("sign in with password: %w", err)
	}
	if c.matches {
		by.Kind = actor.Person
		by.ID = c.Account.ID
		by.Name = c.Account.Name()
	}
	begun, err := d.begin(ctx, by, c, oldCookie)
	if _, ended := PasswordsEnded(err); ended {
		begun.AccountID = c.Account.ID
	}
	return begun, err
}

// begin decides about a claim, and begins the session of whoever comes in.
func (d *PasswordSignIn) begin(ctx context.Context, by actor.Actor, c Claim, oldCookie string) (Begun, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (begun Begun, err error) {
		if err := c.Admit(ctx, w); err != nil {
			return begun, err
		}
		current, err := wave.Of(ctx, w, c.Account.ID)
		if err != nil {
			return begun, err
		}
		decided, err := atLogin(ctx, w, c.Account, current)
		if err != nil {
			return begun, err
		}
		if decided.Problem != nil {
			return begun, w.Refuse(ctx, turnedAway(c.Account, decided.Problem), decided.Problem)
		}
		if current.Allowance > 0 && current.Phase >= path.Choose {
			if err := allowance.Note(ctx, w, c.Account.ID, current); err != nil {
				return begun, err
			}
		}
		begun.AccountID = c.Account.ID
		byMail, err := PasswordByMail(ctx, w, c.Account.ID)
		if err != nil {
			return begun, err
		}
		state := State{How: ByPassword, Proved: w.Now(), ByMail: byMail}
		newSession := session.New[State]{Subject: c.Account.ID, State: state}
		begun.Cookie, err = Sessions.Begin(ctx, w, newSession)
		if err != nil {
			return begun, err
		}
		if err := Sessions.EndCookie(ctx, w, oldCookie); err != nil {
			return begun, err
		}
		if err := account.NoteLogin(ctx, w, c.Account.ID); err != nil {
			return begun, err
		}
		signedIn := audit.Event{Kind: SignedIn, Subject: account.Ref(c.Account.ID), After: ByPassword}
		return begun, w.Record(ctx, signedIn)
	})
}

// PasswordsEnded gives the outcome for a right password that no longer opens the account, and reports whether err says
// that.
func PasswordsEnded(err error) (o Outcome, ended bool) {
	for o, reason := range passwordsOver {
		if errors.Is(err, reason) {
			return o, true
		}
	}
	return "", false
}

// WhyPasswordsEnded gives the reason of an outcome that PasswordsEnded gave.
func WhyPasswordsEnded(o Outcome) (reason error, known bool) {
	reason, known = passwordsOver[o]
	return reason, known
}

// SharedEnded is the outcome of a right password of a shared account that opens nothing any more.
const SharedEnded Outcome = "shared-accounts-ended"

var passwordsOver = map[Outcome]error{
	"care-identity-required": ErrRequire,
	"passwords-ended":        ErrClosed,
	SharedEnded:              ErrSharedEnded,
}

// Why a right password no longer opens an account.
var (
	ErrRequire = fault.SayCure(fault.Forbidden, "Your password no longer opens the Directory of Services.",
		"Log in with your Care Identity. You are then asked for this password once more, to link your account.")
	ErrClosed = fault.SayCure(fault.Forbidden, "Passwords are no longer used in the Directory of Services.",
		"Log in with your Care Identity. If you have none, contact your registration authority.")
	ErrSharedEnded = fault.SayCure(fault.Forbidden,
		"Shared accounts can no longer be used in the Directory of Services.",
		"Request an account of your own, then log in with your Care Identity.")
)
