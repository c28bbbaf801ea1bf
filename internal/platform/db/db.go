// Package db is the door to a site's data, on SQLite or PostgreSQL, from one SQL text.
//
// There are three doors. View reads. Update carries one actor and one clock reading and commits only
// with an event. Keep is for the tables that their migration marks as bookkeeping, which a power cut
// may lose. Two smaller doors cost less: Glance reads without a transaction, and Jot is a Keep of one
// statement. Costly is a View for what may read many rows, and few of those run at a time. The functions
// Read, Costly, Write, Glance, Keep and Jot go through the same doors and give a value back; a function
// that set a variable outside it could leave there what an undone run had set.
//
// Sweep deletes what is over, a chunk at a time.
//
// Nothing outside this package knows which engine is behind the doors, but platform/job, which commits
// jobs in the same transaction.
//
// One SQL text means: $n placeholders, TEXT, BIGINT, BOOLEAN, BYTEA and DOUBLE PRECISION columns,
// times as Unix milliseconds in UTC (a time.Time given as an argument becomes one, the zero time
// becomes NULL), no functions of the database that read the clock, fold case or order names. A
// parameter that is tested for NULL is CAST.
package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db/disk"
	"signpost/internal/platform/db/ground"
	"signpost/internal/platform/db/intact"
	"signpost/internal/platform/db/trouble"
	"signpost/internal/platform/saved"
)

// DB is one site's database.
type DB struct {
	engine      engine
	clock       clock.Clock
	bookkeeping map[string]bool
	swept       map[string]bool
	outbox      Outbox
	observe     func(sql string)
	costly      chan struct{} // holds one for each costly read under way
	costlyWait  time.Duration
	patience    time.Duration
	unlooked    bool
	addresses   audit.Addresses
}

// Options say where a database is and what is in it.
type Options struct {
	// Source is a PostgreSQL URL (postgres://…) or the path of an SQLite file, made if absent.
	Source string
	// Migrations holds the side's own .sql files in its root, beside those of the ground every side has.
	Migrations fs.FS
	Clock      clock.Clock
	// Throwaway is for a file that goes away with the program: SQLite's updates then do not wait for the disk,
	// so a power cut may lose what they committed.
	Throwaway bool
	// Patience is how long whoever comes through a door waits for the engine at most; 3 seconds unless given.
	Patience time.Duration
	// Look is how long a file that is there already is looked through for damage at most, before anything in it is
	// used; 0 is not at all. A server looks after its own.
	Look time.Duration
	// Addresses says how much events of refusals keep of the address that they came from.
	Addresses audit.Addresses
	// Observe, where it is set, is told of each statement. Tests count them.
	Observe func(sql string)
}

// engine is one kind of database.
type engine interface {
	begin(ctx context.Context, mode mode) (tx, error)
	// load waits for its turn as long as door, and then for as long as the engine answers
	load(ctx, door context.Context, table string, columns []string, rows Batch) (int64, error)
	filled(ctx context.Context, tables []string) error
	migrate(ctx context.Context, files fs.FS) error
	alone(ctx context.Context, fn func(ctx context.Context) error) error
	glance(ctx context.Context) (problems []string, complete bool, err error)
	check(ctx context.Context, files fs.FS) ([]intact.Finding, error)
	applied(ctx context.Context, files fs.FS) (intact.Finding, error)
	reached() error // everything committed so far is on the disk
	native() any
	close() error
}

// tx is a transaction on an engine. Its errors are already ours.
type tx interface {
	each(ctx context.Context, row func(Scanner) error, sql string, args []any) error
	exec(ctx context.Context, sql string, args []any) (int64, error)
	soon(ctx context.Context, s statement) error // at the latest with the next statement
	answered(ctx context.Context) error          // what was to be asked soon was asked
	together(ctx context.Context, questions []question) error
	undo(ctx context.Context) error // all since an update began
	commit(ctx context.Context) error
	rollback()
	native(ctx context.Context) (any, error)
	limit(ctx context.Context) context.Context // for statements by native: the deadline of the door, and nothing more
	ours(err error) error                      // turns an error that native gave into one of ours
}

// mode is the door a transaction came through.
type mode int

const (
	viewing mode = iota
	glancing
	costly
	updating
	keeping
	jotting
)

// Open opens the database and brings its tables up to date.
func Open(ctx context.Context, o Options) (*DB, error) {
	files := ground.Under(o.Migrations)
	bookkeeping, err := ground.Marked(files, ground.Bookkeeping)
	if err != nil {
		return nil, err
	}
	swept, err := ground.Marked(files, ground.Swept)
	if err != nil {
		return nil, err
	}
	e, err := openEngine(ctx, o)
	if trouble.Damaged(err) {
		return nil, damaged(o.Source, err.Error())
	}
	if err != nil {
		return nil, endedBy(ctx, err)
	}
	unlooked, err := looked(ctx, e, o)
	if err != nil {
		return nil, errors.Join(endedBy(ctx, err), e.close())
	}
	if err := e.alone(ctx, func(ctx context.Context) error { return e.migrate(ctx, files) }); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate database: %w", endedBy(ctx, err)), e.close())
	}
	return &DB{
		patience: cmp.Or(o.Patience, usualPatience), unlooked: unlooked, addresses: o.Addresses,
		engine: e, clock: o.Clock, bookkeeping: bookkeeping, swept: swept, observe: o.Observe,
		costly: make(chan struct{}, maxCostly), costlyWait: maxCostlyWait,
	}, nil
}

// endedBy names the end of the context beside an error that came of it and may not say so, such as that a transaction
// is over or a statement was interrupted.
func endedBy(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

func openEngine(ctx context.Context, o Options) (engine, error) {
	if strings.HasPrefix(o.Source, "postgres://") || strings.HasPrefix(o.Source, "postgresql://") {
		return openPostgreSQL(ctx, o.Source, cmp.Or(o.Patience, usualPatience))
	}
	e, err := openSQLite(ctx, o.Source)
	if err == nil && o.Throwaway {
		e.disk = disk.None()
	}
	return e, err
}

// usualPatience is how long a page waits for the engine. Who looks at it has given up by then.
const usualPatience = 3 * time.Second

type patienceKey struct{}

// Patient gives a context for what may wait for the engine as long, or longer, at each door: jobs, sweeps and commands.
func Patient(ctx context.Context, patience time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, patience)
}

// bounded ends with the deadline of a door.
func (d *DB) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	patience, named := ctx.Value(patienceKey{}).(time.Duration)
	if !named {
		patience = d.patience
	}
	return context.WithTimeout(ctx, max(patience, d.patience))
}

// Close ends all connections.
func (d *DB) Close() error { return d.engine.close() }

// Native is the engine's own pool: *sql.DB with one connection for SQLite, *pgxpool.Pool for
// PostgreSQL. Only platform/job asks for it.
func (d *DB) Native() any { return d.engine.native() }

// Alone runs fn while no other program that asks the same does, on this database: programs that start
// at the same moment bring its tables up to date one after the other. The context that fn gets ends where the engine
// stops answering. An error that comes of the end of ctx says so. Only platform/job asks for it.
func (d *DB) Alone(ctx context.Context, fn func(ctx context.Context) error) error {
	return endedBy(ctx, d.engine.alone(ctx, fn))
}

// Now is the time by the database's clock, for what is asked outside a transaction.
func (d *DB) Now() time.Time { return d.clock.Now() }

// View runs fn on one consistent state of the database. fn cannot change anything.
func (d *DB) View(ctx context.Context, fn func(r R) error) error { return d.view(ctx, viewing, fn) }

func (d *DB) view(ctx context.Context, m mode, fn func(r R) error) error {
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	t, err := d.engine.begin(ctx, m)
	if err != nil {
		return fmt.Errorf("begin view: %w", err)
	}
	defer t.rollback()
	r := d.reading(t, d.clock.Now())
	return r.closing(fn(&r))
}

func (d *DB) reading(t tx, now time.Time) reading { return reading{t: t, now: now, observe: d.observe} }

// Glance runs fn without a transaction: each of its queries sees what is newest when it runs, so what two of
// them give may be of two moments. It is for one query, and for a few of which each may be as new as it likes.
func (d *DB) Glance(ctx context.Context, fn func(r R) error) error {
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	t, err := d.engine.begin(ctx, glancing)
	if err != nil {
		return fmt.Errorf("begin glance: %w", err)
	}
	defer t.rollback()
	g := &glance{d.reading(t, d.clock.Now())}
	return g.closing(fn(g))
}

// Update runs fn as one durable transaction of the given actor and commits it if fn returns nil, or
// what W.Refuse gave it. A change without an event is an error and undone. On PostgreSQL fn runs again
// when another transaction was in its way, so it changes nothing outside w.
func (d *DB) Update(ctx context.Context, by actor.Actor, fn func(w *W) error) error {
	if by.Kind == "" {
		return errors.New("an update without an actor")
	}
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	now := d.clock.Now()
	update, named := saved.Begin(ctx)
	return again(ctx, func() error {
		t, err := d.engine.begin(ctx, updating)
		if err != nil {
			return fmt.Errorf("begin update: %w", err)
		}
		defer t.rollback()
		w := &W{reading: d.reading(t, now), db: d, by: by}
		outcome := fn(w)
		if err := w.closing(outcome); err != nil {
			return err
		}
		if err := audit.Write(ctx, chronicle{t}, w.events); err != nil {
			return err
		}
		if named && outcome == nil {
			if err := update.Keep(ctx, chronicle{t}, now); err != nil {
				return err
			}
		}
		if err := t.commit(ctx); err != nil {
			return fmt.Errorf("commit update: %w", trouble.Outcome(err, w.refusal != nil))
		}
		if outcome == nil {
			saved.Note(ctx)
		}
		w.noteRefusal(ctx)
		return outcome
	})
}

// Saved reports whether an update of a request was committed.
func (d *DB) Saved(ctx context.Context, u saved.Update) (bool, error) {
	return Glance(ctx, d, func(r R) (bool, error) { return u.Kept(ctx, r) })
}

// Keep runs fn as one transaction that may change bookkeeping tables only and is not made to survive
// a power cut by itself.
func (d *DB) Keep(ctx context.Context, fn func(k *K) error) error {
	return d.keep(ctx, keeping, fn)
}

// Jot is a Keep of one statement; a second one is an error. What the statement did stands, whatever fn
// returns.
func (d *DB) Jot(ctx context.Context, fn func(k *K) error) error {
	return d.keep(ctx, jotting, fn)
}

func (d *DB) keep(ctx context.Context, m mode, fn func(k *K) error) error {
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	now := d.clock.Now()
	return again(ctx, func() error {
		t, err := d.engine.begin(ctx, m)
		if err != nil {
			return fmt.Errorf("begin keep: %w", err)
		}
		defer t.rollback()
		k := &K{reading: d.reading(t, now), db: d}
		k.single = m == jotting
		if err := k.closing(fn(k)); err != nil {
			return err
		}
		if err := t.commit(ctx); err != nil {
			return fmt.Errorf("commit keep: %w", trouble.Outcome(err, true))
		}
		return nil
	})
}

// Batch gives the rows to load one after another; the second value ends it with an error.
type Batch = func(yield func(row []any, err error) bool)

// Load writes many rows into a bookkeeping table by the engine's fastest way, as one transaction, and
// says how many. It is how imports are staged. It may take as long as it likes while the engine answers.
func (d *DB) Load(ctx context.Context, table string, columns []string, rows Batch) (int64, error) {
	if !d.bookkeeping[table] {
		return 0, fmt.Errorf("load into %s: not marked as bookkeeping", table)
	}
	door, cancel := d.bounded(ctx)
	defer cancel()
	n, err := d.engine.load(ctx, door, table, columns, rows)
	if err != nil {
		return 0, fmt.Errorf("load into %s: %w", table, err)
	}
	return n, nil
}

// Filled says that many rows were written into tables, and has the engine take stock of them at once, as it does by
// itself minutes later: by what it knows of its tables it chooses how to answer, and whether an index alone will do. It
// may take as long as it likes while the engine answers.
func (d *DB) Filled(ctx context.Context, tables ...string) error {
	if len(tables) == 0 {
		return nil
	}
	if err := d.engine.filled(ctx, tables); err != nil {
		return fmt.Errorf("take stock of tables: %w", err)
	}
	return nil
}

// ErrUnique is a row that would be a second one where there may be one. What was absent is
// fault.NotFound.
var ErrUnique = trouble.ErrUnique
