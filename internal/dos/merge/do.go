package merge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/deciding"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errNotConfirmed = fault.SayCure(fault.Conflict, "The holder has not shown yet that both accounts are theirs.",
		"Ask them to log in and to look at the page Account.")
	errChanged = fault.SayCure(fault.Conflict,
		"The email address or the link of one of the two accounts was changed since the holder confirmed the merge.",
		"Withdraw it and propose it again, so that they confirm what is there now.")
)

// Decider is whoever proposes, does or undoes a merge, or looks at the page of one.
type Decider struct {
	ID    string // of their account; empty where it is no person's
	Gives administration.Giver
}

// deciderOf is the actor of an Update as a Decider.
func deciderOf(ctx context.Context, w *db.W) Decider {
	by := Decider{Gives: administration.GiverOf(ctx, w)}
	if w.Actor().Kind == actor.Person {
		by.ID = w.Actor().ID
	}
	return by
}

// couldGive checks that the holder gains nothing by the merge that somebody could not give: the groups that move, and
// all that the survivor has where another Care Identity comes to open it.
func (by Decider) couldGive(ctx context.Context, r db.R, m Merge, s Sides) error {
	move, err := moveOf(ctx, r, m, s)
	if err != nil {
		return err
	}
	if move != nil {
		if err := by.Gives.CouldGiveAll(ctx, r, s.Survivor); err != nil {
			return err
		}
	}
	for _, one := range m.Memberships {
		if err := by.Gives.CouldGive(ctx, r, s.Survivor, one.Group, one.Scope); err != nil {
			return err
		}
	}
	return nil
}

// Do merges two accounts of which the holder has shown that both are theirs, as whoever does it saw them.
func (o Office) Do(ctx context.Context, by actor.Actor, id, seen string) error {
	standing, err := o.standing(ctx, id)
	if err != nil {
		return err
	}
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, err := read(ctx, w, id)
		if err != nil {
			return err
		}
		if err := o.MayDo(ctx, w, deciderOf(ctx, w), m, s); err != nil {
			return refuse(ctx, w, s, "merge", err)
		}
		if err := deciding.Settled(ctx, w, account.ManageUsers); err != nil {
			return refuse(ctx, w, s, "merge", err)
		}
		if err := asSeen(ctx, w, m, s, seen); err != nil {
			return refuse(ctx, w, s, "merge", err)
		}
		if m.Moved.Link, err = o.moveLink(ctx, w, s, m, standing); err != nil {
			return refuse(ctx, w, s, "merge", err)
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

// MayDo gives the reason why somebody cannot do a merge as everything is now; nil if they can. What the care identity
// side says is asked when they do it.
func (o Office) MayDo(ctx context.Context, r db.R, by Decider, m Merge, s Sides) error {
	if err := by.over(ctx, r, s); err != nil {
		return err
	}
	switch {
	case m.State == Proposed:
		return errNotConfirmed
	case m.State != Confirmed || m.Over(r.Now()):
		return errOver
	}
	if err := unchanged(ctx, r, s, m); err != nil {
		return err
	}
	return o.mayBecome(ctx, r, by, m, s)
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
		if linked = l.AccountID; l.Since().After(m.Confirmed) {
			return errChanged
		}
	}
	changed := s.Survivor.EmailSince.After(m.Confirmed) || s.Closed.EmailSince.After(m.Confirmed)
	if changed || linked != m.ConfirmedLink {
		return errChanged
	}
	return nil
}

// moveOf gives the link that a merge moves, or that its undo moves back; nil if there is none.
func moveOf(ctx context.Context, r db.R, m Merge, s Sides) (*linking.Move, error) {
	survivor, closed, err := links(ctx, r, s)
	if err != nil {
		return nil, err
	}
	if m.State == Done {
		if m.Moved.Link == nil || survivor == nil {
			return nil, nil
		}
		opened := s.Closed
		opened.Active = true // by the undo
		return &linking.Move{Link: *survivor, To: opened, How: m.Moved.Link.How, Back: true}, nil
	}
	if closed == nil {
		return nil, nil
	}
	how := string(linking.ByMerge) + ", code to the account's address"
	return &linking.Move{Link: *closed, To: s.Survivor, How: how}, nil
}

// standing asks, before the Update that moves it, what the care identity side says of the link that a merge moves.
func (o Office) standing(ctx context.Context, id string) (linking.Standing, error) {
	move, err := db.Read(ctx, o.DB, func(r db.R) (*linking.Move, error) {
		m, s, err := read(ctx, r, id)
		if err != nil {
			return nil, err
		}
		return moveOf(ctx, r, m, s)
	})
	if err != nil || move == nil {
		return linking.Standing{}, err
	}
	return o.Links.StandingOf(ctx, move.Link)
}

// moveLink moves the link of the closed account, if it has one, and keeps the record of what it was moved on.
func (o Office) moveLink(
	ctx context.Context, w *db.W, s Sides, m Merge, standing linking.Standing,
) (*account.Link, error) {
	move, err := moveOf(ctx, w, m, s)
	if err != nil || move == nil {
		return nil, err
	}
	facts, err := factsOf(ctx, w, s, m, move.Link)
	if err != nil {
		return nil, err
	}
	if err := o.Links.Move(ctx, w, *move, standing, "Merged into "+s.Survivor.Username); err != nil {
		return nil, err
	}
	return &move.Link, review.Keep(ctx, w, s.Survivor.ID, facts)
}

// factsOf gives what is known of both sides of the link that moves, for its record. Of a link without a record no more
// is known than what it is stored with.
func factsOf(ctx context.Context, r db.R, s Sides, m Merge, l account.Link) (review.Facts, error) {
	identity := review.IdentityFacts{Issuer: l.Issuer, Subject: l.Subject, Email: l.TheirEmail}
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

// giveGroups gives the survivor the groups that were chosen, that the closed account still has and that the survivor
// does not have, and tells which those were.
func giveGroups(ctx context.Context, w *db.W, s Sides, m Merge) (moved []account.Membership, err error) {
	survivor, err := account.GrantsOf(ctx, w, s.Survivor.ID)
	if err != nil {
		return nil, err
	}
	closed, err := account.GrantsOf(ctx, w, s.Closed.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range m.Memberships {
		if survivor.Has(one.Group, one.Scope) || !closed.Has(one.Group, one.Scope) {
			continue
		}
		if err := administration.GivePart(ctx, w, s.Survivor, one.Group, one.Scope); err != nil {
			return nil, err
		}
		moved = append(moved, one)
	}
	return moved, nil
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
	return o.Post.SendEach(ctx, w, doneMail(s.Survivor.Email, m, s), doneMail(s.Closed.Email, m, s),
		doneMail(m.Moved.theirEmail(), m, s))
}
