package mailing

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// correctable is how long after a mail begun it can be corrected: over a weekend. Its readers could not tell later what
// is corrected, and a mail of long ago would be a way around Often.
const correctable = 3 * 24 * time.Hour

// Corrected is a mail that another one corrects.
type Corrected struct {
	ID      string
	Subject string
	Begun   time.Time
}

var (
	errStopFirst  = fault.SayCure(fault.Conflict, "This mail is being sent.", "Stop it, then correct it.")
	errNobodyHad  = fault.SayCure(fault.Conflict, "Nobody had this mail.", "Write another one.")
	errCorrection = fault.SayCure(fault.Conflict, "This mail corrects another one.",
		"Telephone those who had it, or write to them a day later.")
	errOld = fault.SayCure(fault.Conflict, "A mail can be corrected for 3 days.",
		"Write another one to the same users.")
	errCorrected = fault.SayCure(fault.Conflict, "This mail was corrected already, which can be done once.",
		"Telephone those who had it, or write to them a day later.")
)

// Correct prepares a text for exactly those who had a mail. Its writer does, or somebody who looks after all for whom
// it was meant, once, and without waiting until the day is over.
func (o Office) Correct(ctx context.Context, by actor.Actor, id, subject, words string) (Mailing, error) {
	wrong, err := db.Read(ctx, o.DB, func(r db.R) (Mailing, error) { return ByID(ctx, r, id) })
	if err != nil {
		return Mailing{}, err
	}
	of := Selection{Teams: true, Corrects: &Corrected{ID: wrong.ID, Subject: wrong.Text.Subject, Begun: wrong.Begun}}
	return o.Prepare(ctx, by, of, Text{Kind: Own, Subject: subject, Words: words})
}

// Correctable says why a mail cannot be corrected now, or nil.
func (m Mailing) Correctable(ctx context.Context, r db.R) error {
	switch {
	case m.State == Sending:
		return errStopFirst
	case m.Sent == 0:
		return errNobodyHad
	case m.Selection.Corrects != nil:
		return errCorrection
	case !r.Now().Before(m.Begun.Add(correctable)):
		return errOld
	}
	return m.uncorrected(ctx, r)
}

// uncorrected says that a mail was corrected already. A correction that was stopped before anybody had it is none.
func (m Mailing) uncorrected(ctx context.Context, r db.R) error {
	if m.CorrectedBy == "" {
		return nil
	}
	by, err := ByID(ctx, r, m.CorrectedBy)
	if err != nil {
		return err
	}
	if by.State == Stopped && by.Sent == 0 {
		return nil
	}
	return errCorrected
}

// check says why the actor cannot correct a mail, or nil. There is nothing to check where none is corrected.
func (c *Corrected) check(ctx context.Context, w *db.W) error {
	if c == nil {
		return nil
	}
	m, err := lookedAfter(ctx, w, c.ID)
	if err != nil {
		return err
	}
	return m.Correctable(ctx, w)
}

const claimCorrection = `UPDATE mailing SET corrected_by = $2 WHERE id = $1`

// claim makes a mail the one that corrects another, if it is to.
func (m Mailing) claim(ctx context.Context, w *db.W) error {
	wrong := m.Selection.Corrects
	if wrong == nil {
		return nil
	}
	if err := wrong.check(ctx, w); err != nil {
		return err
	}
	if err := w.Change(ctx, claimCorrection, wrong.ID, m.ID); err != nil {
		return fmt.Errorf("note which mail corrects another: %w", err)
	}
	return nil
}

// condition is that an account had the mail.
func (c *Corrected) condition(args *db.Arguments, id string) string {
	return `EXISTS (SELECT 1 FROM mailing_recipient had WHERE had.account_id = ` + id + ` AND had.mailing_id = ` +
		args.Add(c.ID) + `)`
}

// sentence says to those who had the mail which one is corrected.
func (c *Corrected) sentence() string {
	return fmt.Sprintf("This corrects the mail %q, which you had on %s.", c.Subject, when.Date(c.Begun))
}
