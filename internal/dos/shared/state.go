package shared

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// move takes the case of an account from one state to another, for an administrator of the account.
func (c *Cases) move(
	ctx context.Context, by actor.Actor, accountID string, from []State, act func(w *db.W, c Case) error,
) error {
	return c.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireOver(ctx, w, account.ManageUsers, accountID); err != nil {
			return err
		}
		found, err := Of(ctx, w, accountID)
		if err != nil {
			return err
		}
		for _, state := range from {
			if found.State == state {
				return act(w, found)
			}
		}
		return errState
	})
}

func (c Case) become(ctx context.Context, w *db.W, state State, kind audit.Kind) error {
	const change = `UPDATE shared_case SET state = $3 WHERE account_id = $1 AND state = $2`
	if err := w.Change(ctx, change, c.AccountID, string(c.State), string(state)); err != nil {
		return fmt.Errorf("change case of shared account: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: kind, Subject: account.Ref(c.AccountID), Before: c.State, After: state})
}

// Freeze lets the account be used to look only.
func (c *Cases) Freeze(ctx context.Context, by actor.Actor, accountID string) error {
	return c.move(ctx, by, accountID, []State{Open}, func(w *db.W, found Case) error {
		if err := account.SetReadingOnly(ctx, w, accountID, true); err != nil {
			return err
		}
		return found.become(ctx, w, Frozen, eventFrozen)
	})
}

// Unfreeze lets the account be used as before.
func (c *Cases) Unfreeze(ctx context.Context, by actor.Actor, accountID string) error {
	return c.move(ctx, by, accountID, []State{Frozen}, func(w *db.W, found Case) error {
		if err := account.SetReadingOnly(ctx, w, accountID, false); err != nil {
			return err
		}
		return found.become(ctx, w, Open, eventUnfrozen)
	})
}

// QuietSince gives when an account may retire early: after 14 days without unclaimed use, counted from the last one or
// from when its case was opened.
func QuietSince(ctx context.Context, r db.R, c Case) (time.Time, error) {
	list, _, err := Unclaimed(ctx, r, c.AccountID, c.Opened)
	if err != nil {
		return time.Time{}, err
	}
	since := c.Opened
	if len(list) > 0 {
		since = list[0].At
	}
	return since.Add(Quiet), nil
}

func errNotQuiet(from time.Time) error {
	return fault.SayCure(fault.Conflict,
		"Somebody used this account in the last 14 days who has not said who they are.",
		"It may retire from "+when.Date(from)+" if nobody else does, or by itself on its deactivation date.")
}

// Retire ends the use of the account before its deactivation date, once it is frozen and nobody has used it for 14 days
// who has not said who they are. All who are logged in with it are logged out.
func (c *Cases) Retire(ctx context.Context, by actor.Actor, accountID string) error {
	return c.move(ctx, by, accountID, []State{Frozen}, func(w *db.W, found Case) error {
		quiet, err := QuietSince(ctx, w, found)
		if err != nil {
			return err
		}
		if w.Now().Before(quiet) {
			return refuse(ctx, w, accountID, "unclaimed use in the last 14 days", errNotQuiet(quiet))
		}
		return found.retire(ctx, w)
	})
}

// retire ends the use of the account.
func (c Case) retire(ctx context.Context, w *db.W) error {
	if err := account.SetUse(ctx, w, c.AccountID, false); err != nil {
		return err
	}
	if err := account.SetRetirement(ctx, w, c.AccountID, w.Now()); err != nil {
		return err
	}
	if _, err := signin.Sessions.EndSubject(ctx, w, c.AccountID, EndedByRetirement); err != nil {
		return err
	}
	return c.become(ctx, w, Retired, eventRetired)
}

var errDatePassed = fault.SayCure(fault.Conflict, "The deactivation date of this account has passed.",
	"It stays off. Whoever still needs access requests an account of their own.")

// Restore undoes the retirement of an account before its deactivation date: it may be used to look again.
func (c *Cases) Restore(ctx context.Context, by actor.Actor, accountID string) error {
	return c.move(ctx, by, accountID, []State{Retired}, func(w *db.W, found Case) error {
		if !w.Now().Before(found.Retires) {
			return refuse(ctx, w, accountID, "the deactivation date has passed", errDatePassed)
		}
		if err := account.SetUse(ctx, w, accountID, true); err != nil {
			return err
		}
		if err := account.SetRetirement(ctx, w, accountID, found.Retires); err != nil {
			return err
		}
		return found.become(ctx, w, Frozen, eventRestored)
	})
}

// SetDate moves the deactivation date of an account that has not retired.
func (c *Cases) SetDate(ctx context.Context, by actor.Actor, accountID string, retires time.Time) error {
	return c.move(ctx, by, accountID, []State{Open, Frozen}, func(w *db.W, found Case) error {
		if err := checkDate(w.Now(), retires); err != nil {
			return err
		}
		err := w.Change(ctx, `UPDATE shared_case SET retires_at = $2 WHERE account_id = $1`, accountID, retires)
		if err != nil {
			return fmt.Errorf("move deactivation date: %w", err)
		}
		if err := account.SetRetirement(ctx, w, accountID, retires); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventDated, Subject: account.Ref(accountID), Before: found.Retires,
			After: retires})
	})
}
