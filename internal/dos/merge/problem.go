package merge

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

var (
	errSame = fault.SayCure(fault.Conflict, "This is one account. It cannot be merged with itself.",
		"Choose the other account of the same person.")
	errKind = fault.SayCure(fault.Forbidden, "Only accounts of one person each can be merged.",
		"A shared account has a case of its own, in which its people get accounts. An account for a program stays.")
	errInactive = fault.SayCure(fault.Conflict, "One of the two accounts is not active.",
		"Only active accounts are merged. If it is needed, activate it first.")
	errBothLinked = fault.SayCure(fault.Forbidden,
		"The two accounts are linked to two different Care Identities, so they may be two people’s.",
		"If one of the links is wrong, undo it first. If the person has two Care Identities, their registration "+
			"authority closes one of them.")
	errDoubtful = fault.SayCure(fault.Forbidden,
		"The link cannot be moved: one of its addresses was somebody else’s before, came with another Care Identity, "+
			"or only looks like the other.",
		"Let the holder link the account by themselves. The rule then gives the link to a reviewer.")
	errReview = fault.SayCure(fault.Conflict, "A link of one of the two accounts waits for a reviewer.",
		"Decide about it first. It stands in the list of link reviews.")
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
	for _, a := range []account.Account{s.Survivor, s.Closed} {
		waits, err := review.WaitsFor(ctx, r, a.ID)
		if err != nil {
			return nil, err
		}
		if waits {
			return errReview, nil
		}
	}
	survivor, closed, err := links(ctx, r, s)
	switch {
	case err != nil:
		return nil, err
	case survivor != nil && closed != nil:
		return errBothLinked, nil
	case closed != nil:
		return doubt(ctx, r, post, s, *closed)
	}
	return nil, nil
}

// doubt finds what would hold a link of the survivor to the Care Identity of the closed account, so that no link comes
// by a merge that a reviewer would have to look at.
func doubt(ctx context.Context, r db.R, post *mail.Post, s Sides, l account.Link) (problem, failed error) {
	if review.Alike(s.Survivor.Email, l.TheirEmail) {
		return errDoubtful, nil
	}
	l.AccountID = s.Survivor.ID
	past, err := review.PastHolders(ctx, r, post, l, mailbox.KeysOf(s.Survivor.EmailKey, l.TheirEmail))
	if err != nil {
		return nil, err
	}
	for _, one := range past {
		if one.AccountID != s.Closed.ID {
			return errDoubtful, nil
		}
	}
	return nil, nil
}
