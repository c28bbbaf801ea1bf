package clinic

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// State says how far a person in a clinic is.
type State string

// The states of a person in a clinic.
const (
	Expected State = "expected"
	Here     State = "here"   // they came
	Done     State = "done"   // they were looked after
	Absent   State = "absent" // they did not come; they may still
)

var labels = map[State]string{Expected: "Expected", Here: "Here", Done: "Done", Absent: "Did not come"}

// Label names the state for people.
func (s State) Label() string { return labels[s] }

// HoldLasts is for how long a person is kept for whoever looks after them, since what that last did.
const HoldLasts = 15 * time.Minute

// Person is somebody in a clinic.
type Person struct {
	UUID          string
	Place         int
	State         State
	Arrived, Done time.Time
	DoneBy        string // number of a care identity

	heldBy    string
	heldUntil time.Time
}

// HeldBy gives the number of the care identity of whoever looks after a person at a time; nobody's if it is empty.
func (p Person) HeldBy(now time.Time) string {
	if !now.Before(p.heldUntil) {
		return ""
	}
	return p.heldBy
}

// HeldUntil says until when the person is kept for whoever looks after them.
func (p Person) HeldUntil() time.Time { return p.heldUntil }

const selectPeople = `SELECT uuid, place, state, arrived_at, done_at, done_by, held_by, held_until FROM clinic_person
	WHERE clinic = $1`

func scanPerson(scan db.Scanner) (p Person, err error) {
	err = scan(&p.UUID, &p.Place, &p.State, db.At(&p.Arrived), db.At(&p.Done), &p.DoneBy, &p.heldBy,
		db.At(&p.heldUntil))
	return p, err
}

// People lists the people of a clinic in their order.
func (c Clinic) People(ctx context.Context, r db.R) ([]Person, error) {
	list, err := db.All(ctx, r, scanPerson, selectPeople+` ORDER BY place`, c.ID)
	if err != nil {
		return nil, fmt.Errorf("list people of a clinic: %w", err)
	}
	return list, nil
}

// Person reads one person of a clinic, or gives fault.NotFound.
func (c Clinic) Person(ctx context.Context, r db.R, uuid string) (Person, error) {
	p, err := db.One(ctx, r, scanPerson, selectPeople+` AND uuid = $2`, c.ID, uuid)
	if err != nil {
		return p, fmt.Errorf("read person of a clinic: %w", err)
	}
	return p, nil
}

// Next gives the number of whoever is next for somebody: first whom they look after already, then who is here, in the
// order in which they came, then who is expected; nobody whom somebody else looks after. It is empty if nobody is left.
func Next(list []Person, uuid string, now time.Time) string {
	best := -1
	rank := func(p Person) int {
		switch {
		case p.State == Here && p.HeldBy(now) == uuid:
			return 0
		case p.State == Here:
			return 1
		}
		return 2
	}
	for i, p := range list {
		held := p.HeldBy(now)
		if p.State != Here && p.State != Expected || held != "" && held != uuid {
			continue
		}
		switch {
		case best < 0 || rank(p) < rank(list[best]):
			best = i
		case rank(p) == rank(list[best]) && rank(p) < 2 && p.Arrived.Before(list[best].Arrived):
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return list[best].UUID
}

// step is a change to a person in a clinic: its where-clause holds that they are not somebody else's at the moment.
type step struct {
	sql  string
	kind audit.Kind
}

const free = ` WHERE clinic = $1 AND uuid = $2 AND (held_by IN ('', $3) OR held_until <= $4)`

var (
	checkIn = step{`UPDATE clinic_person SET state = 'here', arrived_at = COALESCE(arrived_at, CAST($4 AS BIGINT)),
	held_by = $3, held_until = $5` + free + ` AND state IN ('expected', 'absent', 'here')`, eventServed}
	goOn    = step{`UPDATE clinic_person SET held_by = $3, held_until = $5` + free + ` AND state = 'here'`, eventKept}
	putBack = step{`UPDATE clinic_person SET held_by = '', held_until = $5` + free + ` AND state = 'here'`, eventBack}
	absent  = step{`UPDATE clinic_person SET state = 'absent', held_by = '', held_until = $5` + free +
		` AND state IN ('expected', 'here')`, eventAbsent}
	done = step{`UPDATE clinic_person SET state = 'done', done_by = $3, done_at = $4, held_by = '', held_until = $5` +
		free + ` AND state = 'here'`, eventDone}
)

// ErrTaken tells that the person is not for the actor at the moment.
var ErrTaken = fault.SayCure(fault.Conflict, "Somebody else looks after this person, or has done so.",
	"Go on with the next person.")

// do takes a step with a person whom the actor may look after.
func (s step) do(ctx context.Context, d *db.DB, by actor.Actor, id, uuid string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := open(ctx, w, id); err != nil {
			return err
		}
		if _, _, err := officer.RequireOver(ctx, w, permission.DecideRequest, uuid); err != nil {
			return err
		}
		n, err := w.Exec(ctx, s.sql, id, uuid, w.Actor().ID, w.Now(), w.Now().Add(HoldLasts))
		if err != nil {
			return fmt.Errorf("take a step in a clinic: %w", err)
		}
		if n != 1 {
			return ErrTaken
		}
		return w.Record(ctx, audit.Event{Kind: s.kind, Subject: identity.Ref(uuid),
			After: map[string]string{"clinic": id}})
	})
}

// CheckIn notes that a person came, and keeps them for the actor. Of two who try one succeeds.
func CheckIn(ctx context.Context, d *db.DB, by actor.Actor, id, uuid string) error {
	return checkIn.do(ctx, d, by, id, uuid)
}

// Keep keeps a person who is here for the actor for another while, before something is done for them.
func Keep(ctx context.Context, d *db.DB, by actor.Actor, id, uuid string) error {
	return goOn.do(ctx, d, by, id, uuid)
}

// PutBack has a person wait who is here, for anybody.
func PutBack(ctx context.Context, d *db.DB, by actor.Actor, id, uuid string) error {
	return putBack.do(ctx, d, by, id, uuid)
}

// MarkAbsent notes that a person did not come.
func MarkAbsent(ctx context.Context, d *db.DB, by actor.Actor, id, uuid string) error {
	return absent.do(ctx, d, by, id, uuid)
}

// Finish notes that a person was looked after, whatever may be left.
func Finish(ctx context.Context, d *db.DB, by actor.Actor, id, uuid string) error {
	return done.do(ctx, d, by, id, uuid)
}
