package access

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// eventNames is recorded when access profiles got other names of their roles and activities.
const eventNames audit.Kind = "position.names"

// renamedAtOnce is how many access profiles are looked at before others may write.
const renamedAtOnce = 500

const (
	selectToName = selectPositions + ` WHERE f.id > $1 ORDER BY f.id LIMIT $2`
	updateNames  = `UPDATE position_profile SET role_name = $2, activity_names = $3 WHERE id = $1`
)

// Rename gives access profiles the names that the national lists have now for their roles and activities, and says how
// many got others. Services are told these from then on.
func Rename(ctx context.Context, d *db.DB, by actor.Actor) (changed int, err error) {
	type part struct {
		last    string
		changed int
	}
	for at := (part{}); ; {
		at, err = db.Write(ctx, d, by, func(w *db.W) (part, error) {
			last, changed, err := renameSome(ctx, w, at.last)
			return part{last, changed}, err
		})
		changed += at.changed
		if err != nil || at.last == "" {
			return changed, err
		}
	}
}

// renameSome looks at the access profiles behind one, and gives the last of them; none if nothing is left.
func renameSome(ctx context.Context, w *db.W, after string) (last string, changed int, err error) {
	rows, err := db.All(ctx, w, func(scan db.Scanner) (p Position, err error) {
		err = scanPosition(scan, &p)
		return p, err
	}, selectToName, after, renamedAtOnce)
	if err != nil || len(rows) == 0 {
		return "", 0, err
	}
	var list []Profile
	for _, row := range rows {
		list = append(list, row.Profiles...)
	}
	named := slices.Clone(list)
	if err := nameProfiles(ctx, w, named); err != nil {
		return "", 0, err
	}
	for i, f := range named {
		if f.roleName == list[i].roleName && slices.Equal(f.activityNames, list[i].activityNames) {
			continue
		}
		columns, err := f.columns()
		if err != nil {
			return "", 0, err
		}
		if err := w.Change(ctx, updateNames, f.ID, columns[2], columns[4]); err != nil {
			return "", 0, fmt.Errorf("name access profile: %w", err)
		}
		changed++
	}
	if changed > 0 {
		err = w.Record(ctx, audit.Event{Kind: eventNames, Subject: audit.Ref{Kind: "reference", ID: "names"},
			After: map[string]int{"profiles": changed}})
	}
	return list[len(list)-1].ID, changed, err
}
