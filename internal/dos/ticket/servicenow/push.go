package servicenow

import (
	"cmp"
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
	files    []ticket.File    // that came with them
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
	files, err := ticket.FilesOf(ctx, r, id)
	if err != nil {
		return o, err
	}
	for _, m := range all {
		if m.TicketID == id {
			o.messages = append(o.messages, m)
			o.files = append(o.files, files[m.ID]...)
		}
	}
	if o.remote, err = Of(ctx, r, id); err != nil {
		return o, err
	}
	o.sendings, err = sendings(ctx, r, id)
	return o, err
}

// Push brings the instance up to date about a ticket. It may be run again at any point: a record is found by its
// correlation, and a message by the mark in it. Only one at a time does so for a ticket, as two that look at once would
// both find nothing; the other gets errBusy.
func (c *Connector) Push(ctx context.Context, id string) error {
	turn, err := takeTurn(ctx, c.DB, id)
	if err != nil {
		return err
	}
	return errors.Join(c.pushNow(ctx, id), turn.end(context.WithoutCancel(ctx), c.DB))
}

func (c *Connector) pushNow(ctx context.Context, id string) error {
	o, err := db.Read(ctx, c.DB, func(r db.R) (work, error) { return readWork(ctx, r, id) })
	if errors.Is(err, fault.NotFound) {
		return nil // it was deleted
	}
	if err != nil {
		return err
	}
	remote, err := c.push(ctx, o)
	if refused := refusalIn(err); refused != nil { // nothing is gained by trying again soon; the desk reads why
		remote.Problem = refused.Error()
		return put(ctx, c.DB, id, remote)
	}
	return err
}

// refusalIn gives what the instance refused; nil where it did not.
func refusalIn(err error) (refused *ErrRefused) {
	if errors.As(err, &refused) {
		return refused
	}
	return nil
}

// push sends the messages before the fields, and goes on after what is refused: a record that was closed there may take
// a message and no other state.
func (c *Connector) push(ctx context.Context, o work) (Remote, error) {
	fields := c.Map.fieldsOf(o.ticket, o.text())
	remote, err := c.recordOf(ctx, o, fields)
	if err != nil {
		return remote, err
	}
	refused, err := c.pushWritten(ctx, remote, o)
	if err != nil {
		return remote, err
	}
	remote, err = c.pushFields(ctx, o.ticket, remote, fields)
	return remote, cmp.Or(err, refused)
}

// pushWritten sends messages and files. What the instance refuses of them keeps back nothing else.
func (c *Connector) pushWritten(ctx context.Context, remote Remote, o work) (refused, err error) {
	var sends []func() error
	for i, m := range o.messages {
		if i > 0 { // the first is the description
			sends = append(sends, func() error { return c.pushMessage(ctx, remote, o, m) })
		}
	}
	for _, f := range o.files {
		sends = append(sends, func() error { return c.pushFile(ctx, remote, o, f) })
	}
	for _, send := range sends {
		err := send()
		if err != nil && refusalIn(err) == nil {
			return refused, err
		}
		refused = cmp.Or(refused, err)
	}
	return refused, nil
}

// text is what the ticket was raised with.
func (o work) text() string {
	if len(o.messages) == 0 {
		return ""
	}
	return o.messages[0].Text
}

// recordOf gives the record of a ticket, which is made if there is none.
func (c *Connector) recordOf(ctx context.Context, o work, fields record) (Remote, error) {
	if o.remote.ID != "" {
		return o.remote, nil
	}
	found, err := c.found(ctx, o.ticket, fields)
	if err == nil && found["sys_id"] == "" {
		err = errors.New("ServiceNow gave a record without sys_id")
	}
	if err != nil {
		return o.remote, err
	}
	remote := Remote{ID: found["sys_id"], Number: found["number"], State: found["state"]}
	return remote, c.noteSent(ctx, o.ticket, remote)
}

// pushFields changes what has changed of a record.
func (c *Connector) pushFields(ctx context.Context, t ticket.Ticket, remote Remote, fields record) (Remote, error) {
	if is, known := c.Map.stateOf(remote.State); !known || is != t.State {
		fields["state"] = c.Map.States[t.State]
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
	return remote, put(ctx, c.DB, t.ID, remote)
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

// entryOf writes a message as an entry of a journal.
func entryOf(m ticket.Message) string { return fmt.Sprintf("%s:\n\n%s\n\n%s", m.By, m.Text, mark(m)) }

func (c *Connector) pushMessage(ctx context.Context, remote Remote, o work, m ticket.Message) error {
	before, tried := o.sendings[m.ID]
	if ticket.CameFrom(m, source) || tried && !before.sent.IsZero() {
		return nil
	}
	if tried {
		there, err := c.Client.list(ctx, question{table: journal, fields: []string{"sys_id"}, limit: 1,
			query: "element_id=" + remote.ID + "^valueLIKE" + mark(m)})
		if err != nil {
			return err
		}
		if len(there) > 0 {
			return note(ctx, c.DB, o.ticket.ID, m.ID, c.DB.Now())
		}
	} else if err := note(ctx, c.DB, o.ticket.ID, m.ID, before.sent); err != nil {
		return err
	}
	if _, err := c.Client.update(ctx, remote.ID, record{journals[m.Kind]: entryOf(m)}); err != nil {
		return err
	}
	return note(ctx, c.DB, o.ticket.ID, m.ID, c.DB.Now())
}

// Resend sends again what the instance refused, until it has no time.
func (c *Connector) Resend(ctx context.Context) error {
	list, err := db.Read(ctx, c.DB, func(r db.R) ([]string, error) { return unsent(ctx, r) })
	if err != nil {
		return err
	}
	for _, id := range list {
		if err := c.Push(ctx, id); err != nil && !errors.Is(err, errBusy) {
			return paused(err)
		}
	}
	return nil
}
