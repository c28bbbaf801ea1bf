package directory

import (
	"context"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/refold"
)

// WordsJob is the job that makes the words of services from before an upgrade anew.
type WordsJob struct{}

// Kind names the job.
func (WordsJob) Kind() string { return "directory.words" }

// eventWords is recorded of each chunk of them.
const eventWords audit.Kind = "directory.words"

// Work registers the job.
func Work(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, WordsJob{}, refold.Table{
		Event: eventWords,
		Old:   `SELECT id, name || ' ' || public_name FROM service WHERE unfolded ORDER BY id LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			return w.ChangeSoon(ctx, `UPDATE service SET words = $2, unfolded = FALSE WHERE id = $1`, row.ID,
				searchname.Of(row.Name))
		},
	})
}
