package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job/queue"
)

// RoleProfile describes to a service one position that somebody holds. It does not contain the position's name
// (reference, care identity management §5.1).
type RoleProfile struct {
	PersonOrgID   string
	RoleID        string
	OrgCode       string
	RoleCode      string
	RoleName      string
	ActivityCodes []string
	Activities    []string // names, in the order of their codes
	Workgroups    []Coded
	AreasOfWork   []Coded
	GNC           string
}

// Effective returns the role profiles in force at now: the assignment has begun and has not ended, its position is
// open, and the access profile is in it.
func Effective(assignments []Assignment, now time.Time) []RoleProfile {
	var list []RoleProfile
	for _, a := range assignments {
		if !a.InForce(now) {
			continue
		}
		for _, r := range a.Roles {
			if r.Profile.Removed.IsZero() || now.Before(r.Profile.Removed) {
				list = append(list, profileOf(a, r, now))
			}
		}
	}
	return list
}

func profileOf(a Assignment, r Role, now time.Time) RoleProfile {
	return RoleProfile{
		PersonOrgID: a.PersonOrgID, RoleID: r.ID, OrgCode: a.Position.Organisation, RoleCode: r.Profile.RoleCode,
		RoleName: r.Profile.RoleName(), ActivityCodes: r.Profile.Activities, Activities: r.Profile.ActivityNames(),
		Workgroups: r.workgroups(now), AreasOfWork: r.Profile.AreasOfWork, GNC: a.GNC,
	}
}

// RoleProfiles is what a position gives to each who holds it, without the numbers that are their own.
func (p Position) RoleProfiles() (list []RoleProfile) {
	for _, f := range p.Profiles {
		list = append(list, profileOf(Assignment{Position: p}, Role{Profile: f}, time.Time{}))
	}
	return list
}

// RoleProfiles returns somebody's role profiles in force at now.
func RoleProfiles(ctx context.Context, r db.R, uuid string, now time.Time) ([]RoleProfile, error) {
	assignments, err := OfIdentity(ctx, r, uuid)
	if err != nil {
		return nil, err
	}
	return Effective(assignments, now), nil
}

// HoldsDirectoryPosition reports whether one of the profiles gives access to the Directory of Services: R8008 with
// B0166 in the same position.
func HoldsDirectoryPosition(profiles []RoleProfile) bool {
	for _, p := range profiles {
		if rbac.DirectoryAccess(p.RoleCode, p.ActivityCodes) {
			return true
		}
	}
	return false
}

// OpensDirectory reports whether the profile with an id is one that gives access to the Directory of Services, held at
// an organisation.
func OpensDirectory(profiles []RoleProfile, roleID, organisation string) bool {
	return slices.ContainsFunc(profiles, func(p RoleProfile) bool {
		return p.RoleID == roleID && strings.EqualFold(p.OrgCode, organisation) &&
			rbac.DirectoryAccess(p.RoleCode, p.ActivityCodes)
	})
}

// deskRoles are the jobs whose holders help others with their sign-ins: the registration authority's, and
// systems support.
var deskRoles = []string{rbac.RegistrationManager, rbac.RegistrationAgent, rbac.SystemsSupport}

// DeskProfile returns a profile that lets somebody work at the service desk, preferably the wanted one. ok is false
// if there is none.
func DeskProfile(profiles []RoleProfile, wanted string) (found RoleProfile, ok bool) {
	for _, p := range profiles {
		role, err := rbac.ParseRole(p.RoleCode)
		if err != nil || !slices.Contains(deskRoles, role.Job) {
			continue
		}
		if !ok || p.RoleID == wanted {
			found = p
			ok = true
		}
	}
	return found, ok
}

// fromManagers chooses the assignments of an organisation's registration authority managers that are in force.
const fromManagers = ` FROM assignment a JOIN position p ON p.id = a.position_id
	JOIN position_profile f ON f.position_id = p.id AND f.removed_at IS NULL
	WHERE p.organisation = $1 AND f.job = $2
	AND a.starts_at <= $3 AND (a.ends_at IS NULL OR a.ends_at > $3) AND p.closed_at IS NULL`

const (
	otherManagers  = `SELECT DISTINCT a.uuid` + fromManagers + ` AND a.id <> $4`
	managersBeside = `SELECT DISTINCT a.uuid` + fromManagers + ` AND p.id <> $4`
	selectManagers = `SELECT DISTINCT a.uuid` + fromManagers + ` ORDER BY a.uuid`
)

// Managers lists who is a registration authority manager of an organisation now, by the numbers of their care
// identities.
func Managers(ctx context.Context, r db.R, organisation string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], selectManagers, organisation, rbac.RegistrationManager, r.Now())
	if err != nil {
		return nil, fmt.Errorf("list registration authority managers: %w", err)
	}
	return list, nil
}

const selectAllManagers = `SELECT DISTINCT a.uuid FROM assignment a JOIN position p ON p.id = a.position_id
	JOIN position_profile f ON f.position_id = p.id AND f.removed_at IS NULL
	WHERE f.job = $1 AND a.starts_at <= $2 AND (a.ends_at IS NULL OR a.ends_at > $2) AND p.closed_at IS NULL
	ORDER BY a.uuid`

// AllManagers lists who is a registration authority manager of any organisation now.
func AllManagers(ctx context.Context, r db.R) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], selectAllManagers, rbac.RegistrationManager, r.Now())
	if err != nil {
		return nil, fmt.Errorf("list all registration authority managers: %w", err)
	}
	return list, nil
}

// Ended is the job that follows when somebody no longer holds a position. The packages above that have told
// services about the position register its worker.
type Ended struct{ UUID, RoleID string }

// Kind names the job.
func (Ended) Kind() string { return "position.ended" }

// Queue is where the job waits.
func (Ended) Queue() queue.Name { return queue.Revocation }

const endAssignment = `UPDATE assignment SET ends_at = $2 WHERE id = $1 AND (ends_at IS NULL OR ends_at > $2)`

var errLastManager = fault.SayCure(fault.Conflict, "This is the organisation's last registration authority manager.",
	"Give the role to somebody else first.")

// End ends an assignment now, as a part of an Update. It refuses to end the assignment of an organisation's last
// registration authority manager.
func End(ctx context.Context, w *db.W, uuid, assignment, reason string) error {
	a, err := assignmentByID(ctx, w, assignment)
	if err == nil && a.UUID != uuid {
		err = fault.NotFound
	}
	if err != nil {
		return err
	}
	subject := audit.Ref{Kind: "identity", ID: uuid}
	last, err := lastManager(ctx, w, a)
	if err != nil {
		return err
	}
	if last {
		event := audit.Event{Kind: eventPositionEndRefused, Subject: subject, Before: a.ID, Reason: reason}
		return w.Refuse(ctx, event, errLastManager)
	}
	if err := w.Change(ctx, endAssignment, a.ID, w.Now()); err != nil {
		return fmt.Errorf("end assignment: %w", err)
	}
	for _, r := range a.Roles {
		if err := w.Enqueue(ctx, Ended{UUID: uuid, RoleID: r.ID}); err != nil {
			return err
		}
	}
	if err := noteHeld(ctx, w, uuid); err != nil {
		return err
	}
	if err := change.Note(ctx, w, change.OfPerson(uuid)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventPositionEnded, Subject: subject, Before: a.ID, Reason: reason})
}

func lastManager(ctx context.Context, r db.R, a Assignment) (bool, error) {
	if !a.Has(rbac.RegistrationManager) || !a.InForce(r.Now()) {
		return false, nil
	}
	others, err := db.All(ctx, r, db.Column[string], otherManagers, a.Position.Organisation,
		rbac.RegistrationManager, r.Now(), a.ID)
	if err != nil {
		return false, fmt.Errorf("list registration authority managers: %w", err)
	}
	work, err := anyActive(ctx, r, others)
	return !work, err
}

// Workplaces lists the codes of the organisations whose policy applies to somebody: those of their profiles, in their
// order, each once; without any, the one where they are registered.
func Workplaces(profiles []RoleProfile, registered string) (codes []string) {
	for _, p := range profiles {
		if !slices.Contains(codes, p.OrgCode) {
			codes = append(codes, p.OrgCode)
		}
	}
	if len(codes) == 0 && registered != "" {
		codes = []string{registered}
	}
	return codes
}

const selectHolders = `SELECT DISTINCT a.uuid FROM position p JOIN assignment a ON a.position_id = p.id
	WHERE p.organisation = $1 AND (a.ends_at IS NULL OR a.ends_at > $2) ORDER BY a.uuid`

// HoldersAt lists the numbers of the people who hold positions at an organisation, or will.
func HoldersAt(ctx context.Context, r db.R, organisation string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], selectHolders, organisation, r.Now())
	if err != nil {
		return nil, fmt.Errorf("list holders of positions at %s: %w", organisation, err)
	}
	return list, nil
}
