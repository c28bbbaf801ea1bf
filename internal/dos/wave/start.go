package wave

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

const (
	eventStartPrepared audit.Kind = "wave.start-prepared"
	eventUndone        audit.Kind = "wave.start-undone"
	eventPutApart      audit.Kind = "wave.put-apart"
)

// Start is a move of a wave forward. Its snapshot says which accounts were in the wave, and which phase held for each
// before.
type Start struct {
	ID       string
	Wave     string // id
	From, To path.Phase
	At       time.Time // zero until the snapshot is whole and the wave has moved
	By, Name string    // who started it: their id and name
	Reason   string
	Members  int
	Apart    string // id of the wave into which those were put who joined after the start; empty if there is none

	Undone                   time.Time
	UndoneName, UndoneReason string

	seal []byte
}

const selectStart = `SELECT id, wave_id, from_phase, to_phase, started_at, started_by, started_name, reason, members,
	apart_wave, undone_at, undone_name, undone_reason, seal FROM wave_start`

func scanStart(scan db.Scanner) (s Start, err error) {
	var from, to, members int64
	err = scan(&s.ID, &s.Wave, &from, &to, db.At(&s.At), &s.By, &s.Name, &s.Reason, &members, &s.Apart,
		db.At(&s.Undone), &s.UndoneName, &s.UndoneReason, &s.seal)
	s.From = path.Phase(from)
	s.To = path.Phase(to)
	s.Members = int(members)
	return s, err
}

const maxListedStarts = 50

// Starts lists the newest starts of a wave that have happened.
func Starts(ctx context.Context, r db.R, waveID string) ([]Start, error) {
	list, err := db.All(ctx, r, scanStart, selectStart+` WHERE wave_id = $1 AND started_at IS NOT NULL
		ORDER BY started_at DESC, id DESC LIMIT $2`, waveID, maxListedStarts)
	if err != nil {
		return nil, fmt.Errorf("list starts of wave: %w", err)
	}
	return list, nil
}

// StartByID reads a start, or gives fault.NotFound.
func StartByID(ctx context.Context, r db.R, id string) (Start, error) {
	s, err := db.One(ctx, r, scanStart, selectStart+` WHERE id = $1`, id)
	if err != nil {
		return s, fmt.Errorf("read start of wave: %w", err)
	}
	return s, nil
}

// LastStart gives the newest start of a wave that was not undone, or fault.NotFound.
func LastStart(ctx context.Context, r db.R, waveID string) (Start, error) {
	s, err := db.One(ctx, r, scanStart, selectStart+` WHERE wave_id = $1 AND started_at IS NOT NULL
		AND undone_at IS NULL ORDER BY started_at DESC, id DESC LIMIT 1`, waveID)
	if err != nil {
		return s, fmt.Errorf("read last start of wave: %w", err)
	}
	return s, nil
}

// PrepareStart begins the snapshot of a start, as a part of an Update, or goes on with one that was not finished.
func PrepareStart(ctx context.Context, w *db.W, of Wave, to path.Phase, reason string) (Start, error) {
	s, err := db.One(ctx, w, scanStart, selectStart+` WHERE wave_id = $1 AND started_at IS NULL`, of.ID)
	if err == nil && s.From == of.Phase {
		return s, nil
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return s, fmt.Errorf("read unfinished start: %w", err)
	}
	if err == nil { // the wave was moved since
		if err := discard(ctx, w, s.ID); err != nil {
			return s, err
		}
	}
	s = Start{ID: random.ID(), Wave: of.ID, From: of.Phase, To: to}
	_, err = w.Exec(ctx, `INSERT INTO wave_start (id, wave_id, from_phase, to_phase) VALUES ($1, $2, $3, $4)`, s.ID,
		s.Wave, int(s.From), int(to))
	if err != nil {
		return s, fmt.Errorf("prepare start: %w", err)
	}
	return s, w.Record(ctx, audit.Event{Kind: eventStartPrepared, Subject: Ref(of.ID), After: to, Reason: reason})
}

func discard(ctx context.Context, w *db.W, startID string) error {
	for _, statement := range []string{`DELETE FROM wave_start_member WHERE start_id = $1`,
		`DELETE FROM wave_start WHERE id = $1`} {
		if _, err := w.Exec(ctx, statement, startID); err != nil {
			return fmt.Errorf("discard unfinished start: %w", err)
		}
	}
	return nil
}

// Finish ends a start, as a part of an Update: it makes the snapshot what the wave is now, seals it and moves the wave.
func Finish(ctx context.Context, w *db.W, box *seal.Box, s Start) error {
	if err := settle(ctx, w, s); err != nil {
		return err
	}
	s.At = w.Now()
	s.By = w.Actor().ID
	s.Name = w.Actor().Name
	sum, members, err := sumOf(ctx, w, s)
	if err != nil {
		return err
	}
	sealed := box.Seal(sum, s.sealContext())
	err = w.Change(ctx, `UPDATE wave_start SET to_phase = $2, started_at = $3, started_by = $4, started_name = $5,
		reason = $6, members = $7, seal = $8 WHERE id = $1 AND started_at IS NULL`, s.ID, int(s.To), s.At, s.By, s.Name,
		s.Reason, members, sealed)
	if err != nil {
		return fmt.Errorf("finish start: %w", err)
	}
	return SetPhase(ctx, w, s.Wave, s.To, s.Reason)
}

// Undo moves a wave back to the phase that it had before a start, as a part of an Update. Those who joined since have
// been put apart.
func Undo(ctx context.Context, w *db.W, s Start, reason string) error {
	err := w.Change(ctx, `UPDATE wave_start SET undone_at = $2, undone_name = $3, undone_reason = $4
		WHERE id = $1 AND started_at IS NOT NULL AND undone_at IS NULL`, s.ID, w.Now(), w.Actor().Name, reason)
	if err != nil {
		return fmt.Errorf("undo start: %w", err)
	}
	if err := SetPhase(ctx, w, s.Wave, s.From, reason); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventUndone, Subject: Ref(s.Wave), Before: s.To, After: s.From,
		Reason: reason})
}
