// Package exception lets somebody log in with their password for a while as in Choose, whatever the phase of their
// wave: for a day by one administrator, for longer by two people. Each ends by itself, as its end is looked at whenever
// the wave of the account is read (package wave).
//
// It revives no password and no session: who has linked has no password, and sessions that ended stay ended.
package exception

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/holders"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/deciding"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

const (
	eventGiven   audit.Kind = "exception.given"
	eventAsked   audit.Kind = "exception.asked"
	eventRefused audit.Kind = "exception.refused"
	eventEnded   audit.Kind = "exception.ended"
)

// Limits.
const (
	// Short is how long an exception is that one administrator gives.
	Short = 24 * time.Hour
	// MaxDays is the most days that can be asked for.
	MaxDays = 180

	maxReason = 2_000 // letters

	// maxAlone is how many exceptions one person gives an account within aloneWithin: for longer, two decide.
	maxAlone    = 2
	aloneWithin = 7 * 24 * time.Hour
)

var (
	errReason = fault.OfField("reason", "Enter why, in 2,000 characters or fewer")
	errDays   = fault.OfField("days", fmt.Sprintf("Enter a number of days from 1 to %d", MaxDays))
	errNobody = fault.SayCure(fault.Conflict,
		"There are exceptions only for active accounts of one person that are not linked.",
		"Whoever has linked logs in with their Care Identity. For a shared account, decide when it retires.")
	// ErrAsked answers whoever asks for what is asked for already.
	ErrAsked = fault.SayCure(fault.Conflict, "Somebody has asked for this account already.",
		"Wait until an administrator has decided.")
	errOver = fault.SayCure(fault.Conflict, "This was decided already, or nobody asks for it any more.",
		"Look at how it stands now.")
	errAlone = fault.SayCure(fault.TooMany, "You have let this password work for 24 hours twice within a week.",
		"Ask for as many days as are needed. Another DoS user administrator decides.")
	errLonger = fault.SayCure(fault.Conflict, "The password works for longer already.",
		"End that exception first if it is to be shorter.")
	errNobodyDecides = fault.SayCure(fault.Conflict, "There is nobody who could decide about it.",
		"Tell the service desk. Begin the title of your ticket with MFA-DoS.")
	errNone = fault.SayCure(fault.Conflict, "The account has no exception now.", "Nothing is left to end.")
	errOwn  = fault.SayCure(fault.Forbidden, "You asked for this yourself.",
		"Another DoS user administrator has to decide about it.")
)

// Exception is that the password of an account works until a time.
type Exception struct {
	AccountID   string
	Begun, Ends time.Time
	Name        string // who gave it
	Reason      string
}

// Request is that somebody asks for an exception for some days.
type Request struct {
	ID, AccountID string
	Days          int
	Reason        string
	By, Name      string // who asks: their id and name
	At            time.Time
}

// Office gives exceptions and ends them, and decides about those that are asked for.
type Office struct {
	DB   *db.DB
	Post *mail.Post
	Home string // address of the directory
}

const selectException = `SELECT x.account_id, x.begun_at, x.ends_at, x.given_name, x.reason`

func scanException(scan db.Scanner) (e Exception, err error) {
	err = scan(&e.AccountID, db.At(&e.Begun), db.At(&e.Ends), &e.Name, &e.Reason)
	return e, err
}

const selectRequest = `SELECT q.id, q.account_id, q.days, q.reason, q.asked_by, q.asked_name, q.asked_at`

func scanRequest(scan db.Scanner) (q Request, err error) {
	err = scan(&q.ID, &q.AccountID, &q.Days, &q.Reason, &q.By, &q.Name, db.At(&q.At))
	return q, err
}

// Of reads the exception of an account, or gives fault.NotFound if it has none now.
func Of(ctx context.Context, r db.R, accountID string) (e Exception, err error) {
	e, err = db.One(ctx, r, scanException, selectException+` FROM wave_exception x WHERE x.account_id = $1
		AND x.ends_at > $2 AND `+account.HasToLink("x.account_id"), accountID, r.Now())
	if err != nil {
		return e, fmt.Errorf("read exception: %w", err)
	}
	return e, nil
}

// Waiting reads what is asked for about an account and not decided, or gives fault.NotFound.
func Waiting(ctx context.Context, r db.R, accountID string) (q Request, err error) {
	q, err = db.One(ctx, r, scanRequest, selectRequest+` FROM wave_exception_request q
		WHERE q.account_id = $1 AND q.decided_at IS NULL`, accountID)
	if err != nil {
		return q, fmt.Errorf("read request for exception: %w", err)
	}
	return q, nil
}

func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" || utf8.RuneCountInString(reason) > maxReason {
		return errReason
	}
	return nil
}

// holder reads an account for which there can be an exception.
func holder(ctx context.Context, r db.R, id string) (account.Account, error) {
	a, err := account.ByID(ctx, r, id)
	if err != nil {
		return a, err
	}
	_, err = account.LinkOf(ctx, r, id)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return a, err
	}
	if err == nil || !a.Active || a.Kind != account.Individual {
		return a, errNobody
	}
	return a, nil
}

// over checks that the actor may let the holder of an account in, who is somebody else: as with all by which one person
// lets another in, not with a permission that they were given just now.
func over(ctx context.Context, w *db.W, id string) (account.Account, error) {
	if err := account.RequireOver(ctx, w, account.ManageUsers, id); err != nil {
		return account.Account{}, err
	}
	if err := deciding.AboutAccount(ctx, w, account.ManageUsers, id); err != nil {
		return account.Account{}, err
	}
	return holder(ctx, w, id)
}

// Give has the password of an account work for a day, and tells its holder.
func (o Office) Give(ctx context.Context, by actor.Actor, accountID, reason string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		a, err := over(ctx, w, accountID)
		if err != nil {
			return err
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		if err := notAlone(ctx, w, a.ID); err != nil {
			return err
		}
		return o.begin(ctx, w, a, w.Now().Add(Short), strings.TrimSpace(reason))
	})
}

// notAlone refuses an actor who gave an account as many exceptions lately as one person gives.
func notAlone(ctx context.Context, w *db.W, accountID string) error {
	const maxLooked = 100
	list, err := audit.Of(ctx, w, account.Ref(accountID), maxLooked, eventGiven)
	if err != nil {
		return fmt.Errorf("read who gave exceptions: %w", err)
	}
	given := 0
	for _, e := range list {
		if e.At.Before(w.Now().Add(-aloneWithin)) {
			break
		}
		same := e.ActorID == w.Actor().ID
		if !same {
			if same, err = account.OnePerson(ctx, w, e.ActorID, w.Actor().ID); err != nil {
				return err
			}
		}
		if same {
			given++
		}
	}
	if given >= maxAlone {
		return errAlone
	}
	return nil
}

const begin = `INSERT INTO wave_exception (account_id, begun_at, ends_at, given_by, given_name, reason)
	VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) DO UPDATE SET begun_at = $2, ends_at = $3, given_by = $4,
		given_name = $5, reason = $6 WHERE wave_exception.ends_at <= $3`

// begin begins an exception, in place of one that ends earlier.
func (o Office) begin(ctx context.Context, w *db.W, a account.Account, ends time.Time, reason string) error {
	n, err := w.Exec(ctx, begin, a.ID, w.Now(), ends, w.Actor().ID, w.Actor().Name, reason)
	if err != nil {
		return fmt.Errorf("begin exception: %w", err)
	}
	if n == 0 {
		return errLonger
	}
	if err := o.Post.SendEach(ctx, w, givenMail(a, decider(w.Actor()), ends, reason)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventGiven, Subject: account.Ref(a.ID), After: ends, Reason: reason})
}

// End ends the exception of an account, and tells its holder. Sessions that began by it are over.
func (o Office) End(ctx context.Context, by actor.Actor, accountID string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireOver(ctx, w, account.ManageUsers, accountID); err != nil {
			return err
		}
		a, err := account.ByID(ctx, w, accountID)
		if err != nil {
			return err
		}
		err = w.Change(ctx, `UPDATE wave_exception SET ends_at = $2 WHERE account_id = $1 AND ends_at > $2`, a.ID,
			w.Now())
		if errors.Is(err, fault.Conflict) {
			return errNone
		}
		if err != nil {
			return fmt.Errorf("end exception: %w", err)
		}
		if err := o.Post.SendEach(ctx, w, endedMail(a, decider(w.Actor()))); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventEnded, Subject: account.Ref(a.ID)})
	})
}

const ask = `INSERT INTO wave_exception_request (id, account_id, days, reason, asked_by, asked_name, asked_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`

// Ask asks for an exception of some days, for the actor's own account or for one that they look after, and tells those
// who can decide about it. Where nobody can, it is refused: whoever asked would wait for nothing.
func (o Office) Ask(ctx context.Context, by actor.Actor, accountID string, days int, reason string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if w.Actor().Kind != actor.Person || w.Actor().ID != accountID {
			if err := account.RequireOver(ctx, w, account.ManageUsers, accountID); err != nil {
				return err
			}
		}
		a, err := holder(ctx, w, accountID)
		if err != nil {
			return err
		}
		if days < 1 || days > MaxDays {
			return errDays
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		n, err := w.Exec(ctx, ask, random.ID(), a.ID, days, strings.TrimSpace(reason), w.Actor().ID, w.Actor().Name,
			w.Now())
		if err != nil {
			return fmt.Errorf("ask for exception: %w", err)
		}
		if n == 0 {
			return ErrAsked
		}
		deciders, err := decidersOf(ctx, w, a, w.Actor().ID)
		if err != nil {
			return err
		}
		if len(deciders) == 0 {
			return errNobodyDecides
		}
		if err := o.Post.Tell(ctx, w, o.askedMail(a, w.Actor().Name, days), mailbox.Addresses(deciders)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventAsked, Subject: account.Ref(a.ID), After: days, Reason: reason})
	})
}

// decidersOf lists who can decide about what somebody asks for an account.
func decidersOf(ctx context.Context, r db.R, a account.Account, asker string) (list []account.Account, err error) {
	administrators, err := account.AdministratorsOf(ctx, r, a)
	if err != nil {
		return nil, err
	}
	grants, err := holders.GrantsOf(ctx, r, append(administrators, a))
	if err != nil {
		return nil, err
	}
	for _, one := range administrators {
		reach := grants[one.ID].Reach(one.Organisation, account.ManageUsers)
		if one.ID != asker && account.MayChange(one.ID, reach, a, grants[a.ID]) == nil {
			list = append(list, one)
		}
	}
	return list, nil
}

// Decide decides about what somebody else asked for, and tells the holder of the account.
func (o Office) Decide(ctx context.Context, by actor.Actor, requestID string, approve bool, answer string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		accountID, days, err := o.decidable(ctx, w, requestID)
		if err != nil {
			return err
		}
		a, err := over(ctx, w, accountID)
		if approve && err != nil || err != nil && !errors.Is(err, fault.Conflict) {
			return err
		}
		if err := checkReason(answer); err != nil {
			return err
		}
		err = w.Change(ctx, `UPDATE wave_exception_request SET decided_at = $2, decided_name = $3, approved = $4,
			answer = $5 WHERE id = $1 AND decided_at IS NULL`, requestID, w.Now(), w.Actor().Name, approve, answer)
		if err != nil {
			return fmt.Errorf("decide about exception: %w", err)
		}
		if approve {
			return o.begin(ctx, w, a, w.Now().AddDate(0, 0, days), strings.TrimSpace(answer))
		}
		if err := o.Post.SendEach(ctx, w, refusedMail(a, decider(w.Actor()), answer)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(accountID), Reason: answer})
	})
}

// decidable reads for which account and how many days somebody else asks than who decides.
func (o Office) decidable(ctx context.Context, w *db.W, requestID string) (accountID string, days int, err error) {
	q, err := db.One(ctx, w, func(scan db.Scanner) (q Request, err error) {
		err = scan(&q.AccountID, &q.Days, &q.By)
		return q, err
	}, `SELECT account_id, days, asked_by FROM wave_exception_request WHERE id = $1 AND decided_at IS NULL`, requestID)
	if errors.Is(err, fault.NotFound) {
		return "", 0, errOver
	}
	if err != nil {
		return "", 0, fmt.Errorf("read request for exception: %w", err)
	}
	asker, err := account.PersonOf(ctx, w, q.By)
	if err != nil {
		return "", 0, err
	}
	me, err := account.PersonOf(ctx, w, w.Actor().ID)
	if err == nil && asker.Is(me) {
		err = errOwn
	}
	return q.AccountID, q.Days, err
}
