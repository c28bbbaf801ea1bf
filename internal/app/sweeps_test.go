package app

import (
	"database/sql"
	"strings"
	"testing"
)

// Whatever is swept is found by an index that begins with the column which says when a row is over.
func TestSweepsGoByIndexes(t *testing.T) {
	d := running(t)
	swept := 0
	for _, side := range []*store{d.care.store, d.dos.store} {
		native, is := side.DB.Native().(*sql.DB)
		if !is {
			t.Fatal("a demo is not on SQLite")
		}
		for _, sweeper := range side.workers.Sweepers() {
			for _, s := range sweeper.Tables {
				swept++
				if !indexed(t, native, s.Table, s.Over) {
					t.Errorf("table %s is swept by %s, with which no index begins", s.Table, s.Over)
				}
			}
		}
	}
	if swept < 15 {
		t.Errorf("only %d tables are swept", swept)
	}
}

func indexed(t *testing.T, native *sql.DB, table, column string) bool {
	t.Helper()
	const indexes = `SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`
	rows, err := native.QueryContext(t.Context(), indexes, table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := false
	for rows.Next() {
		var made string
		if err := rows.Scan(&made); err != nil {
			t.Fatal(err)
		}
		_, columns, _ := strings.Cut(made, "(")
		first, _, _ := strings.Cut(strings.TrimSuffix(columns, ")"), ",")
		found = found || first == column
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
