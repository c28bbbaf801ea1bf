package staffrecord

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Linked is a position of a staff record with the position of the organisation that it gives.
type Linked struct {
	Number   string // in the staff record
	Position string // id of a position of the organisation; empty until somebody agreed
	Asked    string // id of the one that is to be linked; empty if none is
	AskedAt  time.Time
	By       string // number of the care identity of whoever decided last
	At       time.Time
}

const linkedColumns = `SELECT number, position_id, asked_id, asked_at, decided_by, decided_at FROM staff_position`

func scanLinked(scan db.Scanner) (l Linked, err error) {
	err = scan(&l.Number, &l.Position, &l.Asked, db.At(&l.AskedAt), &l.By, db.At(&l.At))
	return l, err
}

// linked reads one position of a staff record; what was never asked for is empty.
func linked(ctx context.Context, r db.R, organisation, number string) (Linked, error) {
	return orNone(db.One(ctx, r, scanLinked, linkedColumns+` WHERE organisation = $1 AND number = $2`,
		organisation, number))
}

// Positions lists the positions of the staff record of an organisation: those that wait for somebody to agree first.
func Positions(ctx context.Context, r db.R, organisation string) ([]Linked, error) {
	list, err := db.All(ctx, r, scanLinked, linkedColumns+` WHERE organisation = $1
		ORDER BY CASE asked_id WHEN '' THEN 1 ELSE 0 END, number`, organisation)
	if err != nil {
		return nil, fmt.Errorf("list positions of a staff record: %w", err)
	}
	return list, nil
}

// ask notes that a position of the staff record is to be linked to one of the organisation.
func ask(ctx context.Context, w *db.W, k Kept) error {
	_, err := w.Exec(ctx, `INSERT INTO staff_position
		(organisation, number, position_id, asked_id, asked_at, decided_by)
		VALUES ($1, $2, '', $3, $4, '') ON CONFLICT (organisation, number) DO UPDATE SET
		asked_id = excluded.asked_id, asked_at = excluded.asked_at`,
		k.Organisation, k.StaffPosition, k.Position, w.Now())
	if err != nil {
		return fmt.Errorf("ask to link a position: %w", err)
	}
	return nil
}

// forget takes back what an earlier message asked about the same position of the staff record: the last one counts.
func forget(ctx context.Context, w *db.W, k Kept) error {
	_, err := w.Exec(ctx, `UPDATE staff_position SET asked_id = '' WHERE organisation = $1 AND number = $2`,
		k.Organisation, k.StaffPosition)
	if err != nil {
		return fmt.Errorf("take back what was asked about a position: %w", err)
	}
	return settleLinks(ctx, w, k.Organisation, k.StaffPosition, Outcome{State: Dropped, Text: replaced})
}

// jobsText says why a position cannot be given by a staff record; empty if it can.
func jobsText(ctx context.Context, r db.R, p access.Position) (string, error) {
	jobs, err := officer.JobsFor(ctx, r, p)
	if err != nil || len(jobs) == 0 {
		return "", err
	}
	return p.Name + " gives a job at a registration authority, which two people give, and no staff record. Link " +
		"another position.", nil
}

var (
	errNotAsked = fault.SayCure(fault.Conflict, "Nobody asks to link this position any more.",
		"Go back to the list of positions.")
	errOther = fault.SayCure(fault.Conflict, "Meanwhile the position is to be linked to another one.",
		"Look at it again, then decide.")
	errOver = fault.SayCure(fault.Conflict, "The position of the organisation is closed.",
		"Decline the link, and have another position linked.")
	errReason = fault.OfField("reason", "Enter why")
	errLong   = fault.OfField("reason", fmt.Sprintf("Enter the reason in %d characters or fewer", maxReason))
)

const maxReason = 500 // characters

func reasonOf(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "":
		return "", errReason
	case len([]rune(typed)) > maxReason:
		return "", errLong
	}
	return typed, nil
}

// deciding gives the link of a position that the actor, who designs the positions of the organisation, decides. They
// saw that it is to be linked to the position with the id asked.
func deciding(ctx context.Context, w *db.W, organisation, number, asked string) (Linked, error) {
	_, err := officer.Require(ctx, w, officer.Asked{
		Act: permission.DesignPosition, About: access.Ref(asked), At: []string{organisation},
	})
	if err != nil {
		return Linked{}, err
	}
	l, err := linked(ctx, w, organisation, number)
	switch {
	case err != nil:
		return l, err
	case l.Asked == "":
		return l, errNotAsked
	case l.Asked != asked:
		return l, errOther
	}
	return l, nil
}

const decidePosition = `UPDATE staff_position SET position_id = $3, asked_id = '', decided_by = $4, decided_at = $5
	WHERE organisation = $1 AND number = $2 AND asked_id = $6`

// Sign links a position of a staff record to one of the organisation: from now on whoever has that position by the
// staff record gets it, and nobody approves each of them. What waited for it is done.
func Sign(ctx context.Context, d *db.DB, by actor.Actor, organisation, number, asked string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		l, err := deciding(ctx, w, organisation, number, asked)
		if err != nil {
			return err
		}
		p, err := access.PositionByID(ctx, w, l.Asked)
		if err != nil {
			return err
		}
		if p.Over(w.Now()) {
			return errOver
		}
		if err := requireNoJob(ctx, w, p); err != nil {
			return err
		}
		if err := l.decide(ctx, w, organisation, l.Asked, eventSigned); err != nil {
			return err
		}
		return retryAll(ctx, w, organisation, byPosition, number)
	})
}

// requireNoJob refuses to link a position that came to give a job at a registration authority since that was asked for.
func requireNoJob(ctx context.Context, w *db.W, p access.Position) error {
	made, err := jobsText(ctx, w, p)
	if err != nil || made == "" {
		return err
	}
	return officer.Refuse(ctx, w, access.Ref(p.ID), "a job at a registration authority by a staff record",
		fault.Say(fault.Forbidden, made))
}

// Decline leaves a position of a staff record linked as it was, or to none.
func Decline(ctx context.Context, d *db.DB, by actor.Actor, organisation, number, asked, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		l, err := deciding(ctx, w, organisation, number, asked)
		if err != nil {
			return err
		}
		if err := l.decide(ctx, w, organisation, l.Position, eventDeclined); err != nil {
			return err
		}
		return settleLinks(ctx, w, organisation, number, Outcome{State: Dropped, Text: reason})
	})
}

// decide notes which position is linked from now on.
func (l Linked) decide(ctx context.Context, w *db.W, organisation, position string, said audit.Kind) error {
	err := w.Change(ctx, decidePosition, organisation, l.Number, position, w.Actor().ID, w.Now(), l.Asked)
	if err != nil {
		return fmt.Errorf("decide link of a position: %w", err)
	}
	if said == eventSigned {
		err = settleLinks(ctx, w, organisation, l.Number, done("", "The position is linked."))
	}
	if err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: said, Subject: access.Ref(l.Asked),
		Before: map[string]string{"position": l.Position},
		After:  map[string]string{"organisation": organisation, "staff_position": l.Number, "position": position}})
}

// settleLinks settles the messages that asked to link a position.
func settleLinks(ctx context.Context, w *db.W, organisation, number string, o Outcome) error {
	list, err := db.All(ctx, w, scanEntry, messageColumns+` WHERE organisation = $1 AND state = 'asked'
		AND kind = 'LinkPosition' AND staff_position = $2`, organisation, number)
	if err != nil {
		return fmt.Errorf("list messages about a position: %w", err)
	}
	for _, e := range list {
		if err := settle(ctx, w, e, o); err != nil {
			return err
		}
	}
	return nil
}

// maxAskedAbout is how many holders one query asks about.
const maxAskedAbout = 512

// Gives reports whether people have a position by a staff record now, or will have, so that it cannot be closed.
func Gives(ctx context.Context, r db.R, position string) (bool, error) {
	for after := ""; ; {
		holders, err := access.HoldersOf(ctx, r, position, after, maxAskedAbout)
		if err != nil || len(holders) == 0 {
			return false, err
		}
		var ids []string
		for _, a := range holders {
			ids = append(ids, a.ID)
			after = a.UUID
		}
		n, err := countInCharge(ctx, r, ids)
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
}
