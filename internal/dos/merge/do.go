package merge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

var (
	errNotConfirmed = fault.SayCure(fault.Conflict, "The holder has not shown yet that both accounts are theirs.",
		"Ask them to log in and to look at the page Account.")
	errChanged = fault.SayCure(fault.Conflict,
		"The email address or the link of one of the two accounts was changed since the holder confirmed the merge.",
		"Withdraw it and propose it again, so that they confirm what is there now.")
)

// couldGive checks that the holder gains nothing by the merge that the actor could not give: the groups that move, and
// all that the survivor has where another Care Identity comes to open it.
func (o Office) couldGive(ctx context.Context, w *db.W, s Sides, m Merge) error {
	_, closed, err := links(ctx, w, s)
	if err != nil {
		return err
	}
	if closed != nil {
		if err := administration.CouldGiveAll(ctx, w, s.Survivor); err != nil {
			return err
		}
	}
	for _, one := range m.Memberships {
		if err := administration.CouldGive(ctx, w, s.Survivor, one.Group, one.Scope); err != nil {
			return err
		}
	}
	return nil
}

// Do merges two accounts of which the holder has shown that both are theirs.
func (o Office) Do(ctx context.Context, by actor.Actor, id string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, err := read(ctx, w, id)
		if err != nil {
			return err
		}
		if err := o.mayDo(ctx, w, s, m); err != nil {
			return refuse(ctx, w, s, "merge", err)
		}
		if m.Moved.Link, err = o.moveLink(ctx, w, s, m); err != nil {
			return err
		}
		if m.Moved.Memberships, err = giveGroups(ctx, w, s, m); err != nil {
			return err
		}
		if err := o.closeAccount(ctx, w, s, m); err != nil {
			return err
		}
		if err := finish(ctx, w, m); err != nil {
			return err
		}
		return o.tellDone(ctx, w, m, s)
	})
}

// mayDo checks everything again as it is now.
func (o Office) mayDo(ctx context.Context, w *db.W, s Sides, m Merge) error {
	if err := over(ctx, w, s); err != nil {
		return err
	}
	switch {
	case m.State == Proposed:
		return errNotConfirmed
	case m.State != Confirmed || m.Over(w.Now()):
		return errOver
	}
	if err := unchanged(ctx, w, s, m); err != nil {
		return err
	}
	if err := administration.LeavesAnother(ctx, w, s.Closed); err != nil {
		return err
	}
	return o.mayBecome(ctx, w, s, m)
}

// unchanged checks that what the holder's proof rests on is as it was then.
func unchanged(ctx context.Context, r db.R, s Sides, m Merge) error {
	survivor, closed, err := links(ctx, r, s)
	if err != nil {
		return err
	}
	linked := ""
	for _, l := range []*account.Link{survivor, closed} {
		if l == nil {
			continue
		}
		if linked = l.AccountID; l.Linked.After(m.Confirmed) {
			return errChanged
		}
	}
	changed := s.Survivor.EmailSince.After(m.Confirmed) || s.Closed.EmailSince.After(m.Confirmed)
	if changed || linked != m.ConfirmedLink {
		return errChanged
	}
	return nil
}

// moveLink moves the link of the closed account, if it has one, and keeps the record of what it was moved on.
func (o Office) moveLink(ctx context.Context, w *db.W, s Sides, m Merge) (*account.Link, error) {
	_, closed, err := links(ctx, w, s)
	if err != nil || closed == nil {
		return nil, err
	}
	facts, err := factsOf(ctx, w, s, m, *closed)
	if err != nil {
		return nil, err
	}
	how := "merge of accounts, code to the account's address"
	if err := account.MoveLink(ctx, w, *closed, s.Survivor.ID, how, "Merged into "+s.Survivor.Username); err != nil {
		return nil, err
	}
	moved := *closed
	moved.AccountID = s.Survivor.ID
	keys := mailbox.KeysOf(s.Survivor.EmailKey, closed.TheirEmail)
	if err := mailbox.BuryLinked(ctx, w, o.Post, moved, keys); err != nil {
		return nil, err
	}
	return closed, review.Keep(ctx, w, s.Survivor.ID, facts)
}

// factsOf gives what is known of both sides of the link that moves, for its record.
func factsOf(ctx context.Context, r db.R, s Sides, m Merge, l account.Link) (review.Facts, error) {
	identity := review.IdentityFacts{Issuer: l.Issuer, Subject: l.Subject, Email: l.TheirEmail,
		Name: s.Closed.Name(), Level: signin.MinIdentityLevel}
	records, err := review.RecordsOf(ctx, r, s.Closed.ID)
	if err != nil {
		return review.Facts{}, err
	}
	for _, one := range records {
		if one.CareIdentity.Issuer == l.Issuer && one.CareIdentity.Subject == l.Subject {
			identity = one.CareIdentity
			break
		}
	}
	return review.Facts{Account: review.FactsOf(s.Survivor), CareIdentity: identity, Proofs: m.Proofs,
		Rules: []review.Rule{
			{Number: "R3", Words: "The holder showed that both accounts are theirs, and an administrator merged " +
				s.Closed.Username + " into " + s.Survivor.Username + ": " + m.Reason},
			{Number: "R5", Words: "The passwords, the codes and the sessions of both accounts ended"},
			{Number: "R10", Words: "The account was linked to no other, and the other account is closed"},
			{Number: "R12", Words: "The addresses of both were told by email"},
		}}, nil
}

// giveGroups gives the survivor the groups that were chosen and that it does not have, and tells which those were.
func giveGroups(ctx context.Context, w *db.W, s Sides, m Merge) (given []account.Membership, err error) {
	grants, err := account.GrantsOf(ctx, w, s.Survivor.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range m.Memberships {
		if _, err := grants.Membership(one.Group, one.Scope); err == nil {
			continue
		}
		if err := administration.GivePart(ctx, w, s.Survivor, one.Group, one.Scope); err != nil {
			return nil, err
		}
		given = append(given, one)
	}
	return given, nil
}

func (o Office) closeAccount(ctx context.Context, w *db.W, s Sides, m Merge) error {
	reason := "Merged into " + s.Survivor.Username + ": " + m.Reason
	if err := account.CloseMerged(ctx, w, s.Closed.ID, s.Survivor.ID, reason); err != nil {
		return err
	}
	if err := mailbox.Bury(ctx, w, o.Post, s.Closed); err != nil {
		return err
	}
	return endSessions(ctx, w, s)
}

func endSessions(ctx context.Context, w *db.W, s Sides) error {
	for _, a := range []account.Account{s.Survivor, s.Closed} {
		if _, err := signin.Sessions.EndSubject(ctx, w, a.ID, signin.EndedByMerge); err != nil {
			return fmt.Errorf("end sessions at merge: %w", err)
		}
	}
	return nil
}

const doMerge = `UPDATE account_merge SET state = $2, done_at = $3, done_name = $4, moved = $5
	WHERE id = $1 AND state = 'confirmed'`

func finish(ctx context.Context, w *db.W, m Merge) error {
	moved, err := json.Marshal(m.Moved)
	if err != nil {
		return fmt.Errorf("write what was moved: %w", err)
	}
	err = w.Change(ctx, doMerge, m.ID, string(Done), w.Now(), w.Actor().Name, string(moved))
	if errors.Is(err, fault.Conflict) {
		return errOver
	}
	if err != nil {
		return fmt.Errorf("merge accounts: %w", err)
	}
	return record(ctx, w, m, audit.Event{Kind: eventDone, Reason: m.Reason})
}

func (o Office) tellDone(ctx context.Context, w *db.W, m Merge, s Sides) error {
	return o.sendAll(ctx, w, []mail.Message{
		doneMail(s.Survivor.Email, m, s), doneMail(s.Closed.Email, m, s), doneMail(m.Moved.theirEmail(), m, s),
	})
}
