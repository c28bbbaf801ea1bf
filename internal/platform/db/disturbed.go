package db

import (
	"context"

	"signpost/internal/platform/db/trouble"
)

// Moment is when something can go wrong with an engine.
type Moment int

// The moments.
const (
	Beginning  Moment = iota // before a transaction begins
	Stating                  // before a statement is run
	Committing               // before a transaction is committed
	Committed                // after it was, and before anybody knows
)

// Disturb lets trouble be as it would be with a broken engine: what it gives at a moment, about a statement or about
// none, is taken for the engine's own error. Only dbtest asks for it.
func (d *DB) Disturb(cause func(ctx context.Context, at Moment, sql string) error) {
	d.engine = disturbedEngine{engine: d.engine, cause: cause}
}

type disturbedEngine struct {
	engine
	cause func(ctx context.Context, at Moment, sql string) error
}

func (e disturbedEngine) begin(ctx context.Context, m mode) (tx, error) {
	if err := e.cause(ctx, Beginning, ""); err != nil {
		return nil, trouble.Unavailable(err)
	}
	t, err := e.engine.begin(ctx, m)
	return disturbedTx{tx: t, cause: e.cause}, err
}

type disturbedTx struct {
	tx
	cause func(ctx context.Context, at Moment, sql string) error
}

func (t disturbedTx) each(ctx context.Context, row func(Scanner) error, sql string, args []any) error {
	if err := t.cause(ctx, Stating, sql); err != nil {
		return trouble.Unavailable(err)
	}
	return t.tx.each(ctx, row, sql, args)
}

func (t disturbedTx) exec(ctx context.Context, sql string, args []any) (int64, error) {
	if err := t.cause(ctx, Stating, sql); err != nil {
		return 0, trouble.Unavailable(err)
	}
	return t.tx.exec(ctx, sql, args)
}

func (t disturbedTx) soon(ctx context.Context, s statement) error {
	if err := t.cause(ctx, Stating, s.sql); err != nil {
		return trouble.Unavailable(err)
	}
	return t.tx.soon(ctx, s)
}

func (t disturbedTx) together(ctx context.Context, questions []question) error {
	for _, q := range questions {
		if err := t.cause(ctx, Stating, q.sql); err != nil {
			return trouble.Unavailable(err)
		}
	}
	return t.tx.together(ctx, questions)
}

func (t disturbedTx) commit(ctx context.Context) error {
	if err := t.cause(ctx, Committing, ""); err != nil {
		return trouble.Unavailable(err)
	}
	if err := t.tx.commit(ctx); err != nil {
		return err
	}
	if err := t.cause(ctx, Committed, ""); err != nil {
		return trouble.SentError{Err: err}
	}
	return nil
}
