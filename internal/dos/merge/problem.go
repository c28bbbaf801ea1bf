package merge

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

var (
	errSame = fault.SayCure(fault.Conflict, "This is one account. It cannot be merged with itself.",
		"Choose the other account of the same person.")
	errKind = fault.SayCure(fault.Forbidden, "Only accounts of one person each can be merged.",
		"A shared account has a case of its own, in which its people get accounts. An account for a program stays.")
	errInactive = fault.SayCure(fault.Conflict, "One of the two accounts is not active.",
		"Only active accounts are merged. If it is needed, activate it first.")
	errOpen = fault.SayCure(fault.Conflict, "A merge of one of the two accounts is waiting already.",
		"Look at that one first. It stands in the list of merges.")
	errOwn = fault.SayCure(fault.Forbidden, "You cannot merge accounts of your own.",
		"Ask another DoS user administrator.")
)

// links reads the links of both accounts; nil where there is none.
func links(ctx context.Context, r db.R, s Sides) (survivor, closed *account.Link, err error) {
	of := func(id string) (*account.Link, error) {
		l, err := account.LinkOf(ctx, r, id)
		if errors.Is(err, fault.NotFound) {
			return nil, nil
		}
		return &l, err
	}
	if survivor, err = of(s.Survivor.ID); err != nil {
		return nil, nil, err
	}
	closed, err = of(s.Closed.ID)
	return survivor, closed, err
}

// bothLinked is the reason why two accounts that are linked to two Care Identities are not merged, with what ends the
// link of the one that is to be closed, as long as that can be undone (rule R11).
func bothLinked(s Sides, link account.Link, now time.Time) error {
	cure := "If both are one person’s, give the account " + s.Survivor.Username + " the groups that it lacks, and " +
		"deactivate the account " + s.Closed.Username + ". Its link is more than 30 days old, so it cannot be undone."
	if link.Undoable(now) {
		cure = "If both are one person’s, undo the link of the account " + s.Closed.Username + ", which is to be " +
			"closed: you can on its page until " + when.Date(link.Linked.Add(account.UndoFor)) + ". Then propose the " +
			"merge again."
	}
	return fault.SayCure(fault.Forbidden,
		"The two accounts are linked to two different Care Identities, so they may be two people’s.",
		cure+" Their registration authority closes the Care Identity that is not needed.")
}

// Problem gives the reason why two accounts cannot become one, whoever asks for it; nil if they can.
func Problem(ctx context.Context, r db.R, post *mail.Post, s Sides) (problem, failed error) {
	switch {
	case s.Survivor.ID == s.Closed.ID:
		return errSame, nil
	case s.Survivor.Kind != account.Individual || s.Closed.Kind != account.Individual:
		return errKind, nil
	case !s.Survivor.Active || !s.Closed.Active:
		return errInactive, nil
	}
	problem, err := linking.Waits(ctx, r, s.Survivor.ID, s.Closed.ID)
	if err != nil || problem != nil {
		return problem, err
	}
	survivor, closed, err := links(ctx, r, s)
	if err != nil {
		return nil, err
	}
	if survivor != nil && closed != nil {
		return bothLinked(s, *closed, r.Now()), nil
	}
	move, err := moveOf(ctx, r, Merge{}, s)
	if err != nil || move == nil {
		return nil, err
	}
	return move.Problem(ctx, r, post)
}
