// Package signin decides who can sign in to the Directory of Services: with a Care Identity, and with a password as
// long as the account's wave allows it.
//
// It does not show pages, and it does not link an account to a Care Identity: package linking does.
package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
)

// The kinds of events that this package records.
const (
	eventProviderLogout audit.Kind = "signin.provider-logout"
	eventLogoutReplayed audit.Kind = "signin.logout-replayed"
	eventLockedOut      audit.Kind = "signin.locked-out"
	eventSignedOut      audit.Kind = "signin.out"
	eventRightsEnded    audit.Kind = "signin.rights-ended"
	eventRoleAsked      audit.Kind = "signin.role-asked"
	eventResetAsked     audit.Kind = "signin.password-asked"
	eventReset          audit.Kind = "signin.password-set"
)

// NotIn is the kind of the event of somebody who was not let in with their Care Identity.
const NotIn audit.Kind = "signin.not-in"

// PasswordOver is the kind of the event of somebody whose right password did not open the account any more.
const PasswordOver audit.Kind = "signin.password-over"

// SignedIn is the kind of the event of somebody who came in.
const SignedIn audit.Kind = "signin.in"

// Any reports whether anybody has ever signed in.
func Any(ctx context.Context, r db.R) (bool, error) { return audit.Any(ctx, r, SignedIn) }

// How is the way in which somebody signed in.
type How string

// The ways to sign in.
const (
	ByPassword     How = "password"
	ByCareIdentity How = "care-identity"
)

// State holds what a session of the directory has in addition to its account.
type State struct {
	How    How
	Proved time.Time // when the person proved themselves, by the password or at CIS2; zero if that is not known

	ByMail bool `json:",omitempty"` // they came by a password that was set by a code to a mailbox

	CareIdentity string `json:",omitempty"` // the subject at CIS2, if they came with their Care Identity
	Role         string `json:",omitempty"` // the id of the role in which they act
	Organisation string `json:",omitempty"` // the ODS code of where they hold it
	Unasked      bool   `json:",omitempty"` // the care identity side could not be asked about them at the door
	Access       access `json:",omitzero"`  // with which CIS2 is asked about them again
}

// The reasons for which the directory ends sessions, beside those that every site has.
const (
	EndedByLink   session.Reason = "linked"
	EndedByUnlink session.Reason = "unlinked"
	// EndedByAdministrator ends the sessions of an account that is deactivated.
	EndedByAdministrator session.Reason = "deactivated"

	EndedByRetirement session.Reason = "retired" // of a shared account
	EndedByMerge      session.Reason = "merged"  // two accounts of one person became one, or were parted again

	endedByPosition session.Reason = "position"
	endedByDesk     session.Reason = "desk"
	endedByRole     session.Reason = "role"
	endedByPassword session.Reason = "password"
	endedByIdentity session.Reason = "identity"

	endedByReactivation session.Reason = "reactivated"
)

// Endings say why a session was ended, and what to do next, for those reasons.
var Endings = portal.Endings{
	EndedByLink: {
		Why:  "because the account was linked to a Care Identity",
		Cure: "From now on, log in with your Care Identity.",
	},
	EndedByUnlink: {Why: "because the link of the account to a Care Identity was undone"},
	EndedByAdministrator: {
		Why:  "because your account was deactivated",
		Cure: "If you still need access, contact your DoS user administrator.",
	},
	EndedByRetirement: {
		Why:  "because this shared account has stopped working",
		Cure: "Log in with an account of your own. If you have none, request one.",
	},
	EndedByMerge: {
		Why:  "because your account was merged with another one of yours, or the merge was undone",
		Cure: "The email about it says with which account you log in now.",
	},
	endedByDesk: {
		Why:  "because the service desk ended it",
		Cure: "Your activity says why. If you did not ask for that, change your password or tell your administrator.",
	},
	endedByPosition: {
		Why: "because your Care Identity does not have the position for the Directory of Services any more",
		Cure: "If you still need it, ask your registration authority for the position ‘Directory of Services " +
			"System’, with role R8008 and activity B0166.",
	},
	endedByPassword: {
		Why:  "because the password of the account was changed",
		Cure: "If that was not you, tell the service desk at once.",
	},
	endedByRole: {
		Why:  "because the role in which you logged in has ended",
		Cure: "Log in again to go on in another one.",
	},
	endedByReactivation: {
		Why:  "because your Care Identity was suspended after you linked it",
		Cure: "Log in again. The page says who has to approve the link.",
	},
	endedByIdentity: {
		Why:  "because your Care Identity is not active or not verified any more",
		Cure: "Ask your registration authority why.",
	},
	EndedByOwner: {
		Why:  "because somebody who is logged in to your account ended this session from another browser",
		Cure: "If that was not you, log in and tell the service desk.",
	},
}

// Faults of sessions whose account may not be used as they do any more.
var (
	errDeactivated = fault.SayCure(fault.Unauthenticated,
		"You were logged out, because your Directory of Services account was deactivated.",
		"If you still need access, contact your DoS user administrator.")
	errMachine = fault.SayCure(fault.Unauthenticated, "You were logged out, because this account is for a program.",
		"Log in with an account of your own. If you have none, contact your DoS user administrator.")
	errMoved = fault.SayCure(fault.Unauthenticated,
		"You were logged out, because your account belongs to another organisation now.",
		"Log in again in your role there.")
	errRetired = fault.SayCure(fault.Unauthenticated, "You were logged out, because this shared account has stopped "+
		"working.", "Log in with an account of your own. If you have none, request one.")
	errPasswordOver = fault.SayCure(fault.Unauthenticated,
		"You were logged out, because your account may no longer be used with its password.",
		"Log in with your Care Identity.")
)

// Sessions stores the sessions of the directory.
var Sessions = portal.Sessions[State]("dos")

// Events are the kinds of events that are recorded about sessions.
var Events = portal.Events{SignedOut: eventSignedOut, ProviderLogout: eventProviderLogout,
	LogoutReplayed: eventLogoutReplayed, RightsEnded: eventRightsEnded}

// PasswordSignIn signs people in with a password.
type PasswordSignIn struct {
	DB     *db.DB
	Hasher *password.Hasher
	Box    *seal.Box // makes digests of usernames that nobody has
}

// passwordEnded reports whether a session began before the account's wave ended passwords. Moving the wave back to an
// earlier phase does not restore such sessions.
func passwordEnded(s session.Session[State], of wave.Wave) bool {
	return !s.Begun.After(of.PasswordsEnded)
}

// Current is the user who is signed in on a browser.
type Current struct {
	Session session.Session[State]
	Account account.Account
	Grants  account.Grants
	// Withheld are grants of the account that nobody uses who came by a password that was set by mail.
	Withheld account.Grants
	// Emergency holds the emergency rights of the account that end last, or that ended not long ago.
	Emergency widening.Widening
	Widened   account.Grants // what they add to Grants now; empty if they are not open
	// Pending holds the ids of the uses of emergency rights that wait for somebody and that the user may open. Package
	// frame knows them.
	Pending []string
	// Exceptions is how many exceptions for passwords are asked for, of accounts that the user looks after. Package
	// frame counts them.
	Exceptions int
	Days       Days   // of who came with their password
	Wave       string // the id of their wave; empty where they are in none
}

// Role is the role in which the user acts: that of their emergency rights while these are open, so that each event of
// what they do has their mark.
func (c Current) Role() string {
	if len(c.Widened) == 0 {
		return ""
	}
	return widening.Role(c.Emergency.ID)
}

// WidenedReach gives on what the user may use any of the permissions, by their own and by emergency rights.
func (c Current) WidenedReach(permissions ...account.Permission) account.Reach {
	return slices.Concat(c.Grants, c.Widened).Reach(c.Account.Organisation, permissions...)
}

// Reach gives on what the user may use any of the permissions by their own rights.
func (c Current) Reach(permissions ...account.Permission) account.Reach {
	return c.Grants.Reach(c.Account.Organisation, permissions...)
}

// Find gives the user of a session, or fault.Unauthenticated. It rejects sessions of deactivated accounts, and
// sessions by password if the account's wave has ended passwords.
func Find(ctx context.Context, r db.R, s session.Session[State]) (Current, error) {
	a, err := account.ByID(ctx, r, s.Subject)
	if err != nil {
		return Current{}, err
	}
	current, err := wave.Of(ctx, r, a.ID)
	if err != nil {
		return Current{}, err
	}
	if !a.Active {
		return Current{}, errDeactivated
	}
	if a.Kind == account.Machine {
		return Current{}, errMachine
	}
	if a.Retired(r.Now()) {
		return Current{}, errRetired
	}
	var days Days
	if s.State.How == ByPassword {
		if days, err = daysOf(ctx, r, s, a, current); err != nil {
			return Current{}, err
		}
	}
	if s.State.Organisation != "" && !sameOrganisation(s.State.Organisation, a.Organisation) {
		return Current{}, errMoved
	}
	if a.ReadingOnly {
		return Current{Session: s, Account: a, Days: days, Wave: current.ID}, nil
	}
	c := Current{Session: s, Account: a, Days: days, Wave: current.ID}
	if s.State.How != ByCareIdentity {
		c.Grants, err = account.GrantsOf(ctx, r, a.ID)
		return withhold(c), err
	}
	return rightsOf(ctx, r, c)
}

// endedLately is for how long it is remembered that emergency rights have ended, to say so.
const endedLately = time.Hour

// rightsOf adds what somebody may do who came with their Care Identity: by their own rights, and by emergency rights if
// these were opened for that Care Identity.
func rightsOf(ctx context.Context, r db.R, c Current) (Current, error) {
	grants := account.AskGrants(c.Account.ID)
	latest := widening.Latest(c.Account.ID, r.Now().Add(-endedLately))
	if err := db.Together(ctx, r, grants, latest); err != nil {
		return Current{}, fmt.Errorf("read what an account may do: %w", err)
	}
	c.Grants = grants.All()
	found, err := latest.One()
	if absent(err) || found.Subject != c.Session.State.CareIdentity {
		return c, nil
	}
	c.Emergency = found
	if found.OpenAt(r.Now()) {
		c.Widened = account.Widened(found)
	}
	return c, err
}

// MayLogIn reports whether somebody can come in with an account, now or after they have linked it: it is there and
// active, and no shared one that its wave has shut.
func MayLogIn(ctx context.Context, r db.R, accountID string) (bool, error) {
	a, err := account.ByID(ctx, r, accountID)
	if absent(err) {
		return false, nil
	}
	if err != nil || a.Kind != account.Shared {
		return a.Active && a.Kind != account.Machine, err
	}
	current, err := wave.Of(ctx, r, a.ID)
	return a.Active && DecidePassword(PasswordFacts{Kind: a.Kind, Phase: current.Phase}).Problem == nil, err
}

// absent reports whether err says that something does not exist.
func absent(err error) bool { return errors.Is(err, fault.NotFound) }
