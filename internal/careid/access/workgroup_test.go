package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The first workgroup of an organisation is the root, the others are parts of one, and one in use stays open.
func TestWorkgroups(t *testing.T) {
	w := openChanging(t)
	add := func(name, parent string) (code string, err error) {
		err = update(t, w.db, func(ctx context.Context, u *db.W) error {
			code, err = access.AddWorkgroup(ctx, u,
				access.Workgroup{Organisation: "ZTR", Name: name, Parent: parent}, identity.Number)
			return err
		})
		return code, err
	}
	if _, err := add("Lost", "500000000041"); !errors.Is(err, fault.Invalid) {
		t.Errorf("a part of nothing: %v", err)
	}
	root, err := add("Trust", "")
	if err != nil || !identity.IsNumber(root) {
		t.Fatalf("the root: %q %v", root, err)
	}
	ward, err := add("Ward", root)
	if err != nil {
		t.Fatal(err)
	}
	for name, parent := range map[string]string{"Second root": "", "ward": root} {
		if _, err := add(name, parent); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s below %q: %v", name, parent, err)
		}
	}
	id := w.position("Nurse", access.Profile{RoleCode: nurse, Workgroups: []access.Coded{{Code: ward, Name: "Ward"}}})
	closing := func(code string) error {
		return update(t, w.db, func(ctx context.Context, u *db.W) error {
			return access.CloseWorkgroup(ctx, u, "ZTR", code, "moved")
		})
	}
	for _, code := range []string{root, ward} {
		if err := closing(code); !errors.Is(err, fault.Conflict) {
			t.Errorf("close %s: %v", code, err)
		}
	}
	if err := w.edit(id, func(p *access.Position) { p.Profiles[0].Workgroups = nil }); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{ward, root} {
		if err := closing(code); err != nil {
			t.Errorf("close %s: %v", code, err)
		}
	}
}

// A workgroup that is given to a person counts for one role profile, from its start until its end.
func TestDirectWorkgroups(t *testing.T) {
	w := openChanging(t)
	var code string
	w.must(func(ctx context.Context, u *db.W) (err error) {
		code, err = access.AddWorkgroup(ctx, u, access.Workgroup{Organisation: "ZTR", Name: "Trust"}, identity.Number)
		return err
	})
	id := w.position("Nurse", access.Profile{RoleCode: nurse}, access.Profile{RoleCode: directoryRole})
	w.give("800000000017", id)
	role := w.rolesOf("800000000017")[nurse+" []"]
	join := func(uuid, group string) error {
		return update(t, w.db, func(ctx context.Context, u *db.W) error {
			return access.JoinWorkgroup(ctx, u, uuid, role, access.Membership{
				Coded: access.Coded{Code: group}, Starts: noon.Add(time.Hour), Ends: noon.Add(2 * time.Hour),
			})
		})
	}
	if err := join("800000000017", "500000000041"); !errors.Is(err, fault.Invalid) {
		t.Errorf("a workgroup of nobody: %v", err)
	}
	if err := join("800000000028", code); !errors.Is(err, fault.Conflict) {
		t.Errorf("a role profile of somebody else: %v", err)
	}
	if err := join("800000000017", code); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{0, 1, 0} {
		n := 0
		for _, p := range holders(t, w.db, "800000000017") {
			for _, g := range p.Workgroups {
				if p.RoleID != role || g.Name != "Trust" {
					t.Errorf("%s has %+v", p.RoleCode, g)
				}
				n++
			}
		}
		if n != want {
			t.Errorf("at %s: %d workgroups, want %d", w.clock.Now(), n, want)
		}
		w.clock.Advance(time.Hour)
	}
}
