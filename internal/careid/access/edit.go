package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/national/rbac"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// The kinds of events about changes of positions.
const (
	eventPositionEdited audit.Kind = "position.edited"
	eventPositionClosed audit.Kind = "position.closed"
)

// Version is what a position was from one change until the next.
type Version struct {
	Approval

	Number   int64
	Position Position
	By       string    // whoever made it; empty where that is not known
	At       time.Time // zero where that is not known
}

const (
	insertVersion = `INSERT INTO position_version (position_id, number, content, how_approved, participants, set_by,
	set_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (position_id, number) DO NOTHING`
	selectVersions = `SELECT number, content, how_approved, participants, set_by, set_at FROM position_version
	WHERE position_id = $1 ORDER BY number DESC`
)

// noteVersion keeps what a position is from now on.
func noteVersion(ctx context.Context, w *db.W, p Position, a Approval) error {
	return putVersion(ctx, w, Version{Approval: a, Number: p.Version, Position: p, By: w.Actor().ID, At: w.Now()})
}

func putVersion(ctx context.Context, w *db.W, v Version) error {
	text, err := json.Marshal(v.Position)
	if err != nil {
		return fmt.Errorf("write version of position: %w", err)
	}
	_, err = w.Exec(ctx, insertVersion, v.Position.ID, v.Number, string(text), v.How, v.Participants, v.By, v.At)
	if err != nil {
		return fmt.Errorf("keep version of position: %w", err)
	}
	return nil
}

// Versions lists what a position was, the newest first. One that was made before versions were kept, and has not been
// changed since, has none.
func Versions(ctx context.Context, r db.R, position string) ([]Version, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (v Version, err error) {
		var content string
		if err = scan(&v.Number, &content, &v.How, &v.Participants, &v.By, db.At(&v.At)); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(content), &v.Position)
	}, selectVersions, position)
	if err != nil {
		return nil, fmt.Errorf("list versions of position: %w", err)
	}
	return list, nil
}

// Difference is what whoever holds a position gains and loses by a change of it. It is pure.
type Difference struct {
	Added   []Profile
	Removed []Profile
	Changed []ProfileChange
}

// ProfileChange is an access profile that stays, with something else in it.
type ProfileChange struct{ Before, After Profile }

// Empty reports whether nobody gains or loses anything.
func (d Difference) Empty() bool { return len(d.Added)+len(d.Removed)+len(d.Changed) == 0 }

// Compare says what a change of a position from some access profiles to others means for those who hold it. One with
// the same role stays the same access profile: first the one that has not changed, else the first that is left.
func Compare(before, after []Profile) (d Difference) {
	kept := continued(before, after)
	for i, f := range after {
		if kept[i] < 0 {
			d.Added = append(d.Added, f)
			continue
		}
		if old := before[kept[i]]; !equal(old, f) {
			d.Changed = append(d.Changed, ProfileChange{Before: old, After: f})
		}
	}
	for i, f := range before {
		if !slices.Contains(kept, i) {
			d.Removed = append(d.Removed, f)
		}
	}
	return d
}

// continued says of each access profile which of those before it continues; -1 for a new one.
func continued(before, after []Profile) []int {
	kept := slices.Repeat([]int{-1}, len(after))
	for _, alike := range []func(a, b Profile) bool{equal, sameRole} {
		for i, f := range after {
			for j, old := range before {
				if kept[i] < 0 && alike(old, f) && !slices.Contains(kept, j) {
					kept[i] = j
				}
			}
		}
	}
	return kept
}

func sameRole(a, b Profile) bool { return a.RoleCode == b.RoleCode }

// equal reports whether two access profiles give the same.
func equal(a, b Profile) bool {
	return sameRole(a, b) && len(missing(a.rights(), b.rights()))+len(missing(b.rights(), a.rights())) == 0
}

// Lost lists the codes that are no longer in the access profile.
func (c ProfileChange) Lost() []string { return missing(c.Before.rights(), c.After.rights()) }

// Gained lists the codes that are new in the access profile.
func (c ProfileChange) Gained() []string { return missing(c.After.rights(), c.Before.rights()) }

// rights are the codes that the access profile has beside its role.
func (p Profile) rights() []string {
	codes := slices.Clone(p.Activities)
	for _, c := range slices.Concat(p.Workgroups, p.AreasOfWork) {
		codes = append(codes, c.Code)
	}
	return codes
}

// missing lists those of some codes that others lack.
func missing(codes, others []string) []string {
	return slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return slices.Contains(others, code) })
}

var (
	errMeanwhile = fault.SayCure(fault.Conflict, "Somebody else changed this position meanwhile.",
		"Look at what it is now, and change that.")
	errNoProfile      = fault.OfField("role", "Select the job role")
	errManagersRemain = fault.SayCure(fault.Conflict,
		"The organisation would have no registration authority manager left.", "Give the role to somebody else first.")
)

const (
	updatePosition = `UPDATE position SET name = $3, notes = $4, version = version + 1 WHERE id = $1 AND version = $2
	AND closed_at IS NULL`
	updateProfile = `UPDATE position_profile SET role_code = $2, job = $3, role_name = $4, activities = $5,
	activity_names = $6, workgroups = $7, areas_of_work = $8 WHERE id = $1`
	removeProfile = `UPDATE position_profile SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL`
)

// Edit gives a position another name, notes and access profiles, as a part of an Update. after.Version is the version
// that was changed: who changed another one meanwhile comes first. What holders lose they have lost at once; a job
// gives them what is new and tells services.
func Edit(ctx context.Context, w *db.W, after Position, a Approval) error {
	before, err := PositionByID(ctx, w, after.ID)
	if err != nil {
		return err
	}
	switch {
	case before.Over(w.Now()):
		return errClosed
	case before.Version != after.Version:
		return errMeanwhile
	case len(after.Profiles) == 0:
		return errNoProfile
	}
	if before.Has(rbac.RegistrationManager) && !after.Has(rbac.RegistrationManager) {
		if err := requireManagersBeside(ctx, w, before); err != nil {
			return err
		}
	}
	if err := putVersion(ctx, w, Version{Number: before.Version, Position: before}); err != nil {
		return err
	}
	err = w.Change(ctx, updatePosition, after.ID, before.Version, after.Name, after.Notes)
	if errors.Is(err, fault.Conflict) {
		return errMeanwhile
	}
	if err != nil {
		return fmt.Errorf("change position: %w", err)
	}
	after.Organisation = before.Organisation
	after.Version = before.Version + 1
	if after.Profiles, err = editProfiles(ctx, w, before, after); err != nil {
		return err
	}
	if err := noteVersion(ctx, w, after, a); err != nil {
		return err
	}
	if err := w.Enqueue(ctx, Changed{Position: after.ID}); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventPositionEdited, Subject: Ref(after.ID), Before: before, After: after,
		Reason: a.How})
}

// editProfiles writes the access profiles of a position, and gives them with their ids.
func editProfiles(ctx context.Context, w *db.W, before, after Position) ([]Profile, error) {
	list := slices.Clone(after.Profiles)
	if err := nameProfiles(ctx, w, list); err != nil {
		return nil, err
	}
	kept := continued(before.Profiles, list)
	for i := range list {
		if kept[i] < 0 {
			list[i].ID = random.ID()
			if err := list[i].insert(ctx, w, after.ID); err != nil {
				return nil, err
			}
			continue
		}
		list[i].ID = before.Profiles[kept[i]].ID
		columns, err := list[i].columns()
		if err != nil {
			return nil, err
		}
		if err := w.Change(ctx, updateProfile, append([]any{list[i].ID}, columns...)...); err != nil {
			return nil, fmt.Errorf("change access profile: %w", err)
		}
	}
	for i, old := range before.Profiles {
		if slices.Contains(kept, i) {
			continue
		}
		if err := w.Change(ctx, removeProfile, old.ID, w.Now()); err != nil {
			return nil, fmt.Errorf("remove access profile: %w", err)
		}
	}
	return list, nil
}

// requireManagersBeside refuses what takes the role of a registration authority manager from those who hold a position,
// where nobody has it by another one.
func requireManagersBeside(ctx context.Context, w *db.W, p Position) error {
	managers, err := Managers(ctx, w, p.Organisation)
	if err != nil || len(managers) == 0 {
		return err
	}
	beside, err := db.All(ctx, w, db.Column[string], managersBeside, p.Organisation, rbac.RegistrationManager, w.Now(),
		p.ID)
	if err != nil {
		return fmt.Errorf("list registration authority managers beside: %w", err)
	}
	work, err := anyActive(ctx, w, beside)
	if err != nil || work {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: eventPositionEndRefused, Subject: Ref(p.ID),
		Reason: "no registration authority manager would be left"}, errManagersRemain)
}

const closePosition = `UPDATE position SET closed_at = $2, version = version + 1 WHERE id = $1 AND closed_at IS NULL`

// Close closes a position, as a part of an Update: from now on it gives nobody anything. A job ends what people hold by
// it and tells services. reason says why, and the approval who approved it.
func Close(ctx context.Context, w *db.W, id, reason string, a Approval) error {
	p, err := PositionByID(ctx, w, id)
	if err != nil {
		return err
	}
	if p.Over(w.Now()) {
		return errClosed
	}
	if p.Has(rbac.RegistrationManager) {
		if err := requireManagersBeside(ctx, w, p); err != nil {
			return err
		}
	}
	if err := putVersion(ctx, w, Version{Number: p.Version, Position: p}); err != nil {
		return err
	}
	if err := w.Change(ctx, closePosition, p.ID, w.Now()); err != nil {
		return fmt.Errorf("close position: %w", err)
	}
	p.Version++
	p.Closed = w.Now()
	if err := noteVersion(ctx, w, p, a); err != nil {
		return err
	}
	if err := w.Enqueue(ctx, Changed{Position: p.ID}); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventPositionClosed, Subject: Ref(p.ID), Before: p, After: a,
		Reason: reason})
}
