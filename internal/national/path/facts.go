// Package path turns what is known about one person into what has to happen next, and whose turn it
// is, on the way from a username and password to signing in with a Care Identity.
//
// It is the guidance "Your Directory of Services (DoS) login details need to be changed to Care
// Identity" (20 May 2025) as one pure function, Next, which every page, email, letter, queue and
// simulation uses. It reads no clock and no database: a fact is handed to it or is unknown, and what
// is unknown becomes a question. It knows no addresses of pages; a Place is for the site to map.
package path

import "time"

// Facts is what is known about one person. The zero value knows nothing.
type Facts struct {
	Account       Account
	Requested     Known // has asked for an individual account that is not authorised yet; read for shared accounts
	Identity      Identity
	Email         Email
	MailProved    Known // the DoS email was proved by a mailed code
	Position      Known // R8008 with B0166 is held
	Authenticator Authenticator
	Approved      Known // the organisation approves of the authenticator; read where it is sufficient
	Working       Known // it works on this device; read where it is sufficient
	Linked        Known // the DoS account is linked to a care identity
	Phase         Phase

	// What the words can be filled in with; none of it changes which steps there are.
	Username  string // the username in use now
	Authority string // the registration authority's organisation
	Dates     Dates
}

// Dates are the days on which the person's wave changes phase. A zero time is not known.
type Dates struct {
	Choose  time.Time // linking opens
	Require time.Time // the password stops signing people in
	Close   time.Time // the password is worth nothing; shared accounts are off
}

// Known is yes, no or unknown.
type Known int

// What a plain fact can be.
const (
	Unknown Known = iota
	No
	Yes
)

// Is makes a known fact of a truth value.
func Is(v bool) Known {
	if v {
		return Yes
	}
	return No
}

// Account is the kind of DoS account the person uses now.
type Account int

// The kinds of account.
const (
	AccountUnknown Account = iota
	Individual
	Shared // one username and password for several people
)

// Identity is what care identity the person has.
type Identity int

// What a person can have.
const (
	IdentityUnknown Identity = iota
	NoIdentity
	OneActive
	OneInactive
	SeveralIdentities
)

// Email is how the care identity's address stands to that of the DoS account.
type Email int

// How the addresses can stand.
const (
	EmailUnknown    Email = iota
	EmailAgrees           // the same, and verified on the care identity
	EmailUnverified       // the same, but not verified on the care identity
	EmailDifferent
)

// Authenticator is the best authenticator on the care identity.
type Authenticator int

// What a person can have.
const (
	AuthenticatorUnknown Authenticator = iota
	NoAuthenticator
	TooWeak    // below the level that the directory asks for
	Sufficient // at or above it
)

// Phase is the phase of the person's wave.
type Phase int

// The phases of a wave, in their order.
const (
	PhaseUnknown Phase = iota
	Prepare            // the password works; there is a checklist
	Choose             // both doors are open; linking is offered
	Require            // Care Identity only; the password serves to prove the old account while linking
	Closed             // no use of the password; shared accounts are off
)

// Finished reports whether nothing is left to do.
func (f Facts) Finished() bool { return len(f.settled().steps()) == 0 }

// settled gives the facts as the steps see them, where one fact settles another. Without a care
// identity nothing can stand on one. A shared account's address is not the person's, so it agrees
// with nothing. Neither can be linked unless somebody says it is.
func (f Facts) settled() Facts {
	if f.Identity == NoIdentity {
		f.Email = EmailDifferent
		f.Position = No
		f.Authenticator = NoAuthenticator
	}
	if f.Account == Shared {
		f.Email = EmailDifferent
	}
	if f.Linked == Unknown && (f.Account == Shared || f.Identity == NoIdentity) {
		f.Linked = No
	}
	return f
}

// passwordWorks reports whether the password still opens the account. It never does after linking,
// in whatever phase.
func (f Facts) passwordWorks() bool { return f.Linked != Yes && f.Phase < Require }
