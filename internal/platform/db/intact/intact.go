// Package intact looks whether a database is whole: its pages and indexes, what rows refer to, and its migrations. It
// changes nothing, and knows none of our tables by name.
package intact

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Finding says what came of one check.
type Finding struct {
	Check    string   // what was looked at
	Looked   int64    // how many of them
	Note     string   // what is worth saying and is not wrong; may be empty
	Problems []string // what is wrong; none where all is well
	Foreign  bool     // the database is none of ours, which is a problem too
}

// maxProblems is how many problems one check lists at most. Whoever finds so many restores the database.
const maxProblems = 20

// Found adds a problem, unless there are enough already.
func (f *Finding) Found(format string, args ...any) {
	if len(f.Problems) < maxProblems {
		f.Problems = append(f.Problems, fmt.Sprintf(format, args...))
	}
}

// asking is a connection of either engine.
type asking interface {
	// rows runs a query and gives each row as text; NULL is empty.
	rows(ctx context.Context, row func(columns []string), sql string) error
	// versionsTable is a query that gives a row if there is a table of the migrations that were applied.
	versionsTable() string
}

const appliedVersions = `SELECT version_id FROM goose_db_version WHERE is_applied ORDER BY version_id`

// migrations compares those that were applied with those that the program knows.
func migrations(ctx context.Context, a asking, files fs.FS) (Finding, error) {
	f := Finding{Check: "migrations"}
	known, err := versions(files)
	if err != nil {
		return f, err
	}
	there := false
	if err := a.rows(ctx, func([]string) { there = true }, a.versionsTable()); err != nil {
		return f, fmt.Errorf("look whether migrations were applied: %w", err)
	}
	if !there {
		f.Foreign = true
		f.Found("no migration was ever applied: this is another program's database, or an empty one")
		return f, nil
	}
	var applied []int64
	err = a.rows(ctx, func(columns []string) {
		if n, err := number(columns[0]); err == nil && n > 0 {
			applied = append(applied, n)
		}
	}, appliedVersions)
	if err != nil {
		return f, fmt.Errorf("read which migrations were applied: %w", err)
	}
	f.Looked = int64(len(applied))
	for _, n := range applied {
		if !slices.Contains(known, n) {
			f.Found("migration %d was applied and is not known to this version of the program", n)
		}
	}
	waiting := slices.DeleteFunc(known, func(n int64) bool { return slices.Contains(applied, n) })
	if len(waiting) > 0 {
		f.Note = fmt.Sprintf("%d more wait for the next start, the first is %d", len(waiting), waiting[0])
	}
	return f, nil
}

// versions reads the numbers of migrations from the names of their files.
func versions(files fs.FS) (list []int64, err error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	for _, entry := range entries {
		digits, _, is := strings.Cut(entry.Name(), "_")
		if !is || !strings.HasSuffix(entry.Name(), ".sql") {
			continue
		}
		n, err := number(digits)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", entry.Name(), err)
		}
		list = append(list, n)
	}
	return list, nil
}

func number(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }
