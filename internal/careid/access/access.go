// Package access keeps what people may do: the positions of organisations, the people who hold them and until
// when, and the role profiles that services get.
//
// It does not know who a person is, nor what a role means to a service.
package access

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records.
const (
	eventPositionAdded      audit.Kind = "position.added"
	eventPositionAssigned   audit.Kind = "position.assigned"
	eventPositionEndRefused audit.Kind = "position.end-refused"
	eventPositionEnded      audit.Kind = "position.ended"
)

// Position is a set of access rights that an organisation has prepared: one job role and its activities.
type Position struct {
	ID           string
	Organisation string // ODS code
	Name         string
	RoleCode     string   // full code, "S8001:G8002:R8008"
	Activities   []string // "B0166"
	Workgroups   []Coded
	AreasOfWork  []Coded // as "P0010:Q0050:T0210"
	Closed       time.Time
}

// Coded is a code with its name, as a registration authority entered them.
type Coded struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Assignment says that somebody holds a position.
type Assignment struct {
	ID          string
	UUID        string // of the care identity
	Position    Position
	PersonOrgID string // the person's number in that organisation
	GNC         string // the person's general national code there; empty if none
	RoleID      string // the number of this role profile
	Starts      time.Time
	Ends        time.Time // zero for never
	GivenBy     string
}

const insertPosition = `INSERT INTO position (id, organisation, name, role_code, activities, workgroups,
	areas_of_work, closed_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)`

// AddPosition makes a position, as a part of an Update, and returns its id.
func AddPosition(ctx context.Context, w *db.W, p Position) (string, error) {
	p.ID = random.ID()
	workgroups, err := json.Marshal(p.Workgroups)
	if err != nil {
		return "", fmt.Errorf("add position: %w", err)
	}
	areas, err := json.Marshal(p.AreasOfWork)
	if err != nil {
		return "", fmt.Errorf("add position: %w", err)
	}
	_, err = w.Exec(ctx, insertPosition, p.ID, p.Organisation, p.Name, p.RoleCode, strings.Join(p.Activities, " "),
		string(workgroups), string(areas))
	if err != nil {
		return "", fmt.Errorf("add position: %w", err)
	}
	return p.ID, w.Record(ctx, audit.Event{
		Kind: eventPositionAdded, Subject: audit.Ref{Kind: "position", ID: p.ID}, After: p,
	})
}

const insertAssignment = `INSERT INTO assignment (id, uuid, position_id, role_id, starts_at, ends_at, given_by)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

// Grant describes a position that somebody is to get.
type Grant struct {
	UUID         string
	Position     string // its id
	Organisation string // of the position
	Starts, Ends time.Time
	GNC          string // of the person in the organisation, stored when they join it
	// Number returns the next number of the space that care identities share; see identity.Number.
	Number func(ctx context.Context, w *db.W) (string, error)
}

const selectPosition = `SELECT p.id, p.organisation, p.name, p.role_code, p.activities, p.workgroups,
	p.areas_of_work, p.closed_at FROM position p WHERE p.id = $1`

// scanPosition reads a position from the end of a row, and the columns before it into before.
func scanPosition(scan db.Scanner, p *Position, before ...any) error {
	var activities, workgroups, areas string
	err := scan(append(before, &p.ID, &p.Organisation, &p.Name, &p.RoleCode, &activities, &workgroups, &areas,
		db.At(&p.Closed))...)
	if err != nil {
		return err
	}
	p.Activities = strings.Fields(activities)
	if err := json.Unmarshal([]byte(workgroups), &p.Workgroups); err != nil {
		return fmt.Errorf("workgroups of position %s: %w", p.ID, err)
	}
	if err := json.Unmarshal([]byte(areas), &p.AreasOfWork); err != nil {
		return fmt.Errorf("areas of work of position %s: %w", p.ID, err)
	}
	return nil
}

// PositionByID reads one position, closed ones too, or fault.NotFound.
func PositionByID(ctx context.Context, r db.R, id string) (Position, error) {
	p, err := db.One(ctx, r, func(scan db.Scanner) (p Position, err error) {
		err = scanPosition(scan, &p)
		return p, err
	}, selectPosition, id)
	if err != nil {
		return p, fmt.Errorf("read position: %w", err)
	}
	return p, nil
}

// checkGrant refuses a grant that would have no effect: its position is closed or belongs to another
// organisation, or it ends before it starts.
func checkGrant(p Position, g Grant, now time.Time) error {
	switch {
	case p.Organisation != g.Organisation:
		return fmt.Errorf("position %s is at %s, not at %s: %w", p.ID, p.Organisation, g.Organisation, fault.Conflict)
	case !p.Closed.IsZero() && !now.Before(p.Closed):
		return fault.SayCure(fault.Conflict, "This position is closed.", "Choose another position.")
	case !g.Ends.IsZero() && !g.Starts.Before(g.Ends):
		return fault.OfField("ends", "The end date must be after the start date")
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
	role, err := g.Number(ctx, w)
	if err != nil {
		return err
	}
	id := random.ID()
	_, err = w.Exec(ctx, insertAssignment, id, g.UUID, g.Position, role, g.Starts, g.Ends, w.Actor().ID)
	if err != nil {
		return fmt.Errorf("assign position: %w", err)
	}
	if err := change.Note(ctx, w, change.OfPerson(g.UUID)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventPositionAssigned, Subject: audit.Ref{Kind: "identity", ID: g.UUID},
		After: map[string]any{"position": g.Position, "role": role, "starts": g.Starts, "ends": g.Ends}})
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

const selectAssignments = `SELECT a.id, a.uuid, a.role_id, a.starts_at, a.ends_at, a.given_by, o.person_orgid, o.gnc,
	p.id, p.organisation, p.name, p.role_code, p.activities, p.workgroups, p.areas_of_work, p.closed_at
	FROM assignment a JOIN position p ON p.id = a.position_id
	JOIN person_organisation o ON o.uuid = a.uuid AND o.organisation = p.organisation`

const selectOfIdentity = selectAssignments + ` WHERE a.uuid = $1 ORDER BY a.starts_at, a.role_id`

// Ask makes the query of OfIdentity, to be sent together with others.
func Ask(uuid string) *db.Answer[Assignment] { return db.Ask(scanAssignment, selectOfIdentity, uuid) }

// OfIdentity lists somebody's assignments, past and future ones too, in the order of their start.
func OfIdentity(ctx context.Context, r db.R, uuid string) ([]Assignment, error) {
	list, err := db.All(ctx, r, scanAssignment, selectOfIdentity, uuid)
	if err != nil {
		return nil, fmt.Errorf("list positions held: %w", err)
	}
	return list, nil
}

// OfIdentities lists the assignments of several people as OfIdentity does, by their numbers.
func OfIdentities(ctx context.Context, r db.R, uuids []string) (map[string][]Assignment, error) {
	var args db.Arguments
	where := ` WHERE a.uuid IN (` + db.AddEach(&args, uuids) + `) ORDER BY a.starts_at, a.role_id`
	list, err := db.All(ctx, r, scanAssignment, selectAssignments+where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list positions held: %w", err)
	}
	found := map[string][]Assignment{}
	for _, a := range list {
		found[a.UUID] = append(found[a.UUID], a)
	}
	return found, nil
}

func scanAssignment(scan db.Scanner) (a Assignment, err error) {
	err = scanPosition(scan, &a.Position, &a.ID, &a.UUID, &a.RoleID, db.At(&a.Starts), db.At(&a.Ends), &a.GivenBy,
		&a.PersonOrgID, &a.GNC)
	return a, err
}
