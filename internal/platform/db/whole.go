package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db/ground"
	"signpost/internal/platform/db/intact"
	"signpost/internal/platform/db/trouble"
	"signpost/internal/platform/fault"
)

// Unlooked reports whether Options.Look was too short to look through the whole file.
func (d *DB) Unlooked() bool { return d.unlooked }

// looked looks through a file for damage before it is used.
func looked(ctx context.Context, e engine, o Options) (unlooked bool, err error) {
	if o.Look == 0 {
		return false, nil
	}
	looking, cancel := context.WithTimeout(ctx, o.Look)
	defer cancel()
	problems, complete, err := e.glance(looking)
	if err == nil && len(problems) == 0 {
		return !complete, ctx.Err()
	}
	if err != nil {
		problems = []string{err.Error()}
	}
	return false, damaged(o.Source, problems[0])
}

// damaged tells whoever starts the program of a file that cannot be used.
func damaged(file, problem string) error {
	return fault.SayCure(fault.Conflict, fmt.Sprintf("The database %s is damaged: %s.", file, problem),
		"Keep a copy of the file, then restore it from its backup. signpost db check lists all that is wrong.")
}

func (e *sqliteEngine) glance(ctx context.Context) (problems []string, complete bool, err error) {
	return intact.Glance(ctx, e.readers)
}

func (e *postgresEngine) glance(context.Context) (problems []string, complete bool, err error) {
	return nil, true, nil
}

func (e *sqliteEngine) check(ctx context.Context, files fs.FS) ([]intact.Finding, error) {
	return intact.SQLite(ctx, e.readers, files)
}

func (e *postgresEngine) check(ctx context.Context, files fs.FS) (list []intact.Finding, err error) {
	err = e.while(ctx, func(ctx context.Context) (err error) {
		list, err = intact.PostgreSQL(ctx, e.pool, files)
		return err
	})
	return list, err
}

func (e *sqliteEngine) applied(ctx context.Context, files fs.FS) (intact.Finding, error) {
	return intact.SQLiteMigrations(ctx, e.readers, files)
}

func (e *postgresEngine) applied(ctx context.Context, files fs.FS) (intact.Finding, error) {
	return intact.PostgreSQLMigrations(ctx, e.pool, files)
}

// Reach opens a database that is there and looks which migrations were applied to it. It changes nothing, and brings
// nothing up to date.
func Reach(ctx context.Context, o Options) (f intact.Finding, err error) {
	e, err := openEngine(ctx, o)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	f, err = e.applied(ctx, ground.Under(o.Migrations))
	if err != nil {
		return f, fmt.Errorf("reach database: %w", err)
	}
	return f, nil
}

// Look reads a database that is there, and up to date, as it stands. It changes nothing.
func Look[T any](ctx context.Context, o Options, fn func(r R) (T, error)) (found T, err error) {
	e, err := openEngine(ctx, o)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	d := &DB{engine: e, clock: o.Clock, patience: cmp.Or(o.Patience, usualPatience)}
	return Read(ctx, d, fn)
}

// Check looks whether a database that is there is whole, which takes as long as to read all of it. It changes nothing,
// and brings nothing up to date.
func Check(ctx context.Context, o Options) (list []intact.Finding, err error) {
	e, err := openEngine(ctx, o)
	if trouble.Damaged(err) {
		return []intact.Finding{{Check: "opening", Problems: []string{err.Error()}}}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	list, err = e.check(ctx, ground.Under(o.Migrations))
	if err == nil && !foreign(list) {
		d := &DB{engine: e, clock: o.Clock, patience: cmp.Or(o.Patience, usualPatience)}
		var events intact.Finding
		events, err = d.checkEvents(ctx)
		list = append(list, events)
	}
	if trouble.Damaged(err) {
		return append(list, intact.Finding{Check: "reading", Problems: []string{err.Error()}}), nil
	}
	if err != nil {
		return list, fmt.Errorf("check database: %w", err)
	}
	return list, nil
}

// foreign reports whether a database is none of ours, so that there are no events to look at.
func foreign(list []intact.Finding) bool {
	return slices.ContainsFunc(list, func(f intact.Finding) bool { return f.Foreign })
}

// maxChecking is how long reading all events may take.
const maxChecking = 24 * time.Hour

// checkEvents compares each event's detail with the digest in its envelope.
func (d *DB) checkEvents(ctx context.Context) (intact.Finding, error) {
	f := intact.Finding{Check: "events"}
	err := d.View(Patient(ctx, maxChecking), func(r R) (err error) {
		f.Looked, err = audit.Verify(ctx, r, func(problem string) { f.Found("%s", problem) })
		return err
	})
	if err != nil {
		return f, fmt.Errorf("check events: %w", err)
	}
	return f, nil
}
