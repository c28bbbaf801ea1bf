package identity

import (
	"context"
	"fmt"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/refold"
	"signpost/internal/platform/searchname/wordtable"
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

// wordTable has the words of people's names.
var wordTable = wordtable.Table{Name: "identity_word", ID: "uuid"}

// putWords has somebody found by the words of their names.
func putWords(ctx context.Context, w *db.W, uuid, name string) error {
	return wordTable.Put(ctx, w, uuid, searchname.Words(name))
}

// ByName lists people whose names have words that begin with each word of a text, in the order of their names, at most
// limit of them. A text without a word finds nobody.
func ByName(ctx context.Context, r db.R, text string, limit int) ([]Identity, error) {
	words := searchname.Typed(text)
	if len(words) == 0 {
		return nil, nil
	}
	var a db.Arguments
	where := ` WHERE ` + wordTable.Condition(&a, "identity.uuid", words)
	list, err := db.All(ctx, r, scanIdentity, selectIdentity+where+` ORDER BY family_name, given_name, uuid LIMIT `+
		a.Add(limit), a.List()...)
	if err != nil {
		return nil, fmt.Errorf("find people by name: %w", err)
	}
	return list, nil
}
