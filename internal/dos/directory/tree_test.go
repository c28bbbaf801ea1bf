package directory_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// update changes the room's directory by hand.
func (m *room) update(fn func(ctx context.Context, w *db.W) error) {
	m.t.Helper()
	err := m.d.Update(m.t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := fn(m.t.Context(), w); err != nil {
			return err
		}
		return w.Record(m.t.Context(), audit.Event{Kind: "test.prepared", Subject: directory.Ref(m.service)})
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

// below adds a service below another and gives its id.
func (m *room) below(parent, name string, typeID int) (id string) {
	m.t.Helper()
	m.update(func(ctx context.Context, w *db.W) error {
		s, err := directory.Add(ctx, w, directory.Service{Name: name, Type: typeID, Parent: parent}, "")
		id = s.ID
		return err
	})
	return id
}

func (m *room) move(id, parent string) {
	m.t.Helper()
	m.update(func(ctx context.Context, w *db.W) error {
		return w.Change(ctx, `UPDATE service SET parent_id = $2 WHERE id = $1`, id, parent)
	})
}

func (m *room) who(name string, grants account.Grants) (by actor.Actor) {
	m.t.Helper()
	m.update(func(ctx context.Context, w *db.W) error {
		username := strings.ReplaceAll(name, " ", ".")
		a, err := account.Add(ctx, w,
			account.New{Username: username, Email: username + "@example.nhs.uk", Grants: grants})
		by = actor.Actor{Kind: actor.Person, ID: a.ID, Name: name}
		return err
	})
	return by
}

// Services are changed by who holds the permission for the service itself or for something above it.
func TestServicesAreChangedFromAbove(t *testing.T) {
	m := newRoom(t)
	north := m.below("", "North", directory.RegionType)
	south := m.below("", "South", directory.RegionType)
	board := m.below(north, "North Board", 22)
	m.move(m.service, board)
	edit := []account.Permission{account.EditCapacity, account.EditService}
	tried := 0
	for name, tt := range map[string]struct {
		grants account.Grants
		may    bool
	}{
		"its region":        {account.InRegion(north).Of(edit...), true},
		"what is above it":  {account.BelowService(board).Of(edit...), true},
		"itself":            {account.BelowService(m.service).Of(edit...), true},
		"another region":    {account.InRegion(south).Of(edit...), false},
		"another service":   {account.BelowService("none").Of(edit...), false},
		"own organisation":  {account.OwnOrganisation.Of(edit...), false},
		"other permissions": {account.InRegion(north).Of(account.ManageUsers, account.ViewReports), false},
	} {
		by := m.who(name, tt.grants)
		for _, err := range []error{m.red(by), m.mornings(by)} {
			if tt.may && err != nil || !tt.may && !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
			tried++
		}
	}
	t.Logf("tried %d", tried)
	m.move(m.service, south)
	if err := m.red(m.who("after the move", account.InRegion(north).Of(edit...))); !errors.Is(err, fault.Forbidden) {
		t.Errorf("after the service moved to another region: %v", err)
	}
}

// A tree that somebody tied into a loop is read to its end.
func TestALoopInTheTreeEnds(t *testing.T) {
	m := newRoom(t)
	one := m.below(m.service, "one", 17)
	two := m.below(one, "two", 17)
	m.move(m.service, two)
	err := m.d.View(t.Context(), func(r db.R) error {
		above, err := directory.Ancestors(t.Context(), r, one)
		slices.Sort(above)
		want := []string{m.service, one, two}
		slices.Sort(want)
		if !slices.Equal(above, want) {
			t.Errorf("above are %q, want %q", above, want)
		}
		region, none := directory.RegionOf(t.Context(), r, one)
		if region != "" {
			t.Errorf("a loop has the region %q", region)
		}
		return errors.Join(err, none)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRegions(t *testing.T) {
	m := newRoom(t)
	south := m.below("", "South", directory.RegionType)
	north := m.below("", "North", directory.RegionType)
	m.move(m.service, m.below(north, "Board", 22))
	err := m.d.View(t.Context(), func(r db.R) error {
		list, err := directory.Regions(t.Context(), r)
		if want := []directory.Region{{ID: north, Name: "North"}, {ID: south, Name: "South"}}; !slices.Equal(list, want) {
			t.Errorf("regions %v, want %v", list, want)
		}
		region, unread := directory.RegionOf(t.Context(), r, m.service)
		if region != north {
			t.Errorf("the region is %q, want %q", region, north)
		}
		return errors.Join(err, unread)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What somebody keeps is their organisation's services, and what stands at or below services that were given to them.
func TestServicesThatSomebodyKeeps(t *testing.T) {
	m := newRoom(t)
	region := m.below("", "North", directory.RegionType)
	hub := m.below(region, "Hub", 17)
	m.below(hub, "Clinic of the hub", 17)
	m.below(region, "Elsewhere", 17)
	for name, tt := range map[string]struct {
		home  string
		reach account.Reach
		want  []string
	}{
		"own organisation":           {"FA001", account.Reach{Organisations: []string{"FA001"}}, []string{"Oak Tree Pharmacy"}},
		"everywhere":                 {"FA001", account.Reach{Everywhere: true}, []string{"Oak Tree Pharmacy"}},
		"everywhere, without a home": {"", account.Reach{Everywhere: true}, nil},
		"a service":                  {"FA001", account.Reach{Services: []string{hub}}, []string{"Clinic of the hub", "Hub"}},
		"both": {"FA001", account.Reach{Services: []string{hub}, Organisations: []string{"FA001"}},
			[]string{"Clinic of the hub", "Hub", "Oak Tree Pharmacy"}},
		"a region": {"FA001", account.Reach{Regions: []string{region}}, nil},
	} {
		err := m.d.View(t.Context(), func(r db.R) error {
			list, total, err := directory.Kept(t.Context(), r, tt.home, tt.reach, 0, 10)
			var names []string
			for _, s := range list {
				names = append(names, s.Name)
			}
			if !slices.Equal(names, tt.want) || total != len(tt.want) {
				t.Errorf("%s: %q of %d, want %q", name, names, total, tt.want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A reach covers a service and all below it from above, or where it covers each of them: in random trees and for random
// reaches, held against the same area one after another.
func TestAReachThatCoversAllBelow(t *testing.T) {
	m := newRoom(t)
	random := rand.New(rand.NewPCG(3, 5))
	codes := []string{"", "A81001", "A81002"}
	ids := []string{m.below("", "Top", directory.RegionType)}
	services := []directory.Service{{ID: ids[0]}}
	m.update(func(ctx context.Context, w *db.W) error {
		for range 30 {
			s, err := directory.Add(ctx, w, directory.Service{Name: "Service", Type: 17,
				Parent: ids[random.IntN(len(ids))], ODSCode: codes[random.IntN(len(codes))]}, "")
			if err != nil {
				return err
			}
			ids = append(ids, s.ID)
			services = append(services, s)
		}
		return nil
	})
	some := func(list []string) (chosen []string) {
		for _, one := range list {
			if random.IntN(10) == 0 {
				chosen = append(chosen, one)
			}
		}
		return chosen
	}
	covered := 0
	err := m.d.View(t.Context(), func(r db.R) error {
		for _, id := range ids[1:] {
			area := directory.Area{Scope: account.BelowService(id)}
			for range 10 {
				reach := account.Reach{Services: some(ids), Organisations: codes[1 : 1+random.IntN(3)]}
				want := true
				for _, s := range services {
					above, err := directory.Ancestors(t.Context(), r, s.ID)
					if err != nil {
						return err
					}
					within, err := directory.Within(t.Context(), r, reach, s)
					if err != nil {
						return err
					}
					want = want && (within || !slices.Contains(above, id))
				}
				got, err := area.In(t.Context(), r, reach)
				if err != nil {
					return err
				}
				if got != want {
					t.Errorf("%s by %+v: %v, want %v", id, reach, got, want)
				}
				if want {
					covered++
				}
			}
		}
		return nil
	})
	if err != nil || covered < 50 {
		t.Errorf("%d of 300 were covered: %v", covered, err)
	}
}
