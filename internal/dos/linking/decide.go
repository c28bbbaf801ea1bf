package linking

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/review"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// DecideReview decides about a link that a person has to look at. One that was held and is approved can be made within
// 7 days, with all proofs anew; one that was made and is refused is undone. Whoever holds the account is told.
func (l *Linker) DecideReview(
	ctx context.Context, by actor.Actor, id string, decision review.Decision,
) (Decided, error) {
	return db.Write(ctx, l.DB, by, func(w *db.W) (d Decided, err error) {
		if d.Case, err = review.Decide(ctx, w, id, decision); err != nil {
			return d, err
		}
		a, err := account.ByID(ctx, w, d.AccountID)
		if err != nil {
			return d, err
		}
		if decision.Approve {
			if err := mayApprove(ctx, w, a, d.Case); err != nil {
				return d, err
			}
		}
		switch {
		case d.Holds:
			err = l.tellDecided(ctx, w, a, d.Case)
		case decision.Approve && d.Is(review.Reactivated):
			err = l.tellApprovedAgain(ctx, w, a, d.Case)
		case !decision.Approve:
			d.Undone, err = l.undoReviewed(ctx, w, a, d.Case)
		}
		return d, err
	})
}

// Decided is a case that was decided.
type Decided struct {
	review.Case

	Undone bool // the link was undone
}

var errOwnCode = fault.SayCure(fault.Forbidden,
	"You made the code with which this account can be linked, so you cannot approve its link.",
	"Leave it to another DoS user administrator.")

// mayApprove refuses whoever could not give all that the account has, and, of a link that waits, whoever made the
// newest relink code for the account: the doubt may be whether the mailbox is still the holder's.
func mayApprove(ctx context.Context, w *db.W, a account.Account, c review.Case) error {
	err := couldGiveAll(ctx, w, a)
	if errors.Is(err, errGivesMore) {
		return refuseToLetIn(ctx, w, a, err)
	}
	if err != nil || !c.Holds {
		return err
	}
	own, err := madeCode(ctx, w, a.ID)
	if err != nil || !own {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: review.Refused, Subject: account.Ref(a.ID), Reason: "own code"}, errOwnCode)
}

// madeCode reports whether the actor is the person who made the newest relink code for an account, not long ago.
func madeCode(ctx context.Context, w *db.W, id string) (bool, error) {
	codes, err := audit.Of(ctx, w, account.Ref(id), 1, account.RelinkAllowed)
	if err != nil || len(codes) == 0 || w.Now().Sub(codes[0].At) > account.RelinkFor+review.GoodFor {
		return false, err
	}
	maker, err := account.PersonOf(ctx, w, codes[0].ActorID)
	if err != nil {
		return false, err
	}
	me, err := account.PersonOf(ctx, w, w.Actor().ID)
	return maker.Is(me), err
}

// undoReviewed undoes a link that a reviewer found wrong, if it is still there and not too old. Of one that is too old
// the refusal alone is kept: the page has said so, and that the account is to be deactivated.
func (l *Linker) undoReviewed(
	ctx context.Context, w *db.W, a account.Account, c review.Case,
) (undone bool, err error) {
	link, err := account.LinkOf(ctx, w, a.ID)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil || !c.IsOf(link) || !link.Undoable(w.Now()) {
		return false, err
	}
	if err := mayUndo(ctx, w, a.ID, account.ReviewLinks); err != nil {
		return false, err
	}
	return true, l.unlink(ctx, w, a, c.Reason)
}

// tellDecided mails both sides what a reviewer decided about their link.
func (l *Linker) tellDecided(ctx context.Context, w *db.W, a account.Account, c review.Case) error {
	theirs := theirAddress(Ceremony{Email: c.CareIdentity.Email})
	return l.Post.SendEach(ctx, w, decidedMail(a.Email, a, c), decidedMail(theirs, a, c))
}

func decidedMail(to string, a account.Account, c review.Case) mail.Message {
	m := mail.Message{
		Kind:    "link.refused-by-reviewer",
		To:      to,
		Subject: "A link to a Directory of Services account was not approved",
		Text: "The link of the Directory of Services account " + a.Username + " (" + a.Name() + ") to a Care " +
			"Identity was not approved by " + c.DecidedName + ". Nothing was linked. Their reason:\n\n" +
			mail.Quote(c.Reason) + "\n\nIf you think that this is wrong, ask them, or raise a ticket with the " +
			"service desk. Begin its title with MFA-DoS.\n",
	}
	if c.Approved {
		m.Kind = "link.approved"
		m.Subject = "You can now link a Directory of Services account"
		m.Text = "The link of the Directory of Services account " + a.Username + " (" + a.Name() + ") to the Care " +
			"Identity that was shown was approved by " + c.DecidedName + ".\n\nIf it is your account, link it until " +
			when.Date(c.GoodUntil) + ": log in with your Care Identity and go through the same steps once more.\n\n" +
			"If you did not ask for this, tell the service desk at once. Begin the title of your ticket with MFA-DoS.\n"
	}
	return m
}
