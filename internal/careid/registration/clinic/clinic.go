// Package clinic keeps the clinics of registration authorities: several people whom it looks after one after another,
// in one room on one day. It says who is expected, who is there, who looks after whom at the moment, and who is next.
//
// What is done for a person is done by the guarded acts of the rooms beside it; a clinic keeps the person for whoever
// does it, and works out what is left.
package clinic

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records.
const (
	eventMade   audit.Kind = "clinic.made"
	eventAdded  audit.Kind = "clinic.people-added"
	eventServed audit.Kind = "clinic.checked-in"
	eventKept   audit.Kind = "clinic.kept"
	eventBack   audit.Kind = "clinic.put-back"
	eventAbsent audit.Kind = "clinic.absent"
	eventDone   audit.Kind = "clinic.done"
	eventEnded  audit.Kind = "clinic.ended"
	eventListed audit.Kind = "clinic.listed"
	eventSwept  audit.Kind = "clinic.swept"
)

// Clinic is one clinic.
type Clinic struct {
	ID           string
	Organisation string // ODS code of the registration authority that holds it
	Name, Room   string
	Day          time.Time // its beginning
	By           string    // number of the care identity of whoever made it
	Made, Ended  time.Time
}

// Ref names a clinic in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "clinic", ID: id} }

// New is a clinic that is about to be made.
type New struct {
	Name, Room string
	Day        time.Time
	People     string // Care Identity numbers or email addresses, as somebody typed or pasted them
}

const (
	maxName   = 60 // letters
	maxPeople = 60
	maxAhead  = 366 * 24 * time.Hour
)

var (
	errName   = fault.OfField("name", fmt.Sprintf("Enter what you call the clinic, in %d letters or fewer", maxName))
	errRoom   = fault.OfField("room", fmt.Sprintf("Enter where it is, in %d letters or fewer", maxName))
	errDay    = fault.OfField("day", "Enter today or a day within a year")
	errPeople = fault.OfField("people", "Enter at least one Care Identity number or email address")
	errMany   = fault.OfField("people", fmt.Sprintf("A clinic has %d people at most", maxPeople))
	errOver   = fault.SayCure(fault.Conflict, "This clinic has ended.", "Make another one for whoever is left.")
)

func (n New) check(now time.Time) error {
	y, m, d := now.In(clock.London).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, clock.London)
	switch {
	case n.Name == "" || utf8.RuneCountInString(n.Name) > maxName:
		return errName
	case utf8.RuneCountInString(n.Room) > maxName:
		return errRoom
	case n.Day.Before(today) || n.Day.After(today.Add(maxAhead)):
		return errDay
	}
	return nil
}

const insertClinic = `INSERT INTO clinic (id, organisation, name, room, day_at, made_by, made_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

// Make makes a clinic for the people that are named, all of whom the actor may look after.
func Make(ctx context.Context, d *db.DB, by actor.Actor, n New) (id string, err error) {
	n.Name = strings.TrimSpace(n.Name)
	n.Room = strings.TrimSpace(n.Room)
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		if err := n.check(w.Now()); err != nil {
			return "", err
		}
		id := random.ID()
		o, err := officer.Require(ctx, w, officer.Asked{Act: permission.DecideRequest, About: Ref(id)})
		if err != nil {
			return "", err
		}
		_, err = w.Exec(ctx, insertClinic, id, o.Organisation, n.Name, n.Room, n.Day, w.Actor().ID, w.Now())
		if err != nil {
			return "", fmt.Errorf("make clinic: %w", err)
		}
		c := Clinic{ID: id, Organisation: o.Organisation, Day: n.Day}
		count, err := c.add(ctx, w, n.People)
		if err != nil {
			return "", err
		}
		return id, w.Record(ctx, audit.Event{Kind: eventMade, Subject: Ref(id),
			After: map[string]any{"organisation": o.Organisation, "day": n.Day, "people": count}})
	})
}

const selectClinic = `SELECT id, organisation, name, room, day_at, made_by, made_at, ended_at FROM clinic`

func scanClinic(scan db.Scanner) (c Clinic, err error) {
	err = scan(&c.ID, &c.Organisation, &c.Name, &c.Room, db.At(&c.Day), &c.By, db.At(&c.Made), db.At(&c.Ended))
	return c, err
}

// ByID reads a clinic for somebody who works for the registration authority that holds it. For others there is none.
func ByID(ctx context.Context, r db.R, reader deciding.Reader, id string) (Clinic, error) {
	c, err := db.One(ctx, r, scanClinic, selectClinic+` WHERE id = $1`, id)
	if err != nil {
		return c, fmt.Errorf("read clinic: %w", err)
	}
	may, err := reader.MayAt(ctx, r, permission.DecideRequest, c.Organisation, permission.Yes)
	if err == nil && !may {
		err = fmt.Errorf("clinic of others: %w", fault.NotFound)
	}
	return c, err
}

// maxListed is how many clinics are listed, the latest first.
const maxListed = 50

// List lists the clinics of the registration authorities for which somebody works, the latest first.
func List(ctx context.Context, r db.R, reader deciding.Reader) ([]Clinic, error) {
	var a db.Arguments
	var codes []string
	for _, o := range reader.Jobs {
		if reader.Rules.Of(o.Job, permission.DecideRequest) == permission.Yes {
			codes = append(codes, o.Organisation)
		}
	}
	if len(codes) == 0 {
		return nil, nil
	}
	list, err := db.All(ctx, r, scanClinic, selectClinic+` WHERE organisation IN (`+db.AddEach(&a, codes)+
		`) ORDER BY day_at DESC, id DESC LIMIT `+a.Add(maxListed), a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list clinics: %w", err)
	}
	return list, nil
}

// open reads a clinic that goes on, and refuses whoever does not work for the registration authority that holds it.
func open(ctx context.Context, w *db.W, id string) (Clinic, error) {
	c, err := db.One(ctx, w, scanClinic, selectClinic+` WHERE id = $1`, id)
	if err != nil {
		return c, fmt.Errorf("read clinic: %w", err)
	}
	_, err = officer.Require(ctx, w, officer.Asked{
		Act: permission.DecideRequest, About: Ref(id), At: []string{c.Organisation},
	})
	if err == nil && !c.Ended.IsZero() {
		err = errOver
	}
	return c, err
}

// Add adds people to a clinic that goes on, after those who are in it.
func Add(ctx context.Context, d *db.DB, by actor.Actor, id, people string) (count int, err error) {
	return db.Write(ctx, d, by, func(w *db.W) (int, error) {
		c, err := open(ctx, w, id)
		if err != nil {
			return 0, err
		}
		count, err := c.add(ctx, w, people)
		if err != nil {
			return 0, err
		}
		return count, w.Record(ctx, audit.Event{Kind: eventAdded, Subject: Ref(id),
			After: map[string]any{"people": count}})
	})
}

// End ends a clinic. Whoever was not looked after stays in the queue.
func End(ctx context.Context, d *db.DB, by actor.Actor, id string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := open(ctx, w, id); err != nil {
			return err
		}
		const end = `UPDATE clinic SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL`
		if err := w.Change(ctx, end, id, w.Now()); err != nil {
			return fmt.Errorf("end clinic: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventEnded, Subject: Ref(id)})
	})
}

// NoteListed records that the list of a clinic was taken out, to be printed or as a file.
func NoteListed(ctx context.Context, d *db.DB, by actor.Actor, id string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		return w.Record(ctx, audit.Event{Kind: eventListed, Subject: Ref(id)})
	})
}

// keep is how long after its day a clinic is known.
const keep = 90 * 24 * time.Hour

// SweepJob is the periodic job that forgets clinics of long ago.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "clinic.sweep" }

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB) {
	people := db.Sweep{Table: "clinic_person", Key: "clinic, uuid", Over: "day_at", Keep: keep}
	clinics := db.Sweep{Table: "clinic", Key: "id", Over: "day_at", Keep: keep}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Event: eventSwept, Tables: []db.Sweep{people, clinics}})
}
