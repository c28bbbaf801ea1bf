package db

import (
	"context"
	"fmt"
	"strings"
)

// load writes the rows with one prepared statement in one transaction.
func (e *sqliteEngine) load(ctx context.Context, table string, columns []string, rows Batch) (int64, error) {
	t, err := e.begin(ctx, keeping)
	if err != nil {
		return 0, err
	}
	defer t.rollback()
	n, err := insertAll(ctx, t.(*sqliteTx), insertText(table, columns), rows)
	if err != nil {
		return 0, err
	}
	return n, t.commit(ctx)
}

func insertText(table string, columns []string) string {
	marks := make([]string, len(columns))
	for i := range columns {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
}

func insertAll(ctx context.Context, t *sqliteTx, text string, rows Batch) (int64, error) {
	var n int64
	for row, err := range rows {
		if err != nil {
			return 0, err
		}
		plain, err := plainArgs(row)
		if err != nil {
			return 0, fmt.Errorf("row %d: %w", n+1, err)
		}
		if _, err := t.exec(ctx, text, plain); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
