package access_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/schema"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
)

const nurse = "S8000:G8000:R8001"

// changing is a world in which changes of positions are followed, and what ended is collected.
type changing struct {
	*testing.T

	db    *db.DB
	clock *clocktest.Manual
	queue *job.Queue
	mutex sync.Mutex
	ended map[string]int // how often each role profile was told to have ended
}

func openChanging(t *testing.T) *changing {
	t.Helper()
	c := clocktest.At(noon)
	w := &changing{T: t, clock: c, db: dbtest.Open(t, schema.Files, c), ended: map[string]int{}}
	ws := job.NewWorkers()
	job.Work(ws, func(_ context.Context, j access.Ended) error {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.ended[j.RoleID]++
		return nil
	})
	job.Work(ws, func(context.Context, identity.Ended) error { return nil })
	access.Work(ws, w.db, identity.Number)
	w.queue = jobtest.Start(t, w.db, ws)
	return w
}

func (w *changing) must(fn func(ctx context.Context, u *db.W) error) {
	w.Helper()
	if err := update(w.T, w.db, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *changing) position(name string, profiles ...access.Profile) (id string) {
	w.Helper()
	w.must(func(ctx context.Context, u *db.W) (err error) {
		id, err = access.AddPosition(ctx, u, access.Position{Organisation: "ZTR", Name: name, Profiles: profiles})
		return err
	})
	return id
}

func (w *changing) give(uuid, position string) {
	w.Helper()
	w.must(func(ctx context.Context, u *db.W) error {
		return access.Assign(ctx, u, access.Grant{
			UUID: uuid, Position: position, Organisation: "ZTR", Starts: u.Now(), Number: identity.Number,
		})
	})
}

// edit changes a position, and waits until it was followed.
func (w *changing) edit(id string, change func(p *access.Position)) error {
	w.Helper()
	w.clock.Advance(time.Minute)
	err := update(w.T, w.db, func(ctx context.Context, u *db.W) error {
		p, err := access.PositionByID(ctx, u, id)
		if err != nil {
			return err
		}
		change(&p)
		return access.Edit(ctx, u, p, access.Approval{How: "by email", Participants: "Ada"})
	})
	jobtest.Settle(w.T, w.queue)
	return err
}

// told gives what ended since it was asked last.
func (w *changing) told() map[string]int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	ended := w.ended
	w.ended = map[string]int{}
	return ended
}

// rolesOf gives the ids of somebody's role profiles in force, by role and activities.
func (w *changing) rolesOf(uuid string) map[string]string {
	w.Helper()
	found := map[string]string{}
	for _, p := range holders(w.T, w.db, uuid) {
		found[p.RoleCode+" "+fmt.Sprint(p.ActivityCodes)] = p.RoleID
	}
	return found
}

// What a change takes is gone at once and services hear of it, what it gives comes to everybody, and role profiles
// that stay keep their number.
func TestEdit(t *testing.T) {
	w := openChanging(t)
	id := w.position("Ward", access.Profile{RoleCode: nurse, Activities: []string{"B0360", "B0370"}})
	people := []string{"800000000017", "800000000028"}
	before := map[string]string{}
	for _, uuid := range people {
		w.give(uuid, id)
		before[uuid] = w.rolesOf(uuid)[nurse+" [B0360 B0370]"]
	}
	if err := w.edit(id, func(p *access.Position) {
		p.Profiles[0].Activities = append(p.Profiles[0].Activities, "B0560")
		p.Profiles = append(p.Profiles, access.One(directoryRole, "B0166")...)
	}); err != nil {
		t.Fatal(err)
	}
	for _, uuid := range people {
		got := w.rolesOf(uuid)
		if got[nurse+" [B0360 B0370 B0560]"] != before[uuid] || got[directoryRole+" [B0166]"] == "" || len(got) != 2 {
			t.Errorf("after it grew: %v, had %s", got, before[uuid])
		}
	}
	if told := w.told(); len(told) != 0 {
		t.Errorf("nothing was lost, and %v are told to have ended", told)
	}
	added := w.rolesOf(people[0])[directoryRole+" [B0166]"]
	if err := w.edit(id, func(p *access.Position) {
		p.Profiles = slices.DeleteFunc(p.Profiles, func(f access.Profile) bool { return f.RoleCode == directoryRole })
		p.Profiles[0].Activities = []string{"B0560"}
	}); err != nil {
		t.Fatal(err)
	}
	told := w.told()
	if got := w.rolesOf(people[0]); len(got) != 1 || got[nurse+" [B0560]"] != before[people[0]] {
		t.Errorf("after it shrank: %v", got)
	}
	if len(told) != 4 || told[before[people[0]]] != 1 || told[added] != 1 {
		t.Errorf("told to have ended: %v; want each of the 4 role profiles once", told)
	}
	w.check(id, 3, "by email")
}

// check holds that a position has so many versions, the newest with how it was approved, and that nobody is behind.
func (w *changing) check(id string, versions int, how string) {
	w.Helper()
	err := w.db.View(w.Context(), func(r db.R) error {
		list, err := access.Versions(w.Context(), r, id)
		if err != nil {
			return err
		}
		if len(list) != versions || list[0].How != how || list[0].Number != int64(versions) {
			w.Errorf("versions %+v", list)
		}
		p, err := access.PositionByID(w.Context(), r, id)
		if err != nil {
			return err
		}
		behind, err := access.CountBehind(w.Context(), r, p)
		if behind != 0 {
			w.Errorf("%d are behind", behind)
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

// A change is refused where somebody else changed the position meanwhile, where it is closed, and where nothing would
// be left in it.
func TestEditsThatAreRefused(t *testing.T) {
	w := openChanging(t)
	id := w.position("Ward", access.One(nurse)...)
	for _, tt := range []struct {
		name   string
		change func(p *access.Position)
		want   error
	}{
		{"honest", func(p *access.Position) { p.Name = "Ward 7" }, nil},
		{"an older version", func(p *access.Position) { p.Version-- }, fault.Conflict},
		{"no access profile", func(p *access.Position) { p.Profiles = nil }, fault.Invalid},
	} {
		if err := w.edit(id, tt.change); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	w.must(func(ctx context.Context, u *db.W) error {
		return access.Close(ctx, u, id, "not used", access.Approval{Participants: "Ada"})
	})
	if err := w.edit(id, func(p *access.Position) { p.Name = "Ward 8" }); !errors.Is(err, fault.Conflict) {
		t.Errorf("a closed position: %v", err)
	}
}

// A position that is closed gives nobody anything from that moment on, and what people held by it ends.
func TestClose(t *testing.T) {
	w := openChanging(t)
	id := w.position("Ward", access.One(nurse)...)
	var uuids []string
	for i := range 60 { // more than are followed at once
		uuid := fmt.Sprintf("8000000%05d", i)
		w.give(uuid, id)
		uuids = append(uuids, uuid)
	}
	w.clock.Advance(time.Minute)
	w.must(func(ctx context.Context, u *db.W) error {
		return access.Close(ctx, u, id, "not used", access.Approval{Participants: "Ada"})
	})
	if got := holders(t, w.db, uuids[0]); len(got) != 0 {
		t.Errorf("a closed position gives %+v", got)
	}
	jobtest.Settle(t, w.queue)
	if told := w.told(); len(told) != len(uuids) || slices.Max(slices.Collect(maps.Values(told))) != 1 {
		t.Errorf("%d role profiles told to have ended, want %d, each once", len(told), len(uuids))
	}
	w.check(id, 2, "")
	err := w.db.View(t.Context(), func(r db.R) error {
		n, err := access.CountHolders(t.Context(), r, id)
		if n != 0 {
			t.Errorf("%d hold it", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The last registration authority manager stays one, whatever is done to the position.
func TestTheLastManagersPosition(t *testing.T) {
	w := openChanging(t)
	manager, _ := rbac.Full(rbac.RegistrationManager)
	id := w.position("Manager", access.One(manager.String())...)
	w.give("800000000017", id)
	acts := map[string]func() error{
		"closed": func() error {
			return update(t, w.db, func(ctx context.Context, u *db.W) error {
				return access.Close(ctx, u, id, "not used", access.Approval{})
			})
		},
		"edited": func() error {
			return w.edit(id, func(p *access.Position) { p.Profiles = access.One(nurse) })
		},
		"given an end": func() error {
			return update(t, w.db, func(ctx context.Context, u *db.W) error {
				held, err := access.OfIdentity(ctx, u, "800000000017")
				if err != nil {
					return err
				}
				return access.SetDates(ctx, u, "800000000017", held[0].ID, noon, noon.AddDate(1, 0, 0))
			})
		},
	}
	for name, act := range acts {
		if err := act(); !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	away := ""
	w.must(func(ctx context.Context, u *db.W) error {
		i, err := identity.Add(ctx, u, identity.New{GivenName: "Xi", FamilyName: "Away", Organisation: "ZTR"})
		if err != nil {
			return err
		}
		away = i.UUID
		return identity.MovePart(ctx, u, away, identity.Suspend, "away")
	})
	second := w.position("Second", access.One(manager.String())...)
	w.give(away, second)
	for _, name := range []string{"closed", "edited"} {
		if err := acts[name](); !errors.Is(err, fault.Conflict) {
			t.Errorf("%s, with another manager who is suspended: %v", name, err)
		}
	}
	w.give("800000000028", second)
	if err := acts["edited"](); err != nil {
		t.Errorf("with another manager: %v", err)
	}
}

// A start that has passed stays, an end may move, and what has ended stays ended.
func TestSetDates(t *testing.T) {
	w := openChanging(t)
	id := w.position("Ward", access.One(nurse)...)
	w.give("800000000017", id)
	set := func(uuid string, starts, ends time.Time) error {
		return update(t, w.db, func(ctx context.Context, u *db.W) error {
			held, err := access.OfIdentity(ctx, u, "800000000017")
			if err != nil {
				return err
			}
			return access.SetDates(ctx, u, uuid, held[0].ID, starts, ends)
		})
	}
	w.clock.Advance(time.Hour)
	for _, tt := range []struct {
		name   string
		uuid   string
		starts time.Time
		ends   time.Time
		want   error
	}{
		{"somebody else's", "800000000028", noon, noon.AddDate(0, 1, 0), fault.NotFound},
		{"an end that has passed", "800000000017", noon, noon.Add(time.Minute), fault.Invalid},
		{"a later end, and a start that has passed", "800000000017", noon.AddDate(0, 0, 1), noon.AddDate(0, 1, 0), nil},
		{"no end", "800000000017", noon, time.Time{}, nil},
		{"an end again", "800000000017", noon, noon.Add(2 * time.Hour), nil},
	} {
		if err := set(tt.uuid, tt.starts, tt.ends); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if len(holders(t, w.db, "800000000017")) != 1 {
			t.Errorf("%s: it is not held now", tt.name)
		}
	}
	w.clock.Advance(time.Hour)
	if err := set("800000000017", noon, time.Time{}); !errors.Is(err, fault.Conflict) {
		t.Errorf("one that has ended: %v", err)
	}
}

// Whatever a position was and becomes, what the comparison says turns the one into the other.
func TestCompareSaysEverything(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	some := func() (list []access.Profile) {
		for range random.IntN(4) {
			f := access.Profile{RoleCode: fmt.Sprintf("R000%d", random.IntN(3))}
			for code := range 4 {
				if random.IntN(2) == 0 {
					f.Activities = append(f.Activities, fmt.Sprintf("B000%d", code))
				}
			}
			list = append(list, f)
		}
		return list
	}
	count := func(list []access.Profile) map[string]int {
		n := map[string]int{}
		for _, f := range list {
			n[f.RoleCode+fmt.Sprint(f.Activities)]++
		}
		return n
	}
	for range 2000 {
		before := some()
		after := some()
		d := access.Compare(before, after)
		got := count(before)
		for _, f := range d.Removed {
			got[f.RoleCode+fmt.Sprint(f.Activities)]--
		}
		for _, c := range d.Changed {
			if c.Before.RoleCode != c.After.RoleCode || len(c.Lost())+len(c.Gained()) == 0 {
				t.Fatalf("%+v is no change", c)
			}
			got[c.Before.RoleCode+fmt.Sprint(c.Before.Activities)]--
			got[c.After.RoleCode+fmt.Sprint(c.After.Activities)]++
		}
		for _, f := range d.Added {
			got[f.RoleCode+fmt.Sprint(f.Activities)]++
		}
		maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
		if !maps.Equal(got, count(after)) || d.Empty() != maps.Equal(count(before), count(after)) {
			t.Fatalf("from %v to %v: %+v", before, after, d)
		}
	}
}
