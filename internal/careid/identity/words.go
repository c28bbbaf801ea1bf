package identity

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
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
		Old: `SELECT uuid, given_name || ' ' || middle_names || ' ' || family_name || ' ' || preferred_name
			FROM identity WHERE unfolded ORDER BY uuid LIMIT $1`,
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

// What a search by name or address is held to.
const (
	minLetters = 2    // of its longest word, and of the address: fewer find nearly everybody
	maxFound   = 5000 // people who may have its rarest word, or such an address: nobody reads through more
)

// The problems with such a search.
var (
	errVague  = fault.OfField("find", fmt.Sprintf("Enter a word of at least %d letters or digits", minLetters))
	errCommon = fault.OfField("find", fmt.Sprintf("More than %d people have this. Add another name, or enter the "+
		"whole email address", maxFound))
)

// Search lists people whose names have words that begin with each word of a text, and those whose email address begins
// with it, in the order of their names: at most limit of them after the first skip, and how many there are in all. A
// text for too little is fault.Invalid.
func Search(ctx context.Context, r db.R, text string, skip, limit int) (list []Identity, total int, err error) {
	if !searchname.HasWord(text, minLetters) {
		return nil, 0, errVague
	}
	var a db.Arguments
	where, err := condition(ctx, r, &a, text)
	if err != nil {
		return nil, 0, err
	}
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM identity WHERE `+where, a.List()...)
	order := ` ORDER BY family_name, given_name, uuid LIMIT ` + a.Add(limit) + ` OFFSET ` + a.Add(skip)
	found := db.Ask(scanIdentity, selectIdentity+` WHERE `+where+order, a.List()...)
	if err := db.Together(ctx, r, count, found); err != nil {
		return nil, 0, fmt.Errorf("find people: %w", err)
	}
	total, err = count.One()
	return found.All(), total, err
}

// condition is that somebody has the names, or an address that begins so. What has an @ is no name, and what has a
// space is no address.
func condition(ctx context.Context, r db.R, a *db.Arguments, text string) (string, error) {
	start := email.Beginning(text)
	if strings.Contains(start, "@") {
		return byAddress(ctx, r, a, start)
	}
	words, rows, err := wordTable.Rarest(ctx, r, searchname.Typed(text), maxFound)
	if err != nil {
		return "", err
	}
	if rows > maxFound {
		return "", errCommon
	}
	byName := wordTable.Condition(a, "identity.uuid", words)
	if start == "" {
		return byName, nil
	}
	addressed, err := byAddress(ctx, r, a, start)
	const either = `uuid IN (SELECT uuid FROM identity WHERE %s UNION SELECT uuid FROM identity WHERE %s)`
	return fmt.Sprintf(either, byName, addressed), err
}

// byAddress is that somebody has an address that begins so, unless too many have one.
func byAddress(ctx context.Context, r db.R, a *db.Arguments, start string) (string, error) {
	const begins = `email_canonical >= %s AND email_canonical < %s`
	after := start + "\U0010FFFF"
	rows, err := db.Value[int](ctx, r, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM identity WHERE `+begins+
		` LIMIT %d) AS counted`, "$1", "$2", maxFound+1), start, after)
	if err != nil {
		return "", fmt.Errorf("count people by email address: %w", err)
	}
	if rows > maxFound {
		return "", errCommon
	}
	return fmt.Sprintf(begins, a.Add(start), a.Add(after)), nil
}
