package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"signpost/internal/platform/db/ground"
	"signpost/internal/platform/db/pulse"
	"signpost/internal/platform/db/trouble"
)

type postgresEngine struct {
	pool     *pgxpool.Pool
	server   *pgx.ConnConfig
	patience time.Duration // how long the server may say nothing, three times in a row, during long work
}

func openPostgreSQL(ctx context.Context, source string, patience time.Duration) (*postgresEngine, error) {
	config, err := pgxpool.ParseConfig(source)
	if err != nil {
		return nil, errors.New("the PostgreSQL address cannot be read: write postgres://user@host:port/database")
	}
	if !strings.Contains(source, "pool_max_conns") {
		config.MaxConns = usualConns()
	}
	if config.MaxConns < minConns {
		return nil, fmt.Errorf("pool_max_conns=%d in the PostgreSQL address leaves too few connections: "+
			"write %d or more, or leave it out for %d",
			config.MaxConns, minConns, usualConns())
	}
	settle(config)
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTime
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	if err := bytewise(ctx, pool); err != nil {
		pool.Close()
		if pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded) {
			return nil, silent(config.ConnConfig, err)
		}
		return nil, err
	}
	return &postgresEngine{pool: pool, server: config.ConnConfig, patience: patience}, nil
}

func silent(server *pgx.ConnConfig, err error) error {
	return fmt.Errorf("the PostgreSQL server at %s:%d does not answer: see whether it runs: %w",
		server.Host, server.Port, err)
}

// while runs long work for as long as the server answers.
func (e *postgresEngine) while(ctx context.Context, fn func(ctx context.Context) error) error {
	err := pulse.While(ctx, e.server, e.patience, fn)
	if errors.Is(err, pulse.ErrSilent) {
		return silent(e.server, err)
	}
	return err
}

// connectTime is how long a connection may take to be made, where the address does not say connect_timeout.
const connectTime = 5 * time.Second

// usualConns is how many connections a node holds to a database at most, where its address does not say
// pool_max_conns: four for each of its processors, and eight at least. The job queue keeps one or two of them.
// More than a server can work on at once get in each other's way.
func usualConns() int32 { return int32(max(8, 4*runtime.GOMAXPROCS(0))) }

// minConns is how few it can do with: at the start one keeps other programs waiting while another brings
// the tables up to date.
const minConns = 2

// askText asks how the database keeps text and orders it. The order is tried, not read from a setting,
// because there are several that bear on it.
const askText = `SELECT pg_encoding_to_char(encoding) = 'UTF8', datcollate, 'B' < 'a' AND 'a-c' < 'ab' AND 'z' < 'é'
	FROM pg_database WHERE datname = current_database()`

// ErrUnreached is given where a PostgreSQL database lets nobody in, or is not there.
var ErrUnreached = errors.New("reach PostgreSQL")

// unreached is why a server is not reached, in one line. It is tried with TLS and without, at each of its addresses,
// and what goes wrong each time is said once.
type unreached struct{ error }

// Error says what went wrong.
func (u unreached) Error() string {
	var reasons []string
	for line := range strings.Lines(u.error.Error()) {
		reason := strings.TrimSpace(line)
		told := slices.ContainsFunc(reasons, func(earlier string) bool { return strings.HasSuffix(earlier, reason) })
		if !told {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 1 {
		return reasons[0]
	}
	return reasons[0] + " " + strings.Join(reasons[1:], "; ")
}

// Unwrap gives the error of the driver.
func (u unreached) Unwrap() error { return u.error }

// bytewise makes sure that the database keeps text as UTF-8 and orders it by its bytes, as SQLite does.
func bytewise(ctx context.Context, pool *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(ctx, 2*connectTime)
	defer cancel()
	var utf8, ordered bool
	var collation string
	if err := pool.QueryRow(ctx, askText).Scan(&utf8, &collation, &ordered); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreached, unreached{err})
	}
	if !utf8 || !ordered {
		return fmt.Errorf("the PostgreSQL database does not order UTF-8 text by its bytes (its collation is %s): "+
			"create it with ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0", collation)
	}
	return nil
}

func (e *postgresEngine) reached() error { return nil } // the server sees to it

func (e *postgresEngine) native() any { return e.pool }

func (e *postgresEngine) close() error { e.pool.Close(); return nil }

func (e *postgresEngine) migrate(ctx context.Context, files fs.FS) error {
	plain := stdlib.OpenDBFromPool(e.pool)
	defer func() { _ = plain.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, plain, files)
	if err != nil {
		return err
	}
	if err := ground.NotNewer(ctx, p); err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	return e.makeRoom(ctx, files)
}

// roomy leaves half of a page to new versions of the rows in it. One that fits there needs no new entry in the
// table's indexes, in which those who change other rows at the same time would meet.
const roomy = 50

// makeRoom sees to that for the tables whose rows are changed again and again.
func (e *postgresEngine) makeRoom(ctx context.Context, files fs.FS) error {
	tables, err := ground.Marked(files, ground.Rewritten)
	if err != nil {
		return err
	}
	for table := range tables {
		setting := fmt.Sprintf("fillfactor=%d", roomy)
		var done bool
		const isSet = `SELECT $2 = ANY (COALESCE(reloptions, '{}')) FROM pg_class WHERE oid = $1::regclass`
		if err := e.pool.QueryRow(ctx, isSet, table, setting).Scan(&done); err != nil {
			return fmt.Errorf("look at table %s: %w", table, err)
		}
		if done {
			continue
		}
		alter := `ALTER TABLE ` + pgx.Identifier{table}.Sanitize() + ` SET (` + setting + `)`
		if _, err := e.pool.Exec(ctx, alter); err != nil {
			return fmt.Errorf("make room in table %s: %w", table, err)
		}
	}
	return nil
}

// programsLock is a number no other user of the database is likely to lock.
const programsLock = 7301120426

// retryLock is how long a program waits before it tries to get the lock again.
const retryLock = 50 * time.Millisecond

// alone holds a lock of the server for as long as fn runs. Others try again and again: one that waited inside a
// statement would keep an index that fn makes waiting, for good.
func (e *postgresEngine) alone(ctx context.Context, fn func(ctx context.Context) error) error {
	return e.while(ctx, func(ctx context.Context) error { return e.locked(ctx, fn) })
}

func (e *postgresEngine) locked(ctx context.Context, fn func(ctx context.Context) error) error {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("wait for other programs: %w", err)
	}
	defer conn.Release()
	if err := lockPrograms(ctx, conn); err != nil {
		return fmt.Errorf("wait for other programs: %w", err)
	}
	err = fn(ctx)
	last, cancel := lastWord(ctx)
	defer cancel()
	_, unlocked := conn.Exec(last, `SELECT pg_advisory_unlock($1)`, programsLock)
	return errors.Join(err, unlocked)
}

func lockPrograms(ctx context.Context, conn *pgxpool.Conn) error {
	for {
		var locked bool
		err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, programsLock).Scan(&locked)
		if err != nil || locked {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryLock):
		}
	}
}

func (e *postgresEngine) load(ctx, door context.Context, table string, columns []string, rows Batch) (int64, error) {
	conn, err := e.pool.Acquire(door)
	if err != nil {
		return 0, trouble.OfPostgreSQL(err)
	}
	defer conn.Release()
	next, stop := iter.Pull2(rows)
	defer stop()
	var n int64
	err = e.while(ctx, func(ctx context.Context) (err error) {
		n, err = conn.CopyFrom(ctx, pgx.Identifier{table}, columns, copied(next))
		return trouble.OfPostgreSQL(err)
	})
	if errors.Is(err, pulse.ErrSilent) {
		return 0, trouble.Silent(err)
	}
	return n, err
}

func (e *postgresEngine) filled(ctx context.Context, tables []string) error {
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = pgx.Identifier{table}.Sanitize()
	}
	return e.while(ctx, func(ctx context.Context) error {
		_, err := e.pool.Exec(ctx, "VACUUM (ANALYZE) "+strings.Join(names, ", "))
		return trouble.OfPostgreSQL(err)
	})
}

// copied gives rows as they are copied.
func copied(next func() ([]any, error, bool)) pgx.CopyFromSource {
	return pgx.CopyFromFunc(func() ([]any, error) {
		row, err, more := next()
		if err != nil {
			return nil, trouble.RowError{Err: err}
		}
		if !more {
			return nil, nil
		}
		plain, err := plainArgs(row)
		if err != nil {
			return nil, trouble.RowError{Err: err}
		}
		return plain, nil
	})
}
