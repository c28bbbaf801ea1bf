package officer

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/access/reference"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
)

// Law is what decides which jobs positions make somebody: the rules in force, and what comes with job roles and
// activities by the national lists. It is read once for all the positions that are looked at.
type Law struct {
	permission.Rules
	rbac.Hierarchy
}

// LawFor reads the law for positions.
func LawFor(ctx context.Context, r db.R, list ...access.Position) (Law, error) {
	var jobs []string
	for _, p := range list {
		for _, profile := range p.Profiles {
			jobs = append(jobs, profile.Job())
		}
	}
	return lawFor(ctx, r, jobs)
}

// lawFor reads the law for job roles, by the last parts of their codes.
func lawFor(ctx context.Context, r db.R, jobs []string) (l Law, err error) {
	if l.Rules, err = Rules(ctx, r); err != nil {
		return l, err
	}
	slices.Sort(jobs)
	jobs = slices.DeleteFunc(slices.Compact(jobs), func(job string) bool { return job == "" })
	l.Hierarchy, err = reference.HierarchyOf(ctx, r, jobs...)
	return l, err
}

// jobsOf lists the jobs that one role profile makes somebody, by what it may do in effect, the highest first.
func (l Law) jobsOf(role string, activities []string) []permission.Job {
	return l.JobsOf(role, l.Rights(role, activities))
}

// JobsIn lists the jobs that a position makes somebody.
func (l Law) JobsIn(p access.Position) (list []permission.Job) {
	for _, profile := range p.Profiles {
		if profile.Removed.IsZero() {
			list = append(list, l.jobsOf(profile.RoleCode, profile.Activities)...)
		}
	}
	return list
}

// Makes reports whether a position makes somebody of a job.
func (l Law) Makes(p access.Position, j permission.Job) bool { return slices.Contains(l.JobsIn(p), j) }

// JobsFor lists the jobs that a position makes somebody, where nothing else is asked of the law.
func JobsFor(ctx context.Context, r db.R, p access.Position) ([]permission.Job, error) {
	l, err := LawFor(ctx, r, p)
	return l.JobsIn(p), err
}
