package staffrecord_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/request"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

func quiet(int, int) {}

const heading = "id,message,organisation,employee,uuid,given_name,family_name,birth_date,ni_number,staff_position," +
	"position,assignment,starts,ends\n"

// world has a trust with two managers and an agent, its positions of a ward and of a clinic, and Ann, who is known by
// her National Insurance number.
type world struct {
	*careidtest.World

	feed                   staffrecord.Feed
	manager, second, agent actor.Actor
	ann                    string
	ward, clinic           string // positions
}

const annsNI = "AB123456C"

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, careidtest.Nine)}
	w.feed = staffrecord.Feed{DB: w.DB, Box: w.Box}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		access.Work(ws, w.DB, identity.Number)
	})
	as := func(name, role string) population.Person {
		return population.Person{GivenName: name, FamilyName: "Example", Organisation: "ZTR",
			Positions: []population.Position{{Organisation: "ZTR", Role: role, Name: role}}}
	}
	made := w.Make(population.Description{
		Organisations: []population.Organisation{
			{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
			{Code: "Z90099", Name: "Elsewhere", Contact: "ra@elsewhere.example"},
		},
		People: []population.Person{
			as("Mo", rbac.RegistrationManager), as("Ada", rbac.RegistrationManager), as("Ben", rbac.RegistrationAgent),
			{GivenName: "Ann", FamilyName: "O'Neill", Organisation: "ZTR"},
		},
	})
	w.manager = actor.Actor{Kind: actor.Person, ID: made[0].UUID}
	w.second = actor.Actor{Kind: actor.Person, ID: made[1].UUID}
	w.agent = actor.Actor{Kind: actor.Person, ID: made[2].UUID}
	w.ann = made[3].UUID
	w.knownBy(w.ann, annsNI)
	w.update(func(ctx context.Context, u *db.W) error { return detail.SetBirthDate(ctx, u, w.ann, "1980-03-31") })
	w.ward = w.position("Ward clerk", "R8008 B0166")
	w.clinic = w.position("Clinic clerk", "R8008")
	return w
}

// knownBy notes somebody's National Insurance number.
func (w *world) knownBy(uuid string, n detail.NINumber) {
	w.Helper()
	w.update(func(ctx context.Context, u *db.W) error { return detail.SetNI(ctx, u, w.Box, uuid, n) })
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) {
	w.Helper()
	w.Must(w.DB.Update(w.Context(), worldtest.By, func(u *db.W) error { return fn(w.Context(), u) }))
}

func (w *world) position(name, codes string) string {
	w.Helper()
	return worldtest.Must(positions.Create(w.Context(), w.DB, w.manager, "ZTR",
		positions.Typed{Name: name, Profiles: codes}, access.Approval{How: "by email", Participants: "Ada"}))(w)
}

// read reads a file whose rows can all be taken.
func (w *world) read(rows ...string) []staffrecord.Message {
	w.Helper()
	r := worldtest.Must(staffrecord.Read(strings.NewReader(heading+strings.Join(rows, "\n")+"\n"), w.Clock,
		func(int) {}))(w)
	if len(r.Refused) > 0 {
		w.Fatal(r.Refused)
	}
	return r.Messages
}

// send sends messages, and gives what became of them.
func (w *world) send(rows ...string) (outcomes []staffrecord.Outcome) {
	w.Helper()
	for _, a := range worldtest.Must(w.feed.Send(w.Context(), worldtest.By, w.read(rows...), quiet))(w) {
		outcomes = append(outcomes, a.Outcome)
	}
	return outcomes
}

// one sends one message.
func (w *world) one(row string) staffrecord.Outcome {
	w.Helper()
	return w.send(row)[0]
}

func (w *world) entry(id string) staffrecord.Entry {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (staffrecord.Entry, error) {
		return staffrecord.ByID(ctx, r, "ZTR", id)
	})
}

// holds gives the names of the positions that somebody has at this moment.
func (w *world) holds(uuid string) (names string) {
	w.Helper()
	list := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(ctx, r, uuid)
	})
	for _, a := range list {
		if a.InForce(w.Clock.Now()) {
			names += a.Position.Name + "."
		}
	}
	return names
}

// asked gives the request of a message that a registration authority decides.
func (w *world) asked(o staffrecord.Outcome) request.Request {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (request.Request, error) {
		return request.ByNumber(ctx, r, o.Request)
	})
}

func (w *world) approve(o staffrecord.Outcome) error {
	w.Helper()
	q := w.asked(o)
	w.Must(deciding.LookAt(w.Context(), w.DB, w.manager, q.ID))
	return deciding.Approve(w.Context(), w.DB, w.manager, q.ID, "")
}

func (w *world) linkWard() {
	w.Helper()
	w.one("link-1,LinkPosition,ZTR,,,,,,,P1," + w.ward + ",,,")
	w.Must(staffrecord.Sign(w.Context(), w.DB, w.manager, "ZTR", "P1", w.ward))
}
