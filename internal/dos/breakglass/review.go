package breakglass

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/deciding"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The faults of reviews.
var (
	errFinding = fault.OfField("finding",
		fmt.Sprintf("Say what you looked at and what you found, in %d to %d characters", MinReason, maxReason))
	errNotEnded = fault.SayCure(fault.Conflict, "This use of emergency rights cannot be reviewed now.",
		"Look at how it stands. What is still open is ended first, and each use is reviewed once.")
	errOpener = fault.SayCure(fault.Forbidden, "You opened these emergency rights, so somebody else reviews their use.",
		"Leave it to another person who may open emergency rights.")
)

// Review closes a use that has ended: somebody looked at what was done in it, and says whether that was right.
func (o *Office) Review(ctx context.Context, by actor.Actor, id string, right bool, finding string) error {
	finding = strings.TrimSpace(finding)
	return o.DB.Update(ctx, by, func(w *db.W) error {
		u, err := ByID(ctx, w, id)
		if err != nil {
			return errors.Join(err, account.Require(ctx, w, account.BreakGlass))
		}
		if err := mayReview(ctx, w, u); err != nil {
			return refuse(ctx, w, u.AccountID, "review", err)
		}
		if !wordsFit(finding) {
			return errFinding
		}
		if err := o.note(ctx, w, u); err != nil {
			return err
		}
		return o.close(ctx, w, u, right, finding)
	})
}

func (o *Office) close(ctx context.Context, w *db.W, u Use, right bool, finding string) error {
	const closed = `UPDATE break_glass SET state = 'reviewed', reviewed_at = $2, reviewed_by = $3, right_use = $4,
		finding = $5 WHERE id = $1 AND state = 'ended'`
	err := w.Change(ctx, closed, u.ID, w.Now(), w.Actor().ID, right, finding)
	if errors.Is(err, fault.Conflict) {
		return errNotEnded
	}
	if err != nil {
		return fmt.Errorf("review use of emergency rights: %w", err)
	}
	err = w.Record(ctx, audit.Event{Kind: eventReviewed, Subject: account.Ref(u.AccountID), Reason: finding,
		After: map[string]any{"use": u.ID, "right": right}})
	if err != nil {
		return err
	}
	return o.tellReviewed(ctx, w, u, right, finding)
}

// mayReview gives the reason why the actor may not review a use, or nil: they are whoever used it, or opened it with
// them while somebody else is there who could review it.
func mayReview(ctx context.Context, w *db.W, u Use) error {
	reach, err := account.ReachOf(ctx, w, account.BreakGlass)
	if err != nil {
		return err
	}
	sees, err := u.Within(ctx, w, reach)
	if err == nil && !sees {
		err = errNotYours
	}
	if err != nil {
		return err
	}
	if err := u.ReviewProblem(ctx, w, w.Actor().ID); err != nil {
		return err
	}
	return deciding.Settled(ctx, w, account.BreakGlass)
}

// ReviewProblem gives the reason why somebody who may open emergency rights cannot review this use, or nil.
func (u Use) ReviewProblem(ctx context.Context, r db.R, accountID string) error {
	own, err := u.Own(ctx, r, accountID)
	if err != nil {
		return err
	}
	if own {
		return errOwn
	}
	if u.Second != accountID {
		return nil
	}
	others, err := u.reviewers(ctx, r)
	if err == nil && len(others) > 0 {
		err = errOpener
	}
	return err
}

// reviewers lists who may review a use, but for whoever opened it.
func (u Use) reviewers(ctx context.Context, r db.R) ([]account.Account, error) {
	within, err := u.within(ctx, r)
	if err != nil {
		return nil, err
	}
	list, err := u.others(ctx, r, within)
	return slices.DeleteFunc(list, func(a account.Account) bool { return a.ID == u.Second }), err
}

// Acts finds what was done in the use, but for its end.
func (u Use) Acts() audit.Search {
	return audit.Search{InRole: audit.InRole{Person: u.AccountID, Role: widening.Role(u.ID)},
		But: audit.Act{Kind: eventEnded, About: account.Ref(u.AccountID)}}
}
