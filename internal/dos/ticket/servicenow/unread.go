package servicenow

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/fetch"
)

// Why something could not be read, as the desk reads it.
const (
	tooLong   = "What ServiceNow gave is longer than we read."
	otherForm = "What ServiceNow gave is not in the form that it should have."
)

func reasonOf(err error) string {
	if errors.Is(err, fetch.ErrTooLarge) {
		return tooLong
	}
	return otherForm
}

const putUnread = `INSERT INTO ticket_remote (ticket_id, sys_id, number, state, problem, pushed, changed_at, unread,
	unread_at, unread_from) VALUES ($1, $2, $3, $4, '', '', $5, $6, $5, $7) ON CONFLICT (ticket_id) DO UPDATE
	SET unread = $6, unread_at = $5, unread_from = $7`

// noteUnread keeps that what was written in the record of a ticket since a moment could not be read, and why, for the
// desk to see. It is kept once until it can be read. A ticket of another directory is not ours to tell of.
func (c *Connector) noteUnread(ctx context.Context, found record, since string, problem error) error {
	id := ticketOf(found)
	before, err := db.Read(ctx, c.DB, func(r db.R) (Remote, error) { return Of(ctx, r, id) })
	if err != nil || before.Unread.Reason != "" {
		return err
	}
	kind := PullJob{}.Kind()
	reason := reasonOf(problem)
	err = c.DB.Update(ctx, actor.ForJob(kind, kind), func(w *db.W) error {
		if err := c.Desk.NoteUnread(ctx, w, id, reason); err != nil {
			return err
		}
		_, err := w.Exec(ctx, putUnread, id, found["sys_id"], found["number"], found["state"], w.Now(), reason, since)
		if err != nil {
			return fmt.Errorf("keep what could not be read: %w", err)
		}
		return nil
	})
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

const forgetUnread = `UPDATE ticket_remote SET unread = '', unread_at = NULL, unread_from = '' WHERE ticket_id = $1`

// noteRead keeps that what could not be read was read.
func (c *Connector) noteRead(ctx context.Context, id string) error {
	kind := PullJob{}.Kind()
	return c.DB.Update(ctx, actor.ForJob(kind, kind), func(w *db.W) error {
		if _, err := w.Exec(ctx, forgetUnread, id); err != nil {
			return fmt.Errorf("forget what could not be read: %w", err)
		}
		return c.Desk.NoteRead(ctx, w, id)
	})
}

const selectUnread = `SELECT ticket_id FROM ticket_remote WHERE unread <> '' ORDER BY unread_at LIMIT $1`

// Reread reads again what could not be read. A record that is not there any more has nothing to be read.
func (c *Connector) Reread(ctx context.Context) error {
	list, err := db.Read(ctx, c.DB, func(r db.R) ([]string, error) {
		return db.All(ctx, r, db.Column[string], selectUnread, maxResent)
	})
	if err != nil {
		return fmt.Errorf("list what could not be read: %w", err)
	}
	for _, id := range list {
		found, err := c.Client.byCorrelation(ctx, correlation(id))
		if err == nil {
			err = c.pull(ctx, found, "")
		}
		if errors.Is(err, errNoRecord) {
			err = c.noteRead(ctx, id)
		}
		if err != nil && !errors.Is(err, errUnreadable) {
			return paused(err)
		}
	}
	return nil
}
