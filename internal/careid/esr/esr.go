// Package esr keeps what the staff record says of people: the work email address that it has, and when they left. It is
// read from a file of the Electronic Staff Record, and changes nothing of a care identity.
//
// The national interface is not public; a file is what every trust can make.
package esr

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

const eventRead audit.Kind = "esr.read"

// Record is what the staff record says of the holder of a care identity.
type Record struct {
	UUID     string
	Email    string
	EmailKey string    // in canonical form; empty where there is none
	Left     time.Time // zero while they are employed
	Row      int       // of the file from which it is read
}

const putRecord = `INSERT INTO staff_record (uuid, email, email_canonical, left_at, read_at) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (uuid) DO UPDATE SET email = $2, email_canonical = $3, left_at = $4, read_at = $5`

// Put stores records in place of those that there were, with one event, as a part of an import's Update.
func Put(ctx context.Context, w *db.W, records []Record) error {
	for _, one := range records {
		if err := w.Soon(ctx, putRecord, one.UUID, one.Email, one.EmailKey, orNull(one.Left), w.Now()); err != nil {
			return fmt.Errorf("put staff record: %w", err)
		}
		if err := change.Note(ctx, w, change.OfPerson(one.UUID)); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventRead, Subject: audit.Ref{Kind: "esr", ID: "file"},
		After: map[string]int{"records": len(records)}})
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// ByUUIDs reads the records of several people, by their numbers. Those without one are left out.
func ByUUIDs(ctx context.Context, r db.R, uuids []string) (map[string]Record, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one Record, err error) {
		err = scan(&one.UUID, &one.Email, &one.EmailKey, db.At(&one.Left))
		return one, err
	}, `SELECT uuid, email, email_canonical, left_at FROM staff_record WHERE uuid IN (`+db.AddEach(&args, uuids)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read staff records: %w", err)
	}
	found := map[string]Record{}
	for _, one := range list {
		found[one.UUID] = one
	}
	return found, nil
}
