package ticket

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// Kind says what a message of a ticket is.
type Kind string

// The kinds of messages. The person reads those of the first two; changes are the history of the ticket.
const (
	FromPerson Kind = "person"
	Answer     Kind = "answer" // of the desk, which was mailed
	Note       Kind = "note"   // of the desk, for the desk
	Change     Kind = "change"
)

// Message is what somebody wrote in a ticket, or did to it.
type Message struct {
	ID       string
	TicketID string
	Kind     Kind
	ByID     string
	By       string // their name
	Text     string
	Written  time.Time
}

// insertMessage keeps a message as long as its ticket.
const insertMessage = `INSERT INTO ticket_message (id, ticket_id, kind, by_id, by_name, text, written_at, ends_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT t.ends_at FROM ticket t WHERE t.id = $2))`

// say keeps a message of the actor's, who may be the person of the ticket.
func say(ctx context.Context, w *db.W, t Ticket, kind Kind, text string) error {
	_, err := keepMessage(ctx, w, t, kind, written{By: author(w.Actor(), t, kind), Text: text})
	return err
}

// author names whoever writes a message.
func author(by actor.Actor, t Ticket, kind Kind) string {
	if by.Kind != actor.Person || kind == FromPerson {
		return t.Name
	}
	return by.Name
}

// written is what somebody wrote, under a name.
type written struct {
	By, Text string
	Files    []NewFile
}

// write keeps a message and the files that came with it.
func (d Desk) write(ctx context.Context, w *db.W, t Ticket, kind Kind, one written) error {
	id, err := keepMessage(ctx, w, t, kind, one)
	if err != nil {
		return err
	}
	return d.addFiles(ctx, w, t, id, one.Files)
}

func keepMessage(ctx context.Context, w *db.W, t Ticket, kind Kind, one written) (id string, err error) {
	id = random.ID()
	_, err = w.Exec(ctx, insertMessage, id, t.ID, string(kind), personOf(w.Actor()), one.By, one.Text, w.Now())
	if err != nil {
		return "", fmt.Errorf("keep message of ticket: %w", err)
	}
	return id, nil
}

func scanMessage(scan db.Scanner) (m Message, err error) {
	err = scan(&m.ID, &m.TicketID, &m.Kind, &m.ByID, &m.By, &m.Text, db.At(&m.Written))
	return m, err
}

const selectMessages = `SELECT m.id, m.ticket_id, m.kind, m.by_id, m.by_name, m.text, m.written_at
	FROM ticket_message m WHERE m.ticket_id = $1
	OR m.ticket_id IN (SELECT t.id FROM ticket t WHERE t.merged_into = $1 AND t.merged_into <> '')
	ORDER BY m.written_at, m.id`

// MessagesOf lists all messages of a ticket, and of those that were merged into it, the oldest first.
func MessagesOf(ctx context.Context, r db.R, id string) ([]Message, error) {
	list, err := db.All(ctx, r, scanMessage, selectMessages, id)
	if err != nil {
		return nil, fmt.Errorf("list messages of ticket: %w", err)
	}
	return list, nil
}

// ForPerson are the messages that the person of a ticket reads.
func ForPerson(list []Message) (shown []Message) {
	for _, m := range list {
		if m.Kind == FromPerson || m.Kind == Answer {
			shown = append(shown, m)
		}
	}
	return shown
}

// record keeps an event about a ticket, and the same about the account that it is about, whose holder sees it. What has
// happened is sent to another system, if there is one.
func (d Desk) record(ctx context.Context, w *db.W, t Ticket, kind audit.Kind, after any) error {
	if err := w.Record(ctx, audit.Event{Kind: kind, Subject: Ref(t.ID), After: after}); err != nil {
		return err
	}
	if d.Elsewhere {
		if err := w.Enqueue(ctx, SendJob{TicketID: t.ID}); err != nil {
			return err
		}
	}
	if t.AccountID == "" {
		return nil
	}
	return w.Record(ctx, audit.Event{Kind: kind, Subject: account.Ref(t.AccountID), After: t.Show()})
}
