// Package note keeps what people of a registration authority write about somebody, for their colleagues. What a note
// says stands in no event.
package note

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// eventAdded is recorded when somebody writes a note.
const eventAdded audit.Kind = "identity.note-added"

// Note is one note.
type Note struct {
	Text string
	By   string // number of a care identity
	At   time.Time
}

const maxText = 2000 // characters

var (
	errNone = fault.OfField("note", "Enter the note")
	errLong = fault.OfField("note", fmt.Sprintf("The note must be %d characters or fewer", maxText))
)

// Check reads a note as somebody typed it, and says what is wrong with it.
func Check(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "":
		return "", errNone
	case utf8.RuneCountInString(typed) > maxText:
		return "", errLong
	}
	return typed, nil
}

// Add writes a note about somebody, as a part of an Update.
func Add(ctx context.Context, w *db.W, uuid, typed string) error {
	text, err := Check(typed)
	if err != nil {
		return err
	}
	_, err = w.Exec(ctx, `INSERT INTO identity_note (id, uuid, text, written_by, written_at)
		VALUES ($1, $2, $3, $4, $5)`, random.ID(), uuid, text, w.Actor().ID, w.Now())
	if err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventAdded, Subject: identity.Ref(uuid)})
}

// Of lists the notes about somebody, the newest first: at most limit of them.
func Of(ctx context.Context, r db.R, uuid string, limit int) ([]Note, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (n Note, err error) {
		err = scan(&n.Text, &n.By, db.At(&n.At))
		return n, err
	}, `SELECT text, written_by, written_at FROM identity_note WHERE uuid = $1
		ORDER BY written_at DESC, id DESC LIMIT $2`, uuid, limit)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return list, nil
}
