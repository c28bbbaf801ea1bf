package account

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/name"
	"signpost/internal/platform/searchname/refold"
)

// FoldUsername gives what two usernames have in common that are one to those who type them: case does not count, nor
// how a letter is encoded, nor spaces around. Whatever compares usernames, or counts by them, uses it.
func FoldUsername(typed string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(strings.TrimSpace(typed))))
}

// ByUsername reads the account of a username as somebody typed it, or fault.NotFound. Where accounts of before have
// usernames that fold to the same, each is found by its exact username alone until the others are renamed.
func ByUsername(ctx context.Context, r db.R, typed string) (Account, error) {
	const exact = `SELECT id FROM account WHERE username = $1`
	const folded = `SELECT id FROM account WHERE username_key = $2 AND NOT username_clashes`
	a, err := db.One(ctx, r, scanAccount, selectAccount+` WHERE id = COALESCE((`+exact+`), (`+folded+`))`,
		typed, FoldUsername(typed))
	if err != nil {
		return a, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

var errUsernameTaken = fault.OfField("username",
	"Enter another username, this one is taken. Capital and small letters are the same")

// usernameProblem refuses a username that an account cannot have, or that another account has.
func usernameProblem(ctx context.Context, r db.R, id, username string) error {
	if strings.TrimSpace(username) == "" {
		return fault.OfField("username", "Enter a username")
	}
	if err := name.Check("username", username); err != nil {
		return err
	}
	const others = `SELECT EXISTS (SELECT 1 FROM account WHERE (username_key = $1 OR username = $2) AND id <> $3)`
	taken, err := db.Value[bool](ctx, r, others, FoldUsername(username), username, id)
	if err != nil {
		return fmt.Errorf("look who has a username: %w", err)
	}
	if taken {
		return errUsernameTaken
	}
	return nil
}

// Rename gives an account another username, as a part of an Update. An account whose username clashed with that one
// alone is then found in any case again.
func Rename(ctx context.Context, w *db.W, id, username, reason string) error {
	a, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if err := usernameProblem(ctx, w, id, username); err != nil {
		return err
	}
	const rename = `UPDATE account SET username = $2, username_key = $3, username_clashes = FALSE WHERE id = $1`
	err = w.Change(ctx, rename, id, username, FoldUsername(username))
	if errors.Is(err, db.ErrUnique) {
		return errUsernameTaken
	}
	if err != nil {
		return fmt.Errorf("rename account: %w", err)
	}
	const last = `UPDATE account SET username_clashes = FALSE WHERE username_key = $1 AND username_clashes
		AND (SELECT COUNT(*) FROM account WHERE username_key = $1) = 1`
	if _, err := w.Exec(ctx, last, FoldUsername(a.Username)); err != nil {
		return fmt.Errorf("end clash of usernames: %w", err)
	}
	before := a.Username
	a.Username = username
	if err := putWords(ctx, w, a); err != nil {
		return err
	}
	renamed := audit.Event{Kind: eventRenamed, Subject: Ref(id), Before: before, After: username, Reason: reason}
	return w.Record(ctx, renamed)
}

const selectClashing = selectAccount + ` WHERE username_clashes ORDER BY username_key, username`

// Clashing lists the accounts whose usernames differ in case alone, those of one name together.
func Clashing(ctx context.Context, r db.R) ([]Account, error) {
	list, err := db.All(ctx, r, scanAccount, selectClashing)
	if err != nil {
		return nil, fmt.Errorf("list clashing usernames: %w", err)
	}
	return list, nil
}

// ToFold counts the accounts of before an upgrade whose usernames nobody has compared with others yet.
func ToFold(ctx context.Context, r db.R) (int64, error) {
	return db.Value[int64](ctx, r, `SELECT COUNT(*) FROM account WHERE username_key IS NULL`)
}

// Clashes reports whether other accounts have the username of an account in other letters.
func Clashes(ctx context.Context, r db.R, id string) (bool, error) {
	const clashes = `SELECT EXISTS (SELECT 1 FROM account WHERE id = $1 AND username_clashes)`
	return db.Value[bool](ctx, r, clashes, id)
}

// UsernamesJob is the job that folds the usernames of accounts from before an upgrade.
type UsernamesJob struct{}

// Kind names the job.
func (UsernamesJob) Kind() string { return "account.usernames" }

// foldUsernames registers the job. Until it has run, accounts of before are found by their exact usernames.
func foldUsernames(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, UsernamesJob{}, refold.Table{
		Event: eventUsernames,
		Old:   `SELECT id, username FROM account WHERE username_key IS NULL ORDER BY id LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			return foldUsername(ctx, w, row.ID, row.Name)
		},
	})
}

// foldUsername folds the username of an account. Where others fold to the same, an event about each says that it
// clashes.
func foldUsername(ctx context.Context, w *db.W, id, username string) error {
	key := FoldUsername(username)
	others, err := db.All(ctx, w, scanAccount, selectAccount+` WHERE username_key = $1 AND id <> $2`, key, id)
	if err != nil {
		return fmt.Errorf("look who has a username: %w", err)
	}
	const fold = `UPDATE account SET username_key = $2, username_clashes = $3
		WHERE id = $1 AND username = $4 AND username_key IS NULL`
	n, err := w.Exec(ctx, fold, id, key, len(others) > 0, username)
	if err != nil {
		return fmt.Errorf("fold username: %w", err)
	}
	if n == 0 || len(others) == 0 {
		return nil
	}
	const mark = `UPDATE account SET username_clashes = TRUE WHERE username_key = $1 AND NOT username_clashes`
	if _, err := w.Exec(ctx, mark, key); err != nil {
		return fmt.Errorf("mark clashing usernames: %w", err)
	}
	for _, other := range others {
		clash := audit.Event{Kind: eventUsernameClashes, Subject: Ref(id),
			After: map[string]string{"username": username, "other": other.Username, "other_account": other.ID}}
		if err := w.Record(ctx, clash); err != nil {
			return err
		}
	}
	return nil
}
