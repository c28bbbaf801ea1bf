package servicenow

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// work is a ticket as it is to be in the instance, with what is known of it there.
type work struct {
	ticket   ticket.Ticket
	messages []ticket.Message // its own
	remote   Remote
	sendings map[string]sending
}

func readWork(ctx context.Context, r db.R, id string) (o work, err error) {
	if o.ticket, err = ticket.ByID(ctx, r, id); err != nil {
		return o, err
	}
	all, err := ticket.MessagesOf(ctx, r, id)
	if err != nil {
		return o, err
	}
	for _, m := range all {
		if m.TicketID == id {
			o.messages = append(o.messages, m)
		}
	}
	if o.remote, err = Of(ctx, r, id); err != nil {
		return o, err
	}
	o.sendings, err = sendings(ctx, r, id)
	return o, err
}

// Push brings the instance up to date about a ticket. It may be run again at any point: a record is found by its
// correlation, and a message by the mark in it.
func (c *Connector) Push(ctx context.Context, id string) error {
	o, err := db.Read(ctx, c.DB, func(r db.R) (work, error) { return readWork(ctx, r, id) })
	if errors.Is(err, fault.NotFound) {
		return nil // it was deleted
	}
	if err != nil {
		return err
	}
	remote, err := c.push(ctx, o)
	var refused *ErrRefused
	if errors.As(err, &refused) { // nothing is gained by trying again soon; the desk reads why
		remote.Problem = refused.Error()
		return put(ctx, c.DB, id, remote)
	}
	return err
}

func (c *Connector) push(ctx context.Context, o work) (Remote, error) {
	remote, err := c.pushRecord(ctx, o)
	if err != nil {
		return remote, err
	}
	for i, m := range o.messages {
		if i == 0 { // it is the description
			continue
		}
		if err := c.pushMessage(ctx, remote, o, m); err != nil {
			return remote, err
		}
	}
	return remote, nil
}

// pushRecord makes the record, or changes what has changed of it.
func (c *Connector) pushRecord(ctx context.Context, o work) (Remote, error) {
	text := ""
	if len(o.messages) > 0 {
		text = o.messages[0].Text
	}
	fields := c.Map.fieldsOf(o.ticket, text)
	remote := o.remote
	if remote.ID == "" {
		found, err := c.found(ctx, o.ticket, fields)
		if err != nil {
			return remote, err
		}
		remote = Remote{ID: found["sys_id"], Number: found["number"], State: found["state"]}
		if err := c.noteSent(ctx, o.ticket, remote); err != nil {
			return remote, err
		}
	}
	if is, known := c.Map.stateOf(remote.State); !known || is != o.ticket.State {
		fields["state"] = c.Map.States[o.ticket.State]
	}
	if digest := fields.digest(); digest != remote.pushed {
		changed, err := c.Client.update(ctx, remote.ID, fields)
		if err != nil {
			return remote, err
		}
		remote.State = changed["state"]
		delete(fields, "state")
		remote.pushed = fields.digest()
	}
	remote.Problem = ""
	return remote, put(ctx, c.DB, o.ticket.ID, remote)
}

// found finds the record of a ticket that was sent before, though nobody knows, or makes it.
func (c *Connector) found(ctx context.Context, t ticket.Ticket, fields record) (record, error) {
	found, err := c.Client.byCorrelation(ctx, correlation(t.ID))
	if !errors.Is(err, errNoRecord) {
		return found, err
	}
	made := record{"correlation_id": correlation(t.ID), "correlation_display": "Signpost"}
	for name, value := range fields {
		made[name] = value
	}
	for name, value := range c.Map.Values {
		made[name] = value
	}
	return c.Client.create(ctx, made)
}

// noteSent keeps what the record of a ticket is, and records that there is one.
func (c *Connector) noteSent(ctx context.Context, t ticket.Ticket, remote Remote) error {
	if err := put(ctx, c.DB, t.ID, remote); err != nil {
		return err
	}
	kind := ticket.SendJob{}.Kind()
	return c.DB.Update(ctx, actor.ForJob(kind, kind), func(w *db.W) error {
		return w.Record(ctx, audit.Event{Kind: eventSent, Subject: ticket.Ref(t.ID), After: remote.Number})
	})
}

// journals are where each kind of message goes: comments are for the person, work notes for the desk.
var journals = map[ticket.Kind]string{
	ticket.FromPerson: "comments", ticket.Answer: "comments", ticket.Note: "work_notes", ticket.Change: "work_notes",
}

// mark stands in each entry that comes from us, so that it is never sent twice and never comes back.
func mark(m ticket.Message) string { return markPrefix + m.ID + "]" }

const markPrefix = "[signpost "

func (c *Connector) pushMessage(ctx context.Context, remote Remote, o work, m ticket.Message) error {
	before, tried := o.sendings[m.ID]
	if ticket.CameFrom(m, source) || tried && !before.sent.IsZero() {
		return nil
	}
	if tried {
		there, err := c.Client.query(ctx, "sys_journal_field", "element_id="+remote.ID+"^valueLIKE"+mark(m), 1)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			return note(ctx, c.DB, o.ticket.ID, m.ID, c.DB.Now())
		}
	} else if err := note(ctx, c.DB, o.ticket.ID, m.ID, before.sent); err != nil {
		return err
	}
	text := fmt.Sprintf("%s:\n\n%s\n\n%s", m.By, m.Text, mark(m))
	if _, err := c.Client.update(ctx, remote.ID, record{journals[m.Kind]: text}); err != nil {
		return err
	}
	return note(ctx, c.DB, o.ticket.ID, m.ID, c.DB.Now())
}

// Resend asks for what the instance refused to be sent again.
func (c *Connector) Resend(ctx context.Context) error {
	list, err := db.Read(ctx, c.DB, func(r db.R) ([]string, error) { return unsent(ctx, r) })
	if err != nil {
		return err
	}
	var problems []error
	for _, id := range list {
		problems = append(problems, c.Push(ctx, id))
	}
	return paused(errors.Join(problems...))
}
