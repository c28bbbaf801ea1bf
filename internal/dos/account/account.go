// Package account keeps the accounts of the Directory of Services: who holds them, what they may do, their email
// addresses, and the care identity that each is linked to.
//
// It does not know how anybody signs in, nor the phase of the move to Care Identity.
package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/random"
)

// Account is one username of the directory.
type Account struct {
	ID           string
	Username     string
	FirstName    string
	LastName     string
	Email        string // as it was typed; mail goes here
	EmailKey     string // canonical, see platform/email; unique among individual accounts
	EmailSince   time.Time
	EmailProved  time.Time // when a mailed code last proved it; zero if never
	Kind         Kind
	Active       bool
	PasswordHash string // empty once linked, or before one is set
	Organisation string // ODS code of the home organisation
	Region       string // id of the service that is the account's region; empty if that is not known
	Created      time.Time
	RelinkUntil  time.Time // until then two codes may replace its password while linking; see AllowRelink
	ReadingOnly  bool      // it may be used to look, and for nothing else
	Retires      time.Time // of a shared account: when it stops opening anything; zero if that is not decided
	Details
}

// Details are what is known of an account besides (reference, directory of services §3.1).
type Details struct {
	Phone        string    `json:",omitempty"`
	AccessReason string    `json:",omitempty"` // why its holder needs access, in their own words
	ApprovedBy   string    `json:",omitempty"` // an account's id, or a name where it was approved elsewhere
	Approved     time.Time `json:",omitzero"`  // zero if it is not known when
}

// Kind says who uses an account.
type Kind string

// The kinds. A machine account takes no part in the move to Care Identity and never uses the pages.
const (
	Individual Kind = "individual"
	Shared     Kind = "shared"  // several people use it
	Machine    Kind = "machine" // used by a program
)

// kindOf gives the kind that the columns of an account stand for.
func kindOf(shared, webServiceOnly bool) Kind {
	switch {
	case webServiceOnly:
		return Machine
	case shared:
		return Shared
	}
	return Individual
}

// Name gives the holder's name, or the username if there is no name.
func (a Account) Name() string {
	if name := strings.TrimSpace(a.FirstName + " " + a.LastName); name != "" {
		return name
	}
	return a.Username
}

// GroupGiven is recorded when a group was given to an account, and GroupTaken when one was taken away.
const (
	GroupGiven audit.Kind = "account.group-given"
	GroupTaken audit.Kind = "account.group-taken"
)

// The kinds of events that this package records.
const (
	eventAdded                audit.Kind = "account.added"
	eventAmended              audit.Kind = "account.amended"
	eventRenamed              audit.Kind = "account.renamed"
	eventUsernames            audit.Kind = "account.usernames"
	eventUsernameClashes      audit.Kind = "account.username-clashes"
	eventDeactivated          audit.Kind = "account.deactivated"
	eventReactivated          audit.Kind = "account.reactivated"
	eventOrganisationSet      audit.Kind = "account.organisation-set"
	eventEmailCodeWrong       audit.Kind = "account.email-code-wrong"
	eventEmailCodeTooOften    audit.Kind = "account.email-code-asked-too-often"
	eventLinkCodeWrong        audit.Kind = "account.link-code-wrong"
	eventLinkCodeTooOften     audit.Kind = "account.link-code-asked-too-often"
	eventPasswordCodeWrong    audit.Kind = "account.password-code-wrong"
	eventPasswordCodeTooOften audit.Kind = "account.password-code-asked-too-often"
	eventUndoCodeWrong        audit.Kind = "account.undo-code-wrong"
	eventUndoCodeTooOften     audit.Kind = "account.undo-code-asked-too-often"
	LinkedEvent               audit.Kind = "account.linked"
	eventRelinkRefused        audit.Kind = "account.relink-refused"
	RelinkAllowed             audit.Kind = "account.relink-allowed" // by whom a relink code was made
	eventUnlinkRefused        audit.Kind = "account.unlink-refused"
	eventUnlinked             audit.Kind = "account.unlinked"
	eventMerged               audit.Kind = "account.merged"
	eventUnmerged             audit.Kind = "account.unmerged"
	eventMergeCodeWrong       audit.Kind = "account.merge-code-wrong"
	eventMergeCodeTooOften    audit.Kind = "account.merge-code-asked-too-often"
)

// Ref identifies an account in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "account", ID: id} }

// New holds the details of an account to be added.
type New struct {
	Username, FirstName, LastName, Email string
	Kind                                 Kind   // individual if it is empty
	PasswordHash                         string `json:"-"`
	Organisation                         string
	Region                               string
	Grants                               Grants
	EmailProved                          bool // the address was proved when access was requested
	Details
}

const insertAccount = `INSERT INTO account (id, username, first_name, last_name, email, email_key, email_since,
	email_proved_at, shared, web_service_only, active, password_hash, organisation, created_at,
	unfolded, username_key, region, phone, access_reason, approved_by, approved_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, TRUE, $11, $12, $7, FALSE, $13, $14, $15, $16, $17, $18)`

// Add adds an active account, as a part of an Update.
func Add(ctx context.Context, w *db.W, n New) (Account, error) {
	if err := n.problem(ctx, w, ""); err != nil {
		return Account{}, err
	}
	address, err := email.ParseNew(n.Email)
	if err != nil {
		return Account{}, err
	}
	key, _ := address.Canonical()
	a := Account{
		ID:           random.ID(),
		Username:     n.Username,
		FirstName:    n.FirstName,
		LastName:     n.LastName,
		Email:        address.String(),
		EmailKey:     key,
		EmailSince:   w.Now(),
		Kind:         cmp.Or(n.Kind, Individual),
		Active:       true,
		PasswordHash: n.PasswordHash,
		Organisation: n.Organisation,
		Region:       n.Region,
		Created:      w.Now(),
		Details:      n.Details,
	}
	if n.EmailProved {
		a.EmailProved = w.Now()
	}
	_, err = w.Exec(ctx, insertAccount, a.ID, a.Username, a.FirstName, a.LastName, a.Email, a.EmailKey,
		a.EmailSince, a.EmailProved, a.Kind == Shared, a.Kind == Machine, a.PasswordHash, a.Organisation,
		FoldUsername(a.Username), a.Region, a.Phone, a.AccessReason, a.ApprovedBy, a.Approved)
	if errors.Is(err, db.ErrUnique) { // somebody else took the username at the same moment
		return Account{}, errUsernameTaken
	}
	if err != nil {
		return Account{}, fmt.Errorf("add account %s: %w", n.Username, err)
	}
	if err := putWords(ctx, w, a); err != nil {
		return Account{}, err
	}
	if err := addGrants(ctx, w, a.ID, n.Grants); err != nil {
		return Account{}, err
	}
	return a, w.Record(ctx, audit.Event{Kind: eventAdded, Subject: Ref(a.ID), After: n})
}

const selectAccount = `SELECT id, username, first_name, last_name, email, email_key, email_since, email_proved_at,
	shared, web_service_only, active, password_hash, organisation, created_at, relink_until, region,
	phone, access_reason, approved_by, approved_at, reading_only, retire_at FROM account`

// ByID reads one account, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Account, error) {
	return readAccount(ctx, r, ` WHERE id = $1`, id)
}

// ByIDs reads several accounts, by their ids. Unknown ones are left out.
func ByIDs(ctx context.Context, r db.R, ids []string) (map[string]Account, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanAccount, selectAccount+` WHERE id IN (`+db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	found := map[string]Account{}
	for _, a := range list {
		found[a.ID] = a
	}
	return found, nil
}

// ByEmail reads the individual account that has an address, by its canonical form, or fault.NotFound.
func ByEmail(ctx context.Context, r db.R, key string) (Account, error) {
	return readAccount(ctx, r, ` WHERE email_key = $1 AND email_key <> '' AND NOT shared`, key)
}

func readAccount(ctx context.Context, r db.R, where string, arg any) (Account, error) {
	a, err := db.One(ctx, r, scanAccount, selectAccount+where, arg)
	if err != nil {
		return a, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

func scanAccount(scan db.Scanner) (a Account, err error) {
	var shared, webServiceOnly bool
	err = scan(&a.ID, &a.Username, &a.FirstName, &a.LastName, &a.Email, &a.EmailKey, db.At(&a.EmailSince),
		db.At(&a.EmailProved), &shared, &webServiceOnly, &a.Active, &a.PasswordHash, &a.Organisation,
		db.At(&a.Created), db.At(&a.RelinkUntil), &a.Region, &a.Phone, &a.AccessReason, &a.ApprovedBy,
		db.At(&a.Approved), &a.ReadingOnly, db.At(&a.Retires))
	a.Kind = kindOf(shared, webServiceOnly)
	return a, err
}

// SetPassword replaces the hash of an account's password; with an empty hash no password opens the account. It is a
// part of an Update whose caller records the reason.
func SetPassword(ctx context.Context, w *db.W, id, hash string) error {
	if err := w.Change(ctx, `UPDATE account SET password_hash = $2 WHERE id = $1`, id, hash); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}
