package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Two administrators who remove each other at the same moment must not both succeed, in any order.
func TestRacingRemovalsLeaveAnAdministrator(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	const pairs = 500
	err := d.Update(ctx, ann, func(w *db.W) error {
		for i := range pairs {
			for _, person := range []string{"p", "q"} {
				_, err := w.Exec(ctx, `INSERT INTO administrator (organisation, person) VALUES ($1, $2)`, fmt.Sprint(i), person)
				if err != nil {
					return err
				}
			}
		}
		return w.Record(ctx, audit.Event{Kind: "administrators.added"})
	})
	if err != nil {
		t.Fatal(err)
	}
	var removed, refused sync.Map
	tickets := make(chan int)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for n := range tickets {
				organisation := fmt.Sprint(n / 2)
				person := []string{"p", "q"}[n%2]
				switch err := remove(ctx, d, organisation, person); {
				case err == nil:
					removed.Store(n, true)
				case errors.Is(err, fault.Conflict):
					refused.Store(n, true)
				default:
					t.Errorf("remove %s of %s: %v", person, organisation, err)
				}
			}
		})
	}
	for n := range 2 * pairs {
		tickets <- n
	}
	close(tickets)
	workers.Wait()
	if left := count(t, d, `SELECT COUNT(DISTINCT organisation) FROM administrator`); left != pairs {
		t.Errorf("organisations with an administrator = %d, want %d", left, pairs)
	}
	if a, b := length(&removed), length(&refused); a != pairs || b != pairs {
		t.Errorf("removed %d, refused %d, want %d of each", a, b, pairs)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = 'administrator.kept'`); n != pairs {
		t.Errorf("refusal events = %d, want %d", n, pairs)
	}
}

func remove(ctx context.Context, d *db.DB, organisation, person string) error {
	return d.Update(ctx, ann, func(w *db.W) error {
		others, err := db.Value[int64](ctx, w, `SELECT COUNT(*) FROM administrator WHERE organisation = $1 AND person <> $2`, organisation, person)
		if err != nil {
			return err
		}
		if others == 0 {
			return w.Refuse(ctx, audit.Event{Kind: "administrator.kept", Subject: audit.Ref{Kind: "organisation", ID: organisation}},
				fault.Say(fault.Conflict, "An organisation keeps one administrator."))
		}
		if err := w.Change(ctx, `DELETE FROM administrator WHERE organisation = $1 AND person = $2`, organisation, person); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: "administrator.removed", Subject: audit.Ref{Kind: "organisation", ID: organisation}})
	})
}

func length(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}
