package db

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"signpost/internal/platform/db/trouble"
)

// How each door begins: reading sees one state; updates act as if one ran after the other, and wait for the
// disk, as nothing else on our connections does. An update that read a whole small table would be in the way of
// every other that adds to it, so updates go by indexes. A single statement needs no beginning.
var postgresBegin = map[mode][]string{
	viewing: {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", planAnew},
	costly:  {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", planAnew},
	updating: {"BEGIN ISOLATION LEVEL SERIALIZABLE",
		"SELECT set_config('synchronous_commit', 'on', true), set_config('enable_seqscan', 'off', true)", beginWork},
	keeping: {"BEGIN ISOLATION LEVEL READ COMMITTED"},
}

// planAnew has the server decide how it reads by what is in its tables now. It would else do as it did when a
// connection had asked the same five times, until it next takes stock: read the whole of a table that was small then.
const planAnew = "SET LOCAL plan_cache_mode = force_custom_plan"

// What an Update does stands behind a savepoint, so that Refuse can undo it also after a statement that failed,
// and what was read before still counts: of many wrong guesses made at once, each sees those before it.
const (
	beginWork = "SAVEPOINT work"
	undoWork  = "ROLLBACK TO SAVEPOINT work"
)

// settle makes what is committed on a connection not wait for the disk, keeps the server from compiling statements: an
// update that must read a whole table has a cost in the server's eyes for which it would compile every such statement,
// and that takes longer than to run it; and keeps it from starting several processes for one query, which takes longer
// than a page does to read what it shows, and gives to one reader the processors of all.
func settle(config *pgxpool.Config) {
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	config.ConnConfig.RuntimeParams["jit"] = "off"
	config.ConnConfig.RuntimeParams["max_parallel_workers_per_gather"] = "0"
}

func (e *postgresEngine) begin(ctx context.Context, m mode) (tx, error) {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return nil, trouble.OfPostgreSQL(err)
	}
	return &postgresTx{door: ctx, conn: conn, opening: postgresBegin[m]}, nil
}

// postgresTx is a transaction on a connection that it holds. A journey to the server costs more than most of
// our statements do there, so what opens the transaction, and statements whose outcome nobody waits for,
// travel with the next one.
type postgresTx struct {
	door    context.Context // has the deadline of the door, by which each statement ends
	conn    *pgxpool.Conn
	opening []string    // not sent yet
	waiting []statement // to be sent after it
	joined  pgx.Tx      // the same transaction for those who can use no other kind
}

// native gives the transaction as pgx knows it, with everything sent.
func (t *postgresTx) native(ctx context.Context) (any, error) {
	if t.joined != nil {
		return t.joined, t.flush()
	}
	err := t.flush()
	if err != nil {
		return nil, err
	}
	t.joined, err = t.conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: nothing}) // it has begun
	return t.joined, err
}

// flush sends what is to travel with the next statement without one.
func (t *postgresTx) flush() error {
	if len(t.opening)+len(t.waiting) == 0 {
		return nil
	}
	_, err := t.run(t.door, nothing, nil)
	return err
}

// nothing is a statement that does nothing.
const nothing = "SELECT"

func (t *postgresTx) limit(context.Context) context.Context { return t.door }

func (t *postgresTx) ours(err error) error { return trouble.OfPostgreSQL(err) }

func (t *postgresTx) each(_ context.Context, row func(scan func(dest ...any) error) error,
	query string, args []any) error {
	return trouble.OfPostgreSQL(t.send(t.door, sending{query, args, readingRows(row)}))
}

// readingRows reads the rows that a statement gives.
func readingRows(row func(scan func(dest ...any) error) error) func(source) error {
	return func(from source) error {
		rows, err := from.query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return trouble.RowError{Err: err}
			}
		}
		return rows.Err()
	}
}

func (t *postgresTx) together(_ context.Context, questions []question) error {
	var all []sending
	for _, q := range questions {
		rows := readingRows(q.row)
		all = append(all, sending{q.sql, q.args, func(from source) error {
			if err := rows(from); err != nil {
				return blaming(q.sql, err)
			}
			return nil
		}})
	}
	return trouble.OfPostgreSQL(t.send(t.door, all...))
}

func (t *postgresTx) exec(_ context.Context, query string, args []any) (int64, error) {
	done, err := t.run(t.door, query, args)
	return done.RowsAffected(), trouble.OfPostgreSQL(err)
}

func (t *postgresTx) soon(_ context.Context, s statement) error {
	t.waiting = append(t.waiting, s)
	return nil
}

func (t *postgresTx) answered(context.Context) error {
	if !slices.ContainsFunc(t.waiting, func(s statement) bool { return s.row != nil }) {
		return nil // what was to change soon may still wait
	}
	return trouble.OfPostgreSQL(t.flush())
}

func (t *postgresTx) undo(ctx context.Context) error {
	t.waiting = nil
	_, err := t.exec(ctx, undoWork, nil)
	return err
}

// errRolledBack is how PostgreSQL answers to a commit after a failed statement.
var errRolledBack = errors.New("the transaction had failed and was rolled back")

func (t *postgresTx) commit(ctx context.Context) error {
	if len(t.waiting) == 0 && (len(t.opening) > 0 || t.idle()) {
		return nil // nothing ran, or a single statement that committed itself
	}
	for n, s := range t.waiting {
		if s.one {
			t.waiting[n].sent = changingOne(s.sql)
		}
	}
	ctx, cancel := lastWord(ctx)
	defer cancel()
	done, err := t.run(ctx, "COMMIT", nil)
	if err == nil && done.String() == "ROLLBACK" {
		return errRolledBack
	}
	return trouble.OfPostgreSQLCommit(err)
}

// lastWord is the time in which a transaction ends. A browser that goes away meanwhile does not end it earlier: what
// was sent is then known to have happened or not.
func lastWord(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), maxLastWord)
}

// maxLastWord is how long the end of a transaction may take.
const maxLastWord = 3 * time.Second

// changingOne lets the server itself see to it that a change is of one row, where it travels with the commit: it
// fails with trouble.DivisionByZero if not.
func changingOne(sql string) string {
	return `WITH changed AS (` + sql + ` RETURNING 1) SELECT 1 / CASE COUNT(*) WHEN 1 THEN 1 ELSE 0 END FROM changed`
}

// rollback undoes what was not committed and gives the connection back. The pool throws away one that cannot
// be freed of its transaction.
func (t *postgresTx) rollback() {
	if !t.idle() {
		ctx, cancel := lastWord(context.Background())
		defer cancel()
		_, _ = t.conn.Exec(ctx, "ROLLBACK")
	}
	t.conn.Release()
}

// idle reports whether the connection is outside a transaction.
func (t *postgresTx) idle() bool { return t.conn.Conn().PgConn().TxStatus() == 'I' }

// run runs a statement for what it did.
func (t *postgresTx) run(ctx context.Context, query string, args []any) (done pgconn.CommandTag, err error) {
	err = t.send(ctx, sending{query, args, func(from source) error {
		done, err = from.exec()
		return err
	}})
	return done, err
}

// source is where a statement's outcome is read.
type source struct {
	query func() (pgx.Rows, error)
	exec  func() (pgconn.CommandTag, error)
}

// sending is a statement to be sent, and what reads its outcome.
type sending struct {
	sql  string
	args []any
	read func(source) error
}

// send sends statements in one journey, with what is to travel ahead of them, and lets each see its outcome.
func (t *postgresTx) send(ctx context.Context, all ...sending) error {
	if one := all[0]; len(t.opening)+len(t.waiting) == 0 && len(all) == 1 {
		return one.read(source{
			query: func() (pgx.Rows, error) { return t.conn.Query(ctx, one.sql, one.args...) },
			exec:  func() (pgconn.CommandTag, error) { return t.conn.Exec(ctx, one.sql, one.args...) },
		})
	}
	results := t.conn.SendBatch(ctx, t.batch(all))
	err := t.passed(results)
	for _, s := range all {
		if err == nil {
			err = s.read(source{query: results.Query, exec: results.Exec})
		}
	}
	if closed := results.Close(); err == nil {
		err = closed
	}
	return err
}

// batch is statements with what is to travel ahead of them.
func (t *postgresTx) batch(all []sending) *pgx.Batch {
	b := &pgx.Batch{}
	for _, s := range t.opening {
		b.Queue(s)
	}
	for _, s := range t.waiting {
		b.Queue(cmp.Or(s.sent, s.sql), s.args...)
	}
	for _, s := range all {
		b.Queue(s.sql, s.args...)
	}
	return b
}

// passed reads the outcome of what travelled ahead of a statement. If not even the first ran, because a
// statement could not be understood, the transaction has not begun.
func (t *postgresTx) passed(results pgx.BatchResults) error {
	waiting := t.waiting
	t.waiting = nil
	for _, opening := range t.opening {
		if _, err := results.Exec(); err != nil {
			return blaming(opening, err)
		}
		t.opening = nil
	}
	for _, s := range waiting {
		if err := s.outcome(source{query: results.Query, exec: results.Exec}); err != nil {
			return blaming(s.sql, err)
		}
	}
	return nil
}

// outcome reads what a statement did, or the rows of a query.
func (s statement) outcome(from source) error {
	if s.row != nil {
		return readingRows(s.row)(from)
	}
	done, err := from.exec()
	if err == nil && s.one {
		err = changedOne(done.RowsAffected())
	}
	return err
}

// blaming says which statement failed: the one whose outcome was read, unless none has run because the server could
// not understand another.
func blaming(sql string, err error) error {
	if unread := (pgx.ErrPreprocessingBatch{}); errors.As(err, &unread) {
		sql = unread.SQL()
	}
	return naming(sql, err)
}
