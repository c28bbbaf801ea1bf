package shared

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/random"
)

// ClaimState says what was decided about a claim.
type ClaimState string

// The states of a claim.
const (
	Claimed   ClaimState = "claimed"
	Confirmed ClaimState = "confirmed"
	Rejected  ClaimState = "rejected"
	Merged    ClaimState = "merged" // it is somebody's who has another claim
)

// Typed is what somebody says of themselves who uses a shared account.
type Typed struct {
	FirstName    string
	LastName     string
	Email        string
	Organisation string // ODS code
	Given        bool   // the account is in somebody else's name: they were given it
}

// Claim is what somebody said of themselves, and what became of it.
type Claim struct {
	Typed

	ID         string
	AccountID  string
	EmailKey   string
	State      ClaimState
	MergedInto string // id of another claim
	Made       time.Time
	Decided    time.Time
	Reason     string // for which it was rejected
}

// Name gives the name that was typed.
func (t Typed) Name() string { return strings.TrimSpace(t.FirstName + " " + t.LastName) }

const selectClaim = `SELECT id, account_id, first_name, last_name, email, email_key, organisation, given, state,
	merged_into, made_at, decided_at, reason FROM shared_claim`

func scanClaim(scan db.Scanner) (c Claim, err error) {
	err = scan(&c.ID, &c.AccountID, &c.FirstName, &c.LastName, &c.Email, &c.EmailKey, &c.Organisation, &c.Given,
		&c.State, &c.MergedInto, db.At(&c.Made), db.At(&c.Decided), &c.Reason)
	return c, err
}

// Claims lists the claims to an account, in the order in which they were made.
func Claims(ctx context.Context, r db.R, accountID string) ([]Claim, error) {
	list, err := db.All(ctx, r, scanClaim, selectClaim+` WHERE account_id = $1 ORDER BY made_at, id`, accountID)
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	return list, nil
}

var (
	errTeamAddress = fault.OfField("email",
		"Enter an email address that only you can read. This one looks like a team’s")
	errOrganisation = fault.OfField("organisation", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
)

// checked gives what was typed as it is kept, and its address; or a fault for each field that cannot be.
func (t Typed) checked(of account.Account) (Typed, email.Address, error) {
	address, err := email.ParseNew(t.Email)
	key, _ := address.Canonical()
	if err == nil && (email.RoleMailbox(address) || key == of.EmailKey) {
		err = errTeamAddress
	}
	code, noCode := ods.Parse(t.Organisation)
	if noCode != nil {
		noCode = errOrganisation
	}
	t.Email = address.String()
	t.Organisation = string(code)
	return t, address, errors.Join(checkName("first_name", t.FirstName, "Enter your first name"),
		checkName("last_name", t.LastName, "Enter your last name"), err, noCode)
}

// checkName says what is wrong with a name that was typed.
func checkName(field, typed, missing string) error {
	if typed == "" {
		return fault.OfField(field, missing)
	}
	return name.CheckMailed(field, typed) // whoever is confirmed is mailed by it
}

const (
	insertClaim = `INSERT INTO shared_claim (id, account_id, first_name, last_name, email, email_key, organisation,
		given, state, made_at, own_digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (account_id, email_key) DO NOTHING`
	claimUse = `UPDATE shared_use SET answered = TRUE, claims = claims + 1,
		claim_id = (SELECT id FROM shared_claim WHERE account_id = $2 AND email_key = $3)
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
// the same was said before makes no difference that they could see: others use the account too.
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
		_, err = w.Exec(ctx, insertClaim, random.ID(), accountID, said.FirstName, said.LastName, said.Email, key,
			said.Organisation, said.Given, string(Claimed), w.Now(), []byte{})
		if err != nil {
			return fmt.Errorf("claim shared account: %w", err)
		}
		if _, err := w.Exec(ctx, claimUse, sessionID, accountID, key); err != nil {
			return fmt.Errorf("claim use of shared account: %w", err)
		}
		// The event names nobody, as all who use the account are one actor to the audit.
		return w.Record(ctx, audit.Event{Kind: eventClaimed, Subject: account.Ref(accountID)})
	})
}

// decide does what an administrator of the account decides about a claim that is in a state, unless it is their own.
func (c *Cases) decide(
	ctx context.Context, by actor.Actor, accountID, claimID string, states []ClaimState,
	decision func(w *db.W, claim Claim) error,
) error {
	return c.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireOver(ctx, w, account.ManageUsers, accountID); err != nil {
			return err
		}
		claim, err := claimOf(ctx, w, accountID, claimID)
		if err != nil {
			return err
		}
		administrator, err := account.ByID(ctx, w, w.Actor().ID)
		if err != nil {
			return err
		}
		if administrator.EmailKey == claim.EmailKey {
			return refuse(ctx, w, accountID, "an administrator decides about their own claim", errOwnClaim)
		}
		for _, state := range states {
			if claim.State == state {
				return decision(w, claim)
			}
		}
		return errState
	})
}

func refuse(ctx context.Context, w *db.W, accountID, reason string, refusal error) error {
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(accountID), Reason: reason}, refusal)
}

var errOwnClaim = fault.SayCure(fault.Forbidden, "You cannot decide about yourself.",
	"Ask another DoS user administrator.")

func claimOf(ctx context.Context, r db.R, accountID, claimID string) (Claim, error) {
	claim, err := db.One(ctx, r, scanClaim, selectClaim+` WHERE account_id = $1 AND id = $2`, accountID, claimID)
	if err != nil {
		return claim, fmt.Errorf("read claim: %w", err)
	}
	return claim, nil
}

const decideClaim = `UPDATE shared_claim SET state = $3, reason = $4, merged_into = $5, decided_at = $6,
	decided_by = $7, own_digest = $8 WHERE id = $1 AND state = $2`

func (c Claim) become(ctx context.Context, w *db.W, state ClaimState, reason, into string, digest []byte) error {
	err := w.Change(ctx, decideClaim, c.ID, string(c.State), string(state), reason, into, w.Now(), w.Actor().ID, digest)
	if err != nil {
		return fmt.Errorf("decide claim: %w", err)
	}
	return nil
}

// Confirm says that somebody does use the account. They are mailed their own checklist, and a link to a request for an
// account of their own that is filled in already. Confirmed again, they get another link, and the former ends.
func (c *Cases) Confirm(ctx context.Context, by actor.Actor, accountID, claimID string) error {
	states := []ClaimState{Claimed, Rejected, Confirmed}
	return c.decide(ctx, by, accountID, claimID, states, func(w *db.W, claim Claim) error {
		a, err := account.ByID(ctx, w, accountID)
		if err != nil {
			return err
		}
		found, err := Of(ctx, w, accountID)
		if err != nil {
			return err
		}
		secret := random.Secret()
		if err := claim.become(ctx, w, Confirmed, "", "", random.Digest(secret)); err != nil {
			return err
		}
		letter := confirmedMail(claim, a, found, c.Home+OwnPath+claim.ID+"/"+secret)
		if err := c.Post.Send(ctx, w, letter); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventConfirmed, Subject: account.Ref(accountID), After: claim.Typed})
	})
}

var errReason = fault.OfField("reason", "Enter why it is rejected, in 500 characters or fewer")

// Reject says that somebody does not use the account, or may not. Their use counts as unclaimed again.
func (c *Cases) Reject(ctx context.Context, by actor.Actor, accountID, claimID, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || len([]rune(reason)) > 500 {
		return errReason
	}
	states := []ClaimState{Claimed, Confirmed}
	return c.decide(ctx, by, accountID, claimID, states, func(w *db.W, claim Claim) error {
		if err := claim.become(ctx, w, Rejected, reason, "", []byte{}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventRejected, Subject: account.Ref(accountID), Before: claim.Typed,
			Reason: reason})
	})
}

var errInto = fault.OfField("into", "Select whose claim it is")

// Merge says that two claims are one person's: they made another with an address that they use.
func (c *Cases) Merge(ctx context.Context, by actor.Actor, accountID, claimID, into string) error {
	return c.decide(ctx, by, accountID, claimID, []ClaimState{Claimed}, func(w *db.W, claim Claim) error {
		kept, err := claimOf(ctx, w, accountID, into)
		if errors.Is(err, fault.NotFound) {
			return errInto
		}
		if err != nil {
			return err
		}
		if kept.ID == claim.ID || kept.State != Claimed && kept.State != Confirmed {
			return errInto
		}
		if err := claim.become(ctx, w, Merged, "", kept.ID, []byte{}); err != nil {
			return err
		}
		// What was merged into this one is the same person's, whose use would otherwise count whatever is decided.
		const along = `UPDATE shared_claim SET merged_into = $2 WHERE merged_into = $1`
		if _, err := w.Exec(ctx, along, claim.ID, kept.ID); err != nil {
			return fmt.Errorf("merge claims: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventMerged, Subject: account.Ref(accountID), Before: claim.Typed,
			After: kept.Typed})
	})
}

// OwnPath begins the path of the link of somebody who was confirmed. The id of their claim and a secret follow.
const OwnPath = "/shared-account/"

var errNoClaim = fault.SayCure(fault.NotFound, "This link does not work any more.",
	"Use the newest email about your own account, or request an account of your own from the first page.")

const selectOwn = selectClaim + ` WHERE id = $1 AND own_digest = $2 AND state = 'confirmed'`

// Own gives the claim that somebody's own link is for. It changes nothing, so that mail scanners may follow the link.
func Own(ctx context.Context, r db.R, id, secret string) (Claim, error) {
	claim, err := db.One(ctx, r, scanClaim, selectOwn, id, random.Digest(secret))
	if errors.Is(err, fault.NotFound) {
		return claim, errNoClaim
	}
	if err != nil {
		return claim, fmt.Errorf("read one's own claim: %w", err)
	}
	return claim, nil
}
