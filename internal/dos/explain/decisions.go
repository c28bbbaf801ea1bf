package explain

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// decisions are what is in the way of each way in to an account; nil where it works. Cures are worded from them, so
// that no answer offers a way that another refuses.
type decisions struct {
	password     error // log in with the username and password
	careIdentity error // log in with the Care Identity
	lacks        bool  // the Care Identity alone is in the way of that, which lacked something when it was tried last

	linkByPassword error
	linkByCode     error
	newCode        error // link with a code that an administrator makes now
}

// decide makes all decisions, as they are made when somebody tries.
func decide(ctx context.Context, r db.R, a account.Account) (d decisions, err error) {
	var failed [5]error
	d.password, failed[0] = signin.PasswordProblem(ctx, r, a)
	d.careIdentity, failed[1] = careIdentityProblem(ctx, r, a)
	if d.careIdentity == nil && failed[1] == nil {
		d.careIdentity, failed[4] = lastProblem(ctx, r, a)
		d.lacks = d.careIdentity != nil
	}
	d.linkByPassword, failed[2] = linking.Problem(ctx, r, a, linking.ByTyping)
	d.newCode, failed[3] = linking.Problem(ctx, r, a, linking.ByMailbox)
	if d.linkByPassword == nil {
		d.linkByPassword = missing(a, linking.ByTyping, r.Now())
	}
	if d.linkByCode = d.newCode; d.linkByCode == nil {
		d.linkByCode = missing(a, linking.ByMailbox, r.Now())
	}
	return d, errors.Join(failed[:]...)
}

var (
	errNoCode     = fault.Say(fault.Forbidden, "Nobody has given a code for the account that still works.")
	errNoPassword = fault.Say(fault.Forbidden, "The account has no password.")
)

// missing gives what the holder of an account would need to show that it is theirs, and that does not exist.
func missing(a account.Account, c linking.Control, now time.Time) error {
	switch {
	case c == linking.ByTyping && a.PasswordHash == "":
		return errNoPassword
	case c == linking.ByMailbox && !now.Before(a.RelinkUntil):
		return errNoCode
	}
	return nil
}

// careIdentityProblem gives the reason why the Care Identity that is linked does not open the account, or nil.
func careIdentityProblem(ctx context.Context, r db.R, a account.Account) (problem, failed error) {
	outcome, err := signin.Believed(ctx, r, a)
	if err != nil {
		return nil, err
	}
	if waits, err := waitsAgain(ctx, r, a); err != nil {
		return nil, err
	} else if waits && outcome == signin.Enter {
		outcome = signin.Reactivated
	}
	if outcome == signin.Enter {
		return nil, nil
	}
	return reasonOf(outcome), nil
}

// lastProblem gives what CIS2 lacked when the holder of a linked account tried to log in last; nil if they came in, or
// never tried.
func lastProblem(ctx context.Context, r db.R, a account.Account) (problem, failed error) {
	link, err := account.LinkOf(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	last, err := account.LastLogin(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	event, err := signin.LastRefusal(ctx, r, link)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	refused, known := signin.RefusedIn(event)
	if err != nil || !known || event.At.Before(last) || event.At.Before(link.Linked) {
		return nil, err
	}
	reason := *reasonOf(refused.Outcome)
	reason.Message = "Not when they last tried, on " + when.DateTime(event.At) + ". " + reason.Message
	return &reason, nil
}

// waitsAgain reports whether the link of an account waits for somebody to approve it again.
func waitsAgain(ctx context.Context, r db.R, a account.Account) (bool, error) {
	link, err := account.LinkOf(ctx, r, a.ID)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return review.WaitsAgain(ctx, r, link)
}

// outcomes word why a Care Identity is not let in.
var outcomes = map[signin.Outcome]*fault.Fault{
	signin.NoAccount: {Code: fault.Forbidden, Message: "No Care Identity is linked to the account."},
	signin.AccountInactive: {Code: fault.Forbidden, Message: "The account is not active, or is for a program.",
		Cure: "A DoS user administrator decides whether it is still needed."},
	signin.NoPosition: {Code: fault.Forbidden, Message: "The Care Identity did not have the position.",
		Cure: "Their registration authority gives the position ‘Directory of Services System’, R8008 with B0166."},
	signin.OrganisationUnknown: {Code: fault.Forbidden, Message: "The organisation of the account is not known.",
		Cure: "Its holder says at the next login where they belong, and a DoS user administrator confirms it."},
	signin.OtherOrganisation: {Code: fault.Forbidden,
		Message: "The position was held at another organisation than that of the account.",
		Cure: "A DoS user administrator changes the account’s organisation, or the other organisation gives an " +
			"account."},
	signin.Reactivated: {Code: fault.Forbidden,
		Message: "The Care Identity was suspended or closed since the link, and nobody has approved the link again.",
		Cure:    "Somebody who reviews links decides, under Link reviews."},
	signin.IdentityLow: {Code: fault.Forbidden, Message: "The identity was not checked to level 3.",
		Cure: "Their registration authority checks their documents."},
}

func reasonOf(outcome signin.Outcome) *fault.Fault {
	if reason, known := outcomes[outcome]; known {
		return reason
	}
	return &fault.Fault{Code: fault.Forbidden, Message: "The Care Identity was not let in.",
		Cure: "The page on which that happened says what is missing."}
}
