package directory

import (
	"context"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/refold"
	"signpost/internal/platform/searchname/wordtable"
)

// WordsJob is the job that makes the words of services from before an upgrade anew.
type WordsJob struct{}

// Kind names the job.
func (WordsJob) Kind() string { return "directory.words" }

// eventWords is recorded of each chunk of them.
const eventWords audit.Kind = "directory.words"

// OrganisationWordsJob is the job that makes the words of organisations from before an upgrade.
type OrganisationWordsJob struct{}

// Kind names the job.
func (OrganisationWordsJob) Kind() string { return "directory.organisation-words" }

// eventOrganisationWords is recorded of each chunk of them.
const eventOrganisationWords audit.Kind = "directory.organisation-words"

// organisationWords has the words by which organisations are found.
var organisationWords = wordtable.Table{Name: "organisation_word", ID: "code"}

// putOrganisationWords has an organisation found by its name.
func putOrganisationWords(ctx context.Context, w *db.W, code, name string) error {
	if err := organisationWords.Replace(ctx, w, code, searchname.Words(name)); err != nil {
		return err
	}
	return w.ChangeSoon(ctx, `UPDATE ods_organisation SET unfolded = FALSE WHERE code = $1`, code)
}

// Work registers the jobs.
func Work(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, OrganisationWordsJob{}, refold.Table{
		Event: eventOrganisationWords,
		Old:   `SELECT code, name FROM ods_organisation WHERE unfolded ORDER BY code LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			return putOrganisationWords(ctx, w, row.ID, row.Name)
		},
	})
	refold.Work(ws, d, WordsJob{}, refold.Table{
		Event: eventWords,
		Old:   `SELECT id, name || ' ' || public_name FROM service WHERE unfolded ORDER BY id LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			return w.ChangeSoon(ctx, `UPDATE service SET words = $2, unfolded = FALSE WHERE id = $1`, row.ID,
				searchname.Of(row.Name))
		},
	})
}
