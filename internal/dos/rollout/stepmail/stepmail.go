// Package stepmail sends one person the mail of their own next step, when they telephone the service desk. It goes to
// the address of their account alone, and only where somebody has shown that they read it.
//
// It does not write what is to be done: package campaign does.
package stepmail

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/campaign"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// The kinds of events that this package records.
const (
	eventSent    audit.Kind = "stepmail.sent"
	eventRefused audit.Kind = "stepmail.refused"
)

// How many such mails there are within a day.
const (
	MaxOfPerson = 2   // to one person, whoever sends them
	MaxOfSender = 100 // by one member of the desk
)

const day = 24 * time.Hour

// Desk sends the mails.
type Desk struct {
	DB    *db.DB
	Post  *mail.Post
	Home  string        // address of the site, for links in mails
	Asker rollout.Asker // nil if the care identity side answers no questions
}

const readOut = "Read out to them what they have to do now."

// Why somebody is sent nothing, with what the desk does instead.
var (
	errInactive = fault.SayCure(fault.Conflict, "The account is not active, so there is no next step.",
		"A DoS user administrator can activate it again.")
	errProgram = fault.SayCure(fault.Conflict, "The account is for a program, which has no next step.",
		"Talk to whoever runs the program.")
	errNoAddress = fault.SayCure(fault.Conflict, "The account has no email address.",
		readOut+" When they are logged in, they can enter an address under My account.")
	errBounces = fault.SayCure(fault.Conflict, "Email to the address of the account comes back.",
		readOut+" When they are logged in, they can change the address under My account.")
	errUnproved = fault.SayCure(fault.Conflict, "Nobody has shown that they read the email address of the account.",
		readOut+" When they are logged in, they can confirm the address under My account. Then it can be sent.")
	errTeamReads = fault.SayCure(fault.Conflict, "Several people read the email address of the account.",
		readOut+" It is for one person alone.")
	errOfPerson = fault.SayCure(fault.TooMany,
		fmt.Sprintf("This email was sent to them %d times in the last 24 hours, as often as it can be.", MaxOfPerson),
		readOut+" Ask them to look among their unwanted mail.")
	errOfSender = fault.SayCure(fault.TooMany,
		fmt.Sprintf("You have sent %d such emails in the last 24 hours, as many as you can.", MaxOfSender), readOut)
	errSilent = fault.SayCure(fault.Unavailable,
		"The care identity side does not answer now, so nobody knows what their next step is.",
		"Try again in a few minutes.")
)

// Problem says why the holder of an account cannot be sent the mail, or nil where they can.
func Problem(ctx context.Context, r db.R, a account.Account) (problem, failed error) {
	switch {
	case !a.Active:
		return errInactive, nil
	case a.Kind == account.Machine:
		return errProgram, nil
	case a.Email == "":
		return errNoAddress, nil
	}
	bounce, err := mail.BounceOf(ctx, r, a.Email)
	switch {
	case err != nil:
		return nil, err
	case !bounce.Since.IsZero():
		return errBounces, nil
	case mailing.ReadByTeam(a):
		return errTeamReads, nil
	case a.EmailProved.IsZero():
		return errUnproved, nil
	}
	sent, err := audit.Of(ctx, r, account.Ref(a.ID), MaxOfPerson, eventSent)
	if err != nil {
		return nil, fmt.Errorf("read when the next step was mailed: %w", err)
	}
	if len(sent) == MaxOfPerson && r.Now().Sub(sent[MaxOfPerson-1].At) < day {
		return errOfPerson, nil
	}
	return nil, nil
}

// Send mails the holder of an account their next step, as it is now.
func (d Desk) Send(ctx context.Context, by actor.Actor, id string) error {
	p, err := d.person(ctx, by, id)
	if err != nil {
		return err
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireWithin(ctx, w, account.ServiceDesk, id); err != nil {
			return err
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		problem, err := sendProblem(ctx, w, a)
		if err != nil {
			return err
		}
		if problem != nil {
			return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(id)}, problem)
		}
		text, err := campaign.Of(ctx, w, p)
		if err != nil {
			return err
		}
		if err := d.Post.Send(ctx, w, d.message(a, text)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventSent, Subject: account.Ref(id), After: text.Sort})
	})
}

// person gives what is known now of somebody, whom the actor may help, before anything is written: nobody waits for
// the care identity side in an Update.
func (d Desk) person(ctx context.Context, by actor.Actor, id string) (rollout.Person, error) {
	p, err := db.Read(ctx, d.DB, func(r db.R) (rollout.Person, error) {
		return known(ctx, r, by, id)
	})
	if err != nil || d.Asker == nil {
		return p, err
	}
	facts, silent := rollout.Facts(ctx, d.Asker, p.Known)
	if silent != nil {
		return p, fmt.Errorf("%w: %w", errSilent, silent)
	}
	p.Facts = facts
	return p, nil
}

// known gives what was noted of somebody whom the actor may help.
func known(ctx context.Context, r db.R, by actor.Actor, id string) (rollout.Person, error) {
	reach, err := account.ReachNow(ctx, r, by.ID, account.ServiceDesk)
	if err != nil {
		return rollout.Person{}, err
	}
	a, err := account.ByID(ctx, r, id)
	if err == nil && !reach.Covers(a) {
		err = account.ErrOutside
	}
	if err != nil {
		return rollout.Person{}, err
	}
	people, err := rollout.Each(ctx, r, []account.Account{a})
	return people[id], err
}

// sendProblem says why the actor cannot send an account the mail, or nil where they can.
func sendProblem(ctx context.Context, w *db.W, a account.Account) (problem, failed error) {
	if problem, err := Problem(ctx, w, a); problem != nil || err != nil {
		return problem, err
	}
	n, err := audit.CountBy(ctx, w, w.Actor().ID, eventSent, w.Now().Add(-day))
	if err == nil && n >= MaxOfSender {
		return errOfSender, nil
	}
	return nil, err
}

// message is the mail. Nothing in it was typed by whoever sends it.
func (d Desk) message(a account.Account, t mailing.Personal) mail.Message {
	parts := []string{"Dear " + a.Name() + ",",
		"Somebody asked the service desk by telephone, in your name, what to do next. This is the answer.", t.Words}
	if t.Lead != "" {
		parts = append(parts, t.Lead, d.Home+"/checklist")
	}
	parts = append(parts, "Your account is "+a.Username+".",
		"If it was not you who asked, tell the service desk. Begin the title of your ticket with MFA-DoS. Nobody ever "+
			"asks for your password or for a code by email.")
	return mail.Message{Kind: "stepmail", To: a.Email, Subject: t.Subject, Text: strings.Join(parts, "\n\n") + "\n"}
}
