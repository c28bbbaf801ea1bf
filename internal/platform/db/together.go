package db

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/platform/fault"
)

// Together asks several queries in one journey to the server, where each alone would make one. None may depend on
// what another gives. Their answers are read from the queries themselves.
func Together(ctx context.Context, r R, queries ...Query) error { return r.together(ctx, queries) }

// Query is a query that may be asked together with others; Ask makes one.
type Query interface {
	question() question
}

// question is a query with what becomes of its rows.
type question struct {
	sql  string
	args []any
	row  func(Scanner) error
}

// Answer is a query with its rows, read as T. They are there once the query was asked by Together.
type Answer[T any] struct {
	sql  string
	args []any
	scan func(Scanner) (T, error)
	rows []T
}

// Ask makes a query for Together, of which scan reads each row.
func Ask[T any](scan func(Scanner) (T, error), sql string, args ...any) *Answer[T] {
	return &Answer[T]{sql: sql, args: args, scan: scan}
}

// All gives every row.
func (a *Answer[T]) All() []T { return a.rows }

// One gives the first row, or fault.NotFound.
func (a *Answer[T]) One() (T, error) {
	if len(a.rows) == 0 {
		var none T
		return none, fault.NotFound
	}
	return a.rows[0], nil
}

// question forgets what the query gave before: a function that runs again may ask it again.
func (a *Answer[T]) question() question {
	a.rows = nil
	return question{sql: a.sql, args: a.args, row: func(columns func(...any) error) error {
		one, err := a.scan(columns)
		a.rows = append(a.rows, one)
		return err
	}}
}

func (r *reading) together(ctx context.Context, queries []Query) error {
	questions, err := r.questions(queries)
	if err != nil || len(questions) == 0 {
		return err
	}
	r.within = true
	err = r.t.together(ctx, questions)
	r.within = false
	if err != nil {
		return r.failed(err)
	}
	return nil
}

// questions makes queries ready to be asked.
func (r *reading) questions(queries []Query) (list []question, err error) {
	for _, query := range queries {
		q := query.question()
		if q.args, err = r.ready(q.sql, q.args); err != nil {
			return nil, err
		}
		if !reads(q.sql) {
			return nil, r.failed(errors.New("something asked together that does not begin with SELECT"))
		}
		list = append(list, q)
	}
	return list, nil
}

// AskSoon asks queries in the same journey as the next statement, as Soon runs a statement. Their answers are there
// once the function that it returns was called, which makes a journey only if there was no statement meanwhile.
func (w *W) AskSoon(ctx context.Context, queries ...Query) (answered func() error) {
	err := w.askSoon(ctx, queries)
	return func() error {
		switch {
		case err != nil:
			return err
		case w.err != nil:
			return fmt.Errorf("after a failed statement: %w", w.err)
		}
		if err := w.t.answered(ctx); err != nil {
			return w.failed(err)
		}
		return nil
	}
}

func (w *W) askSoon(ctx context.Context, queries []Query) error {
	questions, err := w.questions(queries)
	if err != nil {
		return err
	}
	for _, q := range questions {
		if err := w.t.soon(ctx, statement{sql: q.sql, args: q.args, row: q.row}); err != nil {
			return w.failed(err)
		}
	}
	return nil
}
