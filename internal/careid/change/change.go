// Package change notes which care identities and addresses changed and when, so that a directory that asked about
// people asks again about those alone. It says nothing of what changed, and does not know who asks.
//
// What ends by itself at a time that was known before, as a position that was given until a date, or a lock after wrong
// tries, is no change here: who has to know it within a day asks about everybody once a day.
package change

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// Kind says what changed.
type Kind string

// The kinds of what changes.
const (
	Person  Kind = "person"  // by the number of their care identity
	Address Kind = "address" // in canonical form: another care identity has it now, or one no longer
	All     Kind = "all"     // something that concerns many at once, without a subject
)

// Thing is what changed.
type Thing struct {
	Kind    Kind
	Subject string
}

// OfPerson is a person, by the number of their care identity.
func OfPerson(uuid string) Thing { return Thing{Kind: Person, Subject: uuid} }

// OfAddress is an address in canonical form.
func OfAddress(canonical string) Thing { return Thing{Kind: Address, Subject: canonical} }

// OfAll is everybody.
func OfAll() Thing { return Thing{Kind: All} }

// Kept is for how long changes are known. Whoever asks from earlier on has to ask about everybody.
const Kept = 30 * 24 * time.Hour

const put = `INSERT INTO identity_change (kind, subject, at) VALUES ($1, $2, $3)
	ON CONFLICT (kind, subject) DO UPDATE SET at = $3 WHERE identity_change.at < $3`

// Note notes that things change, as a part of an Update. An address that is empty is nobody's.
func Note(ctx context.Context, w *db.W, things ...Thing) error {
	for _, t := range things {
		if t.Kind == Address && t.Subject == "" {
			continue
		}
		if err := w.Soon(ctx, put, string(t.Kind), t.Subject, w.Now()); err != nil {
			return fmt.Errorf("note change of %s: %w", t.Kind, err)
		}
	}
	return nil
}

// Point is a place in the order of changes: all that changed before is behind it.
type Point struct {
	At    time.Time
	After Thing // of those that changed at that time, the last one behind it
}

// Changed is what changed, and when it did last.
type Changed struct {
	Thing
	At time.Time
}

// Point is the place behind a change.
func (c Changed) Point() Point { return Point{At: c.At, After: c.Thing} }

// Since lists what changed behind a point, in order, up to a number of things.
func Since(ctx context.Context, r db.R, from Point, limit int) ([]Changed, error) {
	const sql = `SELECT kind, subject, at FROM identity_change WHERE at >= $1 AND (at > $1 OR kind > $2
		OR kind = $2 AND subject > $3) ORDER BY at, kind, subject LIMIT $4`
	list, err := db.All(ctx, r, func(scan db.Scanner) (c Changed, err error) {
		err = scan(&c.Kind, &c.Subject, db.At(&c.At))
		return c, err
	}, sql, from.At, string(from.After.Kind), from.After.Subject, limit)
	if err != nil {
		return nil, fmt.Errorf("list changes: %w", err)
	}
	return list, nil
}

// SweepJob is the periodic job that forgets changes of long ago.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "change.sweep" }

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB) {
	over := db.Sweep{Table: "identity_change", Key: "kind, subject", Over: "at", Keep: Kept}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{over}})
}
