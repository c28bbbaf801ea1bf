package account

import (
	"context"
	"fmt"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/refold"
)

// WordsJob is the job that makes the words of the names of accounts from before an upgrade.
type WordsJob struct{}

// Kind names the job.
func (WordsJob) Kind() string { return "account.words" }

// eventWords is recorded of each chunk of them.
const eventWords audit.Kind = "account.words"

// Work registers the job.
func Work(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, WordsJob{}, refold.Table{
		Event: eventWords,
		Old: `SELECT id, username || ' ' || first_name || ' ' || last_name FROM account WHERE unfolded
			ORDER BY id LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			if err := putWords(ctx, w, row.ID, row.Name); err != nil {
				return err
			}
			return w.ChangeSoon(ctx, `UPDATE account SET unfolded = FALSE WHERE id = $1`, row.ID)
		},
	})
}

// putWords has an account found by the words of its username and of its holder's name.
func putWords(ctx context.Context, w *db.W, id, name string) error {
	for _, word := range searchname.Words(name) {
		err := w.Soon(ctx, `INSERT INTO account_word (word, account_id) VALUES ($1, $2)
			ON CONFLICT (word, account_id) DO NOTHING`, word, id)
		if err != nil {
			return fmt.Errorf("keep words of a name: %w", err)
		}
	}
	return nil
}

// maxNameWords limits how many words of a name are searched for; nobody types more by hand.
const maxNameWords = 5

// ByName lists accounts whose username or holder's name has words that begin with each word of a text, in the order of
// their usernames, at most limit of them. A text without a word finds none.
func ByName(ctx context.Context, r db.R, text string, limit int) ([]Account, error) {
	words := searchname.Range(text)
	if len(words) == 0 {
		return nil, nil
	}
	where := ` WHERE TRUE`
	args := []any{limit}
	for _, between := range words[:min(len(words), maxNameWords)] {
		args = append(args, between[0], between[1])
		where += fmt.Sprintf(` AND id IN (SELECT account_id FROM account_word WHERE word >= $%d AND word < $%d)`,
			len(args)-1, len(args))
	}
	list, err := db.All(ctx, r, scanAccount, selectAccount+where+` ORDER BY username LIMIT $1`, args...)
	if err != nil {
		return nil, fmt.Errorf("find accounts by name: %w", err)
	}
	return list, nil
}
