// Package mirror judges real logins of a wave, on days that somebody chose, by the rule of a later phase: who would
// have been turned away, and what they lack.
//
// It turns nobody away. It judges by the door's own rule, and asks package simulation what people lack.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records, about a wave.
const (
	eventSet       audit.Kind = "mirror.set"
	eventCancelled audit.Kind = "mirror.cancelled"
	eventReported  audit.Kind = "mirror.reported"
)

// Mirror is some days on which the logins of a wave are judged.
type Mirror struct {
	ID        string     `json:"id"`
	Wave      string     `json:"wave"` // id
	Phase     path.Phase `json:"phase"`
	From      time.Time  `json:"from"`
	Until     time.Time  `json:"until"` // the beginning of the day after the last
	Set       time.Time  `json:"set"`
	By        string     `json:"by"` // id of who set it
	Name      string     `json:"name"`
	Cancelled time.Time  `json:"cancelled,omitzero"`
	Reported  time.Time  `json:"reported,omitzero"` // when people were told what was found
}

// Last gives the last of its days.
func (m Mirror) Last() time.Time { return m.Until.In(clock.London).AddDate(0, 0, -1) }

// Over reports whether its days are over.
func (m Mirror) Over(now time.Time) bool { return !now.Before(m.Until) }

// PhaseFor gives the phase by whose rule the logins of a wave in a phase are judged: the next in which somebody is
// turned away who is not now. False is that there is none.
func PhaseFor(now path.Phase) (path.Phase, bool) { return max(now+1, path.Require), now < path.Closed }

// Office sets mirror days.
type Office struct {
	DB   *db.DB
	Post *mail.Post
	Home string // address of the directory
}

const maxDays = 14

var (
	errDay     = fault.OfField("from", "Enter today or a later day, such as 31 March 2027")
	errDays    = fault.OfField("days", "Enter a number of days from 1 to 14")
	errThere   = fault.OfField("from", "There is a mirror on one of these days already. Choose other days")
	errNoPhase = fault.Say(fault.Conflict, "The wave is in its last phase, so there is none whose rule could be tried.")
	errOver    = fault.Say(fault.Conflict, "The mirror is over.")
)

const selectMirror = `SELECT id, wave_id, phase, from_at, until_at, set_at, set_by, set_name, cancelled_at, reported_at
	FROM mirror`

func scanMirror(scan db.Scanner) (m Mirror, err error) {
	var phase int64
	err = scan(&m.ID, &m.Wave, &phase, db.At(&m.From), db.At(&m.Until), db.At(&m.Set), &m.By, &m.Name,
		db.At(&m.Cancelled), db.At(&m.Reported))
	m.Phase = path.Phase(phase)
	return m, err
}

const maxListed = 50

// List lists the mirrors of a wave that were not called off, the newest first.
func List(ctx context.Context, r db.R, waveID string) ([]Mirror, error) {
	list, err := db.All(ctx, r, scanMirror, selectMirror+` WHERE wave_id = $1 AND cancelled_at IS NULL
		ORDER BY from_at DESC LIMIT $2`, waveID, maxListed)
	if err != nil {
		return nil, fmt.Errorf("list mirrors of wave: %w", err)
	}
	return list, nil
}

// ByID reads a mirror, or gives fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Mirror, error) {
	m, err := db.One(ctx, r, scanMirror, selectMirror+` WHERE id = $1`, id)
	if err != nil {
		return m, fmt.Errorf("read mirror: %w", err)
	}
	return m, nil
}

// Set has the logins of a wave judged on some days, from that of a time on, by the rule of the next phase that turns
// people away. It gives the id.
func (o Office) Set(ctx context.Context, by actor.Actor, waveID string, from time.Time, days int) (string, error) {
	return db.Write(ctx, o.DB, by, func(w *db.W) (string, error) {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return "", err
		}
		of, err := wave.ByID(ctx, w, waveID)
		if err != nil {
			return "", err
		}
		m := Mirror{ID: random.ID(), Wave: waveID, From: outcome.DayOf(from)}
		m.Until = m.From.AddDate(0, 0, days)
		var is bool
		m.Phase, is = PhaseFor(of.Phase)
		switch {
		case !is:
			return "", errNoPhase
		case m.From.Before(outcome.DayOf(w.Now())):
			return "", errDay
		case days < 1 || days > maxDays:
			return "", errDays
		}
		return m.ID, add(ctx, w, m)
	})
}

// add keeps a mirror on days on which the wave has none.
func add(ctx context.Context, w *db.W, m Mirror) error {
	others, err := db.Value[int](ctx, w, `SELECT COUNT(*) FROM mirror WHERE wave_id = $1 AND cancelled_at IS NULL
		AND from_at < $2 AND until_at > $3`, m.Wave, m.Until, m.From)
	switch {
	case err != nil:
		return fmt.Errorf("look for mirrors of wave: %w", err)
	case others > 0:
		return errThere
	}
	_, err = w.Exec(ctx, `INSERT INTO mirror (id, wave_id, phase, from_at, until_at, set_at, set_by, set_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, m.ID, m.Wave, int(m.Phase), m.From, m.Until, w.Now(), w.Actor().ID,
		w.Actor().Name)
	if err != nil {
		return fmt.Errorf("set mirror: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventSet, Subject: wave.Ref(m.Wave), After: map[string]any{
		"from": m.From, "until": m.Until, "phase": m.Phase.Word()}})
}

// Cancel calls a mirror off that is not over.
func (o Office) Cancel(ctx context.Context, by actor.Actor, id string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		m, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		err = w.Change(ctx, `UPDATE mirror SET cancelled_at = $2 WHERE id = $1 AND cancelled_at IS NULL
			AND until_at > $2`, id, w.Now())
		if errors.Is(err, fault.Conflict) {
			return errOver
		}
		if err != nil {
			return fmt.Errorf("call off mirror: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventCancelled, Subject: wave.Ref(m.Wave), After: id})
	})
}
