// Package administration is what DoS user administrators do to accounts: they give and take groups, deactivate accounts
// and let them be used again. Nobody gives what they do not hold, reaches outside their scope or changes a peer's
// account, and somebody who can come in manages users everywhere at every moment.
//
// It knows nothing of pages, nor of how an account is linked.
package administration

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// Refused is the kind of the event of an act on an account that its actor may not do.
const Refused audit.Kind = "account.act-refused"

// Office does what user administrators do.
type Office struct {
	DB   *db.DB
	Post *mail.Post
}

var errLast = fault.SayCure(fault.Conflict,
	"Nobody else who can log in manages users everywhere, so the directory would be left without an administrator.",
	"Give somebody else the group DoS user administrator everywhere, and wait until they have logged in.")

// Administered reports whether anybody but the holder of one account can come in and manage users everywhere: by a
// link, or by a password whose wave has not ended every use of it. One that was set by a code to a mailbox does not
// count: whoever comes in by it manages nobody.
func Administered(ctx context.Context, r db.R, but string) (bool, error) {
	administrators, err := account.Administrators(ctx, r)
	if err != nil {
		return false, err
	}
	for _, a := range administrators {
		if a.ID == but {
			continue
		}
		enters, err := canEnter(ctx, r, a)
		if err != nil || enters {
			return enters, err
		}
	}
	return false, nil
}

func canEnter(ctx context.Context, r db.R, a account.Account) (bool, error) {
	_, err := account.LinkOf(ctx, r, a.ID)
	if !errors.Is(err, fault.NotFound) {
		return err == nil, err
	}
	if a.PasswordHash == "" {
		return false, nil
	}
	byMail, err := signin.PasswordByMail(ctx, r, a.ID)
	if err != nil || byMail {
		return false, err
	}
	current, err := wave.Of(ctx, r, a.ID)
	return current.Phase != path.Closed, err
}

// LeavesAnother refuses to end that an account manages users everywhere, where nobody else who can come in does.
func LeavesAnother(ctx context.Context, r db.R, a account.Account) error {
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil || !a.Active || !grants.Reach(a.Organisation, account.ManageUsers).Everywhere {
		return err
	}
	others, err := Administered(ctx, r, a.ID)
	if err == nil && !others {
		err = errLast
	}
	return err
}

// refuse records what somebody may not do to an account.
func refuse(ctx context.Context, w *db.W, id, what string, err error) error {
	if !errors.Is(err, fault.Forbidden) && !errors.Is(err, errLast) {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: Refused, Subject: account.Ref(id), Reason: what}, err)
}

// over checks that the actor may change an account.
func over(ctx context.Context, w *db.W, id, what string) (account.Account, error) {
	if err := account.RequireOver(ctx, w, account.ManageUsers, id); err != nil {
		return account.Account{}, refuse(ctx, w, id, what, err)
	}
	return account.ByID(ctx, w, id)
}

// Deactivate ends the use of an account, with its sessions, and tells its holder.
func (o Office) Deactivate(ctx context.Context, by actor.Actor, id, reason string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		a, err := over(ctx, w, id, "deactivate")
		if err != nil {
			return err
		}
		if err := LeavesAnother(ctx, w, a); err != nil {
			return refuse(ctx, w, id, "deactivate", err)
		}
		if err := account.Deactivate(ctx, w, id, reason); err != nil {
			return err
		}
		if err := mailbox.Bury(ctx, w, o.Post, a); err != nil {
			return err
		}
		if _, err := signin.Sessions.EndSubject(ctx, w, id, signin.EndedByAdministrator); err != nil {
			return fmt.Errorf("end sessions at deactivation: %w", err)
		}
		return o.Post.Send(ctx, w, deactivatedMail(a, by, reason))
	})
}

var errRetired = fault.SayCure(fault.Conflict, "This shared account has retired.",
	"Take its retirement back on the page of its case, until its deactivation date.")

// Reactivate lets an account be used again. Whoever deactivated it cannot, so that two people have looked.
func (o Office) Reactivate(ctx context.Context, by actor.Actor, id, reason string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		a, err := over(ctx, w, id, "reactivate")
		if err != nil {
			return err
		}
		if a.Retired(w.Now()) {
			return errRetired
		}
		if err := account.Reactivate(ctx, w, id, reason); err != nil {
			return refuse(ctx, w, id, "reactivate", err)
		}
		return o.Post.Send(ctx, w, reactivatedMail(a, by))
	})
}

const tellDesk = "If you did not expect this, tell the service desk. Begin the title of your ticket with MFA-DoS.\n"

// Named names who did something, as the holder of the account reads it.
func Named(by actor.Actor) string {
	if by.Kind == actor.Person {
		return by.Name
	}
	return "the people who run the Directory of Services"
}

func deactivatedMail(a account.Account, by actor.Actor, reason string) mail.Message {
	return mail.Message{
		Kind:    "account.deactivated",
		To:      a.Email,
		Subject: "Your Directory of Services account was deactivated",
		Text: "The Directory of Services account " + a.Username + " was deactivated by " + Named(by) +
			". It can no longer be used. The reason that they gave:\n\n" + mail.Quote(reason) + "\n\n" +
			"If you still need it, ask your DoS user administrator. " + tellDesk,
	}
}

func reactivatedMail(a account.Account, by actor.Actor) mail.Message {
	return mail.Message{
		Kind:    "account.reactivated",
		To:      a.Email,
		Subject: "You can use your Directory of Services account again",
		Text: "The Directory of Services account " + a.Username + " was activated again by " + Named(by) +
			". You log in as before.\n\n" + tellDesk,
	}
}
