// Package sqlitedriver makes SQLite's driver for database/sql quicker: a connection keeps the statements that it
// has prepared, and a transaction can be joined. It knows none of our tables.
package sqlitedriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"regexp"

	"modernc.org/sqlite"
)

// Open opens a pool whose connections prepare each statement once and keep it: reading SQL takes
// SQLite longer than most of ours take to run.
func Open(source string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(source)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparing{c}), nil
}

// preparing makes connections that keep their statements.
type preparing struct{ driver.Connector }

// Connect opens a connection.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	under, ok := c.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("a %T is not a connection that we can use", c)
	}
	return &preparedConn{sqliteConn: under, statements: map[string]*preparedStmt{}}, nil
}

// sqliteConn does what the driver's connections can.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedConn is one connection with the statements it has prepared. It is used by one goroutine at a
// time, as every connection is.
type preparedConn struct {
	sqliteConn
	statements map[string]*preparedStmt
}

// preparedStmt is a statement that is kept. One that gives its rows is not to be run a second time.
type preparedStmt struct {
	stmt   sqliteStmt
	giving bool
}

// sqliteStmt does what the driver's statements can.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// maxKept bounds the statements of a connection, in case somebody makes their texts.
const maxKept = 500

// Only what works on rows is worth keeping, and some pragmas act as they are prepared. River's statements begin with
// a comment that names them.
var worthKeeping = regexp.MustCompile(
	`(?i)^(?:\s|--.*\n)*(?:SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|ROLLBACK|SAVEPOINT)\b`)

// boundLimit finds a LIMIT whose number is given at each run. SQLite plans such a statement anew at every run, for that
// number, which takes it longer than most of ours take to run; it does not where the number is computed.
var boundLimit = regexp.MustCompile(`\bLIMIT [$?]\d+`)

// statement gives a kept statement that is free, or nil where the text is to be run as it is.
func (c *preparedConn) statement(ctx context.Context, query string) (*preparedStmt, error) {
	if s, there := c.statements[query]; there {
		if s.giving {
			return nil, nil
		}
		return s, nil
	}
	if len(c.statements) >= maxKept || !worthKeeping.MatchString(query) {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, boundLimit.ReplaceAllString(query, "$0 + 0"))
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(sqliteStmt)
	if !ok {
		return nil, made.Close()
	}
	c.statements[query] = &preparedStmt{stmt: stmt}
	return c.statements[query], nil
}

type watchingKey struct{}

// Watching marks a context that may end a statement under way, until its first row is there.
func Watching(ctx context.Context) context.Context {
	return context.WithValue(ctx, watchingKey{}, true)
}

// Statements are short, and watching a context costs the driver a goroutine each time; so it is asked
// once, before the statement, and by whoever runs many. A context that Watching marked is watched.
func (c *preparedConn) once(ctx context.Context) (context.Context, error) {
	if ctx.Value(watchingKey{}) != nil {
		return ctx, ctx.Err()
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// ExecContext runs a statement that gives no rows.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, err := c.once(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.stmt.ExecContext(ctx, args)
}

// QueryContext runs a statement that gives rows.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, err := c.once(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.giving = true
	return &preparedRows{Rows: rows, of: s}, nil
}

type joiningKey struct{}

// Joining marks a context whose BeginTx joins the transaction that its connection is in.
func Joining(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), joiningKey{}, true)
}

// BeginTx begins a transaction, or joins the one that the connection is in.
func (c *preparedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if ctx.Value(joiningKey{}) != nil {
		return joinedTx{}, nil
	}
	return c.sqliteConn.BeginTx(ctx, o)
}

// joinedTx ends nothing: whoever began the transaction ends it.
type joinedTx struct{}

// Commit does nothing.
func (joinedTx) Commit() error { return nil }

// Rollback does nothing.
func (joinedTx) Rollback() error { return nil }

// preparedRows frees its statement when it is closed.
type preparedRows struct {
	driver.Rows
	of *preparedStmt
}

// Close ends the rows.
func (r *preparedRows) Close() error {
	r.of.giving = false
	return r.Rows.Close()
}

// Close ends the connection and its statements.
func (c *preparedConn) Close() error {
	for _, s := range c.statements {
		_ = s.stmt.Close() // the connection ends with them
	}
	return c.sqliteConn.Close()
}

// Alone holds a lock on the file that a source names for as long as fn runs. SQLite locks it, on every system alike,
// and lets it go when the program dies.
func Alone(ctx context.Context, source string, fn func() error) error {
	gate, err := sql.Open("sqlite", source+"&_txlock=exclusive")
	if err != nil {
		return fmt.Errorf("wait for other programs: %w", err)
	}
	defer func() { _ = gate.Close() }()
	lock, err := gate.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("wait for other programs: %w", err)
	}
	defer func() { _ = lock.Rollback() }()
	return fn()
}
