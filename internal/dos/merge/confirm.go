package merge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
)

var (
	errNotYours = fault.SayCure(fault.Expired, "There is no merge that waits for you.",
		"If an administrator wrote to you about one, ask them whether it still stands.")
	errOtherSession = fault.SayCure(fault.Forbidden,
		"One of the two accounts is linked to a Care Identity, so you confirm this while logged in with that one.",
		"Log out, then log in with your Care Identity and come back to the page Account.")
	errProveAddress = fault.SayCure(fault.Forbidden,
		"The email address of the account with which you are logged in was not confirmed in the last 30 days.",
		"Confirm it on the page Account, then come back.")
	errUnsettled = fault.SayCure(fault.Forbidden,
		"The email address of the account with which you are logged in was changed less than 3 days ago.",
		"Come back when 3 days have passed since the change.")
)

// mine reads the merge that waits for the holder of an account, from the session of that account.
func mine(ctx context.Context, r db.R, by actor.Actor) (m Merge, s Sides, other account.Account, err error) {
	m, err = Open(ctx, r, by.ID)
	if errors.Is(err, fault.NotFound) {
		return m, s, other, errNotYours
	}
	if err != nil {
		return m, s, other, err
	}
	s, err = SidesOf(ctx, r, m)
	return m, s, s.Other(by), err
}

// Mine reads the merge that waits for whoever is logged in to one of its accounts, or has been confirmed by them.
func Mine(ctx context.Context, r db.R, by actor.Actor) (Merge, Sides, error) {
	m, s, _, err := mine(ctx, r, by)
	return m, s, err
}

// Other gives the account that is not that of the session.
func (s Sides) Other(by actor.Actor) account.Account {
	if by.ID == s.Closed.ID {
		return s.Survivor
	}
	return s.Closed
}

// own gives the account of the session.
func (s Sides) own(by actor.Actor) account.Account {
	if by.ID == s.Closed.ID {
		return s.Closed
	}
	return s.Survivor
}

// MayConfirm gives the reason why somebody cannot show now that both accounts are theirs. If one is linked, it must be
// the one they are logged in with. The address of that one must be confirmed and settled (rules R3 and R8).
func MayConfirm(ctx context.Context, r db.R, by actor.Actor, s Sides) (problem, failed error) {
	own := s.own(by)
	survivor, closed, err := links(ctx, r, s)
	if err != nil {
		return nil, err
	}
	switch {
	case survivor != nil && own.ID != s.Survivor.ID, closed != nil && own.ID != s.Closed.ID:
		return errOtherSession, nil
	case own.EmailProved.IsZero() || r.Now().Sub(own.EmailProved) > mailbox.ProofLasts:
		return errProveAddress, nil
	case own.EmailSince.After(own.Created) && r.Now().Sub(own.EmailSince) < mailbox.Settled:
		return errUnsettled, nil
	}
	return nil, nil
}

// SendCode mails a code to the other account, from the session of one of the two.
func (o Office) SendCode(ctx context.Context, by actor.Actor) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, other, err := mine(ctx, w, by)
		if err != nil {
			return err
		}
		if err := mayConfirm(ctx, w, by, m, s); err != nil {
			return err
		}
		to, err := mailbox.SettledOf(ctx, w, other)
		if err != nil {
			return err
		}
		write := func(code string) mail.Message { return codeMail(to, s.own(by), other, code) }
		purpose := account.ForMerge.Within(by.Session)
		if err := mailcode.Ask(ctx, w, o.Post, purpose, account.Ref(other.ID), write); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventCodeAsked, Subject: account.Ref(other.ID), After: m.ID})
	})
}

const eventCodeAsked audit.Kind = "merge.code-asked"

func mayConfirm(ctx context.Context, w *db.W, by actor.Actor, m Merge, s Sides) error {
	problem, err := MayConfirm(ctx, w, by, s)
	if err == nil && m.State != Proposed {
		err = errOver
	}
	if err != nil || problem != nil {
		return errors.Join(err, problem)
	}
	return nil
}

// AwaitedCode gives the address to which the last code of a session was mailed, or fault.NotFound.
func AwaitedCode(ctx context.Context, r db.R, by actor.Actor, other string) (string, error) {
	return mailcode.Sent(ctx, r, account.ForMerge.Within(by.Session), account.Ref(other))
}

const confirmMerge = `UPDATE account_merge SET state = $2, confirmed_at = $3, confirmed_link = $4, proofs = $5
	WHERE id = $1 AND state = 'proposed'`

// Confirm takes the code that was mailed to the other account. Whoever is logged in to one of them and reads the
// mailbox of the other holds both.
func (o Office) Confirm(ctx context.Context, by actor.Actor, code string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, other, err := mine(ctx, w, by)
		if err != nil {
			return err
		}
		to, err := mailcode.Use(ctx, w, o.Post, account.ForMerge.Within(by.Session), account.Ref(other.ID), code)
		if err != nil {
			return err
		}
		if err := mayConfirm(ctx, w, by, m, s); err != nil {
			return err
		}
		if err := o.keepProofs(ctx, w, m, s, s.own(by), to); err != nil {
			return err
		}
		if err := record(ctx, w, m, audit.Event{Kind: eventConfirmed}); err != nil {
			return err
		}
		return o.tellProposer(ctx, w, m, s)
	})
}

// keepProofs notes what the holder showed, and which of the two is linked.
func (o Office) keepProofs(ctx context.Context, w *db.W, m Merge, s Sides, own account.Account, to string) error {
	survivor, closed, err := links(ctx, w, s)
	if err != nil {
		return err
	}
	how := "They were logged in to " + own.Username + " with its password"
	linked := ""
	if survivor != nil || closed != nil {
		how = "They were logged in to " + own.Username + " with the Care Identity that it is linked to"
		linked = own.ID
	}
	proofs, err := json.Marshal([]string{
		how, "The email address of " + own.Username + " was confirmed by a code in the 30 days before",
		"They typed the code that was mailed to " + to,
	})
	if err != nil {
		return fmt.Errorf("write proofs of merge: %w", err)
	}
	if err := w.Change(ctx, confirmMerge, m.ID, string(Confirmed), w.Now(), linked, string(proofs)); err != nil {
		return fmt.Errorf("confirm merge: %w", err)
	}
	return nil
}

// Decline ends a merge by the word of somebody logged in to one of the accounts, and tells those who look after it.
func (o Office) Decline(ctx context.Context, by actor.Actor) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, s, _, err := mine(ctx, w, by)
		if err != nil {
			return err
		}
		if err := end(ctx, w, m, Declined, ""); err != nil {
			return err
		}
		if err := record(ctx, w, m, audit.Event{Kind: eventDeclined}); err != nil {
			return err
		}
		administrators, err := account.AdministratorsOf(ctx, w, s.own(by))
		if err != nil {
			return err
		}
		return o.Post.Tell(ctx, w, declinedMail(s, s.own(by)), mailbox.Addresses(administrators))
	})
}
