package ticket

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// SendJob brings another system up to date about a ticket. A connector to one does it.
type SendJob struct{ TicketID string }

// Kind names the job.
func (SendJob) Kind() string { return "ticket.send" }

// Received is what was done to a ticket in another system.
type Received struct {
	Source  string // names the system
	State   State  // in which the ticket is there; empty if that has not changed
	Answers []ReceivedAnswer
}

// ReceivedAnswer is what somebody wrote there to the person of a ticket. Its id is that system's.
type ReceivedAnswer struct{ ID, By, Text string }

func receivedID(source, id string) string { return source + "-" + id }

// CameFrom reports whether a message was written in another system.
func CameFrom(m Message, source string) bool { return strings.HasPrefix(m.ID, source+"-") }

const insertReceived = `INSERT INTO ticket_message (id, ticket_id, kind, by_id, by_name, text, written_at, ends_at)
	VALUES ($1, $2, $3, '', $4, $5, $6, (SELECT t.ends_at FROM ticket t WHERE t.id = $2)) ON CONFLICT (id) DO NOTHING`

// Receive takes what was done to a ticket in another system, for a connector to one. What was taken before is not taken
// again: each answer is mailed once.
func (d Desk) Receive(ctx context.Context, by actor.Actor, id string, r Received) error {
	news, err := db.Read(ctx, d.DB, func(read db.R) (bool, error) { return d.hasNews(ctx, read, id, r) })
	if err != nil || !news {
		return err
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		for _, one := range r.Answers {
			if err := d.receiveAnswer(ctx, w, t, r.Source, one); err != nil {
				return err
			}
		}
		if r.State == "" || r.State == t.State || t.State == Merged {
			return nil
		}
		before := t.State
		if t, err = d.turned(ctx, w, t, r.State); err != nil {
			return err
		}
		changes := changesOf(Ticket{State: before, Priority: t.Priority, Category: t.Category, AssignedTo: t.AssignedTo,
			AssignedName: t.AssignedName}, t)
		return d.record(ctx, w, t, eventChanged, changes)
	})
}

// The one who writes in the history of a ticket what no person did.
const system = "Signpost"

// NoteUnread notes, for a connector to another system, that what was done there to a ticket could not be read, and why.
func (d Desk) NoteUnread(ctx context.Context, w *db.W, id, reason string) error {
	return d.noteOfSystem(ctx, w, id, eventUnread, "What was written in ServiceNow could not be read. "+reason)
}

// NoteRead notes that what could not be read was read.
func (d Desk) NoteRead(ctx context.Context, w *db.W, id string) error {
	return d.noteOfSystem(ctx, w, id, eventReadAgain, "What could not be read in ServiceNow was read.")
}

func (d Desk) noteOfSystem(ctx context.Context, w *db.W, id string, kind audit.Kind, text string) error {
	t, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if _, err := keepMessage(ctx, w, t, Change, written{By: system, Text: text}); err != nil {
		return err
	}
	return d.record(ctx, w, t, kind, text)
}

// hasNews reports whether there is something that was not taken before.
func (Desk) hasNews(ctx context.Context, r db.R, id string, received Received) (bool, error) {
	t, err := ByID(ctx, r, id)
	if err != nil {
		return false, err
	}
	if received.State != "" && received.State != t.State && t.State != Merged {
		return true, nil
	}
	list, err := MessagesOf(ctx, r, id)
	if err != nil {
		return false, err
	}
	known := map[string]bool{}
	for _, m := range list {
		known[m.ID] = true
	}
	for _, one := range received.Answers {
		if !known[receivedID(received.Source, one.ID)] {
			return true, nil
		}
	}
	return false, nil
}

func (d Desk) receiveAnswer(ctx context.Context, w *db.W, t Ticket, source string, one ReceivedAnswer) error {
	n, err := w.Exec(ctx, insertReceived, receivedID(source, one.ID), t.ID, string(Answer), one.By, one.Text, w.Now())
	if err != nil {
		return fmt.Errorf("keep answer from %s: %w", source, err)
	}
	if n == 0 || t.Email == "" {
		return nil
	}
	if err := d.send(ctx, w, t, d.answerMail(t, written{Text: one.Text})); err != nil {
		return err
	}
	return d.record(ctx, w, t, eventAnswered, t.State)
}
