package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account/headcount"
	"signpost/internal/dos/account/tally"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/wordtable"
)

// Imported is an account of another system.
type Imported struct {
	Username     string    `json:"username"`
	FirstName    string    `json:"first_name,omitempty"`
	LastName     string    `json:"last_name,omitempty"`
	Email        string    `json:"email,omitempty"`
	Kind         Kind      `json:"kind"`
	Active       bool      `json:"active"`
	PasswordHash string    `json:"password_hash,omitempty"`
	Organisation string    `json:"organisation,omitempty"`
	Region       string    `json:"region,omitempty"`
	Grants       Grants    `json:"grants,omitempty"`
	LastLogin    time.Time `json:"last_login,omitzero"`
	Created      time.Time `json:"created,omitzero"` // zero if it is not known
	Details
}

// EmailKey gives the canonical form of its address; empty without one.
func (i Imported) EmailKey() string {
	address, err := email.Parse(i.Email)
	if err != nil {
		return ""
	}
	key, _ := address.Canonical()
	return key
}

const (
	importAccounts = `INSERT INTO account (id, username, first_name, last_name, email, email_key, email_since, shared,
	web_service_only, active, password_hash, organisation, created_at, unfolded, username_key, region, phone,
	access_reason, approved_by, approved_at, case_due, used, counted_as)`
	importGrants = `INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)`
	importLogins = `INSERT INTO account_login (account_id, at, noted)`
)

// ImportedTables are the tables into which AddImported writes.
var ImportedTables = []string{"account", "account_grant", "account_login", "account_word"}

// AddImported adds accounts of another system as a part of an import's Update, and gives their ids. If one of the
// usernames or addresses was taken since the file was read, it adds none and is fault.Conflict.
//
// An address counts for linking once it was here for as long as any other (rule R8): nobody knows when it was last
// changed there.
func AddImported(ctx context.Context, w *db.W, list []Imported) (ids []string, err error) {
	all := withKeys(list)
	for some := range slices.Chunk(all, maxAskedAbout) {
		if err := refuseTaken(ctx, w, some); err != nil {
			return nil, err
		}
	}
	accounts := db.Inserting(importAccounts)
	var words []wordtable.Pair
	grants := db.Inserting(importGrants)
	logins := db.Inserting(importLogins)
	sorts := map[string]int{}
	for _, one := range all {
		id := random.ID()
		ids = append(ids, id)
		accounts.Add(one.columns(id, w.Now())...)
		sorts[one.sort()]++
		for _, word := range one.words() {
			words = append(words, wordtable.Pair{Word: word, ID: id})
		}
		for _, g := range one.Grants {
			grants.Add(id, string(g.Permission), string(g.Scope.Kind), g.Scope.ID, string(g.Group))
		}
		if !one.LastLogin.IsZero() {
			logins.Add(id, earlier(one.LastLogin, w.Now()), true)
		}
	}
	for _, rows := range []*db.Rows{accounts, grants, logins} {
		if err := rows.Write(ctx, w); err != nil {
			return nil, fmt.Errorf("add imported accounts: %w", err)
		}
	}
	if err := wordTable.PutAll(ctx, w, words); err != nil {
		return nil, err
	}
	return ids, headcount.Add(ctx, w, sorts)
}

// Changeable is what an import may change of an account that is there, where it is told to. What decides who comes in,
// and what they may do, has rules of its own.
type Changeable struct {
	FirstName    string `json:",omitempty"`
	LastName     string `json:",omitempty"`
	Organisation string `json:",omitempty"`
	Region       string `json:",omitempty"`
	Details
}

// Changeable gives what an import may change of the account.
func (a Account) Changeable() Changeable {
	return Changeable{FirstName: a.FirstName, LastName: a.LastName, Organisation: a.Organisation, Region: a.Region,
		Details: a.Details}
}

// with gives the details with what a change changes; what it leaves as it was stays as it is now.
func (c Changeable) with(before, after Changeable) Changeable {
	for field, from := range before.texts() {
		if to := *after.texts()[field]; to != *from {
			*c.texts()[field] = to
		}
	}
	if !after.Approved.Equal(before.Approved) {
		c.Approved = after.Approved
	}
	return c
}

func (c *Changeable) texts() []*string {
	return []*string{&c.FirstName, &c.LastName, &c.Organisation, &c.Region, &c.Phone, &c.AccessReason, &c.ApprovedBy}
}

// Change is what an import changes of an account: before is what it was when that was planned.
type Change struct {
	ID            string
	Before, After Changeable
}

// Changed is what an import did to an account.
type Changed struct {
	Change

	Username string
}

const changeImported = `UPDATE account SET first_name = $2, last_name = $3, organisation = $4, region = $5, phone = $6,
	access_reason = $7, approved_by = $8, approved_at = $9 WHERE id = $1`

// ChangeImported changes accounts as a part of an import's Update, each with an event, and says what each was and is.
func ChangeImported(ctx context.Context, w *db.W, list []Change) (done []Changed, err error) {
	for some := range slices.Chunk(list, maxAskedAbout) {
		var ids []string
		for _, one := range some {
			ids = append(ids, one.ID)
		}
		there, err := ByIDs(ctx, w, ids)
		if err != nil {
			return nil, err
		}
		for _, one := range some {
			a, is := there[one.ID]
			if !is {
				return nil, fault.SayCure(fault.Conflict, "An account of the file is gone since it was read.",
					"Import the file again.")
			}
			was := a.Changeable()
			a.become(was.with(one.Before, one.After))
			if err := a.saveChanged(ctx, w, was); err != nil {
				return nil, err
			}
			done = append(done, Changed{Change{a.ID, was, a.Changeable()}, a.Username})
		}
	}
	return done, nil
}

func (a *Account) become(c Changeable) {
	a.FirstName = c.FirstName
	a.LastName = c.LastName
	a.Organisation = c.Organisation
	a.Region = c.Region
	a.Details = c.Details
}

func (a Account) saveChanged(ctx context.Context, w *db.W, was Changeable) error {
	err := w.ChangeSoon(ctx, changeImported, a.ID, a.FirstName, a.LastName, a.Organisation, a.Region, a.Phone,
		a.AccessReason, a.ApprovedBy, a.Approved)
	if err != nil {
		return fmt.Errorf("change account by an import: %w", err)
	}
	if err := putWords(ctx, w, a); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventImportChanged, Subject: Ref(a.ID), Before: was, After: a.Changeable()})
}

// keyed is an account with the canonical form of its address, which is needed again and again.
type keyed struct {
	Imported

	emailKey string
}

func withKeys(list []Imported) []keyed {
	all := make([]keyed, 0, len(list))
	for _, one := range list {
		all = append(all, keyed{one, one.EmailKey()})
	}
	return all
}

// sort gives the sort as which the account is counted.
func (i Imported) sort() string {
	used := !i.LastLogin.IsZero()
	return headcount.Sort{Kind: string(i.Kind), Active: i.Active, Used: used, Region: i.Region}.String()
}

// columns gives the values of importAccounts.
func (i keyed) columns(id string, now time.Time) []any {
	created := i.Created
	if created.IsZero() || created.After(now) {
		created = now
	}
	return []any{id, i.Username, i.FirstName, i.LastName, i.Email, i.emailKey, now, i.Kind == Shared,
		i.Kind == Machine, i.Active, i.PasswordHash, i.Organisation, created, false, FoldUsername(i.Username), i.Region,
		i.Phone, i.AccessReason, i.ApprovedBy, i.Approved, i.Kind == Shared && i.Active,
		!i.LastLogin.IsZero(), i.sort()}
}

// earlier gives the earlier of two times. Clocks of other systems are wrong.
func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// words gives the words by which the account is found.
func (i keyed) words() []string {
	words := wordsOf(strings.Join([]string{i.Username, i.FirstName, i.LastName, i.Organisation}, " "))
	if i.emailKey != "" {
		local, _, _ := strings.Cut(i.emailKey, "@")
		words = append(append(words, i.emailKey), searchname.Words(local)...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// maxAskedAbout is how many accounts one query asks about.
const maxAskedAbout = 128

// refuseTaken refuses accounts whose usernames or addresses others have by now.
func refuseTaken(ctx context.Context, w *db.W, list []keyed) error {
	var args db.Arguments
	var keys []string
	var addresses []string
	for _, one := range list {
		keys = append(keys, FoldUsername(one.Username))
		if one.emailKey != "" && one.Kind != Shared {
			addresses = append(addresses, one.emailKey)
		}
	}
	others := `SELECT username FROM account WHERE username_key IN (` + db.AddEach(&args, keys) + `)
		OR NOT shared AND email_key <> '' AND email_key IN (` + db.AddEach(&args, addresses) + `) ORDER BY username`
	names, err := db.All(ctx, w, db.Column[string], others, args.List()...)
	if err != nil {
		return fmt.Errorf("look who has the usernames of an import: %w", err)
	}
	if len(names) == 0 {
		return nil
	}
	return fault.SayCure(fault.Conflict, "Accounts were made since the file was read that have usernames or email "+
		"addresses of it: "+strings.Join(names[:min(len(names), maxNamed)], ", ")+".",
		"Undo this import and import the file again: its rows about them are then refused by name.")
}

// maxNamed is how many accounts a message names.
const maxNamed = 5

// Everyone lists all accounts, by username. It is for imports and exports, which read the whole population.
func Everyone(ctx context.Context, r db.R) ([]Account, error) {
	list, err := db.All(ctx, r, scanAccount, selectAccount+` ORDER BY username`)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return list, nil
}

const selectAfter = selectAccount + ` WHERE id > $1 AND active AND NOT shared AND NOT web_service_only
	AND email_key <> '' ORDER BY id LIMIT $2`

// After lists, in the order of their ids, the next active accounts of one person each that have an address. It is for
// jobs that go through all accounts.
func After(ctx context.Context, r db.R, id string, limit int) ([]Account, error) {
	list, err := db.All(ctx, r, scanAccount, selectAfter, id, limit)
	if err != nil {
		return nil, fmt.Errorf("list accounts after another: %w", err)
	}
	return list, nil
}

// Used reports whether anything happened to an account or by it that was not refused.
func Used(ctx context.Context, r db.R, id string) (bool, error) {
	return audit.Touched(ctx, r, Ref(id))
}

// RemoveImported removes an account that an import added and with which nothing has happened since.
func RemoveImported(ctx context.Context, w *db.W, id string) error {
	if err := headcount.Forget(ctx, w, id); err != nil {
		return err
	}
	if err := tally.Forget(ctx, w, id); err != nil {
		return err
	}
	for _, remove := range []string{
		`DELETE FROM account_word WHERE account_id = $1`, `DELETE FROM account_grant WHERE account_id = $1`,
		`DELETE FROM account_login WHERE account_id = $1`, `DELETE FROM account WHERE id = $1`,
	} {
		if err := w.Soon(ctx, remove, id); err != nil {
			return fmt.Errorf("remove imported account: %w", err)
		}
	}
	return nil
}

// eventImportChanged is recorded of each account that an import changed, or whose change was undone.
const eventImportChanged audit.Kind = "account.import-changed"

// eventExported is recorded where all accounts are written to a file.
const eventExported audit.Kind = "account.exported"

// NoteExport records that all accounts are handed out, before they are.
func NoteExport(ctx context.Context, d *db.DB, by actor.Actor, accounts int, hashes bool) error {
	return d.Update(ctx, by, func(w *db.W) error {
		return w.Record(ctx, audit.Event{Kind: eventExported, Subject: audit.Ref{Kind: "accounts", ID: "all"},
			After: map[string]any{"accounts": accounts, "password_hashes": hashes}})
	})
}

// AllGrants reads what every account may do, by id.
func AllGrants(ctx context.Context, r db.R) (map[string]Grants, error) {
	type held struct {
		account string
		grant   Grant
	}
	list, err := db.All(ctx, r, func(scan db.Scanner) (h held, err error) {
		err = scan(&h.account, &h.grant.Permission, &h.grant.Scope.Kind, &h.grant.Scope.ID, &h.grant.Group)
		return h, err
	}, `SELECT account_id, permission, scope_kind, scope_id, group_name FROM account_grant
		ORDER BY account_id, group_name, permission, scope_kind, scope_id`)
	if err != nil {
		return nil, fmt.Errorf("list grants of all accounts: %w", err)
	}
	all := map[string]Grants{}
	for _, h := range list {
		all[h.account] = append(all[h.account], h.grant)
	}
	return all, nil
}

// AllLastLogins reads when somebody last logged in with each account with which anybody ever did, by id.
func AllLastLogins(ctx context.Context, r db.R) (map[string]time.Time, error) {
	list, err := db.All(ctx, r, scanLogin, `SELECT account_id, at FROM account_login`)
	if err != nil {
		return nil, fmt.Errorf("list last logins: %w", err)
	}
	last := make(map[string]time.Time, len(list))
	for _, l := range list {
		last[l.account] = l.at
	}
	return last, nil
}
