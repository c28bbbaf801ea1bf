package servicenow

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// source names the instance in the messages that come from it.
const source = "servicenow"

// How many records, and entries of one, are asked for at once: an answer has to stay below what is read of one, and an
// entry may have the longest text that people can write.
const (
	maxRecords = 200
	maxEntries = 10
	maxPages   = 100 // of either, in one go
)

// Pull brings the tickets up to date with what was done in the instance since it was last looked at: states, and what
// was written to the person. What was looked at before may be looked at again. It remembers how far it came after each
// record, and goes on after one that cannot be read, so that none keeps those after it waiting for ever.
func (c *Connector) Pull(ctx context.Context) error {
	since, err := db.Read(ctx, c.DB, func(r db.R) (string, error) { return cursor(ctx, r) })
	if err != nil {
		return err
	}
	p := pulling{Connector: c, began: since, since: since}
	skip := 0
	for range maxPages {
		from := p.since
		list, err := c.changed(ctx, from, skip)
		if err != nil {
			return err
		}
		for _, one := range list {
			if err := p.take(ctx, one); err != nil {
				return err
			}
		}
		if len(list) < maxRecords {
			break
		}
		skip += len(list)
		if p.since != from {
			skip = 0
		}
	}
	return errors.Join(p.unread...)
}

// changed lists records that were changed since a time, those first that were changed first.
func (c *Connector) changed(ctx context.Context, since string, skip int) ([]record, error) {
	query := "correlation_idSTARTSWITH" + correlationPrefix
	if since != "" {
		query += "^sys_updated_on>=" + since
	}
	return c.Client.list(ctx, question{table: c.Client.table(), query: query + "^ORDERBYsys_updated_on^ORDERBYsys_id",
		fields: recordFields, skip: skip, limit: maxRecords})
}

// pulling is one look at what has changed.
type pulling struct {
	*Connector

	began, since string  // from when on it looks, and how far it has come, as the instance writes it
	unread       []error // of the records that could not be read
}

// take brings the ticket of a record up to date, and remembers that.
func (p *pulling) take(ctx context.Context, found record) error {
	err := p.pull(ctx, found, p.began)
	if errors.Is(err, errUnreadable) {
		p.unread = append(p.unread, err)
		err = p.noteUnread(ctx, found, p.began, err)
	}
	at := found["sys_updated_on"]
	if err != nil || at <= p.since || !p.isPast(at) {
		return err
	}
	p.since = at
	return keepCursor(ctx, p.DB, at)
}

const (
	// maxAhead is how far the clock of the instance may be ahead of ours. Nothing is believed to have been done later
	// than that: whatever was done before it would never be looked at.
	maxAhead = 24 * time.Hour
	// overlap is how long before the last look entries are looked at again, as a record and its entries need not have
	// the same time.
	overlap = time.Hour
)

// isPast reports whether the instance can have written a time by now.
func (c *Connector) isPast(stamp string) bool {
	at, err := time.Parse(time.DateTime, stamp)
	return err == nil && at.Before(c.DB.Now().Add(maxAhead))
}

// ticketOf gives the id of the ticket that a record was made for.
func ticketOf(found record) string {
	return strings.TrimPrefix(found["correlation_id"], correlationPrefix)
}

// pull brings one ticket up to date with a record, and what was written in it since a time, or since it could not be
// read.
func (c *Connector) pull(ctx context.Context, found record, since string) error {
	id := ticketOf(found)
	before, err := db.Read(ctx, c.DB, func(r db.R) (Remote, error) { return Of(ctx, r, id) })
	if err != nil {
		return err
	}
	if before.ID != "" && before.ID != found["sys_id"] {
		return nil // somebody gave another record the correlation of this one
	}
	if before.Unread.Reason != "" {
		since = before.Unread.from
	}
	received := ticket.Received{Source: source}
	state, known := c.Map.stateOf(found["state"])
	if known && before.State != "" && found["state"] != before.State {
		received.State = state
	}
	if received.Answers, err = c.answers(ctx, id, found, since); err != nil {
		return err
	}
	kind := PullJob{}.Kind()
	err = c.Desk.Receive(ctx, actor.ForJob(kind, kind), id, received)
	if errors.Is(err, fault.NotFound) {
		return nil // of another directory, or deleted here
	}
	if err != nil {
		return err
	}
	if before.Unread.Reason != "" {
		if err := c.noteRead(ctx, id); err != nil {
			return err
		}
	}
	return noteSeen(ctx, c.DB, id, found)
}

// answers lists what was written to the person in the record of a ticket since a time, by others than us.
func (c *Connector) answers(
	ctx context.Context, ticketID string, found record, since string,
) (list []ticket.ReceivedAnswer, err error) {
	ours, err := db.Read(ctx, c.DB, func(r db.R) (own, error) { return readOwn(ctx, r, ticketID, found) })
	if err != nil {
		return nil, err
	}
	query := "element_id=" + found["sys_id"] + "^element=comments"
	if at, err := time.Parse(time.DateTime, since); err == nil {
		query += "^sys_created_on>=" + at.Add(-overlap).Format(time.DateTime)
	}
	query += "^ORDERBYsys_created_on^ORDERBYsys_id"
	for page := range maxPages {
		entries, err := c.Client.list(ctx, question{table: journal, query: query, fields: entryFields,
			skip: page * maxEntries, limit: maxEntries})
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if text := textOf(e["value"]); text != "" && !ours.has(e) {
				list = append(list, ticket.ReceivedAnswer{ID: e["sys_id"], By: e["sys_created_by"], Text: text})
			}
		}
		if len(entries) < maxEntries {
			break
		}
	}
	return list, nil
}

// own tells entries that came from us: they have a mark, and are by whoever made the record, or are what we sent,
// letter for letter. Somebody there who quotes one has its mark in theirs, too.
type own struct {
	by   string // who made the record
	sent map[string]bool
}

func readOwn(ctx context.Context, r db.R, ticketID string, of record) (own, error) {
	o := own{by: of["sys_created_by"], sent: map[string]bool{}}
	messages, err := ticket.MessagesOf(ctx, r, ticketID)
	for _, m := range messages {
		o.sent[letters(entryOf(m))] = true
	}
	return o, err
}

// letters is a text without its spaces and lines, which the instance may change.
func letters(text string) string { return strings.Join(strings.Fields(text), "") }

func (o own) has(entry record) bool {
	return strings.Contains(entry["value"], markPrefix) &&
		(o.by == "" || o.by == entry["sys_created_by"] || o.sent[letters(entry["value"])])
}

var marks = regexp.MustCompile(`\s*` + regexp.QuoteMeta(markPrefix) + `[^\]\s]*\]`)

// textOf is an entry as the person reads it: without our marks, and without what no database keeps.
func textOf(value string) string {
	return strings.TrimSpace(strings.ReplaceAll(marks.ReplaceAllString(value, ""), "\x00", ""))
}
