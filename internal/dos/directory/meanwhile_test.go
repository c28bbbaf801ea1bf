package directory_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// editors are two ways of changing a service to a new value, after having seen a version of it.
var editors = map[string]func(m *room, n int, seen directory.Version) error{
	"capacity": func(m *room, n int, seen directory.Version) error {
		return directory.SetCapacity(m.t.Context(), m.d, m.editor, m.service, directory.Amber,
			fmt.Sprintf("note %d", n), 0, seen)
	},
	"hours": func(m *room, n int, seen directory.Version) error {
		return directory.SetHours(m.t.Context(), m.d, m.editor, m.service, directory.Week{{{From: n, To: 1000}}},
			false, seen)
	},
}

func (m *room) seen(what string) directory.Version {
	s := m.state()
	if what == "hours" {
		return s.HoursVersion()
	}
	return s.Capacity.Version()
}

func TestAChangeMadeMeanwhileIsNotLost(t *testing.T) {
	for what, edit := range editors {
		m := newRoom(t)
		opened := m.seen(what)
		if err := edit(m, 1, opened); err != nil {
			t.Fatalf("%s: the first editor: %v", what, err)
		}
		m.clock.Advance(time.Minute)
		if err := edit(m, 2, opened); !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: the second editor: %v", what, err)
		}
		if s := m.state(); s.changes != 1 || len(s.past) != 1 {
			t.Errorf("%s: %d changes, %d in the history", what, s.changes, len(s.past))
		}
		if err := edit(m, 1, opened); err != nil {
			t.Errorf("%s: a second click: %v", what, err)
		}
		if err := edit(m, 2, m.seen(what)); err != nil {
			t.Errorf("%s: having seen what the first one saved: %v", what, err)
		}
		if err := edit(m, 3, ""); err != nil {
			t.Errorf("%s: over whatever is there: %v", what, err)
		}
	}
}

func TestHoursAndCapacityDoNotStandInEachOthersWay(t *testing.T) {
	m := newRoom(t)
	capacity := m.seen("capacity")
	hours := m.seen("hours")
	m.clock.Advance(time.Minute)
	if err := errors.Join(editors["hours"](m, 1, hours), editors["capacity"](m, 1, capacity)); err != nil {
		t.Error(err)
	}
}

func TestACapacityThatRanOutIsNobodysChange(t *testing.T) {
	m := newRoom(t)
	if err := m.red(m.editor); err != nil {
		t.Fatal(err)
	}
	opened := m.seen("capacity")
	m.clock.Advance(5 * time.Hour)
	if err := editors["capacity"](m, 1, opened); err != nil {
		t.Error(err)
	}
}

func TestOfEditorsAtOnceOneWins(t *testing.T) {
	const rounds, together = 10, 4
	for what, edit := range editors {
		m := newRoom(t)
		for round := range rounds {
			m.clock.Advance(time.Second)
			opened := m.seen(what)
			results := make([]error, together)
			var all sync.WaitGroup
			for i := range results {
				all.Go(func() { results[i] = edit(m, 1+round*together+i, opened) })
			}
			all.Wait()
			won := 0
			for _, err := range results {
				if err == nil {
					won++
				} else if !errors.Is(err, fault.Conflict) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if won != 1 {
				t.Errorf("%s: %d of %d won", what, won, together)
			}
		}
		if s := m.state(); s.changes != rounds {
			t.Errorf("%s: %d changes, want %d", what, s.changes, rounds)
		}
	}
}

func TestEditorsKeepToTheirOrganisation(t *testing.T) {
	m := newRoom(t)
	tried := 0
	accepted := 0
	var elsewhere, homeless, lead actor.Actor
	var nobodys string
	err := m.d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		add := func(name, organisation string, scope account.Scope) actor.Actor {
			a, err := account.Add(t.Context(), w,
				account.New{
					Username:     name,
					Email:        name + "@example.nhs.uk",
					Organisation: organisation,
					Grants:       scope.Of(account.EditCapacity, account.EditService),
				})
			if err != nil {
				t.Error(err)
			}
			return actor.Actor{Kind: actor.Person, ID: a.ID, Name: name}
		}
		elsewhere = add("elsewhere", "FA002", account.OwnOrganisation)
		homeless = add("homeless", "", account.OwnOrganisation)
		lead = add("lead", "QOP", account.Everywhere)
		s, err := directory.Add(t.Context(), w, directory.Service{Name: "Nobody's", Type: 12}, "")
		nobodys = s.ID
		return errors.Join(err, w.Record(t.Context(), audit.Event{Kind: "test.prepared", Subject: directory.Ref(s.ID)}))
	})
	if err != nil {
		t.Fatal(err)
	}
	own := m.service
	for _, edit := range []func(actor.Actor) error{m.red, m.mornings} {
		for name, tt := range map[string]struct {
			by      actor.Actor
			service string
			may     bool
		}{
			"their own": {m.editor, own, true}, "a lead anywhere": {lead, own, true},
			"a lead, a service of nobody": {lead, nobodys, true},
			"another organisation's":      {elsewhere, own, false}, "of no organisation": {homeless, own, false},
			"of no organisation, a service of nobody": {homeless, nobodys, false},
		} {
			m.service = tt.service
			err := edit(tt.by)
			if tt.may && err != nil {
				t.Errorf("%s: the honest twin: %v", name, err)
			}
			if tt.may {
				continue
			}
			tried++
			if !errors.Is(err, fault.Forbidden) {
				accepted++
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	m.service = own
	if s := m.state(); int(s.denied) != tried {
		t.Errorf("%d refusals left %d events", tried, s.denied)
	}
	if t.Logf("tried %d, accepted %d", tried, accepted); tried == 0 {
		t.Error("nothing was tried")
	}
}
