package identity

import (
	"context"
	"fmt"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/refold"
)

// WordsJob is the job that makes the words of people's names from before an upgrade.
type WordsJob struct{}

// Kind names the job.
func (WordsJob) Kind() string { return "identity.words" }

// eventWords is recorded of each chunk of them.
const eventWords audit.Kind = "identity.words"

// Work registers the job.
func Work(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, WordsJob{}, refold.Table{
		Event: eventWords,
		Old: `SELECT uuid, given_name || ' ' || middle_names || ' ' || family_name FROM identity WHERE unfolded
			ORDER BY uuid LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			if err := putWords(ctx, w, row.ID, row.Name); err != nil {
				return err
			}
			return w.ChangeSoon(ctx, `UPDATE identity SET unfolded = FALSE WHERE uuid = $1`, row.ID)
		},
	})
}

// putWords has somebody found by the words of their names.
func putWords(ctx context.Context, w *db.W, uuid, name string) error {
	for _, word := range searchname.Words(name) {
		err := w.Soon(ctx, `INSERT INTO identity_word (word, uuid) VALUES ($1, $2) ON CONFLICT (word, uuid) DO NOTHING`,
			word, uuid)
		if err != nil {
			return fmt.Errorf("keep words of a name: %w", err)
		}
	}
	return nil
}

// maxNameWords limits how many words of a name are searched for; nobody types more by hand.
const maxNameWords = 5

// ByName lists people whose names have words that begin with each word of a text, in the order of their names, at most
// limit of them. A text without a word finds nobody.
func ByName(ctx context.Context, r db.R, text string, limit int) ([]Identity, error) {
	words := searchname.Range(text)
	if len(words) == 0 {
		return nil, nil
	}
	where := ` WHERE TRUE`
	args := []any{limit}
	for _, between := range words[:min(len(words), maxNameWords)] {
		args = append(args, between[0], between[1])
		where += fmt.Sprintf(` AND uuid IN (SELECT uuid FROM identity_word WHERE word >= $%d AND word < $%d)`,
			len(args)-1, len(args))
	}
	list, err := db.All(ctx, r, scanIdentity, selectIdentity+where+` ORDER BY family_name, given_name, uuid LIMIT $1`,
		args...)
	if err != nil {
		return nil, fmt.Errorf("find people by name: %w", err)
	}
	return list, nil
}
