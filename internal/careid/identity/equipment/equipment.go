// Package equipment keeps, for each person, how many of their authenticators are active, and from when until when they
// hold access, so that whoever holds access and has no authenticator is found without looking through everybody.
//
// It is told by those who change either, in their own Update. It does not know what an authenticator or a position is.
package equipment

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

const (
	gain = `INSERT INTO identity_equipment (uuid, organisation, authenticators)
	SELECT uuid, organisation, 1 FROM identity WHERE uuid = $1
	ON CONFLICT (uuid) DO UPDATE SET authenticators = identity_equipment.authenticators + 1`
	lose = `UPDATE identity_equipment SET authenticators = authenticators - 1,
	lost_at = CASE WHEN authenticators = 1 THEN CAST($2 AS BIGINT) ELSE lost_at END,
	since = CASE WHEN authenticators = 1 AND since < $2 THEN CAST($2 AS BIGINT) ELSE since END WHERE uuid = $1`
)

// Gain notes that an authenticator of somebody became active.
func Gain(ctx context.Context, w *db.W, uuid string) error {
	if err := w.Soon(ctx, gain, uuid); err != nil {
		return fmt.Errorf("note authenticator gained: %w", err)
	}
	return nil
}

// Lose notes that an authenticator of somebody is not active any more.
func Lose(ctx context.Context, w *db.W, uuid string) error {
	if err := w.Soon(ctx, lose, uuid, w.Now()); err != nil {
		return fmt.Errorf("note authenticator lost: %w", err)
	}
	return nil
}

// Window is from when until when somebody holds access. The zero value is that they hold none.
type Window struct {
	From, Until time.Time // without an end where Until is zero
}

const insertHeld = `INSERT INTO identity_equipment (uuid, organisation, authenticators, held_from, held_until, since)`

const holdAgain = ` ON CONFLICT (uuid) DO UPDATE SET held_from = excluded.held_from, held_until = excluded.held_until,
	since = CASE WHEN excluded.held_from IS NOT NULL AND identity_equipment.lost_at > excluded.held_from
	THEN identity_equipment.lost_at ELSE excluded.held_from END`

// Hold notes from when until when people hold access, as many as one query may ask about.
func Hold(ctx context.Context, w *db.W, held map[string]Window) error {
	var a db.Arguments
	uuids := make([]string, 0, len(held))
	for uuid := range held {
		uuids = append(uuids, uuid)
	}
	rows := db.Inserting(insertHeld).Or(holdAgain)
	err := w.Each(ctx, func(scan db.Scanner) error {
		var uuid, organisation string
		if err := scan(&uuid, &organisation); err != nil {
			return err
		}
		h := held[uuid]
		rows.Add(uuid, organisation, 0, h.From, h.Until, h.From)
		return nil
	}, `SELECT uuid, organisation FROM identity WHERE uuid IN (`+db.AddEach(&a, uuids)+`)`, a.List()...)
	if err != nil {
		return fmt.Errorf("read organisations of people: %w", err)
	}
	return rows.Write(ctx, w)
}

// Recode has those who are registered at an organisation follow it to another code.
func Recode(ctx context.Context, w *db.W, from, to string) error {
	_, err := w.Exec(ctx, `UPDATE identity_equipment SET organisation = $2 WHERE organisation = $1`, from, to)
	if err != nil {
		return fmt.Errorf("change code of people's organisation: %w", err)
	}
	return nil
}

// Forget forgets somebody whose care identity is removed.
func Forget(ctx context.Context, w *db.W, uuid string) error {
	if _, err := w.Exec(ctx, `DELETE FROM identity_equipment WHERE uuid = $1`, uuid); err != nil {
		return fmt.Errorf("forget equipment: %w", err)
	}
	return nil
}

// Bare is somebody who holds access and has no authenticator.
type Bare struct {
	UUID         string
	Organisation string // where they are registered
	Since        time.Time
}

// List chooses people who hold access and have no authenticator, by since when.
type List struct {
	Organisations []string // where they are registered
	NotOf         string   // number of one who is left out
	AsOf          time.Time
	From, Before  time.Time // since when; zero for any time
	AfterSince    time.Time // after the one since then, of the number below; zero for from the beginning
	AfterUUID     string
}

// Read lists them, as many as a limit. Access that was held for two times with a gap counts as held in between.
func (l List) Read(ctx context.Context, r db.R, limit int) ([]Bare, error) {
	if len(l.Organisations) == 0 {
		return nil, nil
	}
	var a db.Arguments
	now := a.Add(l.AsOf)
	where := ` WHERE authenticators = 0 AND since <= ` + now + ` AND (held_until IS NULL OR held_until > ` + now +
		`) AND organisation IN (` + db.AddEach(&a, l.Organisations) + `)`
	if l.NotOf != "" {
		where += ` AND uuid <> ` + a.Add(l.NotOf)
	}
	if !l.From.IsZero() {
		where += ` AND since >= ` + a.Add(l.From)
	}
	if !l.Before.IsZero() {
		where += ` AND since < ` + a.Add(l.Before)
	}
	if !l.AfterSince.IsZero() {
		where += ` AND (since, uuid) > (` + a.Add(l.AfterSince) + `, ` + a.Add(l.AfterUUID) + `)`
	}
	list, err := db.All(ctx, r, func(scan db.Scanner) (b Bare, err error) {
		err = scan(&b.UUID, &b.Organisation, db.At(&b.Since))
		return b, err
	}, `SELECT uuid, organisation, since FROM identity_equipment`+where+` ORDER BY since, uuid LIMIT `+a.Add(limit),
		a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list people without an authenticator: %w", err)
	}
	return list, nil
}

// Equipped says which of some people have an active authenticator.
func Equipped(ctx context.Context, r db.R, uuids []string) (map[string]bool, error) {
	found := map[string]bool{}
	if len(uuids) == 0 {
		return found, nil
	}
	var a db.Arguments
	err := r.Each(ctx, func(scan db.Scanner) error {
		var uuid string
		if err := scan(&uuid); err != nil {
			return err
		}
		found[uuid] = true
		return nil
	}, `SELECT uuid FROM identity_equipment WHERE authenticators > 0 AND uuid IN (`+db.AddEach(&a, uuids)+`)`,
		a.List()...)
	if err != nil {
		return nil, fmt.Errorf("read who has an authenticator: %w", err)
	}
	return found, nil
}
