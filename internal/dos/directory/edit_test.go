package directory_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// room holds a directory with one service, a user who may edit it and a user who may not.
type room struct {
	t              *testing.T
	d              *db.DB
	clock          *clocktest.Manual
	service        string
	editor, reader actor.Actor
}

func newRoom(t *testing.T) *room {
	t.Helper()
	m := &room{t: t, clock: clocktest.At(noon)}
	m.d = dbtest.Open(t, schema.Files, m.clock)
	err := m.d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		s, err := directory.Add(t.Context(), w,
			directory.Service{
				Name:    "Oak Tree Pharmacy",
				Type:    13,
				ODSCode: "FA001",
				Hours:   directory.Week{{{From: 540, To: 1080}}},
			}, "")
		if err != nil {
			return err
		}
		m.service = s.ID
		m.editor = m.person(w, "editor", account.EditCapacity, account.EditService)
		m.reader = m.person(w, "reader", account.ManageUsers)
		return w.Record(t.Context(), audit.Event{Kind: "test.prepared", Subject: directory.Ref(s.ID)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *room) person(w *db.W, name string, may ...account.Permission) actor.Actor {
	m.t.Helper()
	a, err := account.Add(m.t.Context(), w,
		account.New{Username: name, Email: name + "@example.nhs.uk", Organisation: "FA001", Grants: account.OwnOrganisation.Of(may...)})
	if err != nil {
		m.t.Fatal(err)
	}
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: name}
}

// state holds everything that the directory stores about the service.
type state struct {
	directory.Service
	past            []directory.HistoryEntry
	number          int64 // of the last change
	changes, denied int64 // events
}

func (m *room) state() (s state) {
	m.t.Helper()
	ctx := m.t.Context()
	err := m.d.View(ctx, func(r db.R) (err error) {
		if s.Service, err = directory.ByID(ctx, r, m.service); err != nil {
			return err
		}
		if s.past, _, err = directory.History(ctx, r, m.service, 0, 10); err != nil {
			return err
		}
		if s.number, err = db.Value[int64](ctx, r, `SELECT COALESCE(MAX(n), 0) FROM change`); err != nil {
			return err
		}
		if s.changes, err = db.Value[int64](ctx, r,
			`SELECT COUNT(*) FROM event WHERE kind = 'service.changed'`); err != nil {
			return err
		}
		s.denied, err = db.Value[int64](ctx, r, `SELECT COUNT(*) FROM event WHERE kind = 'service.change-refused'`)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

func (m *room) red(by actor.Actor) error {
	return directory.SetCapacity(m.t.Context(), m.d, by, m.service, directory.Red, "two staff ill", 4*time.Hour, "")
}

func (m *room) mornings(by actor.Actor) error {
	return directory.SetHours(m.t.Context(), m.d, by, m.service, directory.Week{{{From: 540, To: 720}}}, false, "")
}

func TestSetCapacity(t *testing.T) {
	m := newRoom(t)
	m.clock.Advance(time.Minute)
	if err := m.red(m.editor); err != nil {
		t.Fatal(err)
	}
	s := m.state()
	if c := s.Capacity; c.Status != directory.Red || c.Notes != "two staff ill" || c.By != "editor" ||
		!c.At.Equal(noon.Add(time.Minute)) || !c.Until.Equal(noon.Add(4*time.Hour+time.Minute)) {
		t.Errorf("capacity %+v", c)
	}
	if len(s.past) != 1 || s.past[0].Field != "Capacity" || s.past[0].Before != "Not reported" ||
		s.past[0].After != "Red: no capacity. two staff ill" || s.past[0].By != "editor" {
		t.Errorf("history %+v", s.past)
	}
	if s.number != 1 || s.changes != 1 || !s.Changed.Equal(noon.Add(time.Minute)) {
		t.Errorf("change number %d, %d events, changed %v", s.number, s.changes, s.Changed)
	}
}

func TestCapacityGoesBackToGreenByItself(t *testing.T) {
	m := newRoom(t)
	if err := m.red(m.editor); err != nil {
		t.Fatal(err)
	}
	m.clock.Advance(4*time.Hour - time.Millisecond)
	if s := m.state(); s.Capacity.Status != directory.Red {
		t.Errorf("a moment before: %+v", s.Capacity)
	}
	m.clock.Advance(time.Millisecond)
	if s := m.state(); s.Capacity.Status != directory.Green || s.Capacity.Notes != "" {
		t.Errorf("when the time is over: %+v", s.Capacity)
	}
	if err := m.red(m.editor); err != nil {
		t.Fatal(err)
	}
	if past := m.state().past; past[0].Before != "Green: has capacity" {
		t.Errorf("history says it was %q before", past[0].Before)
	}
}

func TestSetHours(t *testing.T) {
	m := newRoom(t)
	if err := m.mornings(m.editor); err != nil {
		t.Fatal(err)
	}
	s := m.state()
	if directory.FormatDay(s.Hours[directory.Monday]) != "9am to midday" {
		t.Errorf("hours %v", s.Hours)
	}
	if len(s.past) != 1 || !strings.Contains(s.past[0].Before, "Monday 9am to 6pm") ||
		!strings.Contains(s.past[0].After, "Monday 9am to midday") {
		t.Errorf("history %+v", s.past)
	}
	if s.number != 1 || s.changes != 1 {
		t.Errorf("change number %d, %d events", s.number, s.changes)
	}
	if err := m.mornings(m.editor); err != nil {
		t.Fatal(err)
	}
	if again := m.state(); len(again.past) != 1 || again.number != 1 || again.changes != 1 {
		t.Errorf("the same hours again: %d in the history, change number %d, %d events", len(again.past),
			again.number, again.changes)
	}
}

func TestEditingIsForThoseWhoMay(t *testing.T) {
	tried := 0
	accepted := 0
	for name, edit := range map[string]func(m *room, by actor.Actor) error{"capacity": (*room).red,
		"hours": (*room).mornings} {
		m := newRoom(t)
		if err := edit(m, m.editor); err != nil {
			t.Fatalf("%s: the honest twin: %v", name, err)
		}
		before := m.state()
		for _, by := range []actor.Actor{
			m.reader, {Kind: actor.Person, ID: "nobody", Name: "nobody"}, {Kind: actor.Stranger},
			{Kind: actor.Machine, ID: m.editor.ID, Name: "a client"}, {Kind: actor.Job, Name: "a job"},
		} {
			tried++
			if err := edit(m, by); !errors.Is(err, fault.Forbidden) {
				accepted++
				t.Errorf("%s by %s %s: %v", name, by.Kind, by.Name, err)
			}
		}
		after := m.state()
		if after.number != before.number || after.changes != before.changes ||
			len(after.past) != len(before.past) || after.denied != 5 {
			t.Errorf("%s: after the refusals change number %d, %d changes, %d in the history, %d refusals", name,
				after.number, after.changes, len(after.past), after.denied)
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if tried == 0 {
		t.Error("nothing was tried")
	}
}

func TestADeactivatedAccountEditsNothing(t *testing.T) {
	m := newRoom(t)
	if err := m.red(m.editor); err != nil {
		t.Fatal(err)
	}
	err := m.d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return account.Deactivate(t.Context(), w, m.editor.ID, "left")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.red(m.editor); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an account that is not active set a capacity: %v", err)
	}
}

func TestNoSuchService(t *testing.T) {
	m := newRoom(t)
	m.service = "unknown"
	for name, err := range map[string]error{"capacity": m.red(m.editor), "hours": m.mornings(m.editor)} {
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
