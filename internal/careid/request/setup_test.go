package request_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/population"
	"signpost/internal/careid/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// world has a sponsor who asks, two agents who decide, and Cy, whom it is about.
type world struct {
	*careidtest.World

	sponsor, agent, second, cy actor.Actor
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle)
	made := w.Make(population.Description{
		Organisations: []population.Organisation{{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"}},
		People: []population.Person{
			{GivenName: "Sue", FamilyName: "Sponsor", Organisation: "ZTR"},
			{GivenName: "Ben", FamilyName: "Agent", Organisation: "ZTR"},
			{GivenName: "Ann", FamilyName: "Agent", Organisation: "ZTR"},
			{GivenName: "Cy", FamilyName: "Example", Organisation: "ZTR"},
		},
	})
	for i, to := range []*actor.Actor{&w.sponsor, &w.agent, &w.second, &w.cy} {
		*to = actor.Actor{Kind: actor.Person, ID: made[i].UUID}
	}
	return w
}

func grant() request.Grant { return request.Grant{Template: "directory"} }

// change does something as somebody.
func (w *world) change(by actor.Actor, fn func(ctx context.Context, u *db.W) error) error {
	return w.DB.Update(w.Context(), by, func(u *db.W) error { return fn(w.Context(), u) })
}

// ask makes a request of somebody's about somebody.
func (w *world) ask(by, about actor.Actor, what request.What) request.Request {
	w.Helper()
	return worldtest.Must(db.Write(w.Context(), w.DB, by, func(u *db.W) (request.Request, error) {
		return request.Open(w.Context(), u, request.New{
			Subject: request.Subject{UUID: about.ID}, Organisation: "ZTR", What: what, Reason: "joins the ward",
		})
	}))(w)
}

func (w *world) look(by actor.Actor, id string) error {
	return w.change(by, func(ctx context.Context, u *db.W) error { return request.LookAt(ctx, u, id) })
}

func (w *world) approve(by actor.Actor, id string) error {
	return w.change(by, func(ctx context.Context, u *db.W) error {
		_, err := request.Approve(ctx, u, id, "", request.Doers{
			request.GrantPosition: func(context.Context, *db.W, request.Request) error { return nil },
		})
		return err
	})
}

func (w *world) reject(by actor.Actor, id string) error {
	return w.change(by, func(ctx context.Context, u *db.W) error {
		_, err := request.Reject(ctx, u, id, "The dates are wrong", "Ask again from 1 December")
		return err
	})
}

// decided looks at a request and decides it.
func (w *world) decided(by actor.Actor, id string, decide func(actor.Actor, string) error) {
	w.Helper()
	w.Must(w.look(by, id))
	w.Must(decide(by, id))
}

func (w *world) read(id string) request.Request {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (request.Request, error) {
		return request.ByID(ctx, r, id)
	})
}

func is(err error, code fault.Code) bool { return errors.Is(err, code) }

// day is the beginning of a day of this year.
func day(month time.Month, date int) time.Time {
	return time.Date(2026, month, date, 0, 0, 0, 0, time.UTC)
}
