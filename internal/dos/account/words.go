package account

import (
	"context"
	"strings"

	"signpost/internal/dos/account/headcount"
	"signpost/internal/dos/account/namesake"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/job"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/refold"
	"signpost/internal/platform/searchname/wordtable"
)

// WordsJob is the job that makes the words by which accounts from before an upgrade are found.
type WordsJob struct{}

// Kind names the job.
func (WordsJob) Kind() string { return "account.words" }

// eventWords is recorded of each chunk of them.
const eventWords audit.Kind = "account.words"

// wordTable has the words by which accounts are found.
var wordTable = wordtable.Table{Name: "account_word", ID: "account_id"}

// Work registers the jobs that bring accounts from before an upgrade up to date.
func Work(ws *job.Workers, d *db.DB) {
	foldUsernames(ws, d)
	headcount.Work(ws, d)
	namesake.Work(ws, d)
	refold.Work(ws, d, WordsJob{}, refold.Table{
		Event: eventWords,
		Old: `SELECT id, username || ' ' || first_name || ' ' || last_name || ' ' || organisation || ' ' || email_key
			FROM account WHERE unfolded ORDER BY id LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			if err := wordTable.Replace(ctx, w, row.ID, wordsOf(row.Name)); err != nil {
				return err
			}
			return w.ChangeSoon(ctx, `UPDATE account SET unfolded = FALSE WHERE id = $1`, row.ID)
		},
	})
}

// putWords has an account found by its username, its holder's name, its organisation and its address.
func putWords(ctx context.Context, w *db.W, a Account) error {
	text := strings.Join([]string{a.Username, a.FirstName, a.LastName, a.Organisation, a.EmailKey}, " ")
	return wordTable.Replace(ctx, w, a.ID, wordsOf(text))
}

// wordsOf gives the words by which an account with such a text is found. An address is found as a whole and by what
// stands before its @, and not by its domain, which thousands have.
func wordsOf(text string) []string {
	addresses, rest := addressesIn(text)
	for _, address := range addresses {
		local, _, _ := strings.Cut(address, "@")
		rest += " " + local
	}
	return append(addresses, searchname.Words(rest)...)
}

// addressesIn takes the email addresses out of a text.
func addressesIn(text string) (addresses []string, rest string) {
	var others []string
	for field := range strings.FieldsSeq(text) {
		if !strings.Contains(field, "@") {
			others = append(others, field)
			continue
		}
		folded := strings.ToLower(field)
		if a, err := email.Parse(field); err == nil {
			folded, _ = a.Canonical()
		}
		addresses = append(addresses, folded)
	}
	return addresses, strings.Join(others, " ")
}

// typedWords lists the words of what somebody typed to find an account. An address comes first, as the fewest have it.
func typedWords(text string) []string {
	addresses, rest := addressesIn(text[:min(len(text), maxTypedText)])
	words := append(addresses, searchname.Typed(rest)...)
	return words[:min(len(words), maxTypedWords)]
}

// The most that is looked at of what somebody typed; nobody types more by hand.
const (
	maxTypedText  = 500 // bytes
	maxTypedWords = 10
)
