package signin

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/allowance"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
)

// Days is how long somebody who logged in with their password can still do so, and whether they are asked to link.
type Days struct {
	PasswordDecision

	Asked   bool // the page asks them to link
	PutOffs int  // how often they can still put that off
}

// ErrReadingOnly is why somebody may only look on the last day on which their password opens the account.
var ErrReadingOnly = fault.SayCure(fault.Forbidden,
	"This is the last day on which your password opens the Directory of Services, and you can look but change nothing.",
	"Link your account to your Care Identity. After that you can do all that you could before.")

// errPhaseBegun tells whoever was logged out by a phase without passwords and can log in all the same: for some days,
// by an exception, or since the wave went back.
var errPhaseBegun = fault.SayCure(fault.Unauthenticated,
	"You were logged out, because the move to Care Identity went a step further.",
	"Log in again. Your password still works for now.")

// WhyWithheld gives the reason why the user may not do what their account lets them do.
func (c Current) WhyWithheld() error {
	if c.Days.ReadingOnly {
		return ErrReadingOnly
	}
	return ErrWithheld
}

// atLogin decides what the password of an account opens for whoever logs in now.
func atLogin(ctx context.Context, r db.R, a account.Account, of wave.Wave) (PasswordDecision, error) {
	decided, _, err := decidePassword(ctx, r, a, of, allowance.Clock.AtLogin)
	return decided, err
}

// decidePassword decides what the password of an account opens, with the days counted in a way. The clock is read where
// days decide.
func decidePassword(
	ctx context.Context, r db.R, a account.Account, of wave.Wave, worked func(allowance.Clock) int,
) (d PasswordDecision, c allowance.Clock, err error) {
	f := PasswordFacts{Kind: a.Kind, Retired: a.Retired(r.Now()), Phase: of.Phase, Allowance: of.Allowance}
	if of.Allowance > 0 && a.Kind == account.Individual && of.Phase >= path.Choose {
		if c, err = allowance.Of(ctx, r, a.ID, of); err != nil {
			return d, c, err
		}
		f.Worked = worked(c)
		_, err = account.LinkOf(ctx, r, a.ID)
		if err != nil && !absent(err) {
			return d, c, err
		}
		f.Linked = err == nil
	} else {
		f.Worked = 1
	}
	return DecidePassword(f), c, nil
}

// daysOf gives what the session of somebody who logged in with their password opens now, or why it is over.
func daysOf(ctx context.Context, r db.R, s session.Session[State], a account.Account, of wave.Wave) (Days, error) {
	counted := func(c allowance.Clock) int { return max(c.Days, 1) }
	decided, c, err := decidePassword(ctx, r, a, of, counted)
	switch {
	case err != nil:
		return Days{}, err
	case decided.Problem != nil:
		return Days{}, errPasswordOver
	case passwordEnded(s, of):
		return Days{}, errPhaseBegun
	}
	d := Days{PasswordDecision: decided}
	if of.Phase >= path.Choose && of.Allowance > 0 && a.Kind == account.Individual {
		d.Asked = !r.Now().Before(c.Quiet)
		d.PutOffs = max(of.Allowance-c.PutOffs, 0)
	}
	if of.Phase >= path.Require {
		d.PutOffs = 0
	}
	return d, nil
}

var errNotPutOff = fault.SayCure(fault.Conflict, "You cannot put this off any more.",
	"Link your account to your Care Identity. Your checklist says what you need.")

// PutOff has the user of a session not be asked to link for a day from their login.
func PutOff(ctx context.Context, d *db.DB, by actor.Actor, s session.Session[State]) error {
	return d.Update(ctx, by, func(w *db.W) error {
		c, err := Find(ctx, w, s)
		if err != nil {
			return err
		}
		if c.Days.PutOffs == 0 {
			return errNotPutOff
		}
		of, err := wave.Of(ctx, w, s.Subject)
		if err != nil {
			return err
		}
		return allowance.PutOff(ctx, w, s.Subject, of, s.Begun)
	})
}

// DaysLeft counts the days of work, today among them, on which the password of an account still opens it in Require; 0
// where none does, and in the phases before.
func DaysLeft(ctx context.Context, r db.R, a account.Account, of wave.Wave) (int, error) {
	decided, err := atLogin(ctx, r, a, of)
	if err != nil || !decided.Limited {
		return 0, err
	}
	return decided.Left + 1, nil
}

// PasswordOpens reports whether the right password of an account would let its holder in now.
func PasswordOpens(ctx context.Context, r db.R, a account.Account) (bool, error) {
	of, err := wave.Of(ctx, r, a.ID)
	if err != nil {
		return false, err
	}
	decided, err := atLogin(ctx, r, a, of)
	return err == nil && decided.Problem == nil && a.PasswordHash != "", err
}
