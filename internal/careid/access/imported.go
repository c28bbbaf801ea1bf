package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// Imported is a position that somebody holds by another system.
type Imported struct {
	UUID         string    `json:"uuid"` // of the care identity
	Organisation string    `json:"organisation"`
	Name         string    `json:"name"`
	Profile      Profile   `json:"profile"` // the only one of the position
	GNC          string    `json:"gnc,omitempty"`
	Starts       time.Time `json:"starts,omitzero"` // when it is imported if zero
	Ends         time.Time `json:"ends,omitzero"`
}

// Key is the same for what can be one position, whoever holds it.
func (i Imported) Key() string { return keyOf(i.Organisation, i.Name, i.Profile) }

func keyOf(organisation, name string, p Profile) string {
	activities := slices.Clone(p.Activities)
	slices.Sort(activities)
	return strings.Join([]string{organisation, name, p.RoleCode, strings.Join(activities, " ")}, "\n")
}

// ImportedTables are the tables into which AddImported writes most.
var ImportedTables = []string{"assignment", "assignment_role", "person_organisation"}

// maxAskedAbout is how many things one query asks about.
const maxAskedAbout = 512

// Numbers gives so many numbers of the space that care identities share; see identity.Numbers.
type Numbers func(ctx context.Context, w *db.W, count int) ([]string, error)

// AddImported gives people the positions that they hold by another system, as a part of an import's Update, and gives
// the ids of the assignments. Positions that their organisations do not have yet are made.
func AddImported(ctx context.Context, w *db.W, list []Imported, take Numbers) (ids []string, err error) {
	places, err := placesOf(ctx, w, list)
	if err != nil {
		return nil, err
	}
	numbers, err := joinAll(ctx, w, list, take)
	if err != nil {
		return nil, err
	}
	assignments := db.Inserting(`INSERT INTO assignment (id, uuid, position_id, starts_at, ends_at, given_by, notes,
		position_version)`)
	roles := db.Inserting(`INSERT INTO assignment_role (role_id, assignment_id, profile_id)`)
	for i, one := range list {
		p := places[one.Key()]
		starts := one.Starts
		if starts.IsZero() {
			starts = w.Now()
		}
		id := random.ID()
		ids = append(ids, id)
		assignments.Add(id, one.UUID, p.ID, starts, one.Ends, w.Actor().ID, "", p.Version)
		roles.Add(numbers[i], id, p.Profiles[0].ID)
	}
	for _, rows := range []*db.Rows{assignments, roles} {
		if err := rows.Write(ctx, w); err != nil {
			return nil, fmt.Errorf("add imported assignments: %w", err)
		}
	}
	holders := make([]string, 0, len(list))
	for _, one := range list {
		holders = append(holders, one.UUID)
	}
	if err := noteHeld(ctx, w, holders...); err != nil {
		return nil, err
	}
	return ids, change.Note(ctx, w, change.OfAll())
}

// placesOf finds the positions that people are to hold, by key, and makes those that there are not.
func placesOf(ctx context.Context, w *db.W, list []Imported) (map[string]Position, error) {
	var codes []string
	for _, one := range list {
		codes = append(codes, one.Organisation)
	}
	slices.Sort(codes)
	found := map[string]Position{}
	for some := range slices.Chunk(slices.Compact(codes), maxAskedAbout) {
		var args db.Arguments
		where := ` WHERE p.organisation IN (` + db.AddEach(&args, some) + `)`
		there, err := positions(ctx, w, selectPositions+where+inOrder, args.List()...)
		if err != nil {
			return nil, err
		}
		for _, p := range there {
			if p.plain() && !p.Over(w.Now()) {
				found[keyOf(p.Organisation, p.Name, p.Profiles[0])] = p
			}
		}
	}
	for _, one := range list {
		if _, is := found[one.Key()]; is {
			continue
		}
		id, err := AddPosition(ctx, w, Position{Organisation: one.Organisation, Name: one.Name,
			Profiles: []Profile{one.Profile}})
		if err != nil {
			return nil, err
		}
		if found[one.Key()], err = PositionByID(ctx, w, id); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// plain reports whether a position is one that a file can describe.
func (p Position) plain() bool {
	return len(p.Profiles) == 1 && len(p.Profiles[0].Workgroups)+len(p.Profiles[0].AreasOfWork) == 0
}

// joinAll gives people numbers in the organisations where they have none, and takes the numbers of their role profiles.
func joinAll(ctx context.Context, w *db.W, list []Imported, take Numbers) ([]string, error) {
	member := map[[2]string]bool{}
	for some := range slices.Chunk(list, maxAskedAbout) {
		if err := memberships(ctx, w, some, member); err != nil {
			return nil, err
		}
	}
	var joining []Imported
	for _, one := range list {
		if pair := [2]string{one.UUID, one.Organisation}; !member[pair] {
			member[pair] = true
			joining = append(joining, one)
		}
	}
	numbers, err := take(ctx, w, len(list)+len(joining))
	if err != nil {
		return nil, err
	}
	rows := db.Inserting(`INSERT INTO person_organisation (uuid, organisation, person_orgid, gnc)`)
	for i, one := range joining {
		rows.Add(one.UUID, one.Organisation, numbers[len(list)+i], one.GNC)
	}
	if err := rows.Write(ctx, w); err != nil {
		return nil, fmt.Errorf("join organisations by an import: %w", err)
	}
	return numbers[:len(list)], nil
}

// memberships notes in which organisations people have a number.
func memberships(ctx context.Context, r db.R, list []Imported, member map[[2]string]bool) error {
	var uuids []string
	for _, one := range list {
		uuids = append(uuids, one.UUID)
	}
	var args db.Arguments
	there, err := db.All(ctx, r, func(scan db.Scanner) (pair [2]string, err error) {
		err = scan(&pair[0], &pair[1])
		return pair, err
	}, `SELECT uuid, organisation FROM person_organisation WHERE uuid IN (`+db.AddEach(&args, uuids)+`)`,
		args.List()...)
	if err != nil {
		return fmt.Errorf("look who has joined organisations: %w", err)
	}
	for _, pair := range there {
		member[pair] = true
	}
	return nil
}

// Dates are from when until when somebody holds a position.
type Dates struct {
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends,omitzero"`
}

// DatesOf gives the dates of assignments, by their ids. Those that there are not, or that are over, are left out.
func DatesOf(ctx context.Context, r db.R, ids []string) (map[string]Dates, error) {
	found := map[string]Dates{}
	for some := range slices.Chunk(ids, maxAskedAbout) {
		var args db.Arguments
		err := r.Each(ctx, func(scan db.Scanner) error {
			var id string
			var d Dates
			err := scan(&id, db.At(&d.Starts), db.At(&d.Ends))
			found[id] = d
			return err
		}, `SELECT id, starts_at, ends_at FROM assignment WHERE id IN (`+db.AddEach(&args, some)+`)
			AND (ends_at IS NULL OR ends_at > `+args.Add(r.Now())+`)`, args.List()...)
		if err != nil {
			return nil, fmt.Errorf("read dates of assignments: %w", err)
		}
	}
	return found, nil
}

// EndImported ends an assignment that an import made.
func EndImported(ctx context.Context, w *db.W, id string) error {
	a, err := assignmentByID(ctx, w, id)
	if err != nil {
		return err
	}
	return End(ctx, w, a.UUID, id, "the import that gave it was undone")
}

// Named gives an access profile with the names of its role and activities.
func Named(ctx context.Context, r db.R, p Profile) (Profile, error) {
	position := Position{Profiles: One(p.RoleCode, p.Activities...)}
	if err := nameProfiles(ctx, r, position.Profiles); err != nil {
		return p, err
	}
	return position.Profiles[0], nil
}

// SameRights reports whether two access profiles give the same.
func SameRights(a, b Profile) bool { return equal(a, b) }
