// Package standing keeps what the care identity side last said about the holder of each account, and since when it says
// so, so that boards and simulations look at all accounts at once and ask nobody.
//
// Nobody is let in, linked or refused by it: whoever decides about one person asks anew. Shared accounts and those of
// machines have none, as their addresses are nobody's own.
package standing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"signpost/internal/national/extract"
	"signpost/internal/platform/db"
)

// Standing is what was last said about the holder of one account.
type Standing struct {
	AccountID string
	Said      Said
	Authority extract.Authority
	Since     time.Time // when it was first said, as it is now
	Handles   []string  // what it calls the holder and their address, sorted; ByAccounts does not read them
}

// Said is an answer of the care identity side in one line of text: a word for each of found, state, email, position,
// level of the best authenticator and whether that is approved, and a dash for each that was not said. Many people
// share one line, so what follows from it is found once for all of them.
type Said string

const (
	notSaid  = "-"
	approved = "approved"
	said     = 6 // words in a line
)

// SaidOf gives the line of an answer. Where nobody has the address of the question, but a comparison found the same
// person by another address, that Care Identity is told of, with an address that differs.
func SaidOf(a extract.Answer) Said {
	if found := a.Compared; a.Found == extract.None && found != nil && found.Name == extract.NameSame {
		a.Found = extract.One
		a.State = found.State
		a.Email = extract.EmailDifferent
	}
	level := notSaid
	fit := notSaid
	if a.Authenticator != nil {
		level = strconv.Itoa(a.Authenticator.Level)
		if a.Authenticator.Approved {
			fit = approved
		}
	}
	words := []string{string(a.Found), string(a.State), string(a.Email), string(a.Position), level, fit}
	for i, word := range words {
		if word == "" {
			words[i] = notSaid
		}
	}
	return Said(strings.Join(words, " "))
}

// Answer gives the answer of which the line was made, without what is about one person alone. A line that is none says
// nothing.
func (s Said) Answer() extract.Answer {
	words := strings.Split(string(s), " ")
	if len(words) != said {
		return extract.Answer{}
	}
	for i, word := range words {
		if word == notSaid {
			words[i] = ""
		}
	}
	a := extract.Answer{Found: extract.Found(words[0]), State: extract.State(words[1]),
		Email: extract.EmailMatch(words[2]), Position: extract.YesNo(words[3])}
	if level, err := strconv.Atoi(words[4]); err == nil {
		a.Authenticator = &extract.Authenticator{Level: level, Approved: words[5] == approved}
	}
	return a
}

// Of gives what was last said about the holder of an account.
func Of(accountID string, a extract.Answer) Standing {
	s := Standing{AccountID: accountID, Said: SaidOf(a), Handles: slices.Sorted(slices.Values(a.Handles))}
	if a.Authority != nil {
		s.Authority = *a.Authority
	}
	return s
}

// same reports whether two say the same of somebody. How their registration authority is reached is not about them.
func (s Standing) same(other Standing) bool {
	return s.Said == other.Said && s.Authority.Code == other.Authority.Code &&
		s.Authority.Organisation == other.Authority.Organisation
}

func scanStanding(scan db.Scanner) (s Standing, err error) {
	err = scan(&s.AccountID, &s.Said, &s.Authority.Code, &s.Authority.Organisation, db.At(&s.Since),
		&s.Authority.Contact)
	return s, err
}

const columns = `account_id, said, authority, authority_name, since_at`

const selectStanding = `SELECT ` + columns + `, COALESCE(c.contact, '')
	FROM standing LEFT JOIN authority_contact c ON c.code = authority WHERE account_id IN (`

// ByAccounts reads what was last said about the holders of some accounts, by the accounts' ids.
func ByAccounts(ctx context.Context, r db.R, ids []string) (map[string]Standing, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanStanding,
		selectStanding+db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read what was said about accounts: %w", err)
	}
	found := make(map[string]Standing, len(list))
	for _, s := range list {
		found[s.AccountID] = s
	}
	return found, nil
}

// rowsAtOnce is how many rows one statement writes.
const rowsAtOnce = 12

// Keep keeps what was said about some accounts. What is as it was before is not written, and keeps its time.
func Keep(ctx context.Context, d *db.DB, list []Standing) error {
	var ids []string
	for _, s := range list {
		ids = append(ids, s.AccountID)
	}
	before, err := db.Read(ctx, d, func(r db.R) (map[string]Standing, error) { return withHandles(ctx, r, ids) })
	if err != nil {
		return err
	}
	var changed, called []Standing
	contacts := map[string]string{}
	for _, s := range list {
		was, there := before[s.AccountID]
		if !there || !was.same(s) {
			changed = append(changed, s)
		}
		if !slices.Equal(was.Handles, s.Handles) {
			called = append(called, s)
		}
		moved := was.Authority.Code != s.Authority.Code || was.Authority.Contact != s.Authority.Contact
		if s.Authority.Code != "" && moved {
			contacts[s.Authority.Code] = s.Authority.Contact
		}
	}
	if len(changed)+len(called)+len(contacts) == 0 {
		return nil
	}
	return d.Keep(ctx, func(k *db.K) error {
		for _, code := range slices.Sorted(maps.Keys(contacts)) {
			if err := putContact(ctx, k, code, contacts[code]); err != nil {
				return err
			}
		}
		for _, s := range called {
			if err := putHandles(ctx, k, s); err != nil {
				return err
			}
		}
		for some := range slices.Chunk(changed, rowsAtOnce) {
			if err := put(ctx, k, some); err != nil {
				return err
			}
		}
		return nil
	})
}

// withHandles does what ByAccounts does, and reads the handles too.
func withHandles(ctx context.Context, r db.R, ids []string) (map[string]Standing, error) {
	found, err := ByAccounts(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	handles, err := handlesOf(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for id, s := range found {
		s.Handles = handles[id]
		found[id] = s
	}
	return found, nil
}

// putContact keeps how a registration authority is reached. It is written only where it is another than before.
func putContact(ctx context.Context, k *db.K, code, contact string) error {
	_, err := k.Exec(ctx, `INSERT INTO authority_contact (code, contact) VALUES ($1, $2) ON CONFLICT (code)
		DO UPDATE SET contact = excluded.contact WHERE authority_contact.contact <> excluded.contact`, code, contact)
	if err != nil {
		return fmt.Errorf("keep how %s is reached: %w", code, err)
	}
	return nil
}

func put(ctx context.Context, k *db.K, list []Standing) error {
	var args db.Arguments
	var rows []string
	for _, s := range list {
		rows = append(rows, `(`+strings.Join([]string{args.Add(s.AccountID), args.Add(string(s.Said)),
			args.Add(s.Authority.Code), args.Add(s.Authority.Organisation), args.Add(k.Now())}, `, `)+`)`)
	}
	const onConflict = ` ON CONFLICT (account_id) DO UPDATE SET said = excluded.said, authority = excluded.authority,
		authority_name = excluded.authority_name, since_at = excluded.since_at`
	_, err := k.Exec(ctx, `INSERT INTO standing (`+columns+`) VALUES `+strings.Join(rows, `, `)+onConflict,
		args.List()...)
	if err != nil {
		return fmt.Errorf("keep what was said about accounts: %w", err)
	}
	return nil
}

// Untallied is that something was said that is not counted yet, in the words of its index.
const Untallied = `CASE WHEN tallied = said || ' ' || CAST(since_at AS TEXT) THEN 0 ELSE 1 END = 1`

// MarkTallied has what was said about some accounts say that it is counted, as a part of an Update.
func MarkTallied(ctx context.Context, w *db.W, accountIDs []string) error {
	var args db.Arguments
	_, err := w.Exec(ctx, `UPDATE standing SET tallied = said || ' ' || CAST(since_at AS TEXT) WHERE `+Untallied+
		` AND account_id IN (`+db.AddEach(&args, accountIDs)+`)`, args.List()...)
	if err != nil {
		return fmt.Errorf("mark what was said as counted: %w", err)
	}
	return nil
}
