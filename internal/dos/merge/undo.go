package merge

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
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

// Undo parts two accounts that were merged in the last 30 days. Both are as they were, but for sessions and passwords,
// which do not come back (rule R11).
func (o Office) Undo(ctx context.Context, by actor.Actor, id, typed string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, err := read(ctx, w, id)
		if err != nil {
			return err
		}
		reason := strings.TrimSpace(typed)
		if reason == "" || utf8.RuneCountInString(reason) > maxReason {
			return errReason
		}
		if err := mayUndo(ctx, w, m, s); err != nil {
			return refuse(ctx, w, s, "undo", err)
		}
		if err := takeGroups(ctx, w, m); err != nil {
			return err
		}
		if err := account.ReopenMerged(ctx, w, m.Closed, m.Survivor, reason); err != nil {
			return err
		}
		theirs, err := returnLink(ctx, w, m)
		if err != nil {
			return err
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
		return o.sendAll(ctx, w, []mail.Message{
			undoneMail(s.Survivor.Email, m, s), undoneMail(s.Closed.Email, m, s), undoneMail(theirs, m, s),
		})
	})
}

// mayUndo checks who asks, and that nothing that happened since makes it impossible.
func mayUndo(ctx context.Context, w *db.W, m Merge, s Sides) error {
	if err := over(ctx, w, s); err != nil {
		return err
	}
	problem, err := UndoProblem(ctx, w, m, s)
	if err != nil || problem != nil {
		return errors.Join(err, problem)
	}
	return administration.LeavesAnother(ctx, w, s.Survivor)
}

// UndoProblem gives the reason why a merge cannot be undone, whoever asks for it; nil if it can.
func UndoProblem(ctx context.Context, r db.R, m Merge, s Sides) (problem, failed error) {
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
	now, _, err := links(ctx, r, s)
	if err != nil {
		return nil, err
	}
	was := m.Moved.Link
	if now == nil || now.Issuer != was.Issuer || now.Subject != was.Subject || now.Linked.After(m.Done) {
		return errLinkGone, nil
	}
	return nil, nil
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
func returnLink(ctx context.Context, w *db.W, m Merge) (theirs string, err error) {
	if m.Moved.Link == nil {
		return "", nil
	}
	now, err := account.LinkOf(ctx, w, m.Survivor)
	if err != nil {
		return "", err
	}
	return now.TheirEmail, account.MoveLink(ctx, w, now, m.Closed, m.Moved.Link.How, "The merge was undone")
}
