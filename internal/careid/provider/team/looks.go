package team

import (
	"context"
	"fmt"

	"signpost/internal/careid/provider/naming"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname/refold"
)

// LooksJob is the job that has teams from before an upgrade hold their names by what these look like.
type LooksJob struct{}

// Kind names the job.
func (LooksJob) Kind() string { return "team.looks" }

// eventLooks is recorded of each chunk of them.
const eventLooks audit.Kind = "team.looks"

func workLooks(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, LooksJob{}, refold.Table{
		Event: eventLooks,
		Old:   `SELECT id, name FROM provider_team WHERE unfolded ORDER BY id LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			if err := naming.Put(ctx, w, Ref(row.ID), row.Name); err != nil {
				return err
			}
			return w.ChangeSoon(ctx, `UPDATE provider_team SET unfolded = FALSE WHERE id = $1`, row.ID)
		},
	})
}

// OldNames lists the names of teams that the job has not come to yet.
func OldNames(ctx context.Context, r db.R) ([]naming.Name, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (n naming.Name, err error) {
		var id string
		err = scan(&id, &n.Text)
		n.Holder = Ref(id)
		return n, err
	}, `SELECT id, name FROM provider_team WHERE unfolded`)
	if err != nil {
		return nil, fmt.Errorf("list names of teams: %w", err)
	}
	return list, nil
}
