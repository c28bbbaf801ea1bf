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
		given, state, made_at, own_digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	claimUse = `UPDATE shared_use SET answered = TRUE, claims = claims + 1, claim_id = $3
		WHERE session_id = $1 AND account_id = $2`
)

const (
	maxClaims    = 5   // in one session
	maxUndecided = 200 // of one account
)

var (
	errManyClaims = fault.SayCure(fault.TooMany, "You have said who you are 5 times since you logged in.",
		"If you made a mistake, ask your DoS user administrator to mend it.")
	errManyWait = fault.SayCure(fault.TooMany, "Very many people have said that they use this account.",
		"Ask your DoS user administrator, who has to decide about them first.")
)

// room refuses more claims than anybody could decide about. It leaves no event: somebody who knows the password may
// make them for ever.
func room(ctx context.Context, r db.R, accountID, sessionID, key string) error {
	said, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM shared_use WHERE session_id = $1 AND claims >= $2`,
		sessionID, maxClaims)
	if err != nil {
		return fmt.Errorf("count claims of a session: %w", err)
	}
	if said > 0 {
		return errManyClaims
	}
	wait, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM shared_claim WHERE account_id = $1 AND state = $2
		AND email_key <> $3`, accountID, string(Claimed), key)
	if err != nil {
		return fmt.Errorf("count claims of an account: %w", err)
	}
	if wait >= maxUndecided {
		return errManyWait
	}
	return nil
}

// Claim keeps who somebody says that they are who uses a shared account, in the session in which they say it. Whether
// the same was said before makes no difference that they could see: others use the account too. Whoever reads the
// address is told, at most once a day.
func (c *Cases) Claim(ctx context.Context, by actor.Actor, accountID, sessionID string, t Typed) error {
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
		if err := room(ctx, w, accountID, sessionID, key); err != nil {
			return err
		}
		if err := noteSession(ctx, w, by, accountID, sessionID); err != nil {
			return err
		}
		claim, err := c.keep(ctx, w, accountID, key, said)
		if err != nil {
			return err
		}
		if _, err := w.Exec(ctx, claimUse, sessionID, accountID, claim.ID); err != nil {
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
func (c *Cases) keep(ctx context.Context, w *db.W, accountID, key string, said Typed) (Claim, error) {
	claim, err := db.One(ctx, w, scanClaim, selectByAddress, accountID, key)
	if errors.Is(err, fault.NotFound) {
		claim, err = add(ctx, w, accountID, key, said)
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

func add(ctx context.Context, w *db.W, accountID, key string, said Typed) (Claim, error) {
	_, err := w.Exec(ctx, insertClaim, random.ID(), accountID, said.FirstName, said.LastName, said.Email, key,
		said.Organisation, said.Given, string(Claimed), w.Now(), []byte{})
	if err != nil {
		return Claim{}, fmt.Errorf("claim shared account: %w", err)
	}
	claim, err := db.One(ctx, w, scanClaim, selectByAddress, accountID, key)
	if err != nil {
		return claim, fmt.Errorf("read claim: %w", err)
	}
	return claim, nil
}

// tellPerson mails whoever reads the address of a claim that somebody says that they are them.
func (c *Cases) tellPerson(ctx context.Context, w *db.W, claim Claim, a account.Account) error {
	if w.Now().Sub(claim.told) < day {
		return nil
	}
	if err := w.Change(ctx, `UPDATE shared_claim SET told_at = $2 WHERE id = $1`, claim.ID, w.Now()); err != nil {
		return fmt.Errorf("note that somebody was told of a claim: %w", err)
	}
	administrators, err := account.AdministratorsOf(ctx, w, a)
	if err != nil {
		return err
	}
	return c.Post.Send(ctx, w, saidMail(claim, a, administrators))
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
