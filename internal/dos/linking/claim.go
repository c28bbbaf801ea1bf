package linking

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
)

// Control is how somebody showed that they hold an account (rule R3).
type Control string

// The ways.
const (
	BySession Control = "password session"         // signed in by password on this browser
	ByTyping  Control = "password"                 // typed after coming with a Care Identity
	BySetUp   Control = "set-up link"              // and a code to the account's mailbox
	ByMailbox Control = "an administrator's leave" // a relink code, and one to the mailbox; the words are stored
	ByRequest Control = "approved request"         // a request for an account, with a code to its mailbox
	ByMerge   Control = "merge of accounts"        // and a code to the account's mailbox
)

// withoutPassword reports whether an account is linked by what was handed over, and by a code to its mailbox.
func (c Control) withoutPassword() bool {
	return c == ByMailbox || c == BySetUp || c == ByRequest || c == ByMerge
}

// Claim is an account that somebody showed to be theirs, before they prove at CIS2 who they are.
type Claim struct {
	AccountID string
	Control   Control
	Session   string // the id of BySession's session; of the other ways, the cookie of what was shown
}

// shown holds what somebody showed of an account without a session. It ages as a session by password does, and cannot
// be prolonged: another Care Identity within the same claim does not begin it again.
type shown struct {
	AccountID string
	Proof     string // stands for the password or the relink code that was right
}

var claims = session.Flows[shown]{Name: "dos.claim", Life: 15 * time.Minute}

// Ask sends them to CIS2 to prove themselves now: a session that is there may be a colleague's (rule R3).
func (c Claim) Ask() portal.Ask { return portal.ProveNow(string(c.Control), c.AccountID, c.Session) }

// ClaimOf gives the claim for which a sign-in was started, or none.
func ClaimOf(p portal.Pending) (Claim, bool) {
	c := Claim{AccountID: p.Subject, Control: Control(p.Act), Session: p.Session}
	switch c.Control {
	case BySession, ByTyping, ByMailbox, BySetUp:
		return c, true
	}
	return Claim{}, false
}

// Claim takes the username and password of an account from somebody who came with a Care Identity that no
// account is linked to.
func (l *Linker) Claim(
	ctx context.Context, by actor.Actor, arrived Arrival, typed signin.Typed,
) (Claim, error) {
	claimed, err := l.Passwords.Claim(ctx, typed)
	if err != nil {
		return Claim{}, fmt.Errorf("claim account: %w", err)
	}
	person := arrived.person()
	claim, err := db.Write(ctx, l.DB, naming(by, person.Subject, person.Name), func(w *db.W) (Claim, error) {
		if err := claimed.Admit(ctx, w); err != nil {
			return Claim{}, err
		}
		return l.claim(ctx, w, claimed.Account.ID, person, ByTyping)
	})
	switch {
	case errors.Is(err, signin.ErrSignInFailed):
		err = errCannotLink
	case errors.Is(err, signin.ErrTooManyTries):
		err = ErrTooManyTries
	}
	return claim, err
}

// claim stores what somebody showed of an account, if the two may be linked.
func (l *Linker) claim(ctx context.Context, w *db.W, id string, person cis2.Person, control Control) (Claim, error) {
	a, err := account.ByID(ctx, w, id)
	if err != nil {
		return Claim{}, err
	}
	if err := mayLink(ctx, w, Pair{Account: a, Person: person, Control: control}); err != nil {
		return Claim{}, err
	}
	proof, err := l.proof(ctx, w, a, control)
	if err != nil {
		return Claim{}, err
	}
	flow, secret, err := claims.Start(ctx, w, shown{AccountID: a.ID, Proof: proof})
	return Claim{AccountID: a.ID, Control: control, Session: session.Cookie(flow, secret)}, err
}

// proof stands for the password or the relink code of an account, as it is now.
func (l *Linker) proof(ctx context.Context, r db.R, a account.Account, control Control) (string, error) {
	text := a.PasswordHash
	if control.withoutPassword() {
		digest, err := account.RelinkDigest(ctx, r, a.ID)
		if err != nil {
			return "", err
		}
		text = string(digest)
	}
	return hex.EncodeToString(l.Post.Digest("claim by " + string(control) + "\n" + text)), nil
}

// Begin begins a ceremony for an account that was claimed, with the Care Identity that was proved since.
func (l *Linker) Begin(ctx context.Context, by actor.Actor, p portal.Pending, person cis2.Person) (string, error) {
	claim, claimed := ClaimOf(p)
	if !claimed || !p.ProvedNow() {
		return "", portal.ErrNotStarted
	}
	return db.Write(ctx, l.DB, naming(by, claim.AccountID, person.Name), func(w *db.W) (string, error) {
		a, err := account.ByID(ctx, w, claim.AccountID)
		if err != nil {
			return "", err
		}
		if err := l.stands(ctx, w, a, claim); err != nil {
			return "", err
		}
		if !signin.HoldsPosition(person.Roles) {
			problem, err := withoutPosition(ctx, w, a, claim.Control)
			if err != nil {
				return "", err
			}
			if problem != nil {
				return "", refuseLink(ctx, w, a, person, problem)
			}
		}
		return l.begin(ctx, w, a, person, claim)
	})
}

// withoutPosition gives the reason why a Care Identity without the directory's position is not linked, or nil. Whoever
// links has no password after that: as long as theirs lets them in, they would lock themselves out.
func withoutPosition(ctx context.Context, r db.R, a account.Account, c Control) (problem, failed error) {
	if c == BySetUp {
		return refusals[NoPosition], nil
	}
	if c.withoutPassword() {
		return nil, nil
	}
	opens, err := signin.PasswordOpens(ctx, r, a)
	return only(opens, refusals[PositionFirst]), err
}

// stands makes sure that the claim is still one: the session is there, or the password or the relink code is the one
// that was shown, not too long ago.
func (l *Linker) stands(ctx context.Context, r db.R, a account.Account, c Claim) error {
	if c.Control == BySession {
		return sessionStands(ctx, r, c)
	}
	id, secret := session.Split(c.Session)
	flow, err := claims.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		return errClaimOver
	}
	if err != nil {
		return err
	}
	proof, err := l.proof(ctx, r, a, c.Control)
	if errors.Is(err, fault.NotFound) || err == nil && (flow.State.AccountID != a.ID || flow.State.Proof != proof) {
		return errClaimOver
	}
	return err
}

func sessionStands(ctx context.Context, r db.R, c Claim) error {
	live, err := signin.Sessions.OfSubject(ctx, r, c.AccountID)
	if err != nil {
		return err
	}
	for _, s := range live {
		if s.ID == c.Session {
			return nil
		}
	}
	return errClaimOver
}

// errClaimOver answers somebody who showed that an account is theirs too long ago, or by what is worth nothing now.
var errClaimOver = fault.SayCure(fault.Expired,
	"It is too long ago that you showed that the account is yours, or it has changed since. Nothing was linked.",
	"Log in with your Care Identity and start again.")

// naming gives the actor as somebody whose name is known.
func naming(by actor.Actor, id, name string) actor.Actor {
	by.Kind = actor.Person
	by.ID = id
	by.Name = name
	return by
}
