package reference

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The kinds of events that this package records.
const (
	eventRolesRead      audit.Kind = "reference.roles-read"
	eventActivitiesRead audit.Kind = "reference.activities-read"
)

// Plan says what a file would change.
type Plan[T any] struct {
	Added     []T
	Changed   []T
	Unchanged int
	Absent    int // known here and not in the file; they stay as they are
}

// Codes says how many codes are added and changed.
func (p Plan[T]) Codes() map[string]int {
	return map[string]int{"added": len(p.Added), "changed": len(p.Changed)}
}

// planOf compares what a file has with what is known, by code.
func planOf[T any](list []T, known map[string]T, codeOf func(T) string, same func(before, after T) bool) (p Plan[T]) {
	for _, one := range list {
		before, there := known[codeOf(one)]
		switch {
		case !there:
			p.Added = append(p.Added, one)
		case same(before, one):
			p.Unchanged++
		default:
			p.Changed = append(p.Changed, one)
		}
	}
	p.Absent = len(known) - p.Unchanged - len(p.Changed)
	return p
}

// PlanRoles says what a file of job roles would change. What the file does not say of a role stays: its groups, and
// that it is retired.
func PlanRoles(ctx context.Context, r db.R, f File[Role]) (File[Role], Plan[Role], error) {
	list, err := Roles(ctx, r)
	if err != nil {
		return f, Plan[Role]{}, err
	}
	f = f.clone()
	known := map[string]Role{}
	for _, one := range list {
		known[one.Code.Job] = one
	}
	for i, one := range f.List {
		before, there := known[one.Code.Job]
		if !there {
			continue
		}
		if one.Code.Group == "" {
			one.Code = before.Code
		}
		if one.GroupName == "" || one.SubGroupName == "" {
			one.GroupName = before.GroupName
			one.SubGroupName = before.SubGroupName
		}
		one.Retired = one.Retired || !f.Has("retired") && before.Retired
		f.List[i] = one
	}
	return f, planOf(f.List, known, func(r Role) string { return r.Code.Job },
		func(before, after Role) bool { return before == after }), nil
}

const putRole = `INSERT INTO job_role (code, staff_group, sub_group, group_name, sub_group_name, name, retired)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (code) DO UPDATE SET staff_group = $2, sub_group = $3, group_name = $4, sub_group_name = $5, name = $6,
		retired = $7`

// SaveRoles writes job roles, and gives what it changed.
func SaveRoles(ctx context.Context, d *db.DB, by actor.Actor, f File[Role]) (Plan[Role], error) {
	return db.Write(ctx, d, by, func(w *db.W) (Plan[Role], error) {
		_, p, err := PlanRoles(ctx, w, f)
		if err != nil {
			return p, err
		}
		for _, r := range slices.Concat(p.Added, p.Changed) {
			_, err := w.Exec(ctx, putRole, r.Code.Job, r.Code.Group, r.Code.SubGroup, r.GroupName, r.SubGroupName,
				r.Name, r.Retired)
			if err != nil {
				return p, fmt.Errorf("put job role %s: %w", r.Code.Job, err)
			}
		}
		return p, w.Record(ctx, audit.Event{Kind: eventRolesRead, Subject: audit.Ref{Kind: "reference", ID: "roles"},
			After: p.Codes()})
	})
}

// PlanActivities says what a file of activities would change, and refuses rows whose parents are not known, or would
// stand above themselves. What the file has no column for stays.
func PlanActivities(
	ctx context.Context, r db.R, f File[Activity],
) (File[Activity], Plan[Activity], error) {
	var p Plan[Activity]
	list, err := Activities(ctx, r)
	if err != nil {
		return f, p, err
	}
	known := map[string]Activity{}
	for _, one := range list {
		known[one.Code] = one
	}
	f = merge(f, known)
	f = check(f, known)
	p = planOf(f.List, known, func(a Activity) string { return a.Code }, func(before, after Activity) bool {
		return before.Name == after.Name && before.Retired == after.Retired &&
			slices.Equal(before.Parents, after.Parents) && slices.Equal(before.Roles, after.Roles)
	})
	return f, p, nil
}

func (f File[T]) clone() File[T] {
	f.List = slices.Clone(f.List)
	f.Refused = slices.Clone(f.Refused)
	return f
}

// merge keeps of what is known what a file has no column for.
func merge(f File[Activity], known map[string]Activity) File[Activity] {
	f = f.clone()
	for i, one := range f.List {
		before, there := known[one.Code]
		if !there {
			continue
		}
		if !f.Has("parent") {
			one.Parents = before.Parents
		}
		if !f.Has("roles") {
			one.Roles = before.Roles
		}
		one.Retired = one.Retired || !f.Has("retired") && before.Retired
		f.List[i] = one
	}
	return f
}

// check refuses activities whose parents are not known. Where some would stand above themselves, nothing of the file
// is taken.
func check(f File[Activity], known map[string]Activity) File[Activity] {
	parents := parentsOf(f, known)
	for refused := true; refused; parents = parentsOf(f, known) {
		refused = false
		f.List = slices.DeleteFunc(f.List, func(one Activity) bool {
			lacks := func(parent string) bool { _, there := parents[parent]; return !there }
			i := slices.IndexFunc(one.Parents, lacks)
			if i >= 0 {
				f.refuse(f.row[one.Code], fault.OfField("parent",
					"No activity has the code "+one.Parents[i]+". Add a row for it, or correct the code"))
			}
			refused = refused || i >= 0
			return i >= 0
		})
	}
	if code := ring(parents); code != "" {
		f.refuse(f.row[code], fault.OfField("parent", "Activity "+code+" would stand above itself, so nothing of this "+
			"file is taken. Correct the parents"))
		f.List = nil
	}
	return f
}

// parentsOf gives what would stand above each activity.
func parentsOf(f File[Activity], known map[string]Activity) map[string][]string {
	parents := map[string][]string{}
	for code, one := range known {
		parents[code] = one.Parents
	}
	for _, one := range f.List {
		parents[one.Code] = one.Parents
	}
	return parents
}

const putActivity = `INSERT INTO activity (code, name, retired) VALUES ($1, $2, $3)
	ON CONFLICT (code) DO UPDATE SET name = $2, retired = $3`

// SaveActivities writes activities, and gives what it changed.
func SaveActivities(ctx context.Context, d *db.DB, by actor.Actor, f File[Activity]) (Plan[Activity], error) {
	return db.Write(ctx, d, by, func(w *db.W) (Plan[Activity], error) {
		_, p, err := PlanActivities(ctx, w, f)
		if err != nil {
			return p, err
		}
		for _, a := range slices.Concat(p.Added, p.Changed) {
			if err := put(ctx, w, a); err != nil {
				return p, fmt.Errorf("put activity %s: %w", a.Code, err)
			}
		}
		return p, w.Record(ctx, audit.Event{Kind: eventActivitiesRead,
			Subject: audit.Ref{Kind: "reference", ID: "activities"}, After: p.Codes()})
	})
}

func put(ctx context.Context, w *db.W, a Activity) error {
	if _, err := w.Exec(ctx, putActivity, a.Code, a.Name, a.Retired); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, `DELETE FROM activity_parent WHERE code = $1`, a.Code); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, `DELETE FROM role_baseline WHERE activity = $1`, a.Code); err != nil {
		return err
	}
	parents := db.Inserting(`INSERT INTO activity_parent (code, parent)`)
	for _, parent := range a.Parents {
		parents.Add(a.Code, parent)
	}
	if err := parents.Write(ctx, w); err != nil {
		return err
	}
	roles := db.Inserting(`INSERT INTO role_baseline (role, activity)`)
	for _, role := range a.Roles {
		roles.Add(role, a.Code)
	}
	return roles.Write(ctx, w)
}

// KnownRole reads the code of a job role that a position may have, whole where its groups are known.
func KnownRole(ctx context.Context, r db.R, typed string) (Role, bool, error) {
	code, err := rbac.ParseRole(typed)
	if err != nil {
		return Role{}, false, nil //nolint:nilerr // what cannot be read is no role
	}
	found, err := RolesBy(ctx, r, []string{code.Job})
	role, known := found[code.Job]
	return role, known && (code.Group == "" || code == role.Code), err
}
