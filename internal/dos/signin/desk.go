package signin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The kinds of events of what the service desk does for somebody who telephones.
const (
	DeskEnded        audit.Kind = "signin.desk-ended-sessions"
	DeskUnlocked     audit.Kind = "signin.desk-unlocked"
	eventDeskRefused audit.Kind = "signin.desk-refused"
)

// maxUnlocks is how often in a day the desk ends the lock of one account: each end allows ten more wrong passwords.
const maxUnlocks = 3

var (
	errNoReason = fault.OfField("reason", "Enter why, in 500 letters or fewer")
	errUnlocks  = fault.SayCure(fault.TooMany,
		"The lock of this account was ended 3 times today, as often as it can be.",
		"Wait 15 minutes until it ends by itself, or have the person log in with their Care Identity.")
)

// maxDeskReason is how many letters a reason has at most.
const maxDeskReason = 500

// EndAllForDesk ends every session of somebody's account, for the service desk, with a reason that they read.
func EndAllForDesk(ctx context.Context, d *db.DB, by actor.Actor, id, reason string) error {
	return forDesk(ctx, d, by, id, reason, func(w *db.W) error {
		n, err := Sessions.EndSubject(ctx, w, id, endedByDesk)
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: DeskEnded, Subject: account.Ref(id),
			Reason: strings.TrimSpace(reason), After: map[string]int64{"sessions": n}})
	})
}

// UnlockForDesk ends the locks of somebody's account after too many wrong passwords, on whatever browser they were
// typed, for the service desk.
func UnlockForDesk(ctx context.Context, d *db.DB, by actor.Actor, id, reason string) error {
	return forDesk(ctx, d, by, id, reason, func(w *db.W) error {
		often, err := unlockedTooOften(ctx, w, id)
		if err != nil {
			return err
		}
		if often {
			return w.Refuse(ctx, audit.Event{Kind: eventDeskRefused, Subject: account.Ref(id)}, errUnlocks)
		}
		if err := wrongPasswords.ForgetAll(ctx, w, account.Ref(id)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: DeskUnlocked, Subject: account.Ref(id),
			Reason: strings.TrimSpace(reason)})
	})
}

// unlockedTooOften reports whether the desk ended the lock of an account as often as it can in a day.
func unlockedTooOften(ctx context.Context, r db.R, id string) (bool, error) {
	before, err := audit.Of(ctx, r, account.Ref(id), maxUnlocks, DeskUnlocked)
	if err != nil {
		return false, fmt.Errorf("read when the account was unlocked: %w", err)
	}
	return len(before) == maxUnlocks && r.Now().Sub(before[maxUnlocks-1].At) < 24*time.Hour, nil
}

// forDesk does what the service desk may do about an account, with a reason.
func forDesk(
	ctx context.Context, d *db.DB, by actor.Actor, id, reason string, do func(w *db.W) error,
) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || len([]rune(reason)) > maxDeskReason {
		return errNoReason
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireWithin(ctx, w, account.ServiceDesk, id); err != nil {
			return err
		}
		return do(w)
	})
}
