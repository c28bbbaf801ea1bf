package db

import (
	"context"
	"errors"

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
	var questions []question
	for _, query := range queries {
		q := query.question()
		plain, err := r.ready(q.sql, q.args)
		if err != nil {
			return err
		}
		if !reads(q.sql) {
			return r.failed(errors.New("something asked together that does not begin with SELECT"))
		}
		q.args = plain
		questions = append(questions, q)
	}
	if len(questions) == 0 {
		return nil
	}
	r.within = true
	err := r.t.together(ctx, questions)
	r.within = false
	if err != nil {
		return r.failed(err)
	}
	return nil
}
