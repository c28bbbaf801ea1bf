package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
)

// Ceremony is a link under way: CIS2 has vouched for the person, and they have shown that the account is
// theirs by its password. It is bound to the browser, lasts 15 minutes and is used once (rule R4).
type Ceremony struct {
	AccountID       string
	Issuer, Subject string
	Name            string // as CIS2 gave it
	Email           string // as CIS2 gave it; it decides nothing here (rule R1)
	NeedsCode       bool   // the mailbox of the account is to be proved too
	CodeTo          string // where that code went
	How             string // the proofs, for the record
}

// Ceremonies are links under way.
var Ceremonies = session.Flows[Ceremony]{Name: "dos.link", Life: 15 * time.Minute}

// errCannotLink is said for every reason why a link cannot be begun by somebody who has not shown that
// they hold the account (rule R13).
var errCannotLink = fault.SayCure(fault.Unauthenticated, "These details cannot be linked to your Care Identity.",
	"Check the username and password and try again. If it goes on, raise a ticket with the service desk, starting \"MFA-DoS - \".")

// FromSession begins a ceremony for the account that started it by password on this browser. The session
// must still be there.
func (d *Desk) FromSession(ctx context.Context, who actor.Actor, p Pending, person relying.Person) (cookie string, err error) {
	who.Kind, who.ID, who.Name = actor.Person, p.LinkFor, person.Name
	err = d.DB.Update(ctx, who, func(w *db.W) error {
		live, err := Sessions.OfSubject(ctx, w, p.LinkFor)
		if err != nil {
			return err
		}
		for _, s := range live {
			if s.ID == p.Session {
				cookie, err = d.begin(ctx, w, p.LinkFor, person, "password session")
				return err
			}
		}
		return errNotStarted
	})
	return cookie, err
}

// ByClaim begins a ceremony for somebody who came with a Care Identity that no account is linked to, and
// typed the username and password of an account.
func (d *Desk) ByClaim(ctx context.Context, who actor.Actor, arrived Arrival, username, plain string) (cookie string, err error) {
	c, err := d.claim(ctx, username, plain)
	if err != nil {
		return "", fmt.Errorf("claim account: %w", err)
	}
	person := arrived.person()
	who.Kind, who.ID, who.Name = actor.Person, person.Subject, person.Name
	err = d.DB.Update(ctx, who, func(w *db.W) error {
		if err := d.admit(ctx, w, c, true); err != nil {
			return err
		}
		control := "password"
		if !c.fits {
			control = byMailbox
		}
		cookie, err = d.begin(ctx, w, c.account.ID, person, control)
		return err
	})
	if errors.Is(err, errNotIn) {
		return "", errCannotLink
	}
	return cookie, err
}

// byMailbox is control of an account that an administrator lets be shown by a code to its mailbox.
const byMailbox = "an administrator's leave"

// begin checks that the two may be joined, mails a code where the addresses do not speak for the person,
// and keeps the ceremony.
func (d *Desk) begin(ctx context.Context, w *db.W, id string, p relying.Person, control string) (cookie string, err error) {
	a, err := account.ByID(ctx, w, id)
	if err != nil {
		return "", err
	}
	if err := d.mayLink(ctx, w, a, p); err != nil {
		return "", err
	}
	c := Ceremony{AccountID: id, Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Email: p.Email, How: control + ", Care Identity"}
	if c.NeedsCode = control == byMailbox || !speaksFor(a, p, w.Now()); c.NeedsCode {
		if c.CodeTo, err = d.mailCode(ctx, w, a); err != nil {
			return "", err
		}
		c.How += ", code to the account's address"
	}
	flow, secret, err := Ceremonies.Start(ctx, w, c)
	if err != nil {
		return "", err
	}
	event := audit.Event{Kind: "link.begun", Subject: account.Ref(id), After: map[string]any{"care_identity": careIdentity(p).ID, "code": c.NeedsCode}}
	return session.Cookie(flow, secret), w.Record(ctx, event)
}

// Why a link may not be.
var (
	errShared = fault.SayCure(fault.Forbidden, "A shared account cannot be linked to one person's Care Identity.", "Request an account of your own.")
	errTaken  = fault.SayCure(fault.Conflict, "This account or this Care Identity is linked already.",
		"Log in with the Care Identity you linked. If that was not you, raise a ticket with the service desk, starting \"MFA-DoS - \".")
	errTooEarly = fault.SayCure(fault.Forbidden, "Linking has not opened for your account yet.", "Your checklist says what you can prepare.")
	errLevel    = fault.SayCure(fault.Forbidden, "Your identity has not been checked to the level this service needs.", "Ask your registration authority to check your identity.")
	errTeam     = fault.SayCure(fault.Forbidden, "The email address of this account is a team's, so it cannot prove who you are.",
		"Change it to your own work address on your account page, then link again.")
)

// IsShared asks whether err is about a shared account.
func IsShared(err error) bool { return errors.Is(err, errShared) }

// mayLink refuses pairs that must never be joined (rules R3, R9, R10).
func (d *Desk) mayLink(ctx context.Context, w *db.W, a account.Account, p relying.Person) error {
	phase, err := d.PhaseOf(ctx, w, a.ID)
	if err != nil {
		return err
	}
	taken, err := linked(ctx, w, a.ID, p)
	if err != nil {
		return err
	}
	var why error
	switch {
	case a.Shared:
		why = errShared
	case !a.Active || a.WebServiceOnly || phase == path.Closed:
		why = errCannotLink
	case phase == path.Prepare:
		why = errTooEarly
	case taken:
		why = errTaken
	case p.IdentityLevel < leastIdentity:
		why = errLevel
	case teamMailbox(a.Email):
		why = errTeam
	default:
		return nil
	}
	return w.Refuse(ctx, audit.Event{Kind: "link.refused", Subject: account.Ref(a.ID), After: careIdentity(p).ID, Reason: why.Error()}, why)
}

func linked(ctx context.Context, r db.R, id string, p relying.Person) (bool, error) {
	_, err := account.LinkOf(ctx, r, id)
	if err == nil {
		return true, nil
	}
	if !absent(err) {
		return false, err
	}
	_, err = account.ByCareIdentity(ctx, r, p.Issuer, p.Subject)
	if err == nil {
		return true, nil
	}
	if !absent(err) {
		return false, err
	}
	return false, nil
}

func teamMailbox(stored string) bool {
	address, err := email.Parse(stored)
	return err == nil && email.RoleMailbox(address)
}

// speaksFor reports whether the addresses already say that account and person are one: CIS2 has proved
// the person's, it is the account's, and our own code proved that one within 30 days and not in the last
// 72 hours (rules R2, R3, R8).
func speaksFor(a account.Account, p relying.Person, now time.Time) bool {
	if p.EmailProof == nil || a.EmailProved.IsZero() || now.Sub(a.EmailProved) > account.ProofLasts || now.Sub(a.EmailSince) < account.Settled {
		return false
	}
	theirs, err := email.Parse(p.Email)
	if err != nil {
		return false
	}
	key, automatic := theirs.Canonical()
	return automatic && key == a.EmailKey
}

func (d *Desk) mailCode(ctx context.Context, w *db.W, a account.Account) (to string, err error) {
	if to, err = account.SettledEmail(ctx, w, a); err != nil {
		return "", err
	}
	code, err := account.NewCode(ctx, w, a.ID, account.ForLink, to)
	if err != nil {
		return "", err
	}
	return to, d.Post.Send(ctx, w, mail.Message{Kind: "link.code", To: to, Subject: "Your code to link your Care Identity", Text: "Your code is " + code + "\n\n" +
		"Type it on the page where you are linking your Directory of Services account to your Care Identity. It works once, for 15 minutes.\n\n" +
		"If this is not you, do not pass the code on, and tell the service desk.\n"})
}

// Link ends a ceremony: the account and the care identity are joined, every session of the account ends,
// and its password is dead. Of any number of tries one joins them.
func (d *Desk) Link(ctx context.Context, who actor.Actor, cookie, code string) (a account.Account, err error) {
	id, secret := session.Split(cookie)
	err = d.DB.Update(ctx, who, func(w *db.W) error {
		flow, err := Ceremonies.Load(ctx, w, id, secret)
		if errors.Is(err, fault.Expired) {
			return errNotStarted
		}
		if err != nil {
			return err
		}
		c := flow.State
		if a, err = account.ByID(ctx, w, c.AccountID); err != nil {
			return err
		}
		person := relying.Person{Issuer: c.Issuer, Subject: c.Subject, Name: c.Name, IdentityLevel: leastIdentity}
		if err := d.mayLink(ctx, w, a, person); err != nil {
			return err
		}
		if c.NeedsCode {
			if _, err := account.UseCode(ctx, w, a.ID, account.ForLink, code); err != nil {
				return err
			}
		}
		if _, err := Ceremonies.Take(ctx, w, id, secret); err != nil {
			return err
		}
		return d.join(ctx, w, a, c)
	})
	return a, err
}

// join is the clean slate at the link (rule R5), and says so to both addresses (rule R12).
func (d *Desk) join(ctx context.Context, w *db.W, a account.Account, c Ceremony) error {
	err := account.AddLink(ctx, w, account.Link{AccountID: a.ID, Issuer: c.Issuer, Subject: c.Subject, How: c.How})
	if errors.Is(err, account.ErrLinked) {
		return w.Refuse(ctx, audit.Event{Kind: "link.refused", Subject: account.Ref(a.ID), Reason: "somebody was quicker"}, errTaken)
	}
	if err != nil {
		return err
	}
	if _, err := Sessions.EndSubject(ctx, w, a.ID); err != nil {
		return fmt.Errorf("end sessions at link: %w", err)
	}
	told := []string{a.Email}
	if address, err := email.Parse(c.Email); err == nil && address.String() != a.Email {
		told = append(told, address.String())
	}
	for _, to := range told {
		if err := d.Post.Send(ctx, w, linkedMail(to, a.Username)); err != nil {
			return err
		}
	}
	return nil
}

func linkedMail(to, username string) mail.Message {
	return mail.Message{Kind: "link.made", To: to, Subject: "Your Directory of Services account is linked to your Care Identity",
		Text: "The Directory of Services account " + username + " is now linked to a Care Identity. From now on, log in with your Care Identity. The old password no longer works.\n\n" +
			"If this was not you, tell the service desk at once. The link can be undone for 30 days.\n"}
}

// Undo removes the link of an account, by its holder or an administrator, and ends its sessions. It
// brings back no password (rule R11).
func (d *Desk) Undo(ctx context.Context, who actor.Actor, id, reason string) error {
	return d.DB.Update(ctx, who, func(w *db.W) error {
		if who.ID != id {
			if err := account.Require(ctx, w, account.ManageUsers); err != nil {
				return err
			}
		}
		if err := account.RemoveLink(ctx, w, id, reason); err != nil {
			return err
		}
		if who.ID != id {
			if err := account.AllowRelink(ctx, w, id); err != nil {
				return err
			}
		}
		_, err := Sessions.EndSubject(ctx, w, id)
		return err
	})
}

// AllowRelink lets an administrator open the way back for somebody who undid their own link.
func (d *Desk) AllowRelink(ctx context.Context, who actor.Actor, id string) error {
	return d.DB.Update(ctx, who, func(w *db.W) error { return account.AllowRelink(ctx, w, id) })
}
