package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteEngine has one connection that writes and several that read, as SQLite in WAL mode wants.
type sqliteEngine struct {
	writer, readers *sql.DB
}

const sqliteReaders = 6

func openSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder for database: %w", err)
	}
	writer, err := sql.Open("sqlite", sqliteSource(path, "FULL")+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	if err := writer.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), writer.Close())
	}
	readers, err := sql.Open("sqlite", sqliteSource(path, "FULL")+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), writer.Close())
	}
	readers.SetMaxOpenConns(sqliteReaders)
	readers.SetMaxIdleConns(sqliteReaders)
	return &sqliteEngine{writer: writer, readers: readers}, nil
}

func sqliteSource(path, synchronous string) string {
	pragmas := url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(" + synchronous + ")", "temp_store(MEMORY)",
	}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
}

func (e *sqliteEngine) native() any { return e.writer }

func (e *sqliteEngine) close() error { return errors.Join(e.readers.Close(), e.writer.Close()) }

func (e *sqliteEngine) migrate(ctx context.Context, files fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, e.writer, files)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func (e *sqliteEngine) begin(ctx context.Context, m mode) (tx, error) {
	if m == viewing {
		t, err := e.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		return &sqliteTx{t: t}, sqliteError(err)
	}
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return nil, sqliteError(err)
	}
	t := &sqliteTx{conn: conn, relaxed: m == keeping}
	if err := t.begin(ctx); err != nil {
		return nil, errors.Join(sqliteError(err), conn.Close())
	}
	return t, nil
}

// sqliteTx is a transaction; one that writes also holds the writer's connection.
type sqliteTx struct {
	t       *sql.Tx
	conn    *sql.Conn
	relaxed bool // commit without waiting for the disk
}

func (t *sqliteTx) begin(ctx context.Context) error {
	if t.relaxed {
		if _, err := t.conn.ExecContext(ctx, "PRAGMA synchronous=NORMAL"); err != nil {
			return err
		}
	}
	var err error
	t.t, err = t.conn.BeginTx(ctx, nil)
	if err != nil {
		return errors.Join(err, t.strict())
	}
	return nil
}

// strict makes the writer's commits wait for the disk again.
func (t *sqliteTx) strict() error {
	if !t.relaxed {
		return nil
	}
	_, err := t.conn.ExecContext(context.Background(), "PRAGMA synchronous=FULL")
	return err
}

func (t *sqliteTx) native() any { return t.t }

func (t *sqliteTx) ours(err error) error { return sqliteError(err) }

func (t *sqliteTx) each(ctx context.Context, row func(scan func(dest ...any) error) error, query string, args []any) error {
	rows, err := t.t.QueryContext(ctx, query, args...)
	if err != nil {
		return sqliteError(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return sqliteError(rows.Err())
}

func (t *sqliteTx) exec(ctx context.Context, query string, args []any) (int64, error) {
	done, err := t.t.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, sqliteError(err)
	}
	return done.RowsAffected()
}

func (t *sqliteTx) commit(context.Context) error { return sqliteError(t.t.Commit()) }

func (t *sqliteTx) rollback() {
	_ = t.t.Rollback() // after a commit there is nothing to roll back, and it says so
	if t.conn != nil {
		_ = t.strict()
		_ = t.conn.Close()
	}
}

// sqliteError turns the engine's error into one of ours where there is one.
func sqliteError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", ErrUnique, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT:
		return fmt.Errorf("%w: %w", errInTheWay, err)
	}
	return err
}
