// Package access keeps what people may do: positions at organisations, who holds them and until when,
// and the role profiles that services are told of.
//
// It does not know who a person is, nor what a service makes of a role.
package access

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

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

// Position is a set of access that an organisation has prepared: one job role and its activities.
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

// Coded is a code with its name, as a registration authority gave them.
type Coded struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Assignment is somebody holding a position.
type Assignment struct {
	ID          string
	UUID        string // of the care identity
	Position    Position
	PersonOrgID string // names the person in that organisation
	GNC         string // the person's general national code there; empty if none
	RoleID      string // names this role profile
	Starts      time.Time
	Ends        time.Time // zero for never
	GivenBy     string
}

const insertPosition = `INSERT INTO position (id, organisation, name, role_code, activities, workgroups, areas_of_work, closed_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)`

// AddPosition makes a position, as a part of an Update, and gives its id.
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
	_, err = w.Exec(ctx, insertPosition, p.ID, p.Organisation, p.Name, p.RoleCode, strings.Join(p.Activities, " "), string(workgroups), string(areas))
	if err != nil {
		return "", fmt.Errorf("add position: %w", err)
	}
	return p.ID, w.Record(ctx, audit.Event{Kind: eventPositionAdded, Subject: audit.Ref{Kind: "position", ID: p.ID}, After: p})
}

const insertAssignment = `INSERT INTO assignment (id, uuid, position_id, role_id, starts_at, ends_at, given_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// Grant says that somebody holds a position.
type Grant struct {
	UUID         string
	Position     string // its id
	Organisation string // of the position
	Starts, Ends time.Time
	GNC          string // of the person in the organisation, kept when they join it
	// Number gives numbers of the space that care identities are numbered from; see identity.Number.
	Number func(ctx context.Context, w *db.W) (string, error)
}

const selectPosition = `SELECT p.id, p.organisation, p.name, p.role_code, p.activities, p.workgroups, p.areas_of_work, p.closed_at FROM position p WHERE p.id = $1`

// scanPosition reads a position from the end of a row, after what comes before it.
func scanPosition(scan db.Scanner, p *Position, before ...any) error {
	var activities, workgroups, areas string
	err := scan(append(before, &p.ID, &p.Organisation, &p.Name, &p.RoleCode, &activities, &workgroups, &areas, db.At(&p.Closed))...)
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

// mayHold refuses a grant that would give nothing: of a position that is closed or of another
// organisation, or for no time at all.
func mayHold(p Position, g Grant, now time.Time) error {
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
	if err := mayHold(p, g, w.Now()); err != nil {
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
	if _, err := w.Exec(ctx, insertAssignment, id, g.UUID, g.Position, role, g.Starts, g.Ends, w.Actor().ID); err != nil {
		return fmt.Errorf("assign position: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventPositionAssigned, Subject: audit.Ref{Kind: "identity", ID: g.UUID},
		After: map[string]any{"position": g.Position, "role": role, "starts": g.Starts, "ends": g.Ends}})
}

// joinOrganisation gives the person a number in the organisation, if they have none there.
func joinOrganisation(ctx context.Context, w *db.W, g Grant) error {
	there, err := db.Value[int64](ctx, w, `SELECT COUNT(*) FROM person_organisation WHERE uuid = $1 AND organisation = $2`, g.UUID, g.Organisation)
	if err != nil || there > 0 {
		return err
	}
	number, err := g.Number(ctx, w)
	if err != nil {
		return err
	}
	_, err = w.Exec(ctx, `INSERT INTO person_organisation (uuid, organisation, person_orgid, gnc) VALUES ($1, $2, $3, $4)`, g.UUID, g.Organisation, number, g.GNC)
	if err != nil {
		return fmt.Errorf("join organisation: %w", err)
	}
	return nil
}

const selectAssignments = `SELECT a.id, a.uuid, a.role_id, a.starts_at, a.ends_at, a.given_by, o.person_orgid, o.gnc,
	p.id, p.organisation, p.name, p.role_code, p.activities, p.workgroups, p.areas_of_work, p.closed_at
	FROM assignment a JOIN position p ON p.id = a.position_id
	JOIN person_organisation o ON o.uuid = a.uuid AND o.organisation = p.organisation`

const selectHeld = selectAssignments + ` WHERE a.uuid = $1 ORDER BY a.starts_at, a.role_id`

// Ask makes the query of OfIdentity, to be asked together with others.
func Ask(uuid string) *db.Asked[Assignment] { return db.Ask(scanAssignment, selectHeld, uuid) }

// OfIdentity lists all that somebody holds, held or will hold, in the order it began.
func OfIdentity(ctx context.Context, r db.R, uuid string) ([]Assignment, error) {
	list, err := db.All(ctx, r, scanAssignment, selectHeld, uuid)
	if err != nil {
		return nil, fmt.Errorf("list positions held: %w", err)
	}
	return list, nil
}

func scanAssignment(scan db.Scanner) (a Assignment, err error) {
	err = scanPosition(scan, &a.Position, &a.ID, &a.UUID, &a.RoleID, db.At(&a.Starts), db.At(&a.Ends), &a.GivenBy, &a.PersonOrgID, &a.GNC)
	return a, err
}
