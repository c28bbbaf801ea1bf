// Package access keeps what people may do: the positions of organisations, the people who hold them and until
// when, and the role profiles that services get.
//
// It does not know who a person is, nor what a role means to a service.
package access

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access/reference"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records.
const (
	eventPositionAdded      audit.Kind = "position.added"
	eventPositionAssigned   audit.Kind = "position.assigned"
	eventPositionDates      audit.Kind = "position.dates"
	eventPositionEndRefused audit.Kind = "position.end-refused"
	eventPositionEnded      audit.Kind = "position.ended"
)

// Position is a set of access rights that an organisation has prepared.
type Position struct {
	ID           string
	Organisation string // ODS code
	Name         string
	Notes        string
	Profiles     []Profile // at least one
	Version      int64     // begins at 1, and grows with each change
	Closed       time.Time
}

// Profile is an access profile of a position: one job role with its activities. Whoever holds the position has a role
// profile for each.
type Profile struct {
	ID          string
	RoleCode    string   // full code, "S8001:G8002:R8008"
	Activities  []string // "B0166"
	Workgroups  []Coded
	AreasOfWork []Coded   // as "P0010:Q0050:T0210"
	Removed     time.Time // from the position; zero while it is in it

	roleName      string   // as the national list has it
	activityNames []string // in the order of the codes
}

// One is the only access profile of a position: a role and its activities.
func One(role string, activities ...string) []Profile {
	return []Profile{{RoleCode: role, Activities: activities}}
}

// Job is the last part of the role's code; empty if the code cannot be read.
func (p Profile) Job() string { return jobOf(p.RoleCode) }

// RoleName is the role's name as services get it.
func (p Profile) RoleName() string {
	if p.roleName != "" {
		return p.roleName
	}
	if name, known := rbac.RoleName(p.Job()); known {
		return name
	}
	return p.RoleCode
}

// ActivityNames are the names of the activities as services get them, in the order of their codes.
func (p Profile) ActivityNames() (names []string) {
	for i, code := range p.Activities {
		name, known := rbac.ActivityName(code)
		switch {
		case i < len(p.activityNames) && p.activityNames[i] != "":
			name = p.activityNames[i]
		case !known:
			name = code
		}
		names = append(names, name)
	}
	return names
}

// Coded is a code with its name, as a registration authority entered them.
type Coded struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Over reports whether the position was closed by a time.
func (p Position) Over(now time.Time) bool { return !p.Closed.IsZero() && !now.Before(p.Closed) }

// RolesText names the roles that the position gives for people to read, with their codes.
func (p Position) RolesText() string {
	var texts []string
	for _, f := range p.Profiles {
		texts = append(texts, f.RoleText())
	}
	return strings.Join(texts, ", ")
}

// Has reports whether one of the position's access profiles has a job role, by the last part of its code.
func (p Position) Has(job string) bool {
	return slices.ContainsFunc(p.Profiles, func(one Profile) bool { return one.Job() == job })
}

const (
	insertPosition = `INSERT INTO position (id, organisation, name, notes, version, closed_at)
	VALUES ($1, $2, $3, $4, 1, NULL)`
	insertProfile = `INSERT INTO position_profile (id, position_id, role_code, job, role_name, activities,
	activity_names, workgroups, areas_of_work, removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL)`
)

// AddPosition makes a position, as a part of an Update, and returns its id.
func AddPosition(ctx context.Context, w *db.W, p Position) (string, error) {
	return Create(ctx, w, p, Approval{})
}

// Approval says how a position, or a change of it, was approved, as whoever makes it typed it.
type Approval struct {
	How          string // how it was approved
	Participants string // who took part
}

// Create makes a position and notes how it was approved, as a part of an Update, and returns its id.
func Create(ctx context.Context, w *db.W, p Position, a Approval) (string, error) {
	p.ID = random.ID()
	p.Version = 1
	p.Profiles = slices.Clone(p.Profiles)
	if err := nameProfiles(ctx, w, p.Profiles); err != nil {
		return "", err
	}
	if _, err := w.Exec(ctx, insertPosition, p.ID, p.Organisation, p.Name, p.Notes); err != nil {
		return "", fmt.Errorf("add position: %w", err)
	}
	for i := range p.Profiles {
		p.Profiles[i].ID = random.ID()
		if err := p.Profiles[i].insert(ctx, w, p.ID); err != nil {
			return "", err
		}
	}
	if err := noteVersion(ctx, w, p, a); err != nil {
		return "", err
	}
	return p.ID, w.Record(ctx, audit.Event{Kind: eventPositionAdded, Subject: Ref(p.ID), After: p})
}

// Ref names a position in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "position", ID: id} }

// nameProfiles gives access profiles the names of their roles and activities.
func nameProfiles(ctx context.Context, r db.R, list []Profile) error {
	var jobs, codes []string
	for _, p := range list {
		jobs = append(jobs, p.Job())
		codes = append(codes, p.Activities...)
	}
	roles, err := reference.RolesBy(ctx, r, jobs)
	if err != nil {
		return err
	}
	activities, err := reference.ActivitiesBy(ctx, r, codes)
	if err != nil {
		return err
	}
	for i, p := range list {
		if role, known := roles[p.Job()]; known {
			list[i].roleName = role.FullName()
		}
		list[i].activityNames = nil
		for _, code := range p.Activities {
			list[i].activityNames = append(list[i].activityNames, activities[code].Name)
		}
	}
	return nil
}

// columns gives what of an access profile may change, in the order of its columns.
func (p Profile) columns() ([]any, error) {
	names, err := json.Marshal(p.activityNames)
	if err != nil {
		return nil, fmt.Errorf("write access profile: %w", err)
	}
	workgroups, err := json.Marshal(p.Workgroups)
	if err != nil {
		return nil, fmt.Errorf("write access profile: %w", err)
	}
	areas, err := json.Marshal(p.AreasOfWork)
	if err != nil {
		return nil, fmt.Errorf("write access profile: %w", err)
	}
	return []any{p.RoleCode, p.Job(), p.roleName, strings.Join(p.Activities, " "), string(names), string(workgroups),
		string(areas)}, nil
}

func (p Profile) insert(ctx context.Context, w *db.W, position string) error {
	columns, err := p.columns()
	if err != nil {
		return err
	}
	if _, err := w.Exec(ctx, insertProfile, append([]any{p.ID, position}, columns...)...); err != nil {
		return fmt.Errorf("add access profile: %w", err)
	}
	return nil
}

const (
	positionColumns = `p.id, p.organisation, p.name, p.notes, p.version, p.closed_at`
	profileColumns  = `f.id, f.role_code, f.role_name, f.activities, f.activity_names, f.workgroups, f.areas_of_work,
	f.removed_at`
	selectPositions = `SELECT ` + positionColumns + `, ` + profileColumns + ` FROM position p
	JOIN position_profile f ON f.position_id = p.id AND f.removed_at IS NULL`
	inOrder        = ` ORDER BY p.name, p.id, f.id`
	selectPosition = selectPositions + ` WHERE p.id = $1` + inOrder
	selectAt       = selectPositions + ` WHERE p.organisation = $1` + inOrder
)

// scanPosition reads a position and one of its access profiles from the end of a row, and the columns before them into
// before.
func scanPosition(scan db.Scanner, p *Position, before ...any) error {
	var f Profile
	var activities, names, workgroups, areas string
	err := scan(append(before, &p.ID, &p.Organisation, &p.Name, &p.Notes, &p.Version, db.At(&p.Closed),
		&f.ID, &f.RoleCode, &f.roleName, &activities, &names, &workgroups, &areas, db.At(&f.Removed))...)
	if err != nil {
		return err
	}
	f.Activities = strings.Fields(activities)
	for _, part := range []struct {
		text string
		into any
	}{{names, &f.activityNames}, {workgroups, &f.Workgroups}, {areas, &f.AreasOfWork}} {
		if err := json.Unmarshal([]byte(part.text), part.into); err != nil {
			return fmt.Errorf("access profile %s: %w", f.ID, err)
		}
	}
	p.Profiles = []Profile{f}
	return nil
}

// positions reads positions with all their access profiles.
func positions(ctx context.Context, r db.R, sql string, args ...any) ([]Position, error) {
	rows, err := db.All(ctx, r, func(scan db.Scanner) (p Position, err error) {
		err = scanPosition(scan, &p)
		return p, err
	}, sql, args...)
	var list []Position
	for _, row := range rows {
		if last := len(list) - 1; last >= 0 && list[last].ID == row.ID {
			list[last].Profiles = append(list[last].Profiles, row.Profiles...)
			continue
		}
		list = append(list, row)
	}
	return list, err
}

// PositionByID reads one position, closed ones too, or fault.NotFound.
func PositionByID(ctx context.Context, r db.R, id string) (Position, error) {
	list, err := positions(ctx, r, selectPosition, id)
	if err == nil && len(list) == 0 {
		err = errNoPosition
	}
	if err != nil {
		return Position{}, fmt.Errorf("read position: %w", err)
	}
	return list[0], nil
}

// PositionsAt lists the positions of an organisation, closed ones too, by their names.
func PositionsAt(ctx context.Context, r db.R, organisation string) ([]Position, error) {
	list, err := positions(ctx, r, selectAt, organisation)
	if err != nil {
		return nil, fmt.Errorf("list positions at %s: %w", organisation, err)
	}
	return list, nil
}
