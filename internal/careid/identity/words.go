package identity

import (
	"context"
	"fmt"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
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

// What a search by name is held to.
const (
	minLetters = 2    // of its longest word: fewer find nearly everybody
	maxFound   = 5000 // people who may have its rarest word: nobody reads through more
)

// The problems with a search by name.
var (
	errVague  = fault.OfField("find", fmt.Sprintf("Enter a word of at least %d letters or digits", minLetters))
	errCommon = fault.OfField("find", fmt.Sprintf("More than %d people have this name. Add another name, or enter the "+
		"email address", maxFound))
)

// ByName lists people whose names have words that begin with each word of a text, in the order of their names: at most
// limit of them after the first skip, and how many there are in all. A text for too little is fault.Invalid.
func ByName(ctx context.Context, r db.R, text string, skip, limit int) (list []Identity, total int, err error) {
	if !searchname.HasWord(text, minLetters) {
		return nil, 0, errVague
	}
	words, rows, err := wordTable.Rarest(ctx, r, searchname.Typed(text), maxFound)
	if err != nil {
		return nil, 0, err
	}
	if rows > maxFound {
		return nil, 0, errCommon
	}
	var a db.Arguments
	where := ` WHERE ` + wordTable.Condition(&a, "identity.uuid", words)
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM identity`+where, a.List()...)
	order := ` ORDER BY family_name, given_name, uuid LIMIT ` + a.Add(limit) + ` OFFSET ` + a.Add(skip)
	found := db.Ask(scanIdentity, selectIdentity+where+order, a.List()...)
	if err := db.Together(ctx, r, count, found); err != nil {
		return nil, 0, fmt.Errorf("find people by name: %w", err)
	}
	total, err = count.One()
	return found.All(), total, err
}
