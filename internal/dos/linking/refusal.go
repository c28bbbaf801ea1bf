package linking

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
)

// Refusal is the reason why an account and a care identity are not linked. Only somebody who has shown that the
// account is theirs is told it.
type Refusal string

// The refusals. Each has its own page that says what to do next.
const (
	SharedAccount Refusal = "shared"
	TooEarly      Refusal = "too-early"    // the wave has not reached the phase of linking
	AlreadyLinked Refusal = "taken"        // the account or the care identity is linked
	TeamMailbox   Refusal = "team-mailbox" // of the account, now or 72 hours ago (rule R9)
	IdentityWeak  Refusal = "identity-low"
	Overtaken     Refusal = "overtaken"           // the address changed during the ceremony
	IdentityEnded Refusal = "identity-not-active" // it was suspended or closed during the ceremony
	ResetPassword Refusal = "password-by-mail"    // it shows no more than control of the mailbox (rule R3)
	NoPosition    Refusal = "set-up-no-position"  // of somebody with a set-up link: they could not come in
	PositionFirst Refusal = "position-first"      // of somebody whose password lets them in: linked, they could not
	HeldBack      Refusal = "held"                // a person has to look at it first
)

// ErrIdentityEnded answers somebody whose Care Identity was suspended or closed since they proved it.
var ErrIdentityEnded = fault.SayCure(fault.Forbidden, "Your Care Identity is not active any more.",
	"Ask your registration authority why.")

// refusals holds the fault of each refusal.
var refusals = map[Refusal]error{
	SharedAccount: fault.SayCure(fault.Forbidden,
		"A shared account cannot be linked to one person's Care Identity.", "Request an account of your own."),
	TooEarly: fault.SayCure(fault.Forbidden, "Linking has not opened for your account yet.",
		"Your checklist says what you can prepare."),
	AlreadyLinked: fault.SayCure(fault.Conflict, "This account or this Care Identity is linked already.",
		"Log in with the Care Identity you linked."),
	TeamMailbox: fault.SayCure(fault.Forbidden,
		"The email address of this account is a team's, so it cannot prove who you are.",
		"Change it to your own work address on your account page. It can be used for linking 3 days later."),
	IdentityWeak: fault.SayCure(fault.Forbidden,
		"Your identity has not been checked to the level this service needs.",
		"Ask your registration authority to check your identity."),
	Overtaken: fault.SayCure(fault.Conflict,
		"The email address of this account was changed while you were linking it.", "Start again from your checklist."),
	IdentityEnded: ErrIdentityEnded,
	ResetPassword: fault.SayCure(fault.Forbidden,
		"The password of this account was set by an email, so it does not show that the account is yours.",
		"Ask your DoS user administrator for a code to link it."),
	HeldBack: fault.SayCure(fault.Conflict,
		"An administrator has to look at this link before it is made. Nothing was linked.",
		"We send an email when they have decided."),
	NoPosition: fault.SayCure(fault.Forbidden,
		"Your Care Identity does not have the position that opens the Directory of Services.",
		"Ask your registration authority for it, then open your set-up link again."),
	PositionFirst: fault.SayCure(fault.Forbidden,
		"Your Care Identity does not have the position that opens the Directory of Services, so nothing was linked: "+
			"you could not log in any more.",
		"Log in with your password as before. Ask your registration authority for the position, then link your "+
			"account."),
}

// errCannotLink answers somebody who has not shown that they hold the account, whatever the reason is (rule R13).
var errCannotLink = fault.SayCure(fault.Unauthenticated, "These details cannot be linked to your Care Identity.",
	"Check the username and password and try again. If this keeps happening, raise a ticket with the service desk, "+
		"starting \"MFA-DoS - \".")

// ErrTooManyTries is signin.ErrTooManyTries for somebody who has come with their Care Identity.
var ErrTooManyTries = fault.SayCure(fault.TooMany, "Too many tries with this username.",
	"Wait 15 minutes, then try again.")

// ErrNames refuses a link whose names differ until the person has confirmed that both are theirs.
var ErrNames = fault.SayCure(fault.Conflict, "The account and the Care Identity have different names.",
	"Check that both are yours before you link them.")

// RefusalOf gives the refusal that err stands for, if it is one.
func RefusalOf(err error) (Refusal, bool) {
	for refusal, problem := range refusals {
		if errors.Is(err, problem) {
			return refusal, true
		}
	}
	return "", false
}

// RefusalNamed gives the refusal whose event has the reason, if it is one.
func RefusalNamed(reason string) (Refusal, bool) {
	for refusal, problem := range refusals {
		if problem.Error() == reason {
			return refusal, true
		}
	}
	return "", false
}

// Pair is an account and a Care Identity that are to be joined.
type Pair struct {
	Account account.Account
	Person  cis2.Person
	Control Control // by which somebody showed that they hold the account
	From    string  // the id of the account whose link is to move; empty where none does
}

// obstacle gives the reason why the two must not be joined (rules R3, R9, R10), or nil. Whoever links asks it: a
// ceremony, a request and a merge.
func (p Pair) obstacle(ctx context.Context, r db.R) (problem, failed error) {
	a := p.Account
	c := p.Control
	current, err := wave.Of(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	taken, err := p.taken(ctx, r)
	if err != nil {
		return nil, err
	}
	settled, err := mailbox.SettledOf(ctx, r, a)
	if err != nil {
		return nil, err
	}
	if c == BySetUp {
		there, err := administration.Administered(ctx, r, a.ID)
		if err != nil || there {
			return only(there, errAdministratorThere), err
		}
	}
	switch {
	case a.Kind == account.Shared:
		return refusals[SharedAccount], nil
	case !a.Active || a.Kind == account.Machine || current.Phase == path.Closed && !c.withoutPassword():
		return errCannotLink, nil
	case current.Phase == path.Prepare:
		return refusals[TooEarly], nil
	case taken:
		return refusals[AlreadyLinked], nil
	case p.Person.IdentityLevel < signin.MinIdentityLevel:
		return refusals[IdentityWeak], nil
	case teamMailbox(a.Email) || teamMailbox(settled):
		return refusals[TeamMailbox], nil
	case c.withoutPassword():
		return nil, nil
	}
	byMail, err := signin.PasswordByMail(ctx, r, a.ID)
	if err != nil || !byMail {
		return nil, err
	}
	return refusals[ResetPassword], nil
}

// taken reports whether one of the two is linked to another already.
func (p Pair) taken(ctx context.Context, r db.R) (bool, error) {
	_, err := account.LinkOf(ctx, r, p.Account.ID)
	if !errors.Is(err, fault.NotFound) {
		return err == nil, err
	}
	holder, err := account.ByCareIdentity(ctx, r, p.Person.Issuer, p.Person.Subject)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && holder.ID != p.From, err
}

// problem gives the first reason of all why the two are not joined without a reviewer, or nil.
func (p Pair) problem(ctx context.Context, r db.R) (problem, failed error) {
	problem, err := p.obstacle(ctx, r)
	if err != nil || problem != nil {
		return problem, err
	}
	return p.stopped(ctx, r)
}

// stopped gives the reason why a reviewer has to be asked about a pair first, or has refused it not long ago; nil if
// there is none. A ceremony asks the same by review.Hold, once all its proofs are there.
func (p Pair) stopped(ctx context.Context, r db.R) (problem, failed error) {
	stops, err := review.Stops(ctx, r, p.Account.ID,
		account.Identity{Issuer: p.Person.Issuer, Subject: p.Person.Subject})
	return only(stops, refusals[HeldBack]), err
}

func teamMailbox(stored string) bool {
	address, err := email.Parse(stored)
	return err == nil && email.RoleMailbox(address)
}

// What an administrator is told of an account that cannot be linked at all; its holder is not told which of the
// reasons it is.
var (
	ErrNotActive  = fault.SayCure(fault.Forbidden, "The account is not active.", "Find out whether it is still needed.")
	ErrForProgram = fault.SayCure(fault.Forbidden, "The account is for a program, which never uses the pages.",
		"Whoever uses it requests an account of their own.")
	ErrPastDate = fault.SayCure(fault.Forbidden, "The date is past until which its password can link the account.",
		"A code from an administrator links it after that date, too.")
)

// whyCannot words errCannotLink for an administrator, and leaves other problems as they are.
func whyCannot(problem error, a account.Account) error {
	switch {
	case !errors.Is(problem, errCannotLink):
		return problem
	case !a.Active:
		return ErrNotActive
	case a.Kind == account.Machine:
		return ErrForProgram
	}
	return ErrPastDate
}

// Problem gives the reason why an account cannot be linked now by somebody who shows that it is theirs, to a Care
// Identity that is linked to no other and of which CIS2 says all that the directory asks for; nil if it can. It decides
// as Begin and Link do.
func Problem(ctx context.Context, r db.R, a account.Account, c Control) (problem, failed error) {
	somebody := cis2.Person{IdentityLevel: signin.MinIdentityLevel}
	problem, err := Pair{Account: a, Person: somebody, Control: c}.obstacle(ctx, r)
	return whyCannot(problem, a), err
}
