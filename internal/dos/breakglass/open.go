package breakglass

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/holders"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/deciding"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The faults of whoever opens emergency rights with somebody, or ends them.
var (
	errOwn = fault.SayCure(fault.Forbidden, "You cannot do this for yourself, nor by another account of yours.",
		"Ask somebody else who may open emergency rights.")
	errNotYours = fault.SayCure(fault.Forbidden,
		"These emergency rights reach further than the area that you look after.",
		"Leave it to somebody who may open emergency rights there.")
	errNotWaiting = fault.SayCure(fault.Conflict, "These emergency rights do not wait to be opened any more.",
		"Look at how they stand now. If they are still needed, whoever asked asks again.")
	errAskerGone = fault.SayCure(fault.Conflict,
		"Whoever asked cannot have these rights any more: their account, their groups or their Care Identity changed.",
		"If the rights are still needed, somebody else who may have them asks.")
	errOver = fault.SayCure(fault.Conflict, "These emergency rights are over already.", "Look at how they stand now.")
)

// Confirm opens what somebody asked for, as the second of two people.
func (o *Office) Confirm(ctx context.Context, by actor.Actor, id string) (Use, error) {
	return db.Write(ctx, o.DB, by, func(w *db.W) (Use, error) {
		u, asker, err := o.waiting(ctx, w, id, "open")
		if err != nil {
			return u, err
		}
		link, err := o.standing(ctx, w, asker)
		if errors.Is(err, fault.Forbidden) || err == nil && !u.by(link) {
			return u, errAskerGone
		}
		if err != nil {
			return u, err
		}
		return o.open(ctx, w, u, asker)
	})
}

// by reports whether the use was asked for with the Care Identity of a link.
func (u Use) by(link account.Link) bool { return link.Issuer == u.Issuer && link.Subject == u.Subject }

// waiting reads a use that waits for a second person, who is the actor.
func (o *Office) waiting(ctx context.Context, w *db.W, id, what string) (Use, account.Account, error) {
	u, err := ByID(ctx, w, id)
	if err != nil {
		return u, account.Account{}, errors.Join(err, account.Require(ctx, w, account.BreakGlass))
	}
	if err := mayOpen(ctx, w, u); err != nil {
		return u, account.Account{}, refuse(ctx, w, u.AccountID, what, err)
	}
	if u.State != Waiting {
		return u, account.Account{}, errNotWaiting
	}
	asker, err := account.ByID(ctx, w, u.AccountID)
	return u, asker, err
}

// mayOpen gives the reason why the actor may not open a use with whoever asked, or nil.
func mayOpen(ctx context.Context, w *db.W, u Use) error {
	reach, err := account.ReachOf(ctx, w, account.BreakGlass)
	if err != nil {
		return err
	}
	own, err := u.Own(ctx, w, w.Actor().ID)
	if err != nil {
		return err
	}
	if own {
		return errOwn
	}
	contained, err := directory.Contains(ctx, w, reach, u.Scope, account.Account{})
	if err != nil {
		return err
	}
	if !contained {
		return errNotYours
	}
	return deciding.Settled(ctx, w, account.BreakGlass)
}

// MayOpen reports whether somebody with an account and a reach may open a use with whoever asked, to show it to them.
func (u Use) MayOpen(ctx context.Context, r db.R, accountID string, reach account.Reach) (bool, error) {
	own, err := u.Own(ctx, r, accountID)
	if err != nil || own || u.State != Waiting {
		return false, err
	}
	return directory.Contains(ctx, r, reach, u.Scope, account.Account{})
}

// PendingFor lists the ids of the uses that wait for a second person at this moment and that somebody with an account
// and a reach may open, the oldest first.
func PendingFor(ctx context.Context, r db.R, accountID string, reach account.Reach) (ids []string, err error) {
	const pending = ` WHERE state = 'waiting' AND waits_until > $2 ORDER BY asked_at, id LIMIT $1`
	all, err := read(ctx, r, pending, maxUses, r.Now())
	if err != nil {
		return nil, err
	}
	for _, u := range all {
		may, err := u.MayOpen(ctx, r, accountID, reach)
		if err != nil {
			return nil, err
		}
		if may {
			ids = append(ids, u.ID)
		}
	}
	return ids, nil
}

// Openers lists who may open a use with whoever asked.
func (u Use) Openers(ctx context.Context, r db.R) ([]account.Account, error) {
	place := &directory.Area{Scope: u.Scope}
	return u.others(ctx, r, func(reach account.Reach) (bool, error) { return place.In(ctx, r, reach) })
}

// others lists who may open emergency rights, is not the person who asked, and has a reach that fits.
func (u Use) others(
	ctx context.Context, r db.R, fits func(account.Reach) (bool, error),
) (list []account.Account, err error) {
	all, err := u.holders(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		fit, err := fits(h.reach)
		if err != nil {
			return nil, err
		}
		if fit {
			list = append(list, h.account)
		}
	}
	return list, nil
}

// holder is somebody who may open emergency rights in some reach.
type holder struct {
	account account.Account
	reach   account.Reach
}

// holders lists all who may open emergency rights somewhere and are not the person who asked. However many they are,
// their rights are read together.
func (u Use) holders(ctx context.Context, r db.R) (list []holder, err error) {
	all, err := account.HoldersOf(ctx, r, account.BreakGlass)
	if err != nil {
		return nil, err
	}
	asker, err := u.person(ctx, r)
	if err != nil {
		return nil, err
	}
	own, err := asker.Among(ctx, r, all)
	if err != nil {
		return nil, err
	}
	grants, err := holders.GrantsOf(ctx, r, all, account.BreakGlass)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if !own[a.ID] {
			list = append(list, holder{a, grants[a.ID].Reach(a.Organisation, account.BreakGlass)})
		}
	}
	return list, nil
}

// person gathers what belongs to whoever asked.
func (u Use) person(ctx context.Context, r db.R) (account.Person, error) {
	return account.PersonBehind(ctx, r, account.Identity{Issuer: u.Issuer, Subject: u.Subject}, u.AccountID)
}

// Own reports whether an account belongs to the person who asked: it is the same one, or one of another Care Identity
// or address of theirs.
func (u Use) Own(ctx context.Context, r db.R, accountID string) (bool, error) {
	if accountID == u.AccountID {
		return true, nil
	}
	asker, err := u.person(ctx, r)
	if err != nil {
		return false, err
	}
	other, err := account.PersonOf(ctx, r, accountID)
	return asker.Is(other), err
}

// Decline refuses what somebody asked for, and tells them.
func (o *Office) Decline(ctx context.Context, by actor.Actor, id string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		u, asker, err := o.waiting(ctx, w, id, "decline")
		if err != nil {
			return err
		}
		return o.decline(ctx, w, u, asker)
	})
}

// decline refuses what waits, in the name of the actor, and tells whoever asked.
func (o *Office) decline(ctx context.Context, w *db.W, u Use, asker account.Account) error {
	const declined = `UPDATE break_glass SET second_id = $2 WHERE id = $1 AND state = 'waiting'`
	err := w.Change(ctx, declined, u.ID, w.Actor().ID)
	if err != nil {
		return fmt.Errorf("decline emergency rights: %w", err)
	}
	if err := u.become(ctx, w, Waiting, Declined, eventDeclined, ""); err != nil {
		return err
	}
	return o.Post.Send(ctx, w, declinedMail(asker, w.Actor().Name))
}

// End ends emergency rights before their time: by whoever asked, or by an administrator who looks after their account
// or the place. What waits is withdrawn by whoever asked, and declined by anybody else.
func (o *Office) End(ctx context.Context, by actor.Actor, id string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		u, err := ByID(ctx, w, id)
		if err != nil {
			return errors.Join(err, account.Require(ctx, w, account.BreakGlass))
		}
		if err := mayEnd(ctx, w, u); err != nil {
			return refuse(ctx, w, u.AccountID, "end", err)
		}
		switch u.State {
		case Waiting:
			return o.endWaiting(ctx, w, u)
		case Open:
			return o.end(ctx, w, u)
		}
		return errOver
	})
}

func (o *Office) endWaiting(ctx context.Context, w *db.W, u Use) error {
	if u.isOf(w.Actor()) {
		return u.become(ctx, w, Waiting, Withdrawn, eventWithdrawn, "")
	}
	asker, err := account.ByID(ctx, w, u.AccountID)
	if err != nil {
		return err
	}
	return o.decline(ctx, w, u, asker)
}

// isOf reports whether an actor is whoever asked.
func (u Use) isOf(by actor.Actor) bool { return by.Kind == actor.Person && by.ID == u.AccountID }

func mayEnd(ctx context.Context, w *db.W, u Use) error {
	if u.isOf(w.Actor()) {
		return nil
	}
	for _, p := range []account.Permission{account.BreakGlass, account.ManageUsers} {
		reach, err := account.ReachOf(ctx, w, p)
		if errors.Is(err, fault.Forbidden) {
			continue
		}
		if err != nil {
			return err
		}
		if sees, err := u.Within(ctx, w, reach); err != nil || sees {
			return err
		}
	}
	return errNotYours
}

// Within reports whether a reach covers the account of whoever asked, or the place.
func (u Use) Within(ctx context.Context, r db.R, reach account.Reach) (bool, error) {
	within, err := u.within(ctx, r)
	if err != nil {
		return false, err
	}
	return within(reach)
}

// within gives Within for many reaches.
func (u Use) within(ctx context.Context, r db.R) (func(account.Reach) (bool, error), error) {
	asker, err := account.ByID(ctx, r, u.AccountID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	place := &directory.Area{Scope: u.Scope}
	return func(reach account.Reach) (bool, error) {
		if asker.ID != "" && reach.Covers(asker) {
			return true, nil
		}
		return place.In(ctx, r, reach)
	}, nil
}

// end ends open rights at this moment, by the actor.
func (o *Office) end(ctx context.Context, w *db.W, u Use) error {
	if err := widening.End(ctx, w, u.AccountID); err != nil {
		return err
	}
	u.Ends = w.Now()
	u.EndedBy = w.Actor().ID
	return o.noteEnd(ctx, w, u, "ended early")
}

// note writes down that a use is over, if that was not noted yet.
func (o *Office) note(ctx context.Context, w *db.W, u Use) error {
	noted, err := db.Value[string](ctx, w, `SELECT state FROM break_glass WHERE id = $1`, u.ID)
	if err != nil {
		return fmt.Errorf("read state of emergency rights: %w", err)
	}
	switch {
	case noted == string(Waiting) && u.State == Lapsed:
		return u.become(ctx, w, Waiting, Lapsed, eventLapsed, "nobody opened it in time")
	case noted == string(Open) && u.State == Ended:
		return o.noteEnd(ctx, w, u, "their time was over, or the account lost a group or its link, or was closed")
	}
	return nil
}

// noteEnd writes down that open rights have ended, and tells who used them and who can review that.
func (o *Office) noteEnd(ctx context.Context, w *db.W, u Use, reason string) error {
	const ended = `UPDATE break_glass SET state = 'ended', ended_at = $2, ended_by = $3, reminded_at = $2
		WHERE id = $1 AND state = 'open'`
	if err := w.Change(ctx, ended, u.ID, u.Ends, u.EndedBy); err != nil {
		return fmt.Errorf("end emergency rights: %w", err)
	}
	err := w.Record(ctx, audit.Event{Kind: eventEnded, Subject: account.Ref(u.AccountID), Reason: reason,
		After: map[string]any{"use": u.ID, "ended": u.Ends}})
	if err != nil {
		return err
	}
	return o.tellEnded(ctx, w, u)
}
