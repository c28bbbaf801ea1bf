package signin

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// The kinds of events about claims.
const (
	eventOrganisationClaimed audit.Kind = "signin.organisation-claimed"
	eventOrganisationDenied  audit.Kind = "signin.organisation-denied"
	eventOrganisationOwn     audit.Kind = "signin.organisation-own"
)

// OrganisationClaim is what the holder of an account says of where they belong, which an administrator confirms or
// refuses. One that was confirmed is there no more: the account has the organisation then.
type OrganisationClaim struct {
	AccountID    string
	Organisation string // its ODS code
	Claimed      time.Time
	Refused      time.Time // zero while it waits
}

// Waits reports whether nobody has decided yet.
func (c OrganisationClaim) Waits() bool { return c.Organisation != "" && c.Refused.IsZero() }

const selectClaim = `SELECT account_id, organisation, claimed_at, refused_at FROM organisation_claim`

func scanClaim(scan db.Scanner) (c OrganisationClaim, err error) {
	err = scan(&c.AccountID, &c.Organisation, db.At(&c.Claimed), db.At(&c.Refused))
	return c, err
}

// ClaimOf reads what the holder of an account says; empty if they were never asked.
func ClaimOf(ctx context.Context, r db.R, accountID string) (OrganisationClaim, error) {
	c, err := db.One(ctx, r, scanClaim, selectClaim+` WHERE account_id = $1`, accountID)
	if absent(err) {
		return OrganisationClaim{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read where somebody belongs: %w", err)
	}
	return c, nil
}

// maxClaims bounds the list of those who wait; the oldest come first, and make room for others.
const maxClaims = 200

// WaitingClaims lists the claims that nobody has decided, the oldest first.
func WaitingClaims(ctx context.Context, r db.R) ([]OrganisationClaim, error) {
	list, err := db.All(ctx, r, scanClaim,
		selectClaim+` WHERE refused_at IS NULL ORDER BY claimed_at, account_id LIMIT $1`, maxClaims)
	if err != nil {
		return nil, fmt.Errorf("list where people belong: %w", err)
	}
	return list, nil
}

const putClaim = `INSERT INTO organisation_claim (account_id, organisation, claimed_at, refused_at)
	VALUES ($1, $2, $3, NULL)
	ON CONFLICT (account_id) DO UPDATE SET organisation = $2, claimed_at = $3, refused_at = NULL`

var (
	errNotTheirs = fault.OfField("organisation", "Choose one of the organisations")
	errRefused   = fault.OfField("organisation",
		"An administrator has said that you do not belong to this organisation. Contact them, or choose another one")
	errNotAsked = fault.SayCure(fault.Conflict, "Nobody has to say any more where you belong.",
		"Log in with your Care Identity.")
)

// ClaimOrganisation has the visitor who waits on a browser say where they belong: at one of the organisations where
// they hold the position. The administrators of the account are told. An administrator above whom there is nobody
// need not wait.
func (d *Door) ClaimOrganisation(ctx context.Context, by actor.Actor, cookie, code string) error {
	visitor, err := d.Waits(ctx, cookie)
	if err != nil {
		return err
	}
	by.Kind = actor.Person
	by.ID = visitor.Account.ID
	by.Name = visitor.Account.Name()
	return d.DB.Update(ctx, by, func(w *db.W) error {
		v, err := d.waits(ctx, w, cookie)
		if err != nil {
			return err
		}
		if !v.Outcome.AsksOrganisation() {
			return errNotAsked
		}
		return d.claim(ctx, w, v, code)
	})
}

func (d *Door) claim(ctx context.Context, w *db.W, v Waiting, code string) error {
	if len(at(v.Offered, code)) == 0 {
		return errNotTheirs
	}
	claimed := audit.Event{Kind: eventOrganisationClaimed, Subject: account.Ref(v.Account.ID), After: code}
	before, err := ClaimOf(ctx, w, v.Account.ID)
	if err != nil {
		return err
	}
	if before.Organisation == code && before.Waits() {
		return w.Record(ctx, claimed)
	}
	if before.Organisation == code {
		return errRefused
	}
	deciders, err := d.Deciders(ctx, w, v.Account)
	if err != nil {
		return err
	}
	if len(deciders) == 0 && account.RequireFor(ctx, w, v.Account.ID, account.ManageUsers) == nil {
		if err := account.SetOrganisation(ctx, w, v.Account.ID, code, "there is no other administrator"); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventOrganisationOwn, Subject: account.Ref(v.Account.ID), After: code})
	}
	if _, err := w.Exec(ctx, putClaim, v.Account.ID, code, w.Now()); err != nil {
		return fmt.Errorf("keep where somebody belongs: %w", err)
	}
	for _, a := range deciders {
		if err := d.Post.Send(ctx, w, claimMail(a.Email, v.Account, code)); err != nil {
			return err
		}
	}
	return w.Record(ctx, claimed)
}

// Deciders lists the administrators who can decide about an account: not its holder.
func (d *Door) Deciders(ctx context.Context, r db.R, a account.Account) ([]account.Account, error) {
	return account.AdministratorsOf(ctx, r, a)
}

// ClaimDecision says what an administrator decided about a claim, which they saw for an organisation.
type ClaimDecision struct {
	AccountID, Organisation string
	Confirmed               bool
	Reason                  string
}

var (
	errDecided = fault.SayCure(fault.Conflict, "This has been decided, or they have said something else since.",
		"Look at the list again.")
	errNoReason = fault.OfField("reason", "Enter how you know, or why not")
)

// DecideClaim confirms or refuses where somebody says that they belong, and tells them. Whoever confirms it looks after
// the account both before and after.
func (d *Door) DecideClaim(ctx context.Context, by actor.Actor, c ClaimDecision) error {
	if c.Reason == "" {
		return errNoReason
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireOver(ctx, w, account.ManageUsers, c.AccountID); err != nil {
			return err
		}
		claim, err := ClaimOf(ctx, w, c.AccountID)
		if err != nil {
			return err
		}
		if !claim.Waits() || claim.Organisation != c.Organisation {
			return errDecided
		}
		a, err := account.ByID(ctx, w, c.AccountID)
		if err != nil {
			return err
		}
		if err := d.decideClaim(ctx, w, c); err != nil {
			return err
		}
		return d.Post.Send(ctx, w, decidedMail(a, c))
	})
}

func (d *Door) decideClaim(ctx context.Context, w *db.W, c ClaimDecision) error {
	if c.Confirmed {
		if err := w.Change(ctx, `DELETE FROM organisation_claim WHERE account_id = $1`, c.AccountID); err != nil {
			return err
		}
		if err := account.SetOrganisation(ctx, w, c.AccountID, c.Organisation, c.Reason); err != nil {
			return err
		}
		return account.RequireWithin(ctx, w, account.ManageUsers, c.AccountID) // there too
	}
	err := w.Change(ctx, `UPDATE organisation_claim SET refused_at = $2 WHERE account_id = $1`, c.AccountID, w.Now())
	if err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventOrganisationDenied, Subject: account.Ref(c.AccountID), After: c.Organisation, Reason: c.Reason,
	})
}

func claimMail(to string, a account.Account, code string) mail.Message {
	return mail.Message{
		Kind:    "signin.organisation-claimed",
		To:      to,
		Subject: "Somebody waits for you to confirm their organisation",
		Text: a.Name() + " (" + a.Username + ") cannot log in to the Directory of Services before somebody confirms " +
			"that they belong to the organisation " + code + ", where they hold the position.\n\n" +
			"Log in, open Users, and choose \"Organisations to confirm\". If you do not know them, ask them or their " +
			"manager first.\n",
	}
}

func decidedMail(a account.Account, c ClaimDecision) mail.Message {
	m := mail.Message{
		Kind:    "signin.organisation-decided",
		To:      a.Email,
		Subject: "Your organisation in the Directory of Services is confirmed",
		Text: "A DoS user administrator has confirmed that your account " + a.Username +
			" belongs to the organisation " + c.Organisation + ". You can log in with your Care Identity.\n",
	}
	if !c.Confirmed {
		m.Subject = "Your organisation in the Directory of Services was not confirmed"
		m.Text = "A DoS user administrator did not confirm that your account " + a.Username + " belongs to the " +
			"organisation " + c.Organisation + ".\n\nTheir reason: " + c.Reason + "\n\n" +
			"If that is wrong, contact your DoS user administrator or the service desk.\n"
	}
	return m
}
