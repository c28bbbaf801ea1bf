package merge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// Proposal is what an administrator wants to merge.
type Proposal struct {
	Survivor, Closed string // ids of accounts
	Memberships      []account.Membership
	Reason           string
}

const maxReason = 500

var errReason = fault.OfField("reason", fmt.Sprintf("Enter why, in %d characters or fewer", maxReason))

const insertMerge = `INSERT INTO account_merge (id, survivor, closed, state, memberships, reason, proposed_at,
	proposed_by, proposed_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// Propose asks the holder of two accounts whether both are theirs. Nothing changes until they have shown it, and an
// administrator has done it.
func (o Office) Propose(ctx context.Context, by actor.Actor, p Proposal) (id string, err error) {
	return db.Write(ctx, o.DB, by, func(w *db.W) (string, error) {
		if err := account.Require(ctx, w, account.ManageUsers); err != nil {
			return "", err
		}
		m := Merge{ID: random.ID(), Survivor: p.Survivor, Closed: p.Closed, State: Proposed,
			Reason: strings.TrimSpace(p.Reason)}
		s, err := SidesOf(ctx, w, m)
		if err != nil {
			return "", err
		}
		if m.Memberships, err = held(ctx, w, s.Closed, p.Memberships); err != nil {
			return "", err
		}
		if err := o.MayPropose(ctx, w, deciderOf(ctx, w), m, s); err != nil {
			return "", refuse(ctx, w, s, "propose", err)
		}
		if m.Reason == "" || utf8.RuneCountInString(m.Reason) > maxReason {
			return "", errReason
		}
		if err := insert(ctx, w, m); err != nil {
			return "", err
		}
		return m.ID, o.tellProposed(ctx, w, s)
	})
}

func insert(ctx context.Context, w *db.W, m Merge) error {
	memberships, err := json.Marshal(m.Memberships)
	if err != nil {
		return fmt.Errorf("write groups of merge: %w", err)
	}
	_, err = w.Exec(ctx, insertMerge, m.ID, m.Survivor, m.Closed, string(m.State), string(memberships), m.Reason,
		w.Now(), w.Actor().ID, w.Actor().Name)
	if err != nil {
		return fmt.Errorf("propose merge: %w", err)
	}
	return record(ctx, w, m, audit.Event{Kind: eventProposed, Reason: m.Reason})
}

// held gives those of the chosen groups that an account has, each once, with what came by them.
func held(ctx context.Context, r db.R, a account.Account, chosen []account.Membership) ([]account.Membership, error) {
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	list := []account.Membership{}
	for i, one := range chosen {
		again := func(m account.Membership) bool { return m.Group == one.Group && m.Scope == one.Scope }
		if slices.ContainsFunc(chosen[:i], again) {
			continue
		}
		m, err := grants.Membership(one.Group, one.Scope)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// MayPropose gives the reason why somebody cannot propose a merge as everything is now; nil if they can.
func (o Office) MayPropose(ctx context.Context, r db.R, by Decider, m Merge, s Sides) error {
	if err := by.over(ctx, r, s); err != nil {
		return err
	}
	for _, a := range []account.Account{s.Survivor, s.Closed} {
		if err := noneWaits(ctx, r, a.ID); err != nil {
			return err
		}
	}
	return o.mayBecome(ctx, r, by, m, s)
}

// maxProposalsADay is how many merges of one account are proposed within a day: each is mailed to its holder.
const maxProposalsADay = 3

var errOften = fault.SayCure(fault.TooMany, "Merges of one of the two accounts were proposed several times today.",
	"Talk to its holder first, and propose it tomorrow.")

// noneWaits checks that no merge of an account waits, and that its holder was not asked too often.
func noneWaits(ctx context.Context, r db.R, id string) error {
	list, err := Of(ctx, r, id)
	if err != nil {
		return err
	}
	today := 0
	for _, m := range list {
		if m.waits(r.Now()) {
			return errOpen
		}
		if r.Now().Sub(m.Proposed) < 24*time.Hour {
			today++
		}
	}
	if today >= maxProposalsADay {
		return errOften
	}
	return nil
}

// MayBecome gives the reason why somebody could not do a merge whose holder has shown that both are theirs; nil if they
// could.
func (o Office) MayBecome(ctx context.Context, r db.R, by Decider, m Merge, s Sides) error {
	if err := by.over(ctx, r, s); err != nil {
		return err
	}
	return o.mayBecome(ctx, r, by, m, s)
}

// mayBecome checks that the two can become one, and that nobody gains by it what somebody could not give them.
func (o Office) mayBecome(ctx context.Context, r db.R, by Decider, m Merge, s Sides) error {
	problem, err := Problem(ctx, r, o.Post, s)
	if err != nil || problem != nil {
		return errors.Join(err, problem)
	}
	return by.couldGive(ctx, r, m, s)
}

// tellProposed mails both accounts, and where an address was changed lately the one before it too.
func (o Office) tellProposed(ctx context.Context, w *db.W, s Sides) error {
	var messages []mail.Message
	for _, a := range []account.Account{s.Survivor, s.Closed} {
		settled, err := mailbox.SettledOf(ctx, w, a)
		if err != nil {
			return err
		}
		messages = append(messages, proposedMail(a.Email, s, w.Actor().Name), proposedMail(settled, s, w.Actor().Name))
	}
	return o.Post.SendEach(ctx, w, messages...)
}

const endMerge = `UPDATE account_merge SET state = $2, ended_at = $3, ended_name = $4, ended_reason = $5
	WHERE id = $1 AND state = $6`

var errOver = fault.SayCure(fault.Conflict, "This merge is over, or was changed in the meantime.",
	"Look at how it stands now.")

// end ends a merge that is in a state, as a part of an Update.
func end(ctx context.Context, w *db.W, m Merge, to State, reason string) error {
	err := w.Change(ctx, endMerge, m.ID, string(to), w.Now(), w.Actor().Name, reason, string(m.State))
	if errors.Is(err, fault.Conflict) {
		return errOver
	}
	if err != nil {
		return fmt.Errorf("end merge: %w", err)
	}
	return nil
}

// Withdraw ends a proposal, by an administrator who could have made it.
func (o Office) Withdraw(ctx context.Context, by actor.Actor, id string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, err := read(ctx, w, id)
		if err != nil {
			return err
		}
		if err := MayWithdraw(ctx, w, deciderOf(ctx, w), m, s); err != nil {
			return refuse(ctx, w, s, "withdraw", err)
		}
		if err := end(ctx, w, m, Withdrawn, ""); err != nil {
			return err
		}
		if err := record(ctx, w, m, audit.Event{Kind: eventWithdrawn}); err != nil {
			return err
		}
		return o.Post.SendEach(ctx, w, withdrawnMail(s.Survivor.Email, s), withdrawnMail(s.Closed.Email, s))
	})
}

// MayWithdraw gives the reason why somebody cannot withdraw a merge as everything is now; nil if they can.
func MayWithdraw(ctx context.Context, r db.R, by Decider, m Merge, s Sides) error {
	if err := by.over(ctx, r, s); err != nil {
		return err
	}
	if m.State != Proposed && m.State != Confirmed || m.Over(r.Now()) {
		return errOver
	}
	return nil
}

func read(ctx context.Context, r db.R, id string) (m Merge, s Sides, err error) {
	if m, err = ByID(ctx, r, id); err != nil {
		return m, s, err
	}
	s, err = SidesOf(ctx, r, m)
	return m, s, err
}
