package servicenow

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// source names the instance in the messages that come from it.
const source = "servicenow"

// maxPulled is how many records, or entries of one, are looked at in one go.
const maxPulled = 200

// Pull brings the tickets up to date with what was done in the instance since it was last looked at: states, and what
// was written to the person. What was looked at before may be looked at again.
func (c *Connector) Pull(ctx context.Context) error {
	since, err := db.Read(ctx, c.DB, func(r db.R) (string, error) { return cursor(ctx, r) })
	if err != nil {
		return err
	}
	query := "correlation_idSTARTSWITH" + correlationPrefix
	if since != "" {
		query += "^sys_updated_on>=" + since
	}
	list, err := c.Client.query(ctx, c.Client.table(), query+"^ORDERBYsys_updated_on", maxPulled)
	if err != nil {
		return err
	}
	for _, one := range list {
		if err := c.pull(ctx, one); err != nil {
			return err
		}
		since = max(since, one["sys_updated_on"])
	}
	return keepCursor(ctx, c.DB, since)
}

// pull brings one ticket up to date.
func (c *Connector) pull(ctx context.Context, found record) error {
	id := strings.TrimPrefix(found["correlation_id"], correlationPrefix)
	before, err := db.Read(ctx, c.DB, func(r db.R) (Remote, error) { return Of(ctx, r, id) })
	if err != nil {
		return err
	}
	received := ticket.Received{Source: source}
	state, known := c.Map.stateOf(found["state"])
	if known && before.State != "" && found["state"] != before.State {
		received.State = state
	}
	comments := "element_id=" + found["sys_id"] + "^element=comments"
	entries, err := c.Client.query(ctx, "sys_journal_field", comments, maxPulled)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.Contains(e["value"], markPrefix) {
			received.Answers = append(received.Answers, ticket.ReceivedAnswer{ID: e["sys_id"], By: e["sys_created_by"],
				Text: e["value"]})
		}
	}
	kind := PullJob{}.Kind()
	err = c.Desk.Receive(ctx, actor.ForJob(kind, kind), id, received)
	if errors.Is(err, fault.NotFound) {
		return nil // of another directory, or deleted here
	}
	if err != nil {
		return err
	}
	before.ID = found["sys_id"]
	before.Number = found["number"]
	before.State = found["state"]
	return put(ctx, c.DB, id, before)
}
