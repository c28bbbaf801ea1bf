// Package reference keeps the national lists of job roles and activities: their names, what comes with a role, and
// which activity stands above which. A part of them comes with the program; the rest is imported from files.
//
// It does not know positions, nor who holds them.
package reference

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
)

// Role is a job role of the national list.
type Role struct {
	Code         rbac.Role
	GroupName    string // of its staff group; empty where only the role is known
	SubGroupName string
	Name         string
	Retired      bool // no new position may have it
}

// FullName is the role's name as services get it: its three quoted parts, or its name alone where the others are not
// known.
func (r Role) FullName() string {
	if r.GroupName == "" || r.SubGroupName == "" {
		return r.Name
	}
	return `"` + r.GroupName + `":"` + r.SubGroupName + `":"` + r.Name + `"`
}

// Text names the role for people to read, with its code.
func (r Role) Text() string { return r.Name + " (" + r.Code.Job + ")" }

// Activity is an activity of the national list.
type Activity struct {
	Code    string
	Name    string   // empty where no list at hand has it
	Parents []string // the activities that whoever has this one has too
	Roles   []string // those with whose baseline it comes
	Retired bool     // no new position may have it
}

// FullName is the activity's name as services get it: its code where it has none.
func (a Activity) FullName() string {
	if a.Name == "" {
		return a.Code
	}
	return a.Name
}

// Text names the activity for people to read, with its code.
func (a Activity) Text() string {
	if a.Name == "" {
		return a.Code
	}
	return a.Name + " (" + a.Code + ")"
}

const selectRoles = `SELECT code, staff_group, sub_group, group_name, sub_group_name, name, retired FROM job_role`

// Roles lists the job roles that are known, in the order of their codes.
func Roles(ctx context.Context, r db.R) ([]Role, error) {
	list, err := db.All(ctx, r, scanRole, selectRoles+` ORDER BY code`)
	if err != nil {
		return nil, fmt.Errorf("list job roles: %w", err)
	}
	return list, nil
}

// RolesBy gives the job roles with some codes, by the last part of their codes. Those that are not known are left out.
func RolesBy(ctx context.Context, r db.R, jobs []string) (map[string]Role, error) {
	if len(jobs) == 0 {
		return map[string]Role{}, nil
	}
	var args db.Arguments
	list, err := db.All(ctx, r, scanRole, selectRoles+` WHERE code IN (`+db.AddEach(&args, jobs)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read job roles: %w", err)
	}
	found := map[string]Role{}
	for _, one := range list {
		found[one.Code.Job] = one
	}
	return found, nil
}

func scanRole(scan db.Scanner) (r Role, err error) {
	err = scan(&r.Code.Job, &r.Code.Group, &r.Code.SubGroup, &r.GroupName, &r.SubGroupName, &r.Name, &r.Retired)
	return r, err
}

type pair struct{ of, has string }

func scanPair(scan db.Scanner) (p pair, err error) {
	err = scan(&p.of, &p.has)
	return p, err
}

const (
	selectActivities = `SELECT code, name, retired FROM activity ORDER BY code`
	selectParents    = `SELECT code, parent FROM activity_parent ORDER BY code, parent`
	selectBaselines  = `SELECT activity, role FROM role_baseline ORDER BY activity, role`
)

// Activities lists the activities that are known, in the order of their codes.
func Activities(ctx context.Context, r db.R) ([]Activity, error) {
	list := db.Ask(func(scan db.Scanner) (a Activity, err error) {
		err = scan(&a.Code, &a.Name, &a.Retired)
		return a, err
	}, selectActivities)
	parents := db.Ask(scanPair, selectParents)
	baselines := db.Ask(scanPair, selectBaselines)
	if err := db.Together(ctx, r, list, parents, baselines); err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	activities := list.All()
	at := map[string]int{}
	for i, a := range activities {
		at[a.Code] = i
	}
	for _, p := range parents.All() {
		if i, known := at[p.of]; known {
			activities[i].Parents = append(activities[i].Parents, p.has)
		}
	}
	for _, p := range baselines.All() {
		if i, known := at[p.of]; known {
			activities[i].Roles = append(activities[i].Roles, p.has)
		}
	}
	return activities, nil
}

// ActivitiesBy gives the names of activities with some codes, by their codes, without what stands above them. Those
// that are not known are left out.
func ActivitiesBy(ctx context.Context, r db.R, codes []string) (map[string]Activity, error) {
	if len(codes) == 0 {
		return map[string]Activity{}, nil
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (a Activity, err error) {
		err = scan(&a.Code, &a.Name, &a.Retired)
		return a, err
	}, `SELECT code, name, retired FROM activity WHERE code IN (`+db.AddEach(&args, codes)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read activities: %w", err)
	}
	found := map[string]Activity{}
	for _, one := range list {
		found[one.Code] = one
	}
	return found, nil
}

// HierarchyOf reads what comes with some roles, by the last part of their codes, and the tree of activities.
func HierarchyOf(ctx context.Context, r db.R, jobs ...string) (h rbac.Hierarchy, err error) {
	h.Baselines = map[string][]string{}
	h.Parents = map[string][]string{}
	if len(jobs) == 0 {
		return h, nil
	}
	var args db.Arguments
	baselines := `SELECT role, activity FROM role_baseline WHERE role IN (` + db.AddEach(&args, jobs) +
		`) ORDER BY role, activity`
	came := db.Ask(scanPair, baselines, args.List()...)
	parents := db.Ask(scanPair, selectParents)
	if err := db.Together(ctx, r, came, parents); err != nil {
		return h, fmt.Errorf("read what comes with roles: %w", err)
	}
	for _, p := range came.All() {
		h.Baselines[p.of] = append(h.Baselines[p.of], p.has)
	}
	for _, p := range parents.All() {
		h.Parents[p.of] = append(h.Parents[p.of], p.has)
	}
	return h, nil
}

// ring gives an activity that would stand above itself; empty if none would.
func ring(parents map[string][]string) string {
	const (
		entered = 1
		left    = 2
	)
	state := map[string]int{}
	var visit func(code string) string
	visit = func(code string) string {
		switch state[code] {
		case entered:
			return code
		case left:
			return ""
		}
		state[code] = entered
		for _, above := range parents[code] {
			if found := visit(above); found != "" {
				return found
			}
		}
		state[code] = left
		return ""
	}
	codes := []string{}
	for code := range parents {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if found := visit(code); found != "" {
			return found
		}
	}
	return ""
}
