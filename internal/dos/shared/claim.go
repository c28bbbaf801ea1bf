package shared

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/deciding"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seen"
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
	Reason     string    // for which it was rejected
	Proved     time.Time // when its person came by their own link; zero before that
	Denied     time.Time // when whoever reads its address said that it was not them; zero if they have not
	Network    string    // from which it was made; empty where that is not known
	browser    string    // in which it was made; empty where that is not known
	told       time.Time // when they were last told that somebody says who they are
}

// Name gives the name that was typed.
func (t Typed) Name() string { return strings.TrimSpace(t.FirstName + " " + t.LastName) }

const selectClaim = `SELECT id, account_id, first_name, last_name, email, email_key, organisation, given, state,
	merged_into, made_at, decided_at, reason, proved_at, told_at, denied_at, network, browser FROM shared_claim`

func scanClaim(scan db.Scanner) (c Claim, err error) {
	err = scan(&c.ID, &c.AccountID, &c.FirstName, &c.LastName, &c.Email, &c.EmailKey, &c.Organisation, &c.Given,
		&c.State, &c.MergedInto, db.At(&c.Made), db.At(&c.Decided), &c.Reason, db.At(&c.Proved),
		db.At(&c.told), db.At(&c.Denied), &c.Network, &c.browser)
	return c, err
}

// inOrder has those first who wait for a decision, then those who were confirmed, each in the order in which they came.
const inOrder = ` ORDER BY CASE state WHEN 'claimed' THEN 0 WHEN 'confirmed' THEN 1 ELSE 2 END, made_at, id`

// Claims lists the claims to an account, those first about which nobody has decided, and how many there are.
func Claims(ctx context.Context, r db.R, accountID string, skip, limit int) (list []Claim, total int, err error) {
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM shared_claim WHERE account_id = $1`, accountID)
	claims := db.Ask(scanClaim, selectClaim+` WHERE account_id = $1`+inOrder+` LIMIT $2 OFFSET $3`, accountID, limit,
		skip)
	if err := db.Together(ctx, r, count, claims); err != nil {
		return nil, 0, fmt.Errorf("list claims: %w", err)
	}
	total, err = count.One()
	return claims.All(), total, err
}

// maxStanding is how many claims of an account are offered to merge others into.
const maxStanding = 500

const selectStanding = selectClaim + ` WHERE account_id = $1 AND state IN ('claimed', 'confirmed')` + inOrder +
	` LIMIT $2`

// Standing lists the claims to an account that are neither rejected nor merged, in the order of Claims.
func Standing(ctx context.Context, r db.R, accountID string) ([]Claim, error) {
	list, err := db.All(ctx, r, scanClaim, selectStanding, accountID, maxStanding)
	if err != nil {
		return nil, fmt.Errorf("list claims that stand: %w", err)
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

// shown is what a decision about a claim rests on.
type shown struct {
	Typed  Typed
	State  ClaimState
	Names  []string // all that were typed for the address
	Proved time.Time
	Denied time.Time
}

func (c Claim) shown(names []string) shown {
	return shown{Typed: c.Typed, State: c.State, Names: names, Proved: c.Proved, Denied: c.Denied}
}

// Pick names a claim as its page shows it, with all the names that were typed for its address. Others who use the
// account can add to it while somebody looks at it.
func (c Claim) Pick(names []string) (seen.Pick, error) {
	name, err := seen.Of(c.shown(names))
	return seen.Pick{ID: c.ID, Seen: name}, err
}

// asSeen refuses a decision about a claim that is not as whoever decides saw it.
func (c Claim) asSeen(ctx context.Context, w *db.W, pick seen.Pick) error {
	names, err := NamesOf(ctx, w, []Claim{c})
	if err != nil {
		return err
	}
	if err := seen.Check(pick.Seen, c.shown(names[c.ID])); err != nil {
		return refuse(ctx, w, c.AccountID, "decide about a claim that changed", err)
	}
	return nil
}

// decide does what an administrator of the account decides about a claim that is in a state, unless it is their own.
func (c *Cases) decide(
	ctx context.Context, by actor.Actor, accountID string, pick seen.Pick, states []ClaimState,
	decision func(w *db.W, claim Claim) error,
) error {
	return c.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireOver(ctx, w, account.ManageUsers, accountID); err != nil {
			return err
		}
		claim, err := ClaimOf(ctx, w, accountID, pick.ID)
		if err != nil {
			return err
		}
		whose := account.Person{EmailKeys: []string{claim.EmailKey}}
		if err := deciding.About(ctx, w, account.ManageUsers, whose); err != nil {
			return refuseDecision(ctx, w, accountID, err)
		}
		if err := claim.asSeen(ctx, w, pick); err != nil {
			return err
		}
		if !slices.Contains(states, claim.State) {
			return errState
		}
		return decision(w, claim)
	})
}

// refuseDecision records that somebody may not decide about claims.
func refuseDecision(ctx context.Context, w *db.W, accountID string, err error) error {
	if !errors.Is(err, fault.Forbidden) {
		return err
	}
	return refuse(ctx, w, accountID, "decide about a claim", err)
}

func refuse(ctx context.Context, w *db.W, accountID, reason string, refusal error) error {
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(accountID), Reason: reason}, refusal)
}

// ClaimOf reads a claim of an account, or fault.NotFound.
func ClaimOf(ctx context.Context, r db.R, accountID, claimID string) (Claim, error) {
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
func (c *Cases) Confirm(ctx context.Context, by actor.Actor, accountID string, pick seen.Pick) error {
	states := []ClaimState{Claimed, Rejected, Confirmed}
	return c.decide(ctx, by, accountID, pick, states, func(w *db.W, claim Claim) error {
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
		send := c.Post.SendAgain
		if claim.State == Claimed {
			send = c.Post.Send // the first about this account, however many teams somebody is in
		}
		if err := send(ctx, w, confirmedMail(claim, a, found, c.Home+OwnPath+claim.ID+"/"+secret)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventConfirmed, Subject: account.Ref(accountID), After: claim.Typed})
	})
}

var errReason = fault.OfField("reason", "Enter why it is rejected, in 500 characters or fewer")

// Reject says that somebody does not use the account, or may not. Their use counts as unclaimed again.
func (c *Cases) Reject(ctx context.Context, by actor.Actor, accountID string, pick seen.Pick, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || len([]rune(reason)) > 500 {
		return errReason
	}
	states := []ClaimState{Claimed, Confirmed}
	return c.decide(ctx, by, accountID, pick, states, func(w *db.W, claim Claim) error {
		if err := claim.become(ctx, w, Rejected, reason, "", []byte{}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventRejected, Subject: account.Ref(accountID), Before: claim.Typed,
			Reason: reason})
	})
}

var errInto = fault.OfField("into", "Select whose claim it is")

// Merge says that two claims are one person's: they made another with an address that they use.
func (c *Cases) Merge(ctx context.Context, by actor.Actor, accountID string, pick, into seen.Pick) error {
	return c.decide(ctx, by, accountID, pick, []ClaimState{Claimed}, func(w *db.W, claim Claim) error {
		kept, err := ClaimOf(ctx, w, accountID, into.ID)
		if errors.Is(err, fault.NotFound) {
			return errInto
		}
		if err != nil {
			return err
		}
		if kept.ID == claim.ID || kept.State != Claimed && kept.State != Confirmed {
			return errInto
		}
		if err := kept.asSeen(ctx, w, into); err != nil {
			return err
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
