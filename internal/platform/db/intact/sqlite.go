package intact

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"signpost/internal/platform/db/sqlitedriver"
)

// SQLite looks through a whole file. Beside an error it gives what was found before.
func SQLite(ctx context.Context, readers *sql.DB, files fs.FS) ([]Finding, error) {
	a := sqliteAsking{readers}
	pages, err := a.pages(ctx, "integrity_check")
	if err != nil {
		return []Finding{pages}, err
	}
	references, err := a.references(ctx)
	if err != nil {
		return []Finding{pages, references}, err
	}
	applied, err := migrations(ctx, a, files)
	return []Finding{pages, references, applied}, err
}

// SQLiteMigrations looks at the migrations of an embedded database alone, which takes no time.
func SQLiteMigrations(ctx context.Context, readers *sql.DB, files fs.FS) (Finding, error) {
	return migrations(ctx, sqliteAsking{readers}, files)
}

// Glance looks through the pages of a file, without comparing indexes with their tables, and gives the problems. It is
// not complete where the context ended first.
func Glance(ctx context.Context, readers *sql.DB) (problems []string, complete bool, err error) {
	f, err := sqliteAsking{readers}.pages(ctx, "quick_check")
	if err != nil && ctx.Err() == nil {
		return nil, false, err
	}
	return f.Problems, err == nil, nil
}

// sqliteAsking asks on any connection of a pool.
type sqliteAsking struct{ pool *sql.DB }

func (a sqliteAsking) rows(ctx context.Context, row func(columns []string), query string) error {
	rows, err := a.pool.QueryContext(sqlitedriver.Watching(ctx), query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]sql.NullString, len(names))
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		columns := make([]string, len(names))
		for i, v := range values {
			columns[i] = v.String
		}
		row(columns)
	}
	return rows.Err()
}

func (a sqliteAsking) versionsTable() string {
	return `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'goose_db_version'`
}

// pages runs one of SQLite's own checks, which says "ok" or what is wrong.
func (a sqliteAsking) pages(ctx context.Context, check string) (Finding, error) {
	f := Finding{Check: "pages and indexes"}
	err := a.rows(ctx, func(columns []string) { f.Looked, _ = number(columns[0]) }, "PRAGMA page_count")
	if err != nil {
		return f, fmt.Errorf("count pages: %w", err)
	}
	err = a.rows(ctx, func(columns []string) {
		if columns[0] != "ok" {
			f.Found("%s", columns[0])
		}
	}, fmt.Sprintf("PRAGMA %s(%d)", check, maxProblems))
	if err != nil {
		return f, fmt.Errorf("look through the pages: %w", err)
	}
	return f, nil
}

const countReferences = `SELECT COUNT(*) FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
	WHERE s.type = 'table' AND f.seq = 0`

func (a sqliteAsking) references(ctx context.Context) (Finding, error) {
	f := Finding{Check: "references"}
	counted := a.rows(ctx, func(columns []string) { f.Looked, _ = number(columns[0]) }, countReferences)
	err := a.rows(ctx, func(columns []string) {
		f.Found("row %s of %s refers to a row of %s that is not there", columns[1], columns[0], columns[2])
	}, "PRAGMA foreign_key_check")
	if err := errors.Join(counted, err); err != nil {
		return f, fmt.Errorf("follow references: %w", err)
	}
	return f, nil
}
