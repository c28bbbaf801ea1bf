package merge

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/deciding"
	"signpost/internal/dos/linking"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errTooLate = fault.SayCure(fault.Conflict, "This merge was done more than 30 days ago, so it cannot be undone.",
		"Give the person an account of their own, if they need another one.")
	errSurvivorGone = fault.SayCure(fault.Conflict,
		"The account that stayed is not active any more, so the merge cannot be undone.",
		"Activate it again first.")
	errLinkGone = fault.SayCure(fault.Conflict,
		"The link that was moved is not there any more: it was undone, or made anew, since the merge.",
		"Find out why. The accounts stay as they are now.")
)

// Undo parts two accounts that were merged in the last 30 days, as whoever undoes it saw them. Both are as they were,
// but for sessions and passwords, which do not come back (rule R11).
func (o Office) Undo(ctx context.Context, by actor.Actor, id, seen, typed string) error {
	standing, err := o.standing(ctx, id)
	if err != nil {
		return err
	}
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, err := read(ctx, w, id)
		if err != nil {
			return err
		}
		reason := strings.TrimSpace(typed)
		if reason == "" || utf8.RuneCountInString(reason) > maxReason {
			return errReason
		}
		if err := o.MayUndo(ctx, w, deciderOf(ctx, w), m, s); err != nil {
			return refuse(ctx, w, s, "undo", err)
		}
		if err := deciding.Settled(ctx, w, account.ManageUsers); err != nil {
			return refuse(ctx, w, s, "undo", err)
		}
		if err := asSeen(ctx, w, m, s, seen); err != nil {
			return refuse(ctx, w, s, "undo", err)
		}
		if err := takeGroups(ctx, w, m); err != nil {
			return err
		}
		if err := account.ReopenMerged(ctx, w, m.Closed, m.Survivor, reason); err != nil {
			return err
		}
		theirs, err := o.returnLink(ctx, w, m, s, standing)
		if err != nil {
			return refuse(ctx, w, s, "undo", err)
		}
		if err := endSessions(ctx, w, s); err != nil {
			return err
		}
		if err := end(ctx, w, m, Undone, reason); err != nil {
			return err
		}
		if err := record(ctx, w, m, audit.Event{Kind: eventUndone, Reason: reason}); err != nil {
			return err
		}
		return o.Post.SendEach(ctx, w, undoneMail(s.Survivor.Email, m, s), undoneMail(s.Closed.Email, m, s),
			undoneMail(theirs, m, s))
	})
}

// MayUndo gives the reason why somebody cannot undo a merge as everything is now; nil if they can. An undo lets the
// holder in to the closed account again, so it is for whoever could give all that this account has.
func (o Office) MayUndo(ctx context.Context, r db.R, by Decider, m Merge, s Sides) error {
	if err := by.over(ctx, r, s); err != nil {
		return err
	}
	if problem, err := o.undoProblem(ctx, r, m, s); err != nil || problem != nil {
		return errors.Join(err, problem)
	}
	return by.Gives.CouldGiveAll(ctx, r, s.Closed)
}

// undoProblem gives the reason why a merge cannot be undone, whoever asks for it; nil if it can.
func (o Office) undoProblem(ctx context.Context, r db.R, m Merge, s Sides) (problem, failed error) {
	switch {
	case m.State != Done:
		return errOver, nil
	case m.Over(r.Now()):
		return errTooLate, nil
	case !s.Survivor.Active:
		return errSurvivorGone, nil
	case m.Moved.Link == nil:
		return nil, nil
	}
	move, err := moveOf(ctx, r, m, s)
	if err != nil {
		return nil, err
	}
	was := m.Moved.Link
	if move == nil || move.Link.Issuer != was.Issuer || move.Link.Subject != was.Subject ||
		move.Link.Since().After(m.Done) {
		return errLinkGone, nil
	}
	return move.Problem(ctx, r, o.Post)
}

// takeGroups takes the groups back that the survivor was given by the merge, if it still has them.
func takeGroups(ctx context.Context, w *db.W, m Merge) error {
	grants, err := account.GrantsOf(ctx, w, m.Survivor)
	if err != nil {
		return err
	}
	for _, one := range m.Moved.Memberships {
		has, err := grants.Membership(one.Group, one.Scope)
		if err != nil {
			continue // somebody took it since
		}
		if err := account.RemoveGroup(ctx, w, m.Survivor, has); err != nil {
			return err
		}
	}
	return nil
}

// returnLink moves the link back that was moved, and gives the address of its Care Identity.
func (o Office) returnLink(
	ctx context.Context, w *db.W, m Merge, s Sides, standing linking.Standing,
) (theirs string, err error) {
	move, err := moveOf(ctx, w, m, s)
	if err != nil || move == nil {
		return "", err
	}
	return move.Link.TheirEmail, o.Links.Move(ctx, w, *move, standing, "The merge was undone")
}
