// Package namesake finds accounts that have one name at one organisation: they may be one person's. Names are one where
// they have the same letters, whatever their case, accents, spaces, hyphens and apostrophes.
//
// A job looks through all accounts and notes in those that have namesakes what their names have in common; lists look
// among those alone, of which there are few, at what they are at that moment. It does not know what becomes of them.
package namesake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
)

// Job is the job that notes which accounts have namesakes.
type Job struct{}

// Kind names the job.
func (Job) Kind() string { return "account.namesakes" }

// eventNoted is recorded where that changed.
const eventNoted audit.Kind = "account.namesakes-noted"

const (
	every = time.Hour
	chunk = 1000 // accounts in one Update
)

// Work registers the job.
func Work(ws *job.Workers, d *db.DB) {
	job.Work(ws, func(ctx context.Context, _ Job) error { return Note(ctx, d) })
	job.Every(ws, every, Job{})
}

// ofPerson is that an account, which a query calls a, is somebody's own, is active and says where they work.
const ofPerson = `a.active AND NOT a.shared AND NOT a.web_service_only AND a.last_name <> '' AND a.organisation <> ''`

const (
	selectNamed = `SELECT a.id, a.organisation, a.last_name, a.first_name FROM account a
		WHERE ` + ofPerson + ` ORDER BY a.organisation`
	selectNoted = `SELECT id, namesake_key FROM account WHERE namesake_key <> ''`
	noteKey     = `UPDATE account SET namesake_key = $2 WHERE id = $1`
)

// Key is what the names of namesakes have in common; empty for a name without letters.
func Key(firstName, lastName string) string { return searchname.Fold(firstName+lastName, -1) }

// Account is one that may have namesakes.
type Account struct{ ID, Organisation, LastName, FirstName string }

func scanAccount(scan db.Scanner) (a Account, err error) {
	err = scan(&a.ID, &a.Organisation, &a.LastName, &a.FirstName)
	return a, err
}

func (a Account) key() string { return Key(a.FirstName, a.LastName) }

// keys has the keys of accounts, by their ids.
type keys map[string]string

// Note notes in accounts whether another has the same name at the same organisation, where that changed.
func Note(ctx context.Context, d *db.DB) error {
	are, err := db.Read(ctx, d, func(r db.R) (keys, error) { return find(ctx, r) })
	if err != nil {
		return fmt.Errorf("find namesakes: %w", err)
	}
	were, err := db.Read(ctx, d, func(r db.R) (keys, error) { return noted(ctx, r) })
	if err != nil {
		return fmt.Errorf("read which accounts have namesakes: %w", err)
	}
	changed := keys{}
	for id := range were {
		changed[id] = are[id]
	}
	maps.Copy(changed, are)
	maps.DeleteFunc(changed, func(id, key string) bool { return key == were[id] })
	for some := range slices.Chunk(slices.Sorted(maps.Keys(changed)), chunk) {
		if err := note(ctx, d, changed, some); err != nil {
			return err
		}
	}
	return nil
}

// find gives the keys of all accounts that have namesakes. It holds the accounts of one organisation at a time.
func find(ctx context.Context, r db.R) (keys, error) {
	found := keys{}
	organisation := ""
	first := map[string]string{} // the first account of each name at the organisation
	err := r.Each(ctx, func(scan func(...any) error) error {
		a, err := scanAccount(scan)
		if err != nil {
			return err
		}
		if a.Organisation != organisation {
			organisation = a.Organisation
			clear(first)
		}
		key := a.key()
		if key == "" {
			return nil
		}
		namesake, there := first[key]
		if !there {
			first[key] = a.ID
			return nil
		}
		found[namesake] = key
		found[a.ID] = key
		return nil
	}, selectNamed)
	return found, err
}

func noted(ctx context.Context, r db.R) (keys, error) {
	list := keys{}
	err := r.Each(ctx, func(scan func(...any) error) error {
		var id, key string
		err := scan(&id, &key)
		list[id] = key
		return err
	}, selectNoted)
	return list, err
}

func note(ctx context.Context, d *db.DB, changed keys, accounts []string) error {
	return d.Update(ctx, actor.ForJob(Job{}.Kind(), ""), func(w *db.W) error {
		having := 0
		for _, id := range accounts {
			if changed[id] != "" {
				having++
			}
			if err := w.Soon(ctx, noteKey, id, changed[id]); err != nil {
				return fmt.Errorf("note namesakes: %w", err)
			}
		}
		return w.Record(ctx, audit.Event{Kind: eventNoted, Subject: audit.Ref{Kind: "job", ID: Job{}.Kind()},
			After: map[string]any{"accounts": len(accounts), "with namesakes": having}})
	})
}

// Pair is two accounts of one name at one organisation.
type Pair struct{ One, Other Account }

// List lists pairs of the accounts that a condition in SQL is true of, where an account is called a, by organisation
// and at most limit.
func List(ctx context.Context, r db.R, condition string, args db.Arguments, limit int) (pairs []Pair, err error) {
	// Each account of the query is in a pair, or in several, so twice as many accounts as pairs are enough.
	text := `SELECT id, organisation, last_name, first_name FROM (SELECT a.id, a.organisation, a.namesake_key,
		a.last_name, a.first_name, COUNT(*) OVER (PARTITION BY a.organisation, a.namesake_key) AS n FROM account a
		WHERE a.namesake_key <> '' AND ` + ofPerson + ` AND ` + condition + `) AS named
		WHERE n > 1 ORDER BY organisation, namesake_key, id LIMIT ` + args.Add(2*limit)
	list, err := db.All(ctx, r, scanAccount, text, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list accounts of one name: %w", err)
	}
	for i, one := range list {
		for _, other := range list[i+1:] {
			if !one.named(other) || len(pairs) == limit {
				break
			}
			pairs = append(pairs, Pair{One: one, Other: other})
		}
	}
	return pairs, nil
}

// named reports whether another account has the same name at the same organisation.
func (a Account) named(other Account) bool {
	return a.Organisation == other.Organisation && a.key() == other.key()
}
