// Package officer knows who has which job at a registration authority, and is the one door of what the permission
// matrix has a row for: every act asks here, in its own Update, whether its actor may do it, there, to that person.
//
// It does not know how anything is done.
package officer

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventRefused is recorded when somebody acts as a registration authority without being allowed to.
const eventRefused audit.Kind = "registration.refused"

// Officer is somebody with a job at the registration authority of an organisation. Sponsors, ID checkers and those who
// unlock smartcards have theirs at any organisation.
type Officer struct {
	Job          permission.Job
	RoleID       string // of the role profile that gives the job
	Organisation string // ODS code
}

// List are all jobs that somebody has, the highest first, under the rules in force.
type List struct {
	Rules permission.Rules
	Jobs  []Officer
}

// May reports whether one of the jobs allows an act in one of some ways.
func (l List) May(act permission.Act, ways ...permission.Answer) bool {
	return len(l.that(act, ways)) > 0
}

// Best gives the job by which somebody does an act: the highest that allows it in one of some ways.
func (l List) Best(act permission.Act, ways ...permission.Answer) (Officer, bool) {
	allowed := l.that(act, ways)
	if len(allowed) == 0 {
		return Officer{}, false
	}
	return allowed[0], true
}

func (l List) that(act permission.Act, ways []permission.Answer) (allowed []Officer) {
	for _, o := range l.Jobs {
		if slices.Contains(ways, l.Rules.Of(o.Job, act)) {
			allowed = append(allowed, o)
		}
	}
	return allowed
}

// MayOver reports whether one of the jobs allows an act on somebody who has a job.
func (l List) MayOver(act permission.Act, theirs permission.Job) bool {
	return slices.ContainsFunc(l.that(act, []permission.Answer{permission.Yes}), func(o Officer) bool {
		return o.over(theirs)
	})
}

// Highest gives the highest job; permission.User if there is none.
func (l List) Highest() permission.Job {
	if len(l.Jobs) == 0 {
		return permission.User
	}
	return l.Jobs[0].Job
}

// Of gives the jobs of role profiles.
func Of(ctx context.Context, r db.R, profiles []access.RoleProfile) (l List, err error) {
	if len(profiles) == 0 {
		return l, nil
	}
	var roles []string
	for _, p := range profiles {
		if role, err := rbac.ParseRole(p.RoleCode); err == nil {
			roles = append(roles, role.Job)
		}
	}
	law, err := lawFor(ctx, r, roles)
	if err != nil {
		return l, err
	}
	l.Rules = law.Rules
	for _, p := range profiles {
		for _, job := range law.jobsOf(p.RoleCode, p.ActivityCodes) {
			l.Jobs = append(l.Jobs, Officer{Job: job, RoleID: p.RoleID, Organisation: p.OrgCode})
		}
	}
	slices.SortStableFunc(l.Jobs, func(a, b Officer) int { return a.Job.Rank() - b.Job.Rank() })
	return l, nil
}

// OfIdentity gives the jobs that somebody has now.
func OfIdentity(ctx context.Context, r db.R, uuid string) (List, error) {
	profiles, err := access.RoleProfiles(ctx, r, uuid, r.Now())
	if err != nil {
		return List{}, err
	}
	return Of(ctx, r, profiles)
}

// HighestOf gives the highest jobs that several people have now, by their numbers; none for those who have none.
func HighestOf(ctx context.Context, r db.R, uuids []string) (map[string]permission.Job, error) {
	if len(uuids) == 0 {
		return nil, nil
	}
	rules, err := Rules(ctx, r)
	if err != nil {
		return nil, err
	}
	held, err := access.OfIdentities(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	highest := map[string]permission.Job{}
	for uuid, assignments := range held {
		for _, p := range access.Effective(assignments, r.Now()) {
			for _, job := range rules.JobsOf(p.RoleCode, p.ActivityCodes) {
				if before, has := highest[uuid]; !has || job.Above(before) {
					highest[uuid] = job
				}
			}
		}
	}
	return highest, nil
}

// Why somebody may not do what they tried.
var (
	ErrNotAuthority = fault.SayCure(fault.Forbidden,
		"Only registration authority managers and agents may do this for other people.",
		"Ask a registration authority manager.")
	ErrOwn = fault.SayCure(fault.Forbidden, "Nobody may do this to their own Care Identity.",
		"Ask another registration authority manager or agent.")
	ErrNotServed = fault.SayCure(fault.Forbidden, "Your registration authority does not serve this organisation.",
		"Ask the registration authority of the organisation: Find your registration authority says which that is.")
	errNotAllowed = fault.SayCure(fault.Forbidden, "Your job at the registration authority does not let you do this.",
		"Ask a registration authority manager.")
	errByRequest = fault.SayCure(fault.Forbidden, "You can ask for this, and somebody else decides it.",
		"Make a request on the page of the person.")
	errAbove = fault.SayCure(fault.Forbidden,
		"This person has the same job as you at the registration authority, or a higher one.",
		"Ask a registration authority manager.")
)

// Asked is what somebody wants to do, and where.
type Asked struct {
	Act   permission.Act
	About audit.Ref           // whom or what it concerns, for the event of a refusal
	At    []string            // ODS codes: the job has to be at an organisation that serves all of them
	Ways  []permission.Answer // how the job has to allow it; only permission.Yes if none is named
}

// Require gives the highest job by which the actor may do something, read within the same Update, or refuses it.
func Require(ctx context.Context, w *db.W, asked Asked) (Officer, error) {
	none := Officer{}
	list, err := ofActor(ctx, w)
	if err != nil {
		return none, err
	}
	ways := asked.Ways
	if len(ways) == 0 {
		ways = []permission.Answer{permission.Yes}
	}
	allowed := list.that(asked.Act, ways)
	switch {
	case len(list.Jobs) == 0:
		return none, Refuse(ctx, w, asked.About, "the actor has no job at a registration authority", ErrNotAuthority)
	case len(allowed) == 0 && list.May(asked.Act, permission.ByRequest, permission.Assignable):
		return none, Refuse(ctx, w, asked.About, "the actor may only ask for it: "+string(asked.Act), errByRequest)
	case len(allowed) == 0:
		return none, Refuse(ctx, w, asked.About, "no job of the actor lets them "+string(asked.Act), errNotAllowed)
	}
	for _, o := range allowed {
		serves, err := o.servesAll(ctx, w, asked.At)
		if err != nil {
			return none, err
		}
		if serves {
			return o, nil
		}
	}
	return none, Refuse(ctx, w, asked.About, "the actor's registration authority does not serve the organisation",
		ErrNotServed)
}

// Refuse refuses an act of a registration authority, with one event that says why. about is whom or what it concerns.
func Refuse(ctx context.Context, w *db.W, about audit.Ref, reason string, refusal error) error {
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: about, Reason: reason}, refusal)
}

// ofActor reads the jobs of the actor, who has none without an active care identity.
func ofActor(ctx context.Context, w *db.W) (List, error) {
	if w.Actor().Kind != actor.Person {
		return List{}, nil
	}
	return OfActive(ctx, w, w.Actor().ID)
}

// OfActive gives the jobs that somebody has now whose care identity is active.
func OfActive(ctx context.Context, r db.R, uuid string) (List, error) {
	i, err := identity.ByUUID(ctx, r, uuid)
	if err != nil || i.Status != identity.Active {
		return List{}, err
	}
	return OfIdentity(ctx, r, uuid)
}

// MayAt reports whether somebody may do an act at an organisation, as far as can be said before the Update that does
// it.
func MayAt(ctx context.Context, r db.R, by actor.Actor, act permission.Act, code string) (bool, error) {
	if by.Kind != actor.Person {
		return false, nil
	}
	list, err := OfActive(ctx, r, by.ID)
	if err != nil {
		return false, err
	}
	return list.MayAt(ctx, r, act, code, permission.Yes)
}

// MayAt reports whether one of the jobs allows an act at an organisation in one of some ways.
func (l List) MayAt(
	ctx context.Context, r db.R, act permission.Act, code string, ways ...permission.Answer,
) (bool, error) {
	for _, o := range l.that(act, ways) {
		serves, err := o.servesAll(ctx, r, []string{code})
		if err != nil || serves {
			return serves, err
		}
	}
	return false, nil
}

func (o Officer) servesAll(ctx context.Context, r db.R, codes []string) (bool, error) {
	for _, code := range codes {
		serves, err := hosting.Serves(ctx, r, o.Organisation, code)
		if err != nil || !serves {
			return false, err
		}
	}
	return true, nil
}

// RequireOver is Require for an act on somebody: the job has to be at an organisation that serves theirs, they are
// somebody else, and their own job is below the actor's. Managers act on managers, as nobody is above them.
func RequireOver(ctx context.Context, w *db.W, act permission.Act, uuid string, at ...string) (
	Officer, identity.Identity, error,
) {
	return requireOver(ctx, w, Asked{Act: act, At: at}, uuid)
}

// requireOver is RequireOver for an act that a job may allow in several ways. It fills in whom it is about, and their
// organisation.
func requireOver(ctx context.Context, w *db.W, asked Asked, uuid string) (Officer, identity.Identity, error) {
	none := Officer{}
	about := identity.Ref(uuid)
	person, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return none, person, err
	}
	asked.About = about
	asked.At = append([]string{person.Organisation}, asked.At...)
	o, err := Require(ctx, w, asked)
	if err != nil {
		return none, person, err
	}
	if uuid == w.Actor().ID {
		return none, person, Refuse(ctx, w, about, "the actor's own Care Identity", ErrOwn)
	}
	theirs, err := OfIdentity(ctx, w, uuid)
	if err != nil {
		return none, person, err
	}
	if !o.over(theirs.Highest()) {
		return none, person, Refuse(ctx, w, about, "the person's job is the same as the actor's, or above it", errAbove)
	}
	return o, person, nil
}

// over reports whether an officer may act on somebody with a job.
func (o Officer) over(theirs permission.Job) bool {
	return o.Job == permission.Manager || o.Job.Above(theirs)
}

// RequireToGive refuses the actor's giving a job to somebody, or taking it from them, that is not below their own.
// Managers give every job.
func (o Officer) RequireToGive(ctx context.Context, w *db.W, uuid string, jobs []permission.Job) error {
	for _, j := range jobs {
		if !o.over(j) {
			return Refuse(ctx, w, identity.Ref(uuid), "the actor gives or takes the job of "+string(j), errAbove)
		}
	}
	return nil
}
