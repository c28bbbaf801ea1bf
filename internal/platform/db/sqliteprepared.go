package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"regexp"

	"modernc.org/sqlite"
)

// openPrepared opens a pool whose connections prepare each statement once and keep it: reading SQL takes
// SQLite longer than most of ours take to run.
//
// begins is how its transactions begin, BEGIN or BEGIN IMMEDIATE.
func openPrepared(source, begins string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(source)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparing{Connector: c, begins: begins}), nil
}

// preparing makes connections that keep their statements.
type preparing struct {
	driver.Connector
	begins string // how a transaction begins
}

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
	return &preparedConn{sqliteConn: under, begins: p.begins, kept: map[string]*preparedStmt{}}, nil
}

// sqliteConn is what the driver's connections can do.
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
	begins string
	kept   map[string]*preparedStmt
}

// preparedStmt is a statement that is kept. One that gives its rows is not to be run a second time.
type preparedStmt struct {
	stmt   sqliteStmt
	giving bool
}

// sqliteStmt is what the driver's statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// mostKept bounds the statements of a connection, in case somebody makes their texts.
const mostKept = 500

// Only what works on rows is worth keeping, and some pragmas act as they are prepared.
var worthKeeping = regexp.MustCompile(`(?i)^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|ROLLBACK|SAVEPOINT)\b`)

// statement gives a kept statement that is free, or nil where the text is to be run as it is.
func (c *preparedConn) statement(ctx context.Context, query string) (*preparedStmt, error) {
	if s, there := c.kept[query]; there {
		if s.giving {
			return nil, nil
		}
		return s, nil
	}
	if len(c.kept) >= mostKept || !worthKeeping.MatchString(query) {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(sqliteStmt)
	if !ok {
		return nil, made.Close()
	}
	c.kept[query] = &preparedStmt{stmt: stmt}
	return c.kept[query], nil
}

// Statements are short, and watching a context costs the driver a goroutine each time; so it is asked
// once, before the statement, and by whoever runs many.
func (c *preparedConn) once(ctx context.Context) (context.Context, error) {
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

// BeginTx begins a transaction; what may be done in it, the connection's pool decides.
func (c *preparedConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	if _, err := c.ExecContext(ctx, c.begins, nil); err != nil {
		return nil, err
	}
	return preparedTx{c}, nil
}

// preparedTx is a transaction of a connection.
type preparedTx struct{ c *preparedConn }

// Commit makes it last.
func (t preparedTx) Commit() error { return t.end("COMMIT") }

// Rollback undoes it.
func (t preparedTx) Rollback() error { return t.end("ROLLBACK") }

func (t preparedTx) end(how string) error {
	_, err := t.c.ExecContext(context.Background(), how, nil)
	return err
}

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
	for _, s := range c.kept {
		_ = s.stmt.Close() // the connection ends with them
	}
	return c.sqliteConn.Close()
}
