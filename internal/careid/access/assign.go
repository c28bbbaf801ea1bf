package access

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Assignment says that somebody holds a position. Its Position has those of the access profiles of which the person
// has a role profile, removed ones too.
type Assignment struct {
	ID          string
	UUID        string // of the care identity
	Position    Position
	Roles       []Role
	PersonOrgID string // the person's number in that organisation
	GNC         string // the person's general national code there; empty if none
	Starts      time.Time
	Ends        time.Time // zero for never
	GivenBy     string
	Notes       string
}

// Role is what one access profile of a position gives to somebody who holds it.
type Role struct {
	ID      string // the number of this role profile
	Profile Profile
	Direct  []Membership // of workgroups that were given to the person, beside those of the access profile
}

const (
	insertAssignment = `INSERT INTO assignment (id, uuid, position_id, starts_at, ends_at, given_by, notes,
	position_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	insertRole = `INSERT INTO assignment_role (role_id, assignment_id, profile_id) VALUES ($1, $2, $3)`
)

// Number gives the next number of the space that care identities share; see identity.Number.
type Number func(ctx context.Context, w *db.W) (string, error)

// Grant describes a position that somebody is to get.
type Grant struct {
	UUID         string
	Position     string // its id
	Organisation string // of the position
	Starts, Ends time.Time
	GNC          string // of the person in the organisation, stored when they join it
	Notes        string
	Number       Number
}

var (
	errNoPosition = fault.SayCure(fault.NotFound, "There is no such position.", "Choose another position.")
	errEnds       = fault.OfField("ends", "The end date must be after the start date")
	errClosed     = fault.SayCure(fault.Conflict, "This position is closed.", "Choose another position.")
)

// checkGrant refuses a grant that would have no effect: its position is closed or belongs to another
// organisation, or it ends before it starts.
func checkGrant(p Position, g Grant, now time.Time) error {
	switch {
	case p.Organisation != g.Organisation:
		return fmt.Errorf("position %s is at %s, not at %s: %w", p.ID, p.Organisation, g.Organisation, fault.Conflict)
	case p.Over(now):
		return errClosed
	case !g.Ends.IsZero() && !g.Starts.Before(g.Ends):
		return errEnds
	}
	return nil
}

// Assign gives somebody a position, as a part of an Update.
func Assign(ctx context.Context, w *db.W, g Grant) error {
	p, err := PositionByID(ctx, w, g.Position)
	if err != nil {
		return err
	}
	if err := checkGrant(p, g, w.Now()); err != nil {
		return err
	}
	if err := joinOrganisation(ctx, w, g); err != nil {
		return err
	}
	id := random.ID()
	_, err = w.Exec(ctx, insertAssignment, id, g.UUID, g.Position, g.Starts, g.Ends, w.Actor().ID, g.Notes, p.Version)
	if err != nil {
		return fmt.Errorf("assign position: %w", err)
	}
	roles, err := addRoles(ctx, w, id, p.Profiles, g.Number)
	if err != nil {
		return err
	}
	if err := noteHeld(ctx, w, g.UUID); err != nil {
		return err
	}
	if err := change.Note(ctx, w, change.OfPerson(g.UUID)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventPositionAssigned, Subject: audit.Ref{Kind: "identity", ID: g.UUID},
		After: map[string]any{"position": g.Position, "roles": roles, "starts": g.Starts, "ends": g.Ends}})
}

// addRoles gives whoever has an assignment a role profile for each of some access profiles.
func addRoles(ctx context.Context, w *db.W, assignment string, list []Profile, number Number) ([]string, error) {
	var roles []string
	for _, f := range list {
		role, err := number(ctx, w)
		if err != nil {
			return nil, err
		}
		if _, err := w.Exec(ctx, insertRole, role, assignment, f.ID); err != nil {
			return nil, fmt.Errorf("add role profile: %w", err)
		}
		roles = append(roles, role)
	}
	return roles, nil
}

const (
	countMemberships = `SELECT COUNT(*) FROM person_organisation WHERE uuid = $1 AND organisation = $2`
	insertMembership = `INSERT INTO person_organisation (uuid, organisation, person_orgid, gnc) VALUES ($1, $2, $3, $4)`
)

// joinOrganisation gives the person a number in the organisation, unless they have one.
func joinOrganisation(ctx context.Context, w *db.W, g Grant) error {
	memberships, err := db.Value[int64](ctx, w, countMemberships, g.UUID, g.Organisation)
	if err != nil || memberships > 0 {
		return err
	}
	number, err := g.Number(ctx, w)
	if err != nil {
		return err
	}
	if _, err := w.Exec(ctx, insertMembership, g.UUID, g.Organisation, number, g.GNC); err != nil {
		return fmt.Errorf("join organisation: %w", err)
	}
	return nil
}

const (
	selectAssignments = `SELECT a.id, a.uuid, r.role_id, r.workgroups, a.starts_at, a.ends_at, a.given_by, a.notes,
	o.person_orgid, o.gnc, ` + positionColumns + `, ` + profileColumns + `
	FROM assignment a JOIN position p ON p.id = a.position_id
	JOIN person_organisation o ON o.uuid = a.uuid AND o.organisation = p.organisation
	JOIN assignment_role r ON r.assignment_id = a.id JOIN position_profile f ON f.id = r.profile_id`

	selectOfIdentity = selectAssignments + ` WHERE a.uuid = $1 ORDER BY a.starts_at, r.role_id`
)

// Asked is the query of OfIdentity, which can be sent together with others.
type Asked struct{ *db.Answer[Assignment] }

// Ask makes the query of OfIdentity, to be sent together with others.
func Ask(uuid string) Asked { return Asked{db.Ask(scanAssignment, selectOfIdentity, uuid)} }

// All gives the assignments that were asked for.
func (a Asked) All() []Assignment { return joined(a.Answer.All()) }

// OfIdentity lists somebody's assignments, past and future ones too, in the order of their start.
func OfIdentity(ctx context.Context, r db.R, uuid string) ([]Assignment, error) {
	list, err := db.All(ctx, r, scanAssignment, selectOfIdentity, uuid)
	if err != nil {
		return nil, fmt.Errorf("list positions held: %w", err)
	}
	return joined(list), nil
}

// OfIdentities lists the assignments of several people as OfIdentity does, by their numbers.
func OfIdentities(ctx context.Context, r db.R, uuids []string) (map[string][]Assignment, error) {
	var args db.Arguments
	where := ` WHERE a.uuid IN (` + db.AddEach(&args, uuids) + `) ORDER BY a.starts_at, r.role_id`
	list, err := db.All(ctx, r, scanAssignment, selectAssignments+where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list positions held: %w", err)
	}
	found := map[string][]Assignment{}
	for _, a := range joined(list) {
		found[a.UUID] = append(found[a.UUID], a)
	}
	return found, nil
}

// scanAssignment reads an assignment with one of its role profiles.
func scanAssignment(scan db.Scanner) (a Assignment, err error) {
	role := Role{}
	var direct string
	err = scanPosition(scan, &a.Position, &a.ID, &a.UUID, &role.ID, &direct, db.At(&a.Starts), db.At(&a.Ends),
		&a.GivenBy, &a.Notes, &a.PersonOrgID, &a.GNC)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(direct), &role.Direct); err != nil {
		return a, fmt.Errorf("workgroups of role profile %s: %w", role.ID, err)
	}
	role.Profile = a.Position.Profiles[0]
	a.Roles = []Role{role}
	return a, nil
}

// joined gives each assignment once, with all its role profiles, in the order in which they come first.
func joined(rows []Assignment) (list []Assignment) {
	for _, row := range rows {
		at := slices.IndexFunc(list, func(a Assignment) bool { return a.ID == row.ID })
		if at < 0 {
			list = append(list, row)
			continue
		}
		list[at].Roles = append(list[at].Roles, row.Roles...)
		list[at].Position.Profiles = append(list[at].Position.Profiles, row.Position.Profiles...)
	}
	return list
}

const selectAssignment = selectAssignments + ` WHERE a.id = $1 ORDER BY r.role_id`

// assignmentByID reads one assignment, or fault.NotFound.
func assignmentByID(ctx context.Context, r db.R, id string) (Assignment, error) {
	rows, err := db.All(ctx, r, scanAssignment, selectAssignment, id)
	list := joined(rows)
	if err == nil && len(list) == 0 {
		err = fault.NotFound
	}
	if err != nil {
		return Assignment{}, fmt.Errorf("read assignment: %w", err)
	}
	return list[0], nil
}

// InForce reports whether the assignment is in force at now.
func (a Assignment) InForce(now time.Time) bool {
	return !a.Position.Over(now) && !now.Before(a.Starts) && (a.Ends.IsZero() || now.Before(a.Ends))
}

// Over reports whether the assignment has ended by a time, or its position was closed.
func (a Assignment) Over(now time.Time) bool {
	return a.Position.Over(now) || !a.Ends.IsZero() && !now.Before(a.Ends)
}

// Gives reports whether the assignment is in force at a time, or will be, and gives the same as a position.
func (a Assignment) Gives(p Position) bool {
	if a.Position.Organisation != p.Organisation {
		return false
	}
	var has []Profile
	for _, r := range a.Roles {
		if r.Profile.Removed.IsZero() {
			has = append(has, r.Profile)
		}
	}
	return len(has) == len(p.Profiles) && !slices.ContainsFunc(p.Profiles, func(wanted Profile) bool {
		return !slices.ContainsFunc(has, wanted.same)
	})
}

// RolesText names the roles that the assignment gives for people to read, with their codes.
func (a Assignment) RolesText() string {
	var texts []string
	for _, r := range a.Roles {
		if r.Profile.Removed.IsZero() {
			texts = append(texts, r.Profile.RoleText())
		}
	}
	return strings.Join(texts, ", ")
}

// RoleText names the role of the access profile for people to read, with its code.
func (p Profile) RoleText() string {
	if p.RoleName() == p.RoleCode {
		return p.RoleCode
	}
	return rbac.JobName(p.RoleName()) + " (" + p.Job() + ")"
}

// same reports whether another access profile has the same role and activities.
func (p Profile) same(other Profile) bool {
	return p.RoleCode == other.RoleCode && slices.Equal(p.Activities, other.Activities)
}

// Has reports whether the assignment gives a job role, by the last part of its code.
func (a Assignment) Has(job string) bool {
	gives := func(r Role) bool { return r.Profile.Removed.IsZero() && r.Profile.Job() == job }
	return slices.ContainsFunc(a.Roles, gives)
}

const updateDates = `UPDATE assignment SET starts_at = $2, ends_at = $3
	WHERE id = $1 AND (ends_at IS NULL OR ends_at > $4)`

var errOver = fault.SayCure(fault.Conflict, "They do not have this position any more.", "Give it to them again.")

// SetDates changes from when until when somebody holds a position, as a part of an Update. One that has ended stays
// ended, one that has begun keeps its beginning, and none ends in the past: End ends it now.
func SetDates(ctx context.Context, w *db.W, uuid, assignment string, starts, ends time.Time) error {
	a, err := assignmentByID(ctx, w, assignment)
	if err != nil {
		return err
	}
	switch {
	case a.UUID != uuid:
		return fault.NotFound
	case a.Over(w.Now()):
		return errOver
	case !a.Starts.After(w.Now()):
		starts = a.Starts
	case starts.Before(w.Now()):
		starts = w.Now()
	}
	if !ends.IsZero() && (!starts.Before(ends) || !w.Now().Before(ends)) {
		return errEnds
	}
	if starts.Equal(a.Starts) && ends.Equal(a.Ends) {
		return nil
	}
	if last, err := lastManager(ctx, w, a); err != nil || last && (!ends.IsZero() || starts.After(w.Now())) {
		if err != nil {
			return err
		}
		return w.Refuse(ctx, audit.Event{Kind: eventPositionEndRefused, Subject: audit.Ref{Kind: "identity", ID: uuid},
			Before: a.ID, Reason: "an end date"}, errLastManager)
	}
	if err := w.Change(ctx, updateDates, a.ID, starts, ends, w.Now()); err != nil {
		return fmt.Errorf("change dates of an assignment: %w", err)
	}
	if err := noteHeld(ctx, w, uuid); err != nil {
		return err
	}
	if err := change.Note(ctx, w, change.OfPerson(uuid)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventPositionDates, Subject: audit.Ref{Kind: "identity", ID: uuid},
		Before: map[string]any{"assignment": a.ID, "starts": a.Starts, "ends": a.Ends},
		After:  map[string]any{"starts": starts, "ends": ends}})
}
