package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/deciding"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

const maxReason = 2000

var (
	errReason = fault.OfField("reason", fmt.Sprintf("Enter why, in %d characters or fewer", maxReason))
	errOwn    = fault.SayCure(fault.Forbidden, "You cannot decide about your own account or your own Care Identity.",
		"Leave it to another DoS user administrator.")
	errDecided = fault.SayCure(fault.Conflict, "Somebody has decided about this link already.",
		"Look at what they decided.")
)

const decide = `UPDATE link_review SET decided_at = $2, decided_by = $3, decided_name = $4, approved = $5, reason = $6,
	good_until = $7 WHERE id = $1 AND decided_at IS NULL`

// Decision is what a reviewer decides about a link, and why.
type Decision struct {
	Approve bool
	Reason  string
	Seen    string // names what they looked at: Case.Seen
}

// shown is what a decision rests on.
type shown struct {
	Kinds []Kind
	Facts Facts
}

func (c Case) shown() shown { return shown{Kinds: c.Kinds, Facts: c.Facts} }

// Seen names a case as its page shows it. A doubt can be added while somebody looks at it.
func (c Case) Seen() (string, error) { return seen.Of(c.shown()) }

// Decide approves or refuses a link, as a part of an Update. Whoever decides may review links of the account, and is
// neither its holder nor the person of the Care Identity.
func Decide(ctx context.Context, w *db.W, id string, decision Decision) (Case, error) {
	c, err := ByID(ctx, w, id)
	if err != nil {
		return c, errors.Join(err, account.Require(ctx, w, account.ReviewLinks))
	}
	if err := mayDecide(ctx, w, c); err != nil {
		return c, refuse(ctx, w, c, err)
	}
	c.Reason = strings.TrimSpace(decision.Reason)
	if c.Reason == "" || utf8.RuneCountInString(c.Reason) > maxReason {
		return c, errReason
	}
	if !c.Waiting() {
		return c, refuse(ctx, w, c, errDecided)
	}
	if err := seen.Check(decision.Seen, c.shown()); err != nil {
		return c, refuse(ctx, w, c, err)
	}
	return c.decided(ctx, w, decision.Approve)
}

func (c Case) decided(ctx context.Context, w *db.W, approve bool) (Case, error) {
	c.Decided = w.Now()
	c.DecidedBy = w.Actor().ID
	c.DecidedName = w.Actor().Name
	c.Approved = approve
	if approve && c.Holds {
		c.GoodUntil = w.Now().Add(GoodFor)
	}
	err := w.Change(ctx, decide, c.ID, c.Decided, c.DecidedBy, c.DecidedName, c.Approved, c.Reason, c.GoodUntil)
	if err != nil {
		return c, fmt.Errorf("decide about link: %w", err)
	}
	return c, w.Record(ctx, audit.Event{Kind: eventDecided, Subject: account.Ref(c.AccountID), Reason: c.Reason,
		After: map[string]any{"kinds": c.Kinds, "approved": approve}})
}

// mayDecide gives the reason why the actor may not decide a case, or nil.
func mayDecide(ctx context.Context, w *db.W, c Case) error {
	if err := account.RequireWithin(ctx, w, account.ReviewLinks, c.AccountID); err != nil {
		return err
	}
	own, err := c.Concerns(ctx, w, w.Actor())
	if err == nil && own {
		err = errOwn
	}
	if err != nil {
		return err
	}
	return deciding.Settled(ctx, w, account.ReviewLinks)
}

// Concerns reports whether a case is somebody's own: by its account, its Care Identity or one of its addresses, or by
// those of any account that somebody's Care Identities open or opened (attack L28).
func (c Case) Concerns(ctx context.Context, r db.R, by actor.Actor) (bool, error) {
	me, err := account.PersonOf(ctx, r, by.ID)
	theirs := c.CareIdentity.identity()
	return slices.Contains(me.Accounts, c.AccountID) || slices.Contains(me.Identities, theirs) ||
		slices.ContainsFunc(me.EmailKeys, c.HasAddress), err
}

// IsOf reports whether a case is about the Care Identity of a link.
func (c Case) IsOf(link account.Link) bool {
	return c.CareIdentity.Issuer == link.Issuer && c.CareIdentity.Subject == link.Subject
}

func refuse(ctx context.Context, w *db.W, c Case, problem error) error {
	if !errors.Is(problem, fault.Forbidden) && !errors.Is(problem, fault.Conflict) {
		return problem
	}
	refused := audit.Event{Kind: Refused, Subject: account.Ref(c.AccountID), Reason: problem.Error()}
	return w.Refuse(ctx, refused, problem)
}
