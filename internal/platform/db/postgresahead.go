package db

import (
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// question is a query that somebody said they would ask.
type question struct {
	sql  string
	args []any
}

func (q question) is(other question) bool {
	return q.sql == other.sql && reflect.DeepEqual(q.args, other.args)
}

// answer is what the server said to it, until it is asked for.
type answer struct {
	question
	fields []pgconn.FieldDescription
	rows   [][][]byte
}

// each gives the rows as a query that was sent just now would.
func (a answer) each(types *pgtype.Map, row func(scan func(dest ...any) error) error) error {
	for _, values := range a.rows {
		err := row(func(dest ...any) error { return pgx.ScanRow(types, a.fields, values, dest...) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *postgresTx) ahead(sql string, args []any) {
	q := question{sql, args}
	known := slices.ContainsFunc(t.asked, q.is) || slices.ContainsFunc(t.answers, func(a answer) bool { return a.is(q) })
	if !known {
		t.asked = append(t.asked, q)
	}
}

// answered gives the answer to a query that was sent ahead, once. One that was not sent yet goes now.
func (t *postgresTx) answered(q question) (answer, bool) {
	t.asked = slices.DeleteFunc(t.asked, q.is)
	at := slices.IndexFunc(t.answers, func(a answer) bool { return a.is(q) })
	if at < 0 {
		return answer{}, false
	}
	found := t.answers[at]
	t.answers = slices.Delete(t.answers, at, at+1)
	return found, true
}

// outdated forgets the answers that a change might have made untrue: all of those whose query as much as
// mentions its table.
func (t *postgresTx) outdated(sql string) {
	if len(t.answers) == 0 || reads(sql) {
		return
	}
	table := changedTable(sql)
	t.answers = slices.DeleteFunc(t.answers, func(a answer) bool { return table == "" || strings.Contains(a.sql, table) })
}

// gather reads the answers to the queries that travelled after a statement.
func (t *postgresTx) gather(results pgx.BatchResults) error {
	sent := t.asked
	t.asked = nil
	for _, q := range sent {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		a := answer{question: q, fields: slices.Clone(rows.FieldDescriptions())}
		for rows.Next() {
			a.rows = append(a.rows, cloned(rows.RawValues()))
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
		t.answers = append(t.answers, a)
	}
	return nil
}

// cloned keeps a row's values, which the next row would overwrite. NULL stays nil.
func cloned(row [][]byte) [][]byte {
	kept := make([][]byte, len(row))
	for n, value := range row {
		kept[n] = slices.Clone(value)
	}
	return kept
}
