package access_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/schema"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const directoryRole = "S8001:G8002:R8008"

func TestEffective(t *testing.T) {
	position := access.Position{Organisation: "Z99Z9"}
	closed := position
	closed.Closed = noon
	opens := []access.Role{{Profile: access.One(directoryRole, "B0166")[0]}}
	gone := []access.Role{{Profile: access.Profile{RoleCode: directoryRole, Activities: []string{"B0166"}, Removed: noon}}}
	going := []access.Role{{Profile: access.Profile{RoleCode: directoryRole, Activities: []string{"B0166"},
		Removed: noon.Add(time.Millisecond)}}}
	for _, tt := range []struct {
		name        string
		assignments access.Assignment
		want        int
	}{
		{"held now, without an end", access.Assignment{Position: position, Roles: opens, Starts: noon.Add(-time.Hour)}, 1},
		{"begins this moment", access.Assignment{Position: position, Roles: opens, Starts: noon}, 1},
		{"begins later", access.Assignment{Position: position, Roles: opens, Starts: noon.Add(time.Millisecond)}, 0},
		{"ends this moment", access.Assignment{Position: position, Roles: opens, Starts: noon.Add(-time.Hour), Ends: noon}, 0},
		{"ends later", access.Assignment{Position: position, Roles: opens, Starts: noon.Add(-time.Hour), Ends: noon.Add(time.Millisecond)}, 1},
		{"access profile removed", access.Assignment{Position: position, Roles: gone, Starts: noon.Add(-time.Hour)}, 0},
		{"access profile still in it", access.Assignment{Position: position, Roles: going, Starts: noon}, 1},
		{"position closed", access.Assignment{Position: closed, Roles: opens, Starts: noon.Add(-time.Hour)}, 0},
	} {
		got := access.Effective([]access.Assignment{tt.assignments}, noon)
		if len(got) != tt.want || access.HoldsDirectoryPosition(got) != (tt.want == 1) {
			t.Errorf("%s: %+v, want %d", tt.name, got, tt.want)
		}
	}
	apart := access.Effective([]access.Assignment{
		{Starts: noon, Roles: []access.Role{
			{Profile: access.One(directoryRole)[0]}, {Profile: access.One("S8000:G8000:R8000", "B0166")[0]},
		}},
	}, noon)
	if len(apart) != 2 || access.HoldsDirectoryPosition(apart) {
		t.Errorf("role in one position and activity in another open the directory: %+v", apart)
	}
}

func TestDeskProfile(t *testing.T) {
	profile := func(id, role string) access.RoleProfile { return access.RoleProfile{RoleID: id, RoleCode: role} }
	clinician := profile("1", "S8000:G8000:R8000")
	agent := profile("2", "S0080:G0440:R5090")
	support := profile("3", "R8015")
	for _, tt := range []struct {
		name        string
		assignments []access.RoleProfile
		wanted      string
		want        string // id; empty for none
	}{
		{"nothing held", nil, "", ""}, {"another role", []access.RoleProfile{clinician}, "1", ""}, {"a broken code", []access.RoleProfile{profile("4", "R50900")}, "4", ""},
		{"agent", []access.RoleProfile{clinician, agent}, "", "2"}, {"manager", []access.RoleProfile{profile("5", "S0080:G0450:R5080")}, "", "5"},
		{"the first of two", []access.RoleProfile{agent, support}, "", "2"}, {"the one they work in", []access.RoleProfile{agent, support}, "3", "3"},
		{"one they work in that is none", []access.RoleProfile{clinician, support}, "1", "3"},
	} {
		got, may := access.DeskProfile(tt.assignments, tt.wanted)
		if got.RoleID != tt.want || may != (tt.want != "") {
			t.Errorf("%s: %q %v, want %q", tt.name, got.RoleID, may, tt.want)
		}
	}
}

// open makes a database whose jobs for ended positions do nothing.
func open(t *testing.T, c clock.Clock) *db.DB {
	t.Helper()
	d := dbtest.Open(t, schema.Files, c)
	ws := job.NewWorkers()
	job.Work(ws, func(context.Context, access.Ended) error { return nil })
	jobtest.Start(t, d, ws)
	return d
}

func update(t *testing.T, d *db.DB, fn func(ctx context.Context, w *db.W) error) error {
	t.Helper()
	return d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error { return fn(t.Context(), w) })
}

func assign(t *testing.T, d *db.DB, uuid, role string) (roleID, assignment string) {
	t.Helper()
	err := update(t, d, func(ctx context.Context, w *db.W) error {
		p := access.Position{
			Organisation: "ZTR", Name: role, Profiles: access.One(role, rbac.DirectoryUIAccess),
		}
		id, err := access.AddPosition(ctx, w, p)
		if err != nil {
			return err
		}
		return access.Assign(ctx, w, access.Grant{
			UUID: uuid, Position: id, Organisation: "ZTR", Starts: w.Now(), Number: identity.Number,
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.View(t.Context(), func(r db.R) error {
		assignments, err := access.OfIdentity(t.Context(), r, uuid)
		if err != nil {
			return err
		}
		last := assignments[len(assignments)-1]
		roleID = last.Roles[0].ID
		assignment = last.ID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return roleID, assignment
}

func TestAssignAndEnd(t *testing.T) {
	c := clocktest.At(noon)
	d := open(t, c)
	roleID, assignment := assign(t, d, "800000000017", directoryRole)
	profiles := func() (list []access.RoleProfile) {
		t.Helper()
		err := d.View(t.Context(), func(r db.R) (err error) {
			list, err = access.RoleProfiles(t.Context(), r, "800000000017", c.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := profiles(); len(got) != 1 || got[0].RoleID != roleID || got[0].OrgCode != "ZTR" ||
		got[0].Activities[0] == "B0166" {
		t.Fatalf("profiles %+v", got)
	}
	c.Advance(time.Hour)
	if err := update(t, d, func(ctx context.Context, w *db.W) error {
		return access.End(ctx, w, "800000000017", assignment, "moved")
	}); err != nil {
		t.Fatal(err)
	}
	if got := profiles(); len(got) != 0 {
		t.Errorf("profiles after the end: %+v", got)
	}
}

func TestLastRegistrationManagerStays(t *testing.T) {
	manager, ok := rbac.Full(rbac.RegistrationManager)
	if !ok {
		t.Fatal("no full code for the manager")
	}
	for name, roles := range map[string][2]string{
		"whole role codes": {manager.String(), manager.String()}, "bare and whole": {rbac.RegistrationManager, manager.String()}, "whole and bare": {manager.String(), rbac.RegistrationManager},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, clocktest.At(noon))
			_, agent := assign(t, d, "800000000039", "S0080:G0440:R5090")
			_, first := assign(t, d, "800000000017", roles[0])
			_, second := assign(t, d, "800000000028", roles[1])
			end := func(uuid, assignment string) error {
				return update(t, d, func(ctx context.Context, w *db.W) error {
					return access.End(ctx, w, uuid, assignment, "test")
				})
			}
			if err := end("800000000017", first); err != nil {
				t.Fatalf("one of two managers: %v", err)
			}
			if err := end("800000000028", second); !errors.Is(err, fault.Conflict) {
				t.Errorf("the last manager: %v, want conflict", err)
			}
			if err := end("800000000039", agent); err != nil {
				t.Errorf("an agent: %v", err)
			}
			if managers(t, d) != 1 || eventsOf(t, d, "position.end-refused") != 1 {
				t.Errorf("%d managers, %d refusals", managers(t, d), eventsOf(t, d, "position.end-refused"))
			}
		})
	}
}

// Two managers who end each other's position at the same moment leave one of them.
func TestManagersEndingEachOther(t *testing.T) {
	d := open(t, clocktest.At(noon))
	manager, _ := rbac.Full(rbac.RegistrationManager)
	both := []string{"800000000017", "800000000028"}
	var assignments []string
	for _, uuid := range both {
		_, id := assign(t, d, uuid, manager.String())
		assignments = append(assignments, id)
	}
	var together sync.WaitGroup
	results := make([]error, len(both))
	for i, uuid := range both {
		together.Go(func() {
			results[i] = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
				return access.End(t.Context(), w, uuid, assignments[i], "race")
			})
		})
	}
	together.Wait()
	if (results[0] == nil) == (results[1] == nil) || managers(t, d) != 1 {
		t.Errorf("results %v, managers left %d", results, managers(t, d))
	}
}

func TestGrantsThatGiveNothingAreRefused(t *testing.T) {
	d := open(t, clocktest.At(noon))
	var position string
	err := update(t, d, func(ctx context.Context, w *db.W) (err error) {
		position, err = access.AddPosition(ctx, w, access.Position{
			Organisation: "ZTR", Name: "Nurse", Profiles: access.One("S8000:G8000:R8001"),
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		spoil func(g *access.Grant)
		want  error
	}{
		{"honest", func(*access.Grant) {}, nil},
		{"honest, with an end", func(g *access.Grant) { g.Ends = noon.AddDate(1, 0, 0) }, nil},
		{"at another organisation", func(g *access.Grant) { g.Organisation = "Z90001" }, fault.Conflict},
		{"no such position", func(g *access.Grant) { g.Position = "none" }, fault.NotFound},
		{"ends before it begins", func(g *access.Grant) { g.Ends = noon.Add(-time.Hour) }, fault.Invalid},
		{"ends as it begins", func(g *access.Grant) { g.Ends = noon }, fault.Invalid},
	} {
		g := access.Grant{
			UUID: "800000000017", Position: position, Organisation: "ZTR", Starts: noon, Number: identity.Number,
		}
		tt.spoil(&g)
		err := update(t, d, func(ctx context.Context, w *db.W) error { return access.Assign(ctx, w, g) })
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if got := len(holders(t, d, "800000000017")); got != 2 {
		t.Errorf("%d positions held, want the 2 honest ones", got)
	}
}

func holders(t *testing.T, d *db.DB, uuid string) (list []access.RoleProfile) {
	t.Helper()
	err := d.View(t.Context(), func(r db.R) (err error) {
		list, err = access.RoleProfiles(t.Context(), r, uuid, r.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// managers counts how many of the test's people are registration authority managers now.
func managers(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	for _, uuid := range []string{"800000000017", "800000000028", "800000000039"} {
		for _, p := range holders(t, d, uuid) {
			if rbac.Holds(p.RoleCode, p.ActivityCodes, rbac.RegistrationManager, rbac.DirectoryUIAccess) {
				n++
			}
		}
	}
	return n
}

func eventsOf(t *testing.T, d *db.DB, kind audit.Kind) (n int) {
	t.Helper()
	err := d.View(t.Context(), func(r db.R) error {
		list, err := audit.OfKind(t.Context(), r, kind, 100)
		n = len(list)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
