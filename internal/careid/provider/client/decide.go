package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"signpost/internal/careid/provider/naming"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const setAsked = `UPDATE provider_client SET asked_at = $2, not_approved = '', version = version + 1
	WHERE client_id = $1 AND asked_at IS NULL`

// AskApproval asks the operators, for the team of a client, to approve it, or what waits of it.
func (g Registry) AskApproval(ctx context.Context, by actor.Actor, id string) error {
	return g.DB.Update(ctx, by, func(w *db.W) error {
		c, err := changeable(ctx, w, id)
		if err != nil || !c.Approval.Asked.IsZero() {
			return err
		}
		if !c.OnTrial() && !c.Waits() {
			return errApproved
		}
		if err := w.Change(ctx, setAsked, id, w.Now()); err != nil {
			return fmt.Errorf("ask for approval: %w", err)
		}
		return recordAsk(ctx, w, id)
	})
}

func recordAsk(ctx context.Context, w *db.W, id string) error {
	return w.Record(ctx, audit.Event{Kind: EventAsked, Subject: Ref(id)})
}

var errApproved = fault.SayCure(fault.Conflict, "Nothing of this client waits for approval.",
	"Look at its page again: somebody may have approved it in the meantime.")

const dropWaiting = `UPDATE provider_client SET waiting = '', asked_at = NULL, not_approved = '', version = version + 1
	WHERE client_id = $1`

// Withdraw drops, for the team of a client, the settings that wait. What is in force stays.
func (g Registry) Withdraw(ctx context.Context, by actor.Actor, id string) error {
	return g.DB.Update(ctx, by, func(w *db.W) error {
		c, err := changeable(ctx, w, id)
		if err != nil {
			return err
		}
		if !c.Waits() {
			return errApproved
		}
		if err := w.Change(ctx, dropWaiting, id); err != nil {
			return fmt.Errorf("withdraw change: %w", err)
		}
		if err := naming.Put(ctx, w, Ref(id), c.Name); err != nil {
			return err
		}
		names := c.Unapproved()
		return w.Record(ctx, audit.Event{
			Kind: EventWithdrawn, Subject: Ref(id), Before: c.Wanted().only(names), After: c.only(names),
		})
	})
}

// Approve lets everybody log in to a client, with the settings that its team wants. The operator has seen the version
// that is named, and is in no team of the client.
func (g Registry) Approve(ctx context.Context, by actor.Actor, id string, version int64) error {
	return g.DB.Update(ctx, by, func(w *db.W) error {
		c, err := undecided(ctx, w, id, version)
		if err != nil {
			return err
		}
		if err := g.tell(ctx, w, c, approvedMail(c)); err != nil {
			return err
		}
		return ApprovePart(ctx, w, c)
	})
}

const approve = `UPDATE provider_client SET settings = $2, waiting = '', asked_at = NULL, not_approved = '',
	approved_at = $3, version = version + 1 WHERE client_id = $1`

// ApprovePart approves a client as it was read, as a part of an Update. The caller has made sure that the actor may.
func ApprovePart(ctx context.Context, w *db.W, c Client) error {
	if !c.OnTrial() && !c.Waits() {
		return errApproved
	}
	wanted := c.Wanted()
	var problems Problems
	wanted.checkKeys(&problems)
	if err := problems.errOrNil(); err != nil {
		return fmt.Errorf("approve %s: %w", c.ID, err)
	}
	if err := checkName(ctx, w, c.Team, wanted); err != nil {
		return fmt.Errorf("approve %s: %w", c.ID, err)
	}
	settings, err := json.Marshal(wanted)
	if err != nil {
		return fmt.Errorf("encode client: %w", err)
	}
	if err := w.Change(ctx, approve, c.ID, string(settings), w.Now()); err != nil {
		return fmt.Errorf("approve client: %w", err)
	}
	if err := naming.Put(ctx, w, Ref(c.ID), wanted.Name); err != nil {
		return err
	}
	e := audit.Event{Kind: EventApproved, Subject: Ref(c.ID), After: wanted}
	if names := c.Unapproved(); len(names) > 0 {
		e.Before = c.only(names)
		e.After = wanted.only(names)
	}
	return w.Record(ctx, e)
}

const refuse = `UPDATE provider_client SET asked_at = NULL, not_approved = $2, version = version + 1
	WHERE client_id = $1`

// Refuse tells the team of a client why it is not approved. It stays on trial, or what was approved stays in force; the
// team may change it and ask again.
func (g Registry) Refuse(ctx context.Context, by actor.Actor, id string, version int64, reason string) error {
	reason = strings.Join(strings.Fields(reason), " ")
	if reason == "" || len(reason) > maxTextBytes {
		return fault.OfField("reason", fmt.Sprintf("Enter a reason, of %d characters or fewer", maxTextBytes))
	}
	return g.DB.Update(ctx, by, func(w *db.W) error {
		c, err := undecided(ctx, w, id, version)
		if err != nil {
			return err
		}
		if err := w.Change(ctx, refuse, id, reason); err != nil {
			return fmt.Errorf("refuse client: %w", err)
		}
		if err := g.tell(ctx, w, c, notApprovedMail(c, reason)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: EventNotApproved, Subject: Ref(id), Reason: reason})
	})
}

// undecided reads a client that waits for the actor's decision: an operator decides on what they have seen, and not for
// a team of their own. Callers return its error unchanged.
func undecided(ctx context.Context, w *db.W, id string, version int64) (Client, error) {
	c, err := ByID(ctx, w, id)
	if err != nil {
		return c, err
	}
	if err := team.Allow(ctx, w, Ref(id), team.Operators); err != nil {
		return c, err
	}
	own, err := team.Has(ctx, w, c.Team, w.Actor().ID)
	switch {
	case err != nil:
		return c, err
	case own:
		return c, w.Refuse(ctx, audit.Event{
			Kind: eventOwnApproval, Subject: Ref(id), Reason: "the actor is in the client's own team",
		}, errOwnTeam)
	case c.Closed:
		return c, errClosed
	case c.Approval.Asked.IsZero():
		return c, errApproved
	case c.Version != version:
		return c, errSeenOther
	}
	return c, nil
}

// eventOwnApproval is recorded when somebody would decide on a client of their own team.
const eventOwnApproval audit.Kind = "client.own-approval"

var (
	errOwnTeam = fault.SayCure(fault.Forbidden, "Nobody approves a client of their own team.",
		"Ask another operator, or those who run the system: the command signpost admin client approve does it.")
	errSeenOther = fault.SayCure(fault.Conflict, "The client was changed after you opened the page.",
		"Look at what is wanted now, and decide again.")
)

const whereAsked = ` WHERE asked_at IS NOT NULL AND status <> 'closed'`

// Asked lists the clients that wait for an operator, the longest-waiting first: at most limit of them after the first
// skip, and how many there are in all.
func Asked(ctx context.Context, r db.R, skip, limit int) (list []Client, total int, err error) {
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM provider_client`+whereAsked)
	waiting := db.Ask(scanner(r.Now()), selectClients+whereAsked+` ORDER BY asked_at, client_id LIMIT $1 OFFSET $2`,
		limit, skip)
	if err := db.Together(ctx, r, count, waiting); err != nil {
		return nil, 0, fmt.Errorf("list clients to approve: %w", err)
	}
	total, err = count.One()
	return waiting.All(), total, err
}
