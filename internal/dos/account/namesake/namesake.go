// Package namesake finds accounts that have one name at one organisation: they may be one person's.
//
// A job looks through all accounts and notes in each whether there is another; lists look among those alone, of which
// there are few, at what they are at that moment. It does not know what becomes of them.
package namesake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
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

// name is what namesakes have in common.
const name = `a.organisation, a.last_name, a.first_name`

const (
	selectNamesakes = `SELECT id FROM (SELECT a.id, COUNT(*) OVER (PARTITION BY ` + name + `) AS n FROM account a
		WHERE ` + ofPerson + `) AS named WHERE n > 1`
	selectNoted = `SELECT id FROM account WHERE namesake`
)

// Note notes in accounts whether another has the same name at the same organisation, where that changed.
func Note(ctx context.Context, d *db.DB) error {
	are, err := ids(ctx, d, selectNamesakes)
	if err != nil {
		return err
	}
	were, err := ids(ctx, d, selectNoted)
	if err != nil {
		return err
	}
	if err := set(ctx, d, true, without(are, were)); err != nil {
		return err
	}
	return set(ctx, d, false, without(were, are))
}

func ids(ctx context.Context, d *db.DB, query string) ([]string, error) {
	list, err := db.Read(ctx, d, func(r db.R) ([]string, error) { return db.All(ctx, r, db.Column[string], query) })
	if err != nil {
		return nil, fmt.Errorf("list namesakes: %w", err)
	}
	return list, nil
}

// without gives what is in a list and not in another.
func without(list, other []string) []string {
	slices.Sort(other)
	return slices.DeleteFunc(slices.Clone(list), func(id string) bool {
		_, found := slices.BinarySearch(other, id)
		return found
	})
}

func set(ctx context.Context, d *db.DB, namesake bool, accounts []string) error {
	for some := range slices.Chunk(accounts, chunk) {
		err := d.Update(ctx, actor.ForJob(Job{}.Kind(), ""), func(w *db.W) error {
			var args db.Arguments
			text := `UPDATE account SET namesake = ` + args.Add(namesake) + ` WHERE id IN (` +
				db.AddEach(&args, some) + `)`
			if _, err := w.Exec(ctx, text, args.List()...); err != nil {
				return fmt.Errorf("note namesakes: %w", err)
			}
			return w.Record(ctx, audit.Event{Kind: eventNoted, Subject: audit.Ref{Kind: "job", ID: Job{}.Kind()},
				After: map[string]any{"namesake": namesake, "accounts": len(some)}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Account is one that has namesakes.
type Account struct{ ID, Organisation, LastName, FirstName string }

// Pair is two accounts of one name at one organisation.
type Pair struct{ One, Other Account }

// List lists pairs of the accounts that a condition in SQL is true of, where an account is called a, by organisation
// and at most limit.
func List(ctx context.Context, r db.R, condition string, args db.Arguments, limit int) (pairs []Pair, err error) {
	// Each account of the query is in a pair, or in several, so twice as many accounts as pairs are enough.
	text := `SELECT id, organisation, last_name, first_name FROM (SELECT a.id, ` + name + `,
		COUNT(*) OVER (PARTITION BY ` + name + `) AS n FROM account a
		WHERE a.namesake AND ` + ofPerson + ` AND ` + condition + `) AS named
		WHERE n > 1 ORDER BY organisation, last_name, first_name, id LIMIT ` + args.Add(2*limit)
	list, err := db.All(ctx, r, func(scan db.Scanner) (a Account, err error) {
		err = scan(&a.ID, &a.Organisation, &a.LastName, &a.FirstName)
		return a, err
	}, text, args.List()...)
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
	return a.Organisation == other.Organisation && a.LastName == other.LastName && a.FirstName == other.FirstName
}
