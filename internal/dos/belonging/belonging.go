// Package belonging has the holder of an account say to which organisation they belong, where that is not known or they
// have the position at another one only, and administrators decide it. Nobody comes in before that.
//
// It knows nothing of pages, nor of how anybody signs in: package signin does.
package belonging

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// The kinds of events about claims.
const (
	eventClaimed audit.Kind = "signin.organisation-claimed"
	eventDenied  audit.Kind = "signin.organisation-denied"
	eventOwn     audit.Kind = "signin.organisation-own"
)

const (
	day = 24 * time.Hour

	// maxSaid is how often the holder of an account may say another organisation in a day.
	maxSaid = 5
)

// Claims takes and decides what holders of accounts say of where they belong.
type Claims struct {
	DB   *db.DB
	Post *mail.Post
	Door *signin.Door
}

// Claim is what the holder of an account says of where they belong, which an administrator confirms or refuses. One
// that was confirmed is there no more: the account has the organisation then.
type Claim struct {
	AccountID    string
	Organisation string // its ODS code
	Claimed      time.Time
	Refused      time.Time // zero while it waits

	told     time.Time // when administrators were last mailed of the account
	said     int64     // how often another organisation was said, since
	saidFrom time.Time
}

// Waits reports whether nobody has decided yet.
func (c Claim) Waits() bool { return c.Organisation != "" && c.Refused.IsZero() }

const selectClaim = `SELECT account_id, organisation, claimed_at, refused_at, told_at, said, said_from
	FROM organisation_claim`

func scanClaim(scan db.Scanner) (c Claim, err error) {
	err = scan(&c.AccountID, &c.Organisation, db.At(&c.Claimed), db.At(&c.Refused), db.At(&c.told), &c.said,
		db.At(&c.saidFrom))
	return c, err
}

// Of reads what the holder of an account says; empty if they were never asked.
func Of(ctx context.Context, r db.R, accountID string) (Claim, error) {
	c, err := db.One(ctx, r, scanClaim, selectClaim+` WHERE account_id = $1`, accountID)
	if errors.Is(err, fault.NotFound) {
		return Claim{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read where somebody belongs: %w", err)
	}
	return c, nil
}

var (
	errNotTheirs = fault.OfField("organisation", "Choose one of the organisations")
	errRefused   = fault.OfField("organisation",
		"An administrator has said that you do not belong to this organisation. Contact them, or choose another one")
	errTooOften = fault.OfField("organisation",
		"You have chosen another organisation too many times today. Contact an administrator, or try again tomorrow")
	errNotAsked = fault.SayCure(fault.Conflict, "Nobody has to say any more where you belong.",
		"Log in with your Care Identity.")
)

// Say has the visitor who waits on a browser say where they belong: at one of the organisations where they hold the
// position. Those who can confirm it are told. An administrator of everything need not wait where nobody else who
// can come in is one.
func (c *Claims) Say(ctx context.Context, by actor.Actor, cookie, code string) error {
	visitor, err := c.Door.Waits(ctx, cookie)
	if err != nil {
		return err
	}
	before, err := db.Read(ctx, c.DB, func(r db.R) (Claim, error) { return Of(ctx, r, visitor.Account.ID) })
	if err != nil || before.Waits() && before.Organisation == code {
		return err
	}
	by.Kind = actor.Person
	by.ID = visitor.Account.ID
	by.Name = visitor.Account.Name()
	return c.DB.Update(ctx, by, func(w *db.W) error {
		v, err := c.Door.WaitsIn(ctx, w, cookie)
		if err != nil {
			return err
		}
		if !v.Outcome.AsksOrganisation() {
			return errNotAsked
		}
		isThere := func(role cis2.NationalRole) bool { return role.OrgCode == code }
		if !slices.ContainsFunc(v.Offered, isThere) {
			return errNotTheirs
		}
		return c.say(ctx, w, v.Account, code)
	})
}

func (c *Claims) say(ctx context.Context, w *db.W, a account.Account, code string) error {
	own, err := decidesOwn(ctx, w, a)
	if err != nil {
		return err
	}
	if own {
		return c.takeOwn(ctx, w, a, code)
	}
	if err := mayBeSaid(ctx, w, a.ID, code); err != nil {
		return err
	}
	claim, err := Of(ctx, w, a.ID)
	if err != nil {
		return err
	}
	if w.Now().Sub(claim.saidFrom) >= day {
		claim.saidFrom = w.Now()
		claim.said = 0
	}
	if claim.said >= maxSaid {
		return errTooOften
	}
	former := claim.Organisation // those who can confirm it were told
	if !claim.Waits() || w.Now().Sub(claim.told) >= day {
		claim.told = w.Now()
		former = ""
	}
	if err := c.tell(ctx, w, a, code, former); err != nil {
		return err
	}
	_, err = w.Exec(ctx, putClaim, a.ID, code, w.Now(), claim.told, claim.said+1, claim.saidFrom)
	if err != nil {
		return fmt.Errorf("keep where somebody belongs: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventClaimed, Subject: account.Ref(a.ID), After: code})
}

const putClaim = `INSERT INTO organisation_claim
	(account_id, organisation, claimed_at, refused_at, told_at, said, said_from)
	VALUES ($1, $2, $3, NULL, $4, $5, $6)
	ON CONFLICT (account_id) DO UPDATE
	SET organisation = $2, claimed_at = $3, refused_at = NULL, told_at = $4, said = $5, said_from = $6`

// keyOf gives an ODS code as refusals have it: codes are written in capitals, but not everywhere.
func keyOf(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }

// mayBeSaid refuses an organisation that an administrator has refused before.
func mayBeSaid(ctx context.Context, r db.R, accountID, code string) error {
	const refused = `SELECT COUNT(*) FROM organisation_refusal WHERE account_id = $1 AND organisation = $2`
	n, err := db.Value[int64](ctx, r, refused, accountID, keyOf(code))
	if err != nil {
		return fmt.Errorf("read refused organisations: %w", err)
	}
	if n > 0 {
		return errRefused
	}
	return nil
}

// tell mails those who can confirm a claim, but for those who could confirm a former one, of which they were told.
func (c *Claims) tell(ctx context.Context, w *db.W, a account.Account, code, former string) error {
	deciders, err := Deciders(ctx, w, a, code)
	if err != nil {
		return err
	}
	var told []account.Account
	if former != "" {
		if told, err = Deciders(ctx, w, a, former); err != nil {
			return err
		}
	}
	deciders = slices.DeleteFunc(deciders, func(one account.Account) bool {
		return slices.ContainsFunc(told, func(other account.Account) bool { return other.ID == one.ID })
	})
	return c.Post.Tell(ctx, w, claimMail(a, code), mailbox.Addresses(deciders))
}

// decidesOwn reports whether somebody says themselves where they belong: they manage users everywhere, and nobody else
// who can come in does.
func decidesOwn(ctx context.Context, r db.R, a account.Account) (bool, error) {
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil || !grants.Reach(a.Organisation, account.ManageUsers).Everywhere {
		return false, err
	}
	another, err := administration.Administered(ctx, r, a.ID)
	return !another, err
}

// takeOwn moves the account of the only administrator who can come in, and tells the others.
func (c *Claims) takeOwn(ctx context.Context, w *db.W, a account.Account, code string) error {
	if err := account.SetOrganisation(ctx, w, a.ID, code, "there is no other administrator"); err != nil {
		return err
	}
	others, err := account.Administrators(ctx, w)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(other account.Account) bool { return other.ID == a.ID })
	if err := c.Post.Tell(ctx, w, ownMail(a, code), mailbox.Addresses(others)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventOwn, Subject: account.Ref(a.ID), After: code})
}
