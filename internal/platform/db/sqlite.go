package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"signpost/internal/platform/db/disk"
	"signpost/internal/platform/db/ground"
	"signpost/internal/platform/db/sqlitedriver"
	"signpost/internal/platform/db/trouble"

	"github.com/pressly/goose/v3"
)

// sqliteEngine has one connection that writes and several that read, as SQLite in WAL mode wants.
type sqliteEngine struct {
	path            string
	writer, readers *sql.DB
	disk            *disk.Disk
}

const sqliteReaders = 6

// writerCache lets the writer keep 16 MiB of pages, so that a chunk of an import does not write the same page to the
// log again and again before it commits.
const writerCache = "cache_size(-16384)"

func openSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder for database: %w", err)
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("make database %s: %w", path, err)
	}
	writer, err := sqlitedriver.Open(sqliteSource(path) + "&_txlock=immediate&_pragma=" + url.QueryEscape(writerCache))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	ping := func() error { return writer.PingContext(ctx) } // makes a new file one with a log
	if err := sqlitedriver.Alone(ctx, lockFile(path), ping); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), writer.Close())
	}
	readers, err := sqlitedriver.Open(sqliteSource(path) + "&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), writer.Close())
	}
	readers.SetMaxOpenConns(sqliteReaders)
	readers.SetMaxIdleConns(sqliteReaders)
	e := &sqliteEngine{path: path, writer: writer, readers: readers}
	e.disk = disk.OfSQLite(path, e.checkpoint)
	if err := e.ready(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), e.close())
	}
	return e, nil
}

// private makes the file, if it is absent, for its owner alone; SQLite makes those beside it alike.
func private(path string) error {
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func sqliteSource(path string) string {
	return sqliteFile(path, "busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(NORMAL)",
		"temp_store(MEMORY)")
}

func sqliteFile(path string, pragmas ...string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"_pragma": pragmas}.Encode()
}

func (e *sqliteEngine) reached() error { return e.disk.Reached() }

// filled does nothing: by which index a file is read does not depend on how much is in it.
func (e *sqliteEngine) filled(context.Context, []string) error { return nil }

func (e *sqliteEngine) native() any { return e.writer }

func (e *sqliteEngine) close() error {
	return errors.Join(e.readers.Close(), e.writer.Close(), e.disk.Close())
}

// ready opens all connections and the log, so that none has to be opened when file descriptors are short. What an
// earlier program left in the log is taken over into the database first, with a sync of its own: the system may have
// told that program alone that the log did not reach the disk.
func (e *sqliteEngine) ready(ctx context.Context) error {
	if _, err := e.writer.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		return err
	}
	var open []*sql.Conn
	for range sqliteReaders {
		conn, err := e.readers.Conn(ctx)
		if err != nil {
			return err
		}
		open = append(open, conn)
	}
	for _, conn := range open {
		if err := conn.Close(); err != nil {
			return err
		}
	}
	return e.disk.Open()
}

// maxCheckpoint is how long taking the log over into the database may take.
const maxCheckpoint = 30 * time.Second

// checkpoint takes the log over into the database and begins a new one. SQLite syncs the database before.
func (e *sqliteEngine) checkpoint() error {
	ctx, cancel := context.WithTimeout(context.Background(), maxCheckpoint)
	defer cancel()
	var busy, inLog, taken int64
	row := e.writer.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := row.Scan(&busy, &inLog, &taken); err != nil {
		return fmt.Errorf("take the log over: %w", err)
	}
	if busy != 0 {
		return errors.New("take the log over: somebody is still reading from it")
	}
	return nil
}

func (e *sqliteEngine) migrate(ctx context.Context, files fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, e.writer, ground.ForSQLite{FS: files})
	if err != nil {
		return err
	}
	if err := ground.NotNewer(ctx, p); err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	return e.disk.Reached()
}

func (e *sqliteEngine) alone(ctx context.Context, fn func(ctx context.Context) error) error {
	return sqlitedriver.Alone(ctx, lockFile(e.path), func() error { return fn(ctx) })
}

// lockFile is an empty file beside the database that programs lock to take turns.
func lockFile(path string) string { return sqliteFile(path+"-lock", "busy_timeout(60000)") }

func (e *sqliteEngine) begin(ctx context.Context, m mode) (tx, error) {
	pool := e.writer
	if m == viewing || m == glancing || m == costly {
		pool = e.readers
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, trouble.OfSQLite(err)
	}
	t := &sqliteTx{conn: conn, watched: m == costly}
	if m == updating {
		t.disk = e.disk
	}
	if err := t.begin(ctx, m); err != nil {
		t.rollback()
		return nil, trouble.OfSQLite(err)
	}
	return t, nil
}

// sqliteTx is a transaction on a connection that it holds. It is not an *sql.Tx, which keeps a goroutine
// for each transaction and each query.
type sqliteTx struct {
	conn   *sql.Conn
	disk   *disk.Disk // that the commit waits for; may be nil
	joined *sql.Tx    // the same transaction for those who can use no other kind
	open   bool

	watched bool // its statements are long, so the context can end one of them
}

// How each door begins on its connection. A single statement is a transaction by itself.
var sqliteBegin = map[mode]string{
	viewing: "BEGIN", costly: "BEGIN", updating: "BEGIN IMMEDIATE", keeping: "BEGIN IMMEDIATE",
}

func (t *sqliteTx) begin(ctx context.Context, m mode) error {
	if sqliteBegin[m] == "" {
		return nil
	}
	if err := t.run(ctx, sqliteBegin[m]); err != nil {
		return err
	}
	t.open = true
	return nil
}

// run runs a statement about the transaction itself.
func (t *sqliteTx) run(ctx context.Context, statement string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := t.conn.ExecContext(context.WithoutCancel(ctx), statement)
	return err
}

func (t *sqliteTx) native(ctx context.Context) (any, error) {
	if t.joined != nil {
		return t.joined, nil
	}
	var err error
	t.joined, err = t.conn.BeginTx(sqlitedriver.Joining(ctx), nil)
	return t.joined, err
}

func (t *sqliteTx) limit(ctx context.Context) context.Context { return ctx }

func (t *sqliteTx) ours(err error) error { return trouble.OfSQLite(err) }

func (t *sqliteTx) each(ctx context.Context, row func(scan func(dest ...any) error) error,
	query string, args []any) error {
	if err := ctx.Err(); err != nil {
		return trouble.OfSQLite(err)
	}
	rows, err := t.conn.QueryContext(t.statementContext(ctx), query, args...)
	if err != nil {
		return trouble.OfSQLite(err)
	}
	defer func() { _ = rows.Close() }()
	scan := rows.Scan // once for all rows
	for rows.Next() {
		if err := row(scan); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return trouble.OfSQLite(rows.Err())
}

// statementContext gives the context that a statement runs in. To watch a context costs more than most statements do,
// so only long ones end with it.
func (t *sqliteTx) statementContext(ctx context.Context) context.Context {
	if t.watched {
		return sqlitedriver.Watching(ctx)
	}
	return context.WithoutCancel(ctx)
}

func (t *sqliteTx) exec(ctx context.Context, query string, args []any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, trouble.OfSQLite(err)
	}
	done, err := t.conn.ExecContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return 0, trouble.OfSQLite(err)
	}
	return done.RowsAffected()
}

// answered has nothing to do, as nothing waits.
func (t *sqliteTx) answered(context.Context) error { return nil }

func (t *sqliteTx) soon(ctx context.Context, s statement) error {
	if s.row != nil {
		return t.together(ctx, []question{{sql: s.sql, args: s.args, row: s.row}})
	}
	n, err := t.exec(ctx, s.sql, s.args)
	if err == nil && s.one {
		err = changedOne(n)
	}
	if err != nil {
		return naming(s.sql, err)
	}
	return nil
}

// together asks one after another, as no query travels.
func (t *sqliteTx) together(ctx context.Context, questions []question) error {
	for _, q := range questions {
		if err := t.each(ctx, q.row, q.sql, q.args); err != nil {
			return naming(q.sql, err)
		}
	}
	return nil
}

// undo begins anew. As the only writer is not given back, nothing comes in between.
func (t *sqliteTx) undo(ctx context.Context) error {
	t.leave()
	if err := t.run(ctx, "ROLLBACK"); err != nil {
		return trouble.OfSQLite(err)
	}
	t.open = false
	return trouble.OfSQLite(t.begin(ctx, updating))
}

func (t *sqliteTx) commit(ctx context.Context) error {
	if t.joined != nil {
		if err := t.joined.Commit(); err != nil {
			return trouble.OfSQLite(err)
		}
	}
	if !t.open {
		return nil // a single statement commits itself
	}
	if err := ctx.Err(); err != nil {
		return trouble.OfSQLite(err)
	}
	if err := t.run(ctx, "COMMIT"); err != nil {
		return trouble.OfSQLiteCommit(err)
	}
	t.open = false
	if t.disk == nil {
		return nil
	}
	t.release() // the next may write while this one waits
	if err := t.disk.Reached(); err != nil {
		return trouble.SentError{Err: err}
	}
	return nil
}

// leave ends the transaction for those who joined it.
func (t *sqliteTx) leave() {
	if t.joined != nil {
		_ = t.joined.Rollback() // after a commit it says that there is nothing to do
		t.joined = nil
	}
}

// release gives the connection back, once.
func (t *sqliteTx) release() {
	if t.conn != nil {
		_ = t.conn.Close()
		t.conn = nil
	}
}

// rollback undoes what was not committed and gives the connection back. One that cannot be freed of its
// transaction is thrown away.
func (t *sqliteTx) rollback() {
	t.leave()
	if t.open && t.run(context.Background(), "ROLLBACK") != nil {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	t.release()
}

// load writes the rows with one prepared statement in one transaction.
func (e *sqliteEngine) load(ctx, door context.Context, table string, columns []string, rows Batch) (int64, error) {
	t, err := e.begin(door, keeping)
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
