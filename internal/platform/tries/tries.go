// Package tries counts wrong tries at what people prove themselves with, and locks it for a time after too many.
//
// A browser on which somebody proved themselves before has tries of its own (see Known), so that strangers, whose tries
// count together, cannot lock them out. What was tried may also belong to nobody: it is counted and locked in the same
// way, so that the answers do not tell what exists, but it leaves no events.
//
// The package does not know what is proved.
package tries

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// memory is how long tries are remembered after the last one.
const memory = 24 * time.Hour

// Limit says how many wrong tries lock something, and for how long.
type Limit struct {
	WrongTry audit.Kind // of the events, and of these tries among those of other kinds
	Max      int64      // wrong tries that lock it
	First    time.Duration
	Longest  time.Duration // each further lock lasts twice as long as the one before, but never longer than this
}

// At says what is tried, on which browser.
type At struct {
	Subject audit.Ref
	Browser string // the id of a browser that is known to the subject; empty for all others together
	Nobody  bool   // the subject does not exist, so that no event is to be recorded about it
}

// Count holds the wrong tries that were made.
type Count struct {
	N     int64 // since the last lock, or the last right one
	Locks int64
	Until time.Time // when the last lock ends; zero if there was none
	ends  time.Time // when all this is forgotten
}

// Locked reports whether no try is taken at a time.
func (c Count) Locked(now time.Time) bool { return now.Before(c.Until) }

// Any reports whether there is anything to forget.
func (c Count) Any() bool { return c.N > 0 || c.Locks > 0 }

const selectCount = `SELECT n, locks, locked_until, ends_at FROM wrong_try
	WHERE kind = $1 AND subject = $2 AND browser = $3`

func scanCount(scan db.Scanner) (c Count, err error) {
	err = scan(&c.N, &c.Locks, db.At(&c.Until), db.At(&c.ends))
	return c, err
}

// Of reads the wrong tries at something.
func (l Limit) Of(ctx context.Context, r db.R, at At) (Count, error) {
	c, err := db.One(ctx, r, scanCount, selectCount, string(l.WrongTry), at.Subject.ID, at.Browser)
	if errors.Is(err, fault.NotFound) {
		return Count{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read wrong tries: %w", err)
	}
	if !r.Now().Before(c.ends) {
		return Count{}, nil
	}
	return c, nil
}

// Refuse refuses a wrong try: it undoes what the Update did, counts the try, and records an event if the subject is
// somebody. Use it as `return limit.Refuse(…)`, as w.Refuse.
func (l Limit) Refuse(ctx context.Context, w *db.W, at At, reason string, refusal error) error {
	return w.RefuseLeaving(ctx, refusal, func(ctx context.Context) error { return l.Count(ctx, w, at, reason, nil) })
}

// Count leaves what Refuse leaves, for an Update that leaves more. The event also has what is known of the try, if
// anything is.
func (l Limit) Count(ctx context.Context, w *db.W, at At, reason string, known any) error {
	if err := l.count(ctx, w, at); err != nil || at.Nobody {
		return err
	}
	return w.RecordRefusal(ctx, audit.Event{Kind: l.WrongTry, Subject: at.Subject, Reason: reason, After: known})
}

const putCount = `INSERT INTO wrong_try (kind, subject, browser, n, locks, locked_until, ends_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, subject, browser)
	DO UPDATE SET n = $4, locks = $5, locked_until = $6, ends_at = $7`

// count adds a wrong try, and locks the subject if it is one too many.
func (l Limit) count(ctx context.Context, w *db.W, at At) error {
	c, err := l.Of(ctx, w, at)
	if err != nil {
		return err
	}
	c.N++
	if c.N >= l.Max {
		c.Until = w.Now().Add(l.duration(c.Locks))
		c.Locks++
		c.N = 0
	}
	err = w.Soon(ctx, putCount, string(l.WrongTry), at.Subject.ID, at.Browser, c.N, c.Locks, c.Until,
		w.Now().Add(memory))
	if err != nil {
		return fmt.Errorf("count a wrong try: %w", err)
	}
	return nil
}

// duration gives how long a lock lasts, after those that there were before.
func (l Limit) duration(before int64) time.Duration {
	d := l.First
	for ; before > 0 && d < l.Longest; before-- {
		d *= 2
	}
	return min(d, l.Longest)
}

// Forget forgets the wrong tries that were made on a browser, as a right one does.
func (l Limit) Forget(ctx context.Context, w *db.W, at At) error {
	return w.Soon(ctx, `DELETE FROM wrong_try WHERE kind = $1 AND subject = $2 AND browser = $3`,
		string(l.WrongTry), at.Subject.ID, at.Browser)
}

// ForgetAll forgets the wrong tries that were made at a subject anywhere, and so ends its locks.
func (l Limit) ForgetAll(ctx context.Context, w *db.W, subject audit.Ref) error {
	return w.Soon(ctx, `DELETE FROM wrong_try WHERE kind = $1 AND subject = $2`, string(l.WrongTry), subject.ID)
}
