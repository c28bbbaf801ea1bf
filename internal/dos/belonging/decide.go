package belonging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/holders"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/deciding"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

// maxShown bounds the list of those who wait; the oldest come first, and make room for others.
const maxShown = 200

// Waiting is somebody who waits, with what they say.
type Waiting struct {
	Account account.Account
	Claim   Claim
}

const selectWaiting = selectClaim + ` WHERE refused_at IS NULL AND (claimed_at > $1 OR claimed_at = $1
	AND account_id > $2) ORDER BY claimed_at, account_id LIMIT $3`

// WaitingWithin lists those within a reach about whom nobody has decided, the oldest first.
func WaitingWithin(ctx context.Context, r db.R, reach account.Reach) (list []Waiting, err error) {
	last := Claim{Claimed: time.UnixMilli(0)}
	for len(list) < maxShown {
		claims, err := db.All(ctx, r, scanClaim, selectWaiting, last.Claimed, last.AccountID, maxShown)
		if err != nil {
			return nil, fmt.Errorf("list where people belong: %w", err)
		}
		var ids []string
		for _, one := range claims {
			ids = append(ids, one.AccountID)
		}
		accounts, err := account.ByIDs(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		for _, one := range claims {
			if a, known := accounts[one.AccountID]; known && reach.Covers(a) {
				list = append(list, Waiting{Account: a, Claim: one})
			}
		}
		if len(claims) < maxShown {
			break
		}
		last = claims[len(claims)-1]
	}
	return list[:min(len(list), maxShown)], nil
}

// Deciders lists the administrators who can confirm that an account belongs to one of the organisations, never its
// holder.
func Deciders(ctx context.Context, r db.R, a account.Account, codes ...string) (list []account.Account, err error) {
	has, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	administrators, err := account.AdministratorsOf(ctx, r, a)
	if err != nil {
		return nil, err
	}
	grants, err := holders.GrantsOf(ctx, r, administrators)
	if err != nil {
		return nil, err
	}
	var places []placement
	for _, code := range codes {
		places = append(places, placementOf(a, has, code))
	}
	for _, one := range administrators {
		for _, place := range places {
			err := place.confirmedBy(ctx, r, Decider{one, grants[one.ID]})
			if err == nil {
				list = append(list, one)
				break
			}
			if !errors.Is(err, fault.Forbidden) {
				return nil, err
			}
		}
	}
	return list, nil
}

// Decider is an administrator, with what they may do.
type Decider struct {
	Account account.Account
	Grants  account.Grants
}

// decides gives the reason why somebody may not decide about an account with some grants; nil if they may. One who
// manages users everywhere decides about others who do, above whom there is nobody: it gives them no wider rights.
func (d Decider) decides(a account.Account, has account.Grants) error {
	reach := d.Grants.Reach(d.Account.Organisation, account.ManageUsers)
	widest := has.Reach(a.Organisation, account.ManageUsers).Everywhere
	if d.Account.ID != a.ID && reach.Everywhere && widest {
		return nil
	}
	return account.MayChange(d.Account.ID, reach, a, has)
}

var errGives = fault.SayCure(fault.Forbidden,
	"You cannot confirm this organisation, as you could not give the account there what it may do at its own one.",
	"Ask a DoS user administrator who looks after a wider area. You can still say that they do not belong to it.")

// placement is an account, with what it may do, and its home organisation as it would be.
type placement struct {
	before account.Account
	has    account.Grants
	home   *directory.Area
}

func placementOf(a account.Account, has account.Grants, code string) placement {
	after := a
	after.Organisation = code
	home := &directory.Area{Scope: account.OwnOrganisation, Of: after}
	return placement{before: a, has: has, home: home}
}

// confirmedBy gives the reason why somebody may not confirm that an account belongs to an organisation; nil if they
// may: they look after it before and after, and could give it all that it may do at its own organisation.
func (p placement) confirmedBy(ctx context.Context, r db.R, d Decider) error {
	if err := d.decides(p.before, p.has); err != nil {
		return err
	}
	if !d.Grants.Reach(d.Account.Organisation, account.ManageUsers).Covers(p.home.Of) {
		return account.ErrOutside
	}
	for _, one := range p.has {
		if one.Scope.Kind != account.KindOwnOrganisation {
			continue
		}
		reach := d.Grants.Reach(d.Account.Organisation, one.Permission)
		gives, err := administration.Contains(ctx, r, reach, one.Permission, p.home)
		if err != nil {
			return err
		}
		if !gives {
			return errGives
		}
	}
	return nil
}

// MayDecide gives the reason why somebody cannot decide to which organisation an account belongs; nil if they can.
func MayDecide(ctx context.Context, r db.R, by Decider, a account.Account) error {
	has, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return err
	}
	return by.decides(a, has)
}

// MayConfirm gives the reason why somebody cannot confirm that an account belongs to an organisation; nil if they can.
func MayConfirm(ctx context.Context, r db.R, by Decider, a account.Account, code string) error {
	has, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return err
	}
	return placementOf(a, has, code).confirmedBy(ctx, r, by)
}

// Decision says what an administrator decided about a claim, as they saw it.
type Decision struct {
	AccountID string
	Seen      string // names what they looked at: Waiting.Seen
	Confirmed bool
	Reason    string

	organisation string // what it is about
}

// shown is what a decision rests on.
type shown struct {
	Name, Username, Email string
	Has, Says             string // organisations
	Claimed               time.Time
}

func (w Waiting) shown() shown {
	a := w.Account
	return shown{Name: a.Name(), Username: a.Username, Email: a.Email, Has: a.Organisation,
		Says: w.Claim.Organisation, Claimed: w.Claim.Claimed}
}

// Seen names somebody who waits as the page shows them. They can say another organisation while somebody looks at it.
func (w Waiting) Seen() (string, error) { return seen.Of(w.shown()) }

var (
	errDecided = fault.SayCure(fault.Conflict, "This has been decided already.",
		"Look at the list again.")
	errNoReason = fault.OfField("reason", "Enter how you know, or why not")
)

// Decide confirms or refuses where somebody says that they belong, and tells them.
func (c *Claims) Decide(ctx context.Context, by actor.Actor, decision Decision) error {
	if decision.Reason == "" {
		return errNoReason
	}
	return c.DB.Update(ctx, by, func(w *db.W) error {
		claim, err := Of(ctx, w, decision.AccountID)
		if err != nil {
			return err
		}
		about := decision
		about.organisation = claim.Organisation
		a, err := mayDecide(ctx, w, about)
		if err != nil {
			return refuse(ctx, w, decision.AccountID, err)
		}
		if !claim.Waits() {
			return errDecided
		}
		if err := seen.Check(decision.Seen, Waiting{Account: a, Claim: claim}.shown()); err != nil {
			return refuse(ctx, w, decision.AccountID, err)
		}
		if err := decide(ctx, w, about); err != nil {
			return err
		}
		return c.Post.Send(ctx, w, decidedMail(a, about))
	})
}

// mayDecide checks that the actor may decide so about an account, and reads it.
func mayDecide(ctx context.Context, w *db.W, decision Decision) (account.Account, error) {
	if err := account.Require(ctx, w, account.ManageUsers); err != nil {
		return account.Account{}, err
	}
	a, err := account.ByID(ctx, w, decision.AccountID)
	if err != nil {
		return a, err
	}
	return a, mayDecideAbout(ctx, w, a, decision)
}

func mayDecideAbout(ctx context.Context, w *db.W, a account.Account, decision Decision) (err error) {
	if w.Actor().Kind != actor.Person {
		return account.RequireWithin(ctx, w, account.ManageUsers, a.ID)
	}
	if err := deciding.AboutAccount(ctx, w, account.ManageUsers, a.ID); err != nil {
		return err
	}
	var by Decider
	if by.Account, err = account.ByID(ctx, w, w.Actor().ID); err != nil {
		return err
	}
	if by.Grants, err = account.GrantsOf(ctx, w, by.Account.ID); err != nil {
		return err
	}
	if decision.Confirmed && decision.organisation != "" { // nobody said one: that is told next
		return MayConfirm(ctx, w, by, a, decision.organisation)
	}
	return MayDecide(ctx, w, by, a)
}

// refuse records that somebody may not decide about an account, or decides about what they did not see.
func refuse(ctx context.Context, w *db.W, accountID string, err error) error {
	if !errors.Is(err, fault.Forbidden) && !errors.Is(err, fault.Conflict) {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: administration.Refused, Subject: account.Ref(accountID),
		Reason: "decide about an organisation"}, err)
}

func decide(ctx context.Context, w *db.W, decision Decision) error {
	if decision.Confirmed {
		return move(ctx, w, decision)
	}
	const refused = `UPDATE organisation_claim SET refused_at = $2 WHERE account_id = $1`
	if err := w.Change(ctx, refused, decision.AccountID, w.Now()); err != nil {
		return fmt.Errorf("refuse an organisation: %w", err)
	}
	_, err := w.Exec(ctx, putRefusal, decision.AccountID, keyOf(decision.organisation), w.Now())
	if err != nil {
		return fmt.Errorf("keep a refused organisation: %w", err)
	}
	return w.Record(ctx, audit.Event{
		Kind: eventDenied, Subject: account.Ref(decision.AccountID), After: decision.organisation,
		Reason: decision.Reason,
	})
}

const putRefusal = `INSERT INTO organisation_refusal (account_id, organisation, refused_at) VALUES ($1, $2, $3)
	ON CONFLICT (account_id, organisation) DO UPDATE SET refused_at = $3`

// move has an account belong to an organisation. What its holder said of it, and was refused, is over.
func move(ctx context.Context, w *db.W, decision Decision) error {
	if _, err := w.Exec(ctx, `DELETE FROM organisation_claim WHERE account_id = $1`, decision.AccountID); err != nil {
		return fmt.Errorf("end what somebody says of where they belong: %w", err)
	}
	const forget = `DELETE FROM organisation_refusal WHERE account_id = $1 AND organisation = $2`
	if _, err := w.Exec(ctx, forget, decision.AccountID, keyOf(decision.organisation)); err != nil {
		return fmt.Errorf("forget a refused organisation: %w", err)
	}
	return account.SetOrganisation(ctx, w, decision.AccountID, decision.organisation, decision.Reason)
}

var errNotRun = fault.SayCure(fault.Forbidden, "Only those who run the Directory of Services do this.",
	"Ask them to do it on the command line.")

// Set has an account belong to an organisation, by those who run the Directory of Services, and tells its holder: where
// no administrator can come in who could confirm it.
func (c *Claims) Set(ctx context.Context, by actor.Actor, accountID, organisation, reason string) error {
	if by.Kind != actor.CommandLine {
		return errNotRun
	}
	decision := Decision{AccountID: accountID, organisation: organisation, Confirmed: true, Reason: reason}
	return c.DB.Update(ctx, by, func(w *db.W) error {
		a, err := account.ByID(ctx, w, decision.AccountID)
		if err != nil {
			return err
		}
		if err := move(ctx, w, decision); err != nil {
			return err
		}
		return c.Post.Send(ctx, w, setMail(a, decision))
	})
}
