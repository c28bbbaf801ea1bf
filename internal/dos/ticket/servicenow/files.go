package servicenow

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const attachments = "sys_attachment"

// nameThere is what a file is called in the instance: it has the file's id, so that it is known there for ours.
func nameThere(f ticket.File) string { return f.ID + " " + f.Name }

// attach gives a file to a record.
func (c *Client) attach(ctx context.Context, recordID string, f ticket.Opened) error {
	at := url.Values{"table_name": {c.table()}, "table_sys_id": {recordID}, "file_name": {nameThere(f.File)}}
	return c.do(ctx, http.MethodPost, "/api/now/attachment/file?"+at.Encode(), f.Type, f.Content, nil)
}

// pushFile sends a file once: one that may have been sent before is looked for first, as a message is.
func (c *Connector) pushFile(ctx context.Context, remote Remote, o work, f ticket.File) error {
	before, tried := o.sendings[f.ID]
	if tried && !before.sent.IsZero() {
		return nil
	}
	if tried {
		there, err := c.Client.list(ctx, question{table: attachments, fields: []string{"sys_id"}, limit: 1,
			query: "table_sys_id=" + remote.ID + "^file_nameSTARTSWITH" + f.ID})
		if err != nil {
			return err
		}
		if len(there) > 0 {
			return note(ctx, c.DB, o.ticket.ID, f.ID, c.DB.Now())
		}
	} else if err := note(ctx, c.DB, o.ticket.ID, f.ID, before.sent); err != nil {
		return err
	}
	opened, err := db.Read(ctx, c.DB, func(r db.R) (ticket.Opened, error) {
		return c.Desk.OpenFile(ctx, r, o.ticket, f.ID)
	})
	if errors.Is(err, fault.NotFound) {
		return nil // it was deleted
	}
	if err != nil {
		return err
	}
	if err := c.Client.attach(ctx, remote.ID, opened); err != nil {
		return err
	}
	return note(ctx, c.DB, o.ticket.ID, f.ID, c.DB.Now())
}
