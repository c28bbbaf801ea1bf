// Package path decides, from the facts about one person, what has to happen next and who has to do it, on the way
// from a username and password to signing in with a Care Identity.
//
// It implements the guidance "Your Directory of Services (DoS) login details need to be changed to Care
// Identity" (20 May 2025) as one pure function, Next, which every page, email, letter, queue and
// simulation uses. It reads no clock and no database: the caller gives the facts, and a fact that is not
// known becomes a question. It does not know the addresses of pages; each site maps a Place to one.
package path

import "time"

// Facts are the facts about one person. In the zero value none is known.
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
	DaysLeft      int // days of work on which the password still opens the account in Require, today among them

	// The values for the texts. They do not change which steps there are.
	Username  string // the username in use now
	Authority string // the registration authority's organisation
	Contact   string // how to reach it
	Sought    string // the email address by which no care identity was found
	Dates     Dates
}

// Dates are the days on which the person's wave changes phase. The zero Date is not known.
type Dates struct {
	Choose  Date // linking opens
	Require Date // the password stops signing people in
	Close   Date // the password no longer has any use; shared accounts are off
}

// Date is a day, with the words for it.
type Date struct {
	At   time.Time
	Text string
}

// IsZero reports whether the day is not known.
func (d Date) IsZero() bool { return d.At.IsZero() }

// Known is yes, no or unknown.
type Known int

// The values of a fact.
const (
	Unknown Known = iota
	No
	Yes
)

// Is gives Yes for true and No for false.
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
	Shared  // one username and password for several people
	Doubled // one of several accounts of one address, of which one is to stay
)

// Identity says which care identity the person has.
type Identity int

// What a person can have.
const (
	IdentityUnknown Identity = iota
	NoIdentity
	OneActive
	OneInactive
	SeveralIdentities
)

// Email says how the care identity's email address compares with that of the DoS account.
type Email int

// The results of the comparison.
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
	Choose             // people sign in with either; linking is offered
	Require            // Care Identity only; the password serves to prove the old account while linking
	Closed             // no use of the password; shared accounts are off
)

// phaseWords are the words of phases, in commands, in forms and in what programs read.
var phaseWords = map[Phase]string{Prepare: "prepare", Choose: "choose", Require: "require", Closed: "closed"}

// Word gives the one word by which commands and forms name a phase; empty for PhaseUnknown.
func (p Phase) Word() string { return phaseWords[p] }

// PhaseOf gives the phase of a word, or PhaseUnknown.
func PhaseOf(word string) Phase {
	for phase, text := range phaseWords {
		if text == word {
			return phase
		}
	}
	return PhaseUnknown
}

// Finished reports whether nothing is left to do.
func (f Facts) Finished() bool { return len(f.settled().steps()) == 0 }

// settled fills in facts that follow from others. Without a care identity the person has no position and no
// authenticator. The address of a shared account is not the person's, so it is different from theirs. In both cases
// the account is not linked, unless it is known to be.
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

// PasswordWorks reports whether the password still opens the account. After linking it never does, whatever the
// phase.
func (f Facts) PasswordWorks() bool {
	return f.Linked != Yes && (f.Phase < Require || f.Phase == Require && f.DaysLeft > 0)
}
