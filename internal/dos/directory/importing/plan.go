package importing

import (
	"context"

	"signpost/internal/platform/db"
)

// Plan says what importing the accepted rows would change.
type Plan struct {
	Added, Changed, Unchanged int
	changes                   []change
}

// change is one record before and after.
type change struct{ key, before, after string }

// Compare compares the accepted rows with the records that are there.
func Compare(ctx context.Context, r db.R, f Format, rows []Accepted) (Plan, error) {
	now, err := f.table.All(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	return against(now, rows), nil
}

// IntoNothing compares the accepted rows with a directory that is not there yet.
func IntoNothing(rows []Accepted) Plan { return against(nil, rows) }

func against(now map[string]string, rows []Accepted) (p Plan) {
	for _, row := range rows {
		before, there := now[row.Key]
		switch {
		case !there:
			p.Added++
		case before == row.Record:
			p.Unchanged++
			continue
		default:
			p.Changed++
		}
		p.changes = append(p.changes, change{key: row.Key, before: before, after: row.Record})
	}
	return p
}
