package authenticator

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

const day = 24 * time.Hour

// eventCared is recorded when it was looked which new authenticators were not used.
const eventCared audit.Kind = "authenticator.unused"

// care are the times after which it is looked whether a new authenticator was used, with what its owner is told if it
// was not.
var care = []struct {
	after  time.Duration
	change Change
}{{day, IsUnusedDay}, {7 * day, IsUnusedWeek}, {28 * day, IsUnusedMonth}}

const beginCare = `UPDATE authenticator SET care_due_at = $2 WHERE id = $1 AND first_used_at IS NULL`

// BeginCare has it looked from time to time whether an authenticator that its owner has just added is used. It is a
// part of the Update that adds it.
func BeginCare(ctx context.Context, w *db.W, id string) error {
	if err := w.Soon(ctx, beginCare, id, w.Now().Add(care[0].after)); err != nil {
		return fmt.Errorf("begin to look after authenticator: %w", err)
	}
	return nil
}

const noteUsed = `UPDATE authenticator SET first_used_at = $2, care_due_at = NULL
	WHERE id = $1 AND first_used_at IS NULL`

// CareJob is the job that looks which new authenticators were not used.
type CareJob struct{}

// Kind names the job.
func (CareJob) Kind() string { return "authenticator.care" }

const (
	careEvery = time.Hour
	careChunk = 100 // authenticators in one Update
)

// WorkCare registers the job.
func WorkCare(ws *job.Workers, d *db.DB) {
	job.Work(ws, func(ctx context.Context, _ CareJob) error {
		return job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
			n, err := Care(ctx, d, actor.ForJob(CareJob{}.Kind(), ""))
			return n == careChunk, err
		})
	})
	job.Every(ws, careEvery, CareJob{})
}

// cared is an authenticator of which it is due to look whether it was used.
type cared struct {
	id, uuid string
	status   Status
	bound    time.Time
}

const selectDue = `SELECT id, uuid, status, bound_at FROM authenticator WHERE care_due_at <= $1
	ORDER BY care_due_at, id LIMIT $2`

const setDue = `UPDATE authenticator SET care_due_at = $2 WHERE id = $1 AND first_used_at IS NULL`

// Care looks at some new authenticators of which it is due, has the owners of those that were not used told, and counts
// them. Where several times have passed since, it tells once.
func Care(ctx context.Context, d *db.DB, by actor.Actor) (looked int, err error) {
	due, err := db.Read(ctx, d, func(r db.R) ([]cared, error) { return careDue(ctx, r) })
	if err != nil || len(due) == 0 {
		return 0, err
	}
	return db.Write(ctx, d, by, func(w *db.W) (int, error) {
		due, err := careDue(ctx, w)
		if err != nil {
			return 0, err
		}
		for _, a := range due {
			if err := a.remind(ctx, w); err != nil {
				return 0, err
			}
		}
		return len(due), w.Record(ctx, audit.Event{Kind: eventCared,
			Subject: audit.Ref{Kind: "authenticator", ID: "care"}, After: map[string]int{"looked": len(due)}})
	})
}

func careDue(ctx context.Context, r db.R) ([]cared, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (a cared, err error) {
		err = scan(&a.id, &a.uuid, &a.status, db.At(&a.bound))
		return a, err
	}, selectDue, r.Now(), careChunk)
	if err != nil {
		return nil, fmt.Errorf("list authenticators to look after: %w", err)
	}
	return list, nil
}

// remind tells the owner of an authenticator that was not used, and sets when it is looked at next; never again after
// the last time, or once it cannot be used.
func (a cared) remind(ctx context.Context, w *db.W) error {
	change := Change("")
	var next any
	for _, step := range care {
		if at := a.bound.Add(step.after); at.After(w.Now()) {
			next = at
			break
		}
		change = step.change
	}
	if a.status != Active {
		next = nil
	} else if err := Tell(ctx, w, Notice{UUID: a.uuid, AuthenticatorID: a.id, Change: change}); err != nil {
		return err
	}
	if err := w.Soon(ctx, setDue, a.id, next); err != nil {
		return fmt.Errorf("set when to look after authenticator: %w", err)
	}
	return nil
}
