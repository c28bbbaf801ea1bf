// Package trouble turns the errors of the engines into ours: what lost against another transaction, what is there
// already, and an engine that does not answer. What is wrong with a statement itself stays as it is.
package trouble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"signpost/internal/platform/fault"
)

// errUnavailable tells people of an engine in trouble. Whatever was under way is undone.
var errUnavailable = fault.Keyed("unavailable", fault.SayCure(fault.Unavailable,
	"The service cannot reach its records at the moment. Nothing you entered was changed.",
	"Try again in a minute. If it happens again, tell the service desk."))

// errCrossed tells people of a transaction that lost against others each time that it was run.
var errCrossed = fault.Keyed("crossed", fault.SayCure(fault.Busy,
	"Others were changing the same records at that moment. Nothing you entered was changed.",
	"Wait 10 seconds, then try again."))

// ErrUnique is a row that would be a second one where there may be one.
var ErrUnique = errors.New("already there")

// ErrInTheWay is a transaction that lost against another and may simply be run again.
var ErrInTheWay = errors.New("another transaction was in the way")

// DivisionByZero is the PostgreSQL code by which a change of another number of rows than one fails.
const DivisionByZero = "22012"

// Unavailable marks an engine's error as one that says nothing about what was asked: the engine is in trouble or cannot
// be reached. A request that its own browser gave up stays that.
func Unavailable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, fault.Unavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", errUnavailable, err)
}

// Crossed marks the error of a transaction that others were in the way of each time that it was run. Its engine
// answers, and whoever sends the same a little later is likely to get through.
func Crossed(err error) error { return fmt.Errorf("%w: %w", errCrossed, err) }

// Silent marks the error of what was given up because the engine stopped answering.
func Silent(err error) error { return fmt.Errorf("%w: %w", errUnavailable, err) }

// SentError is that of a commit which the engine was told of, and whose outcome it did not say.
type SentError struct{ Err error }

// Error gives the engine's error.
func (e SentError) Error() string { return "the outcome of the commit is not known: " + e.Err.Error() }

// Unwrap gives the engine's error.
func (e SentError) Unwrap() error { return e.Err }

var errUnknownOutcome = fault.Keyed("unknown-outcome", fault.SayCure(fault.Unknown,
	"The connection to our records was lost while this was being saved.",
	"Look whether it was saved before you do it again."))

// Outcome gives the error of a commit. Where nothing depends on what was committed, an outcome that is not known is
// that the engine does not answer.
func Outcome(err error, nothingDepends bool) error {
	var sent SentError
	switch {
	case !errors.As(err, &sent):
		return err
	case nothingDepends:
		return Unavailable(err)
	}
	return fmt.Errorf("%w: %w", errUnknownOutcome, err)
}

// OfSQLiteCommit is OfSQLite for an error of COMMIT. But for a constraint that is looked at so late, nobody can say
// whether it happened.
func OfSQLiteCommit(err error) error {
	var e *sqlite.Error
	if err == nil || errors.As(err, &e) && slices.Contains(beforeCommit, e.Code()&0xff) {
		return OfSQLite(err)
	}
	return SentError{err}
}

// beforeCommit are primary codes by which SQLite refuses a commit.
var beforeCommit = []int{sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_ERROR}

// OfPostgreSQLCommit is OfPostgreSQL for an error of COMMIT. Unless the server refused it, or it was never sent, nobody
// can say whether it happened; a server that ends says so in the same way before and after it.
func OfPostgreSQLCommit(err error) error {
	if err == nil || isOwn(err) || pgconn.SafeToRetry(err) {
		return OfPostgreSQL(err)
	}
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Severity == "ERROR" || errors.As(err, &pgx.ErrPreprocessingBatch{}) {
		return OfPostgreSQL(err)
	}
	return SentError{err}
}

// Damaged reports whether the error is that of a file of SQLite's that cannot be read.
func Damaged(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && slices.Contains([]int{sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}, e.Code()&0xff)
}

// RowError is an error of whoever reads the rows, and not of the engine that gives them.
type RowError struct{ Err error }

// Error gives the error itself.
func (e RowError) Error() string { return e.Err.Error() }

// Unwrap gives the error itself.
func (e RowError) Unwrap() error { return e.Err }

// isOwn reports whether an error is none of the engine's.
func isOwn(err error) bool {
	var own RowError
	_, known := fault.From(err)
	return known || errors.As(err, &own)
}

// Undecided reports whether a statement failed in a way that says nothing about what was asked, so that whatever a
// function makes of it is worth nothing.
func Undecided(err error) bool {
	return errors.Is(err, ErrInTheWay) || errors.Is(err, fault.Unavailable)
}

// OfSQLite turns the engine's error into one of ours. What is wrong with a statement itself stays as it is.
func OfSQLite(err error) error {
	if err == nil || isOwn(err) {
		return err
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return Unavailable(err)
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", ErrUnique, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT:
		return fmt.Errorf("%w: %w", ErrInTheWay, err)
	}
	if slices.Contains(sqliteFlaws, e.Code()&0xff) {
		return err
	}
	return Unavailable(err)
}

// sqliteFlaws are primary codes of errors that lie in a statement or in what it is given.
var sqliteFlaws = []int{
	sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE,
	sqlite3.SQLITE_RANGE, sqlite3.SQLITE_TOOBIG,
}

// OfPostgreSQL turns the engine's error into one of ours. What is wrong with a statement itself stays as it is.
func OfPostgreSQL(err error) error {
	if err == nil || isOwn(err) {
		return err
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return Unavailable(err)
	}
	switch e.Code {
	case "23505": // unique_violation
		return fmt.Errorf("%w: %w", ErrUnique, err)
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return fmt.Errorf("%w: %w", ErrInTheWay, err)
	case DivisionByZero:
		return fmt.Errorf("changed another number of rows than one: %w: %w", fault.Conflict, err)
	}
	switch {
	case strings.Contains(e.Message, twoUpdaters):
		return fmt.Errorf("%w: %w", ErrInTheWay, err)
	case slices.Contains(postgresFlaws, e.Code[:min(2, len(e.Code))]):
		return err
	}
	return Unavailable(err)
}

// postgresFlaws are classes of errors that lie in a statement or in what it is given: data exceptions, constraints, and
// what cannot be understood.
var postgresFlaws = []string{"21", "22", "23", "42"}

// twoUpdaters is how PostgreSQL 15 sometimes says, instead of 40001, that another transaction changed a row
// that this one had changed before a savepoint and wants to change again. Nothing was written.
const twoUpdaters = "new multixact has more than one updating member"
