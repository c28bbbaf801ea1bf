package shared

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// maxNames is how many names are kept for one address.
const maxNames = 5

const (
	insertClaim = `INSERT INTO shared_claim (id, account_id, first_name, last_name, email, email_key, organisation,
		given, state, made_at, own_digest, network, browser)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	claimUse = `UPDATE shared_use SET answered = TRUE, claims = claims + 1, claim_id = $3
		WHERE session_id = $1 AND account_id = $2`
)

const maxClaims = 5 // in one session

var errManyClaims = fault.SayCure(fault.TooMany, "You have said who you are 5 times since you logged in.",
	"If you made a mistake, ask your DoS user administrator to mend it.")

// errManyWait tells somebody for whom there is no room what they can do, which is to go on working first of all.
func errManyWait(full fullness, ask []account.Account) error {
	cure := "You can go on without: choose “Tell us another time”. You are asked again at your next login" +
		full.elsewhere + ". A DoS user administrator has to decide about those who wait"
	for i, a := range ask[:min(len(ask), maxNamed)] {
		if i == 0 {
			cure += ": "
		} else {
			cure += ", "
		}
		cure += a.Name() + ", " + a.Email
	}
	return fault.SayCure(fault.TooMany,
		"Too many people"+full.here+" have said that they use this account, and wait to be confirmed.", cure+".")
}

// Sitting is where somebody says who they are.
type Sitting struct {
	Session string // its id
	Browser string // a mark that tells it from others; empty if nothing does
}

// room refuses more claims than anybody could decide about. It leaves no event: somebody who knows the password may
// make them for ever.
func room(ctx context.Context, r db.R, a account.Account, at Sitting, key, network string) error {
	said, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM shared_use WHERE session_id = $1 AND claims >= $2`,
		at.Session, maxClaims)
	if err != nil {
		return fmt.Errorf("count claims of a session: %w", err)
	}
	if said > 0 {
		return errManyClaims
	}
	all, err := WaitingFrom(ctx, r, a.ID)
	if err != nil {
		return err
	}
	isKnown, err := knowsBrowser(ctx, r, a.ID, at.Browser)
	if err != nil {
		return err
	}
	full := all.fullFor(network, at.Browser, isKnown)
	if full == nil {
		return nil
	}
	_, err = db.One(ctx, r, scanClaim, selectByAddress, a.ID, key)
	if !errors.Is(err, fault.NotFound) {
		return err // who said so before takes no more room
	}
	administrators, err := account.AdministratorsOf(ctx, r, a)
	if err != nil {
		return err
	}
	return errManyWait(*full, administrators)
}

// Claim keeps who somebody says that they are who uses a shared account, in the session in which they say it. Whether
// the same was said before makes no difference that they could see: others use the account too. Whoever reads the
// address is told, at most once a day.
func (c *Cases) Claim(ctx context.Context, by actor.Actor, accountID string, at Sitting, t Typed) error {
	return c.DB.Update(ctx, by, func(w *db.W) error {
		a, err := account.ByID(ctx, w, accountID)
		if err != nil {
			return err
		}
		found, err := Of(ctx, w, accountID)
		if err != nil {
			return err
		}
		if found.State == Retired || a.Kind != account.Shared {
			return errState
		}
		said, address, err := t.checked(a)
		if err != nil {
			return err
		}
		key, _ := address.Canonical()
		if err := room(ctx, w, a, at, key, by.Network); err != nil {
			return err
		}
		if err := noteSession(ctx, w, by, accountID, at.Session); err != nil {
			return err
		}
		claim, err := c.keep(ctx, w, accountID, key, at, said)
		if err != nil {
			return err
		}
		if _, err := w.Exec(ctx, claimUse, at.Session, accountID, claim.ID); err != nil {
			return fmt.Errorf("claim use of shared account: %w", err)
		}
		if err := c.tellPerson(ctx, w, claim, a); err != nil {
			return err
		}
		// The event names nobody, as all who use the account are one actor to the audit.
		return w.Record(ctx, audit.Event{Kind: eventClaimed, Subject: account.Ref(accountID)})
	})
}

// noteSession keeps a login for a session that began before the account had a case.
func noteSession(ctx context.Context, w *db.W, by actor.Actor, accountID, sessionID string) error {
	_, err := w.Exec(ctx, insertUse, sessionID, accountID, w.Now(), by.Network, "", w.Now().Add(useKept))
	if err != nil {
		return fmt.Errorf("note use of shared account: %w", err)
	}
	return nil
}

const selectByAddress = selectClaim + ` WHERE account_id = $1 AND email_key = $2`

// keep gives the claim of an address, with the name that was typed for it now; made anew if there is none.
func (c *Cases) keep(
	ctx context.Context, w *db.W, accountID, key string, at Sitting, said Typed,
) (Claim, error) {
	claim, err := db.One(ctx, w, scanClaim, selectByAddress, accountID, key)
	if errors.Is(err, fault.NotFound) {
		claim, err = add(ctx, w, accountID, key, at.Browser, said)
	}
	if err != nil {
		return claim, err
	}
	const names = `SELECT COUNT(*) FROM shared_claim_name WHERE claim_id = $1`
	n, err := db.Value[int64](ctx, w, names, claim.ID)
	if err != nil || n >= maxNames {
		return claim, err
	}
	const addName = `INSERT INTO shared_claim_name (claim_id, name, typed_at) VALUES ($1, $2, $3)
		ON CONFLICT (claim_id, name) DO NOTHING`
	if _, err := w.Exec(ctx, addName, claim.ID, said.Name(), w.Now()); err != nil {
		return claim, fmt.Errorf("keep a name of a claim: %w", err)
	}
	return claim, nil
}

func add(ctx context.Context, w *db.W, accountID, key, browser string, said Typed) (Claim, error) {
	_, err := w.Exec(ctx, insertClaim, random.ID(), accountID, said.FirstName, said.LastName, said.Email, key,
		said.Organisation, said.Given, string(Claimed), w.Now(), []byte{}, w.Actor().Network, browser)
	if err != nil {
		return Claim{}, fmt.Errorf("claim shared account: %w", err)
	}
	claim, err := db.One(ctx, w, scanClaim, selectByAddress, accountID, key)
	if err != nil {
		return claim, fmt.Errorf("read claim: %w", err)
	}
	return claim, nil
}

// tellPerson mails whoever reads the address of a claim that somebody says that they are them, with a link by which
// they say that it was not them. Whoever has said so is not written to again.
func (c *Cases) tellPerson(ctx context.Context, w *db.W, claim Claim, a account.Account) error {
	if w.Now().Sub(claim.told) < day || !claim.Denied.IsZero() {
		return nil
	}
	secret := random.Secret()
	const tell = `UPDATE shared_claim SET told_at = $2, deny_digest = $3 WHERE id = $1`
	if err := w.Change(ctx, tell, claim.ID, w.Now(), random.Digest(secret)); err != nil {
		return fmt.Errorf("note that somebody was told of a claim: %w", err)
	}
	administrators, err := account.AdministratorsOf(ctx, w, a)
	if err != nil {
		return err
	}
	return c.Post.Send(ctx, w, saidMail(claim, a, administrators, c.Home+DenyPath+claim.ID+"/"+secret))
}

// NamesOf gives, by the ids of claims, all names that were typed for them, the first one first.
func NamesOf(ctx context.Context, r db.R, claims []Claim) (map[string][]string, error) {
	type row struct{ claim, name string }
	var args db.Arguments
	var ids []string
	for _, c := range claims {
		ids = append(ids, c.ID)
	}
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.claim, &one.name)
		return one, err
	}, `SELECT claim_id, name FROM shared_claim_name WHERE claim_id IN (`+db.AddEach(&args, ids)+`)
		ORDER BY claim_id, typed_at, name`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list names of claims: %w", err)
	}
	names := map[string][]string{}
	for _, one := range list {
		names[one.claim] = append(names[one.claim], one.name)
	}
	return names, nil
}
