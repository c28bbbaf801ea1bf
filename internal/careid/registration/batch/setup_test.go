package batch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// trust is a trust with its registration authority, a practice that it serves and one that it does not.
type trust struct {
	*careidtest.World

	desk *batch.Desk

	maker, second, agent actor.Actor
	clerks               []string // numbers of five people of the trust
	stranger             string   // of somebody elsewhere
	ward                 string   // a position that anybody may hold
}

// open makes the trust, with a program that works on its batches.
func open(t *testing.T) *trust { return openWith(t, (*batch.Desk).Work) }

// openIdle makes the trust without one: tests do what its job does.
func openIdle(t *testing.T) *trust {
	return openWith(t, func(_ *batch.Desk, ws *job.Workers) {
		job.Work(ws, func(context.Context, batch.Work) error { return nil })
	})
}

func openWith(t *testing.T, work func(d *batch.Desk, ws *job.Workers)) *trust {
	t.Helper()
	w := &trust{World: careidtest.Open(t, time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC))}
	w.desk = &batch.Desk{DB: w.DB, Box: w.Box}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		work(w.desk, ws)
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		access.Work(ws, w.DB, identity.Number)
	})
	staff := func(name, role string) population.Person {
		return population.Person{GivenName: name, FamilyName: "Example", Organisation: "ZTR",
			Positions: []population.Position{{Organisation: "ZTR", Role: role, Name: role}}}
	}
	d := population.Description{
		Organisations: []population.Organisation{
			{Code: "ZTR", Name: "Trust", Contact: "ra@ztr.example"}, {Code: "Z90001", Name: "Practice", RAParent: "ZTR"},
			{Code: "Z90099", Name: "Elsewhere", Contact: "ra@elsewhere.example"},
		},
		People: []population.Person{
			staff("Ann", rbac.RegistrationManager), staff("Mo", rbac.RegistrationManager),
			staff("Ben", rbac.RegistrationAgent),
			{GivenName: "Zed", FamilyName: "Stranger", Organisation: "Z90099", Email: "zed@elsewhere.example"},
		},
	}
	for n := range 5 {
		d.People = append(d.People, population.Person{GivenName: fmt.Sprintf("Clerk%d", n), FamilyName: "Ward",
			Organisation: "ZTR", Email: fmt.Sprintf("clerk%d@ztr.example", n)})
	}
	made := w.Make(d)
	w.maker = by(made[0].UUID)
	w.second = by(made[1].UUID)
	w.agent = by(made[2].UUID)
	w.stranger = made[3].UUID
	for _, m := range made[4:] {
		w.clerks = append(w.clerks, m.UUID)
	}
	w.ward = w.position("Ward clerk", "R8008 B0166")
	w.Clock.Advance(100 * time.Hour) // addresses count from some days after they are set
	return w
}

func by(uuid string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: uuid} }

func (w *trust) position(name, profiles string) string {
	w.Helper()
	return worldtest.Must(positions.Create(w.Context(), w.DB, w.maker, "ZTR",
		positions.Typed{Name: name, Profiles: profiles}, access.Approval{How: "by email", Participants: "Ada"}))(w)
}

// make makes a batch of those who are named in a list, and has it looked at.
func (w *trust) make(act batch.Act, during registration.Dates, list ...string) string {
	w.Helper()
	people := worldtest.Must(batch.Read(nil, strings.Join(list, "\n")))(w)
	id := worldtest.Must(w.desk.Make(w.Context(), w.maker, batch.New{
		Act: act, Position: w.ward, During: during, Reason: "a new ward", People: people,
	}))(w)
	w.Settle()
	return id
}

// done has a batch sent, approved and done.
func (w *trust) done(id string) {
	w.Helper()
	w.Must(w.desk.Send(w.Context(), w.maker, id))
	w.Must(w.desk.Approve(w.Context(), w.second, id, ""))
	w.Settle()
}

func (w *trust) jobs(uuid string) officer.List {
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (officer.List, error) {
		return officer.OfActive(ctx, r, uuid)
	})
}

func (w *trust) read(id string) batch.Batch {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (batch.Batch, error) {
		return batch.One(ctx, r, w.jobs(w.maker.ID), id)
	})
}

// says gives the states of the rows of a batch in their order, with what was said of them.
func (w *trust) says(id string) (list []string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		rows, err := db.All(ctx, r, func(scan db.Scanner) (text string, err error) {
			var state, problem string
			err = scan(&state, &problem)
			return strings.TrimSpace(state + " " + problem), err
		}, `SELECT state, problem FROM batch_row WHERE batch = $1 ORDER BY number`, id)
		list = append(list, rows...)
		return err
	})
	return list
}

// holds gives the position of the ward that somebody has now or later.
func (w *trust) holds(uuid string) (found access.Assignment, has bool) {
	held := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(ctx, r, uuid)
	})
	for _, a := range held {
		if a.Position.ID == w.ward && !a.Over(w.Clock.Now()) {
			return a, true
		}
	}
	return found, false
}

func (w *trust) expect(id string, want ...string) {
	w.Helper()
	got := w.says(id)
	if len(got) != len(want) {
		w.Fatalf("rows: %q", got)
	}
	for n := range want {
		if !strings.HasPrefix(got[n], want[n]) {
			w.Errorf("row %d: %q, want %q", n+1, got[n], want[n])
		}
	}
}

func (w *trust) rules(change func(r *permission.Rules)) {
	rules := permission.Usual()
	change(&rules)
	w.Must(officer.Settle(w.Context(), w.DB, actor.ForCommand("test"), rules))
}

// endJob ends the job of somebody at the registration authority.
func (w *trust) endJob(of, by actor.Actor) {
	held := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(ctx, r, of.ID)
	})
	w.Must(registration.EndPosition(w.Context(), w.DB, by, of.ID, held[0].ID, "left"))
}
