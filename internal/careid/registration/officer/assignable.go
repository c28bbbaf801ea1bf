package officer

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
)

// AssignableTo lists the ids of the positions that somebody may give and end as a sponsor: those that were made
// assignable to a position of theirs that makes them a sponsor, at its organisation.
func AssignableTo(ctx context.Context, r db.R, uuid string) (ids []string, err error) {
	held, err := access.OfIdentity(ctx, r, uuid)
	if err != nil {
		return nil, err
	}
	var inForce []access.Position
	for _, a := range held {
		if a.InForce(r.Now()) {
			inForce = append(inForce, a.Position)
		}
	}
	law, err := LawFor(ctx, r, inForce...)
	if err != nil {
		return nil, err
	}
	for _, p := range inForce {
		if !law.Makes(p, permission.Sponsor) {
			continue
		}
		list, err := access.Assignable(ctx, r, p.ID)
		if err != nil {
			return nil, err
		}
		ids = append(ids, list...)
	}
	return ids, nil
}

// RequireFor is RequireOver for an act on a position that somebody has or is to get. What it makes them has to be below
// the actor's own job; and sponsors do it to what is assignable to them alone.
func RequireFor(ctx context.Context, w *db.W, act permission.Act, uuid string, p access.Position) (
	Officer, identity.Identity, error,
) {
	ways := []permission.Answer{permission.Yes, permission.Assignable}
	o, person, err := requireOver(ctx, w, Asked{Act: act, At: []string{p.Organisation}, Ways: ways}, uuid)
	if err != nil {
		return o, person, err
	}
	law, err := LawFor(ctx, w, p)
	if err != nil {
		return o, person, err
	}
	if law.Of(o.Job, act) == permission.Assignable {
		ids, err := AssignableTo(ctx, w, w.Actor().ID)
		if err != nil {
			return o, person, err
		}
		if !slices.Contains(ids, p.ID) || len(law.JobsIn(p)) > 0 { // a list may have changed what it gives since
			return o, person, Refuse(ctx, w, identity.Ref(uuid), "the position is not assignable to the actor",
				errByRequest)
		}
	}
	return o, person, o.RequireToGive(ctx, w, uuid, law.JobsIn(p))
}

// Assigning says which positions somebody may give, change and end, as far as can be said before the Update that does
// it.
type Assigning struct {
	law        Law
	by         List
	assignable []string
	serves     map[string]bool // whether a job that lets them give any serves an organisation
}

// AssigningBy reads what somebody with some jobs may do with positions.
func AssigningBy(ctx context.Context, r db.R, uuid string, by List, list ...access.Position) (a Assigning, err error) {
	a.by = by
	a.serves = map[string]bool{}
	if a.law, err = LawFor(ctx, r, list...); err != nil {
		return a, err
	}
	for _, p := range list {
		if _, known := a.serves[p.Organisation]; known {
			continue
		}
		a.serves[p.Organisation], err = by.MayAt(ctx, r, permission.AssignPosition, p.Organisation, permission.Yes)
		if err != nil {
			return a, err
		}
	}
	if by.May(permission.AssignPosition, permission.Assignable) {
		a.assignable, err = AssignableTo(ctx, r, uuid)
	}
	return a, err
}

// Assignable lists the ids of the positions that were made assignable to them.
func (a Assigning) Assignable() []string { return a.assignable }

// May reports whether they may give, change and end one of the positions that were named.
func (a Assigning) May(p access.Position) bool {
	jobs := a.law.JobsIn(p)
	if slices.Contains(a.assignable, p.ID) && len(jobs) == 0 {
		return true
	}
	best, may := a.by.Best(permission.AssignPosition, permission.Yes)
	above := func(j permission.Job) bool { return !best.over(j) }
	return may && a.serves[p.Organisation] && !slices.ContainsFunc(jobs, above)
}

// TwoPeople reports whether it takes a second person to give one of the positions that were named, where there is one.
func (a Assigning) TwoPeople(p access.Position) bool {
	return !a.law.OnePersonGivesJobs && len(a.law.JobsIn(p)) > 0
}
