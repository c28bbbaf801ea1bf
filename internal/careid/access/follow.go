package access

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/careid/change"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/queue"
)

// eventHolders is recorded for some of those who hold a position once they have what a change of it gives and takes.
const eventHolders audit.Kind = "position.holders"

// Changed is the job that follows a change of a position, or its end: those who hold it get the role profiles that are
// new, and services hear of those that ended.
type Changed struct{ Position string }

// Kind names the job.
func (Changed) Kind() string { return "position.changed" }

// Queue is where the job waits.
func (Changed) Queue() queue.Name { return queue.Revocation }

// Work registers the job that follows changes of positions. It goes on where it was interrupted: each assignment says
// for which version of its position it was looked at.
func Work(ws *job.Workers, d *db.DB, number Number) {
	job.Work(ws, func(ctx context.Context, j Changed) error {
		return job.InChunks(ctx, func(ctx context.Context) (bool, error) { return follow(ctx, d, j, number) })
	})
}

// followedAtOnce is how many assignments are looked at before others may write.
const followedAtOnce = 50

const selectBehind = `SELECT id FROM assignment WHERE position_id = $1 AND position_version < $2
	AND (ends_at IS NULL OR ends_at > $3) ORDER BY position_version, id LIMIT $4`

func follow(ctx context.Context, d *db.DB, j Changed, number Number) (more bool, err error) {
	return db.Write(ctx, d, actor.ForJob(j.Kind(), j.Position), func(w *db.W) (bool, error) {
		p, err := PositionByID(ctx, w, j.Position)
		if errors.Is(err, fault.NotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		ids, err := db.All(ctx, w, db.Column[string], selectBehind, p.ID, p.Version, w.Now(), followedAtOnce)
		if err != nil {
			return false, fmt.Errorf("list assignments behind: %w", err)
		}
		if len(ids) == 0 {
			return false, nil
		}
		versions, err := Versions(ctx, w, p.ID)
		if err != nil {
			return false, err
		}
		for _, id := range ids {
			if err := followOne(ctx, w, p, versions, id, number); err != nil {
				return false, err
			}
		}
		return len(ids) == followedAtOnce, w.Record(ctx, audit.Event{Kind: eventHolders, Subject: Ref(p.ID),
			After: map[string]any{"version": p.Version, "holders": len(ids)}})
	})
}

const (
	markFollowed   = `UPDATE assignment SET position_version = $2 WHERE id = $1`
	selectFollowed = `SELECT position_version FROM assignment WHERE id = $1`
)

// followOne brings one assignment to what its position is now.
func followOne(ctx context.Context, w *db.W, p Position, versions []Version, id string, number Number) error {
	a, err := assignmentByID(ctx, w, id)
	if err != nil {
		return err
	}
	since, err := db.Value[int64](ctx, w, selectFollowed, id)
	if err != nil {
		return fmt.Errorf("read assignment: %w", err)
	}
	if p.Over(w.Now()) {
		if _, err := w.Exec(ctx, endAssignment, id, p.Closed); err != nil {
			return fmt.Errorf("end assignment: %w", err)
		}
	} else {
		lacks := func(f Profile) bool {
			return !slices.ContainsFunc(a.Roles, func(r Role) bool { return r.Profile.ID == f.ID })
		}
		var added []Profile
		for _, f := range p.Profiles {
			if lacks(f) {
				added = append(added, f)
			}
		}
		if _, err := addRoles(ctx, w, id, added, number); err != nil {
			return err
		}
	}
	for _, r := range a.Roles {
		if !lost(p, versions, since, r.Profile.ID, p.Over(w.Now())) {
			continue
		}
		if err := w.Enqueue(ctx, Ended{UUID: a.UUID, RoleID: r.ID}); err != nil {
			return err
		}
	}
	if _, err := w.Exec(ctx, markFollowed, id, p.Version); err != nil {
		return fmt.Errorf("mark assignment: %w", err)
	}
	return change.Note(ctx, w, change.OfPerson(a.UUID))
}

// lost reports whether an access profile gave more in an earlier version of its position than it does now. Where that
// version is not known, it is taken to have.
func lost(p Position, versions []Version, since int64, profile string, closed bool) bool {
	at := slices.IndexFunc(versions, func(v Version) bool { return v.Number == since })
	if at < 0 {
		return true
	}
	isIt := func(f Profile) bool { return f.ID == profile }
	then := slices.IndexFunc(versions[at].Position.Profiles, isIt)
	if then < 0 {
		return false // it was gone already, and services heard so
	}
	now := slices.IndexFunc(p.Profiles, isIt)
	return closed || now < 0 ||
		len(ProfileChange{Before: versions[at].Position.Profiles[then], After: p.Profiles[now]}.Lost()) > 0
}

const countHolders = `SELECT COUNT(*) FROM assignment WHERE position_id = $1 AND (ends_at IS NULL OR ends_at > $2)`

// CountHolders counts who holds a position, or will.
func CountHolders(ctx context.Context, r db.R, position string) (int64, error) {
	n, err := db.Value[int64](ctx, r, countHolders, position, r.Now())
	if err != nil {
		return 0, fmt.Errorf("count holders of a position: %w", err)
	}
	return n, nil
}

const countHoldersAt = `SELECT p.id, COUNT(*) FROM position p JOIN assignment a ON a.position_id = p.id
	WHERE p.organisation = $1 AND (a.ends_at IS NULL OR a.ends_at > $2) GROUP BY p.id`

// CountHoldersAt counts who holds each position of an organisation, or will, by their ids. Those that nobody holds are
// left out.
func CountHoldersAt(ctx context.Context, r db.R, organisation string) (map[string]int64, error) {
	type row struct {
		id string
		n  int64
	}
	rows, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.id, &one.n)
		return one, err
	}, countHoldersAt, organisation, r.Now())
	if err != nil {
		return nil, fmt.Errorf("count holders of positions at %s: %w", organisation, err)
	}
	counts := map[string]int64{}
	for _, one := range rows {
		counts[one.id] = one.n
	}
	return counts, nil
}

const countBehind = `SELECT COUNT(*) FROM assignment WHERE position_id = $1 AND position_version < $2
	AND (ends_at IS NULL OR ends_at > $3)`

// CountBehind counts those who hold a position and do not have yet what its last change gave.
func CountBehind(ctx context.Context, r db.R, p Position) (int64, error) {
	n, err := db.Value[int64](ctx, r, countBehind, p.ID, p.Version, r.Now())
	if err != nil {
		return 0, fmt.Errorf("count holders that are behind: %w", err)
	}
	return n, nil
}

const selectHoldersOf = selectAssignments + ` WHERE a.position_id = $1 AND (a.ends_at IS NULL OR a.ends_at > $2)
	AND a.uuid > $3 ORDER BY a.uuid, a.id, r.role_id LIMIT $4`

// HoldersOf lists who holds a position, or will, by their numbers behind one, at most so many role profiles.
func HoldersOf(ctx context.Context, r db.R, position, after string, limit int) ([]Assignment, error) {
	rows, err := db.All(ctx, r, scanAssignment, selectHoldersOf, position, r.Now(), after, limit)
	if err != nil {
		return nil, fmt.Errorf("list holders of a position: %w", err)
	}
	return joined(rows), nil
}
