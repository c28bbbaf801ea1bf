package access

import (
	"context"
	"fmt"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// eventAssignable is recorded when somebody says which positions those who hold one may give.
const eventAssignable audit.Kind = "position.assignable"

const selectAssignable = `SELECT assignable_id FROM position_assignable WHERE position_id = $1 ORDER BY assignable_id`

// Assignable lists the ids of the positions that those who hold one, who are sponsors, may give to others.
func Assignable(ctx context.Context, r db.R, position string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], selectAssignable, position)
	if err != nil {
		return nil, fmt.Errorf("list assignable positions: %w", err)
	}
	return list, nil
}

// SetAssignable says which positions those who hold one may give to others, as a part of an Update.
func SetAssignable(ctx context.Context, w *db.W, position string, assignable []string) error {
	before, err := Assignable(ctx, w, position)
	if err != nil {
		return err
	}
	if _, err := w.Exec(ctx, `DELETE FROM position_assignable WHERE position_id = $1`, position); err != nil {
		return fmt.Errorf("clear assignable positions: %w", err)
	}
	rows := db.Inserting(`INSERT INTO position_assignable (position_id, assignable_id)`)
	for _, one := range assignable {
		rows.Add(position, one)
	}
	if err := rows.Write(ctx, w); err != nil {
		return fmt.Errorf("set assignable positions: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventAssignable, Subject: Ref(position), Before: before, After: assignable})
}
