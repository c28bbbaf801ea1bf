package organisation

import (
	"context"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/refold"
	"signpost/internal/platform/searchname/wordtable"
)

// WordsJob is the job that makes the words of organisations from before an upgrade anew.
type WordsJob struct{}

// Kind names the job.
func (WordsJob) Kind() string { return "organisation.words" }

// eventWords is recorded of each chunk of them.
const eventWords audit.Kind = "organisation.words"

// wordTable has the words of organisations' names.
var wordTable = wordtable.Table{Name: "organisation_word", ID: "code"}

// Work registers the job.
func Work(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, WordsJob{}, refold.Table{
		Event: eventWords,
		Old:   `SELECT code, name FROM organisation WHERE unfolded ORDER BY code LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			if err := wordTable.Replace(ctx, w, row.ID, searchname.Words(row.Name)); err != nil {
				return err
			}
			return w.ChangeSoon(ctx, `UPDATE organisation SET words = $2, unfolded = FALSE WHERE code = $1`, row.ID,
				searchname.Of(row.Name))
		},
	})
}
