// Package signin decides who comes in to the Directory of Services: by password while that lasts, and by
// Care Identity.
//
// It does not show pages, and it does not link an account to a Care Identity: package linking does.
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
	"signpost/internal/platform/password"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
)

// The kinds of events that this package records.
const (
	eventNotIn          audit.Kind = "signin.not-in"
	eventIn             audit.Kind = "signin.in"
	eventProviderLogout audit.Kind = "signin.provider-logout"
	eventLogoutReplayed audit.Kind = "signin.logout-replayed"
	eventLockedOut      audit.Kind = "signin.locked-out"
	eventPasswordOver   audit.Kind = "signin.password-over"
	eventOut            audit.Kind = "signin.out"
)

// How is the way somebody came in.
type How string

// The ways in.
const (
	ByPassword     How = "password"
	ByCareIdentity How = "care-identity"
)

// State is what a session of the directory holds beside its account.
type State struct{ How How }

// Sessions are the directory's: 15 minutes idle, 12 hours in all, as CIS2 asks of a relying party
// (conformance Ses 005 and Ses 007).
var Sessions = session.Kind[State]{Site: "dos", Idle: 15 * time.Minute, Most: 12 * time.Hour}

// Desk is what signing in needs.
type Desk struct {
	DB        *db.DB
	Passwords *password.Hasher
	Relying   *portal.CIS2
}

// over reports whether a session is one by password from before its account's wave ended those. Going back
// to an earlier phase revives none.
func over(s session.Session[State], of wave.Wave) bool {
	return s.State.How == ByPassword && (of.Phase >= path.Require || !s.Begun.After(of.PasswordsEnded))
}

// Current is who is signed in on a browser.
type Current struct {
	Session session.Session[State]
	Account account.Account
	May     []account.Permission
}

// Find gives who the cookie's session is of, or fault.Unauthenticated. An account that was deactivated
// has no sessions, and one whose wave requires a Care Identity none by password.
func (d *Desk) Find(ctx context.Context, cookie string) (c Current, err error) {
	var found time.Time
	err = d.DB.View(ctx, func(r db.R) error {
		found = r.Now()
		if c.Session, err = Sessions.Find(ctx, r, cookie); err != nil {
			return err
		}
		if c.Account, err = account.ByID(ctx, r, c.Session.Subject); err != nil {
			return err
		}
		current, err := wave.Of(ctx, r, c.Account.ID)
		if err != nil {
			return err
		}
		if !c.Account.Active || over(c.Session, current) {
			return fault.Unauthenticated
		}
		c.May, err = account.Permissions(ctx, r, c.Account.ID)
		return err
	})
	if err != nil {
		return Current{}, err
	}
	return c, c.Session.Touch(ctx, d.DB, found)
}

// Left is how long the cookie's session still holds if it is not used, and whether use could not prolong
// it. Asking is no use of the session.
func (d *Desk) Left(ctx context.Context, cookie string) (left time.Duration, final bool, err error) {
	err = d.DB.View(ctx, func(r db.R) error {
		s, err := Sessions.Find(ctx, r, cookie)
		left, final = s.Left(r.Now())
		return err
	})
	return left, final, err
}

// SignOut ends a session.
func (d *Desk) SignOut(ctx context.Context, who actor.Actor, c Current) error {
	return d.DB.Update(ctx, who, func(w *db.W) error {
		if _, err := Sessions.End(ctx, w, c.Session.ID); err != nil {
			return fmt.Errorf("sign out: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventOut, Subject: account.Ref(c.Account.ID)})
	})
}

// endBefore ends the session that the browser had before somebody signed in on it, if it had one.
func endBefore(ctx context.Context, w *db.W, cookie string) error {
	s, err := Sessions.Find(ctx, w, cookie)
	if errors.Is(err, fault.Unauthenticated) {
		return nil
	}
	if err == nil {
		_, err = Sessions.End(ctx, w, s.ID)
	}
	return err
}

// absent reports whether err says that there is no such thing.
func absent(err error) bool { return errors.Is(err, fault.NotFound) }
