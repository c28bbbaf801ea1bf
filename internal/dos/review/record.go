package review

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// Record is the record of a link that was made.
type Record struct {
	Facts

	AccountID string
	MadeBy    string // the name of whoever confirmed the link; empty if it was no person
	Made      time.Time
}

const insertRecord = `INSERT INTO link_record (id, account_id, issuer, subject, facts, made_by, made_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

// Keep keeps the record of a link, as a part of the Update that makes the link and records its event.
func Keep(ctx context.Context, w *db.W, accountID string, f Facts) error {
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write record of link: %w", err)
	}
	by := ""
	if w.Actor().Kind == actor.Person {
		by = w.Actor().Name
	}
	_, err = w.Exec(ctx, insertRecord, random.ID(), accountID, f.CareIdentity.Issuer, f.CareIdentity.Subject,
		string(text), by, w.Now())
	if err != nil {
		return fmt.Errorf("keep record of link: %w", err)
	}
	return nil
}

// maxRecords is how many records of an account are read, the newest.
const maxRecords = 20

const selectRecords = `SELECT account_id, facts, made_by, made_at FROM link_record WHERE account_id = $1
	ORDER BY made_at DESC, id DESC LIMIT $2`

func scanRecord(scan db.Scanner) (one Record, err error) {
	var text string
	if err := scan(&one.AccountID, &text, &one.MadeBy, db.At(&one.Made)); err != nil {
		return one, err
	}
	return one, json.Unmarshal([]byte(text), &one.Facts)
}

// RecordsOf lists the records of the links of an account, the newest first, also of those that were undone.
func RecordsOf(ctx context.Context, r db.R, accountID string) ([]Record, error) {
	list, err := db.All(ctx, r, scanRecord, selectRecords, accountID, maxRecords)
	if err != nil {
		return nil, fmt.Errorf("list records of links: %w", err)
	}
	return list, nil
}

// PastHolders lists which other accounts had one of the addresses of a link before, and with which other Care Identity
// one of them came to an earlier link of the same account (rule R7).
func PastHolders(
	ctx context.Context, r db.R, post *mail.Post, link account.Link, keys []string,
) (list []mailbox.PastHolder, err error) {
	for _, key := range keys {
		some, err := mailbox.PastHolders(ctx, r, post, link, key)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	before, err := RecordsOf(ctx, r, link.AccountID)
	if err != nil {
		return nil, err
	}
	for _, one := range before {
		if one.CareIdentity.Subject != link.Subject && one.CameWith(keys) {
			list = append(list, mailbox.PastHolder{
				AccountID: link.AccountID, Subject: one.CareIdentity.Subject, Since: one.Made,
			})
		}
	}
	return list, nil
}
