package intact

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// PostgreSQL reads every row of every table, so that the server finds pages that it cannot read, and looks for indexes
// that were left half made and for rows that refer to none.
func PostgreSQL(ctx context.Context, pool *pgxpool.Pool, files fs.FS) ([]Finding, error) {
	a := postgresAsking{pool}
	rows, err := a.everyRow(ctx)
	if err != nil {
		return nil, err
	}
	indexes, err := a.indexes(ctx)
	if err != nil {
		return nil, err
	}
	references, err := a.references(ctx)
	if err != nil {
		return nil, err
	}
	applied, err := migrations(ctx, a, files)
	return []Finding{rows, indexes, references, applied}, err
}

// PostgreSQLMigrations looks at the migrations of a database on a server alone, which takes no time.
func PostgreSQLMigrations(ctx context.Context, pool *pgxpool.Pool, files fs.FS) (Finding, error) {
	return migrations(ctx, postgresAsking{pool}, files)
}

// postgresAsking asks on any connection of a pool.
type postgresAsking struct{ pool *pgxpool.Pool }

func (a postgresAsking) versionsTable() string {
	return `SELECT 1 FROM pg_class WHERE oid = to_regclass('goose_db_version')`
}

func (a postgresAsking) rows(ctx context.Context, row func(columns []string), query string) error {
	rows, err := a.pool.Query(ctx, query, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var columns []string
		for _, raw := range rows.RawValues() {
			columns = append(columns, string(raw))
		}
		row(columns)
	}
	return rows.Err()
}

func (a postgresAsking) list(ctx context.Context, query string) (list [][]string, err error) {
	err = a.rows(ctx, func(columns []string) { list = append(list, columns) }, query)
	return list, err
}

const listTables = `SELECT oid::regclass FROM pg_class
	WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`

func (a postgresAsking) everyRow(ctx context.Context) (Finding, error) {
	f := Finding{Check: "rows"}
	tables, err := a.list(ctx, listTables)
	if err != nil {
		return f, fmt.Errorf("list tables: %w", err)
	}
	for _, table := range tables {
		const read = `SELECT COUNT(*), SUM(LENGTH(t::text)) FROM ONLY %s t`
		err := a.rows(ctx, func(columns []string) {
			n, _ := number(columns[0])
			f.Looked += n
		}, fmt.Sprintf(read, table[0]))
		if ctx.Err() != nil {
			return f, fmt.Errorf("read table %s: %w", table[0], err)
		}
		if err != nil {
			f.Found("table %s cannot be read: %s", table[0], err)
		}
	}
	return f, nil
}

const listIndexes = `SELECT indexrelid::regclass, indisvalid AND indisready FROM pg_index
	JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname`

func (a postgresAsking) indexes(ctx context.Context) (Finding, error) {
	f := Finding{Check: "indexes"}
	list, err := a.list(ctx, listIndexes)
	if err != nil {
		return f, fmt.Errorf("list indexes: %w", err)
	}
	for _, index := range list {
		f.Looked++
		if index[1] != "t" {
			f.Found("index %s was left half made: REINDEX INDEX %s makes it whole", index[0], index[0])
		}
	}
	return f, nil
}

const listReferences = `SELECT conname, conrelid::regclass, confrelid::regclass,
	(SELECT string_agg(format('r.%I = t.%I', theirs.attname, ours.attname), ' AND ')
		FROM unnest(conkey, confkey) AS k (ours, theirs)
		JOIN pg_attribute ours ON ours.attrelid = conrelid AND ours.attnum = k.ours
		JOIN pg_attribute theirs ON theirs.attrelid = confrelid AND theirs.attnum = k.theirs),
	(SELECT string_agg(format('t.%I IS NOT NULL', ours.attname), ' AND ')
		FROM unnest(conkey) AS k (ours) JOIN pg_attribute ours ON ours.attrelid = conrelid AND ours.attnum = k.ours)
	FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname`

// references looks for rows that refer to none. The server keeps them from being written, but not from being left by a
// disk that lost others.
func (a postgresAsking) references(ctx context.Context) (Finding, error) {
	f := Finding{Check: "references"}
	list, err := a.list(ctx, listReferences)
	if err != nil {
		return f, fmt.Errorf("list references: %w", err)
	}
	for _, c := range list {
		f.Looked++
		query := strings.NewReplacer("{from}", c[1], "{to}", c[2], "{same}", c[3], "{given}", c[4]).Replace(
			`SELECT COUNT(*) FROM {from} t WHERE {given} AND NOT EXISTS (SELECT 1 FROM {to} r WHERE {same})`)
		err := a.rows(ctx, func(columns []string) {
			if columns[0] != "0" {
				f.Found("%s rows of %s refer to rows of %s that are not there (%s)", columns[0], c[1], c[2], c[0])
			}
		}, query)
		if err != nil {
			return f, fmt.Errorf("follow references of %s: %w", c[1], err)
		}
	}
	return f, nil
}
