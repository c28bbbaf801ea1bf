// Package records writes the records of an import into tables, in chunks under one id: it says what an import would
// change, goes on with one that was interrupted, and undoes one.
//
// It does not know how a file is read, nor what the records mean.
package records

import (
	"context"
	"encoding/json"
	"fmt"

	"signpost/internal/platform/db"
)

// Table lets imports read and write one table record by record. Each record has the key that its source uses and
// is encoded as JSON, so that importing and undoing work in the same way for every table.
type Table struct {
	// All gives every record that came from a source, by key.
	All func(ctx context.Context, r db.R) (map[string]string, error)
	// Some gives the records of some keys, by key, as far as there are any.
	Some func(ctx context.Context, r db.R, keys []string) (map[string]string, error)
	// Put adds the record of a key or replaces it. before is the one that is there; it is empty if there is none.
	Put func(ctx context.Context, w *db.W, key, before, record string) error
	// Settle completes a record as it is about to be put, with what only then is known; nil if nothing is.
	Settle func(ctx context.Context, w *db.W, record string) (string, error)
	// PutAll puts the records of a chunk together, in place of Put, and says what is kept of each for an undo. Then
	// undos alone ask Put.
	PutAll func(ctx context.Context, w *db.W, records []string) ([]Written, error)
	// Filled are the tables into which PutAll puts them.
	Filled []string
	// Weight says how many times as long as another to put the record of a key takes; nil where all take the same.
	Weight func(key string) int
	// Remove deletes the record of a key.
	Remove func(ctx context.Context, w *db.W, key string) error
	// Touched reports whether people have added something to the record that would be lost with it.
	Touched func(ctx context.Context, r db.R, key string) (bool, error)
}

// Written is what is kept of a record that an import put: a key by which Some finds it, what was there before, empty if
// nothing was, and what Some gives since.
type Written struct{ Key, Before, Record string }

// Record is one row of a Table: its key and its value.
type Record[T any] struct {
	Key   string
	Value T
}

// TableOf makes a Table from a query whose rows scan reads, without what writes; filter is the where-clause that
// selects the records of the source.
func TableOf[T any](scan func(db.Scanner) (Record[T], error), sql, keyColumn, filter string, args ...any) Table {
	encoded := func(columns db.Scanner) (Record[string], error) {
		one, err := scan(columns)
		if err != nil {
			return Record[string]{}, err
		}
		text, err := json.Marshal(one.Value)
		return Record[string]{one.Key, string(text)}, err
	}
	return Table{
		All: func(ctx context.Context, r db.R) (map[string]string, error) {
			list, err := db.All(ctx, r, encoded, sql+filter, args...)
			if err != nil {
				return nil, fmt.Errorf("read records: %w", err)
			}
			all := make(map[string]string, len(list))
			for _, one := range list {
				all[one.Key] = one.Value
			}
			return all, nil
		},
		Some: func(ctx context.Context, r db.R, keys []string) (map[string]string, error) {
			return some(ctx, r, encoded, sql+` WHERE `+keyColumn+` = $1`, keys)
		},
		Touched: func(context.Context, db.R, string) (bool, error) { return false, nil },
	}
}

// some reads the records of some keys in one journey to the database.
func some(ctx context.Context, r db.R, scan func(db.Scanner) (Record[string], error), sql string,
	keys []string) (map[string]string, error) {
	answers := make([]*db.Answer[Record[string]], len(keys))
	queries := make([]db.Query, len(keys))
	for i, key := range keys {
		answers[i] = db.Ask(scan, sql, key)
		queries[i] = answers[i]
	}
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	there := make(map[string]string, len(keys))
	for _, answer := range answers {
		for _, one := range answer.All() {
			there[one.Key] = one.Value
		}
	}
	return there, nil
}
