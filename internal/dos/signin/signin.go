// Package signin decides who comes in to the Directory of Services: by password while that lasts, and by
// Care Identity.
//
// It does not show pages, and it does not link an account to a Care Identity: package linking does.
package signin

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
)

// The kinds of events that this package records.
const (
	eventRefused        audit.Kind = "signin.not-in"
	eventSignedIn       audit.Kind = "signin.in"
	eventProviderLogout audit.Kind = "signin.provider-logout"
	eventLogoutReplayed audit.Kind = "signin.logout-replayed"
	eventLockedOut      audit.Kind = "signin.locked-out"
	eventPasswordsEnded audit.Kind = "signin.password-over"
	eventSignedOut      audit.Kind = "signin.out"
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

// Sessions are the directory's.
var Sessions = portal.Sessions[State]("dos")

// Events are the kinds of events that are recorded of them.
var Events = portal.Events{SignedOut: eventSignedOut, ProviderLogout: eventProviderLogout,
	LogoutReplayed: eventLogoutReplayed}

// PasswordSignIn signs people in by password.
type PasswordSignIn struct {
	DB     *db.DB
	Hasher *password.Hasher
}

// passwordEnded reports whether a session is one by password from before its account's wave ended those. Going back
// to an earlier phase revives none.
func passwordEnded(s session.Session[State], of wave.Wave) bool {
	return s.State.How == ByPassword && (of.Phase >= path.Require || !s.Begun.After(of.PasswordsEnded))
}

// Current is who is signed in on a browser.
type Current struct {
	Session session.Session[State]
	Account account.Account
	May     []account.Permission
}

// Find gives whose a session is, or fault.Unauthenticated. An account that was deactivated has no sessions,
// and one whose wave requires a Care Identity none by password.
func Find(ctx context.Context, r db.R, s session.Session[State]) (Current, error) {
	a, err := account.ByID(ctx, r, s.Subject)
	if err != nil {
		return Current{}, err
	}
	current, err := wave.Of(ctx, r, a.ID)
	if err != nil {
		return Current{}, err
	}
	if !a.Active || passwordEnded(s, current) {
		return Current{}, fault.Unauthenticated
	}
	may, err := account.Permissions(ctx, r, a.ID)
	return Current{Session: s, Account: a, May: may}, err
}

// absent reports whether err says that there is no such thing.
func absent(err error) bool { return errors.Is(err, fault.NotFound) }
