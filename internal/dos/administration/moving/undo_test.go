package moving_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/worldtest"
)

// preview reads what the undo of the last start of the wave would do.
func (w *world) preview() moving.Preview {
	w.Helper()
	p, err := db.Read(w.Context(), w.DB, func(r db.R) (moving.Preview, error) {
		s, err := wave.LastStart(w.Context(), r, w.wave)
		if err != nil {
			return moving.Preview{}, err
		}
		return w.office.PreviewOf(w.Context(), r, s)
	})
	w.Must(err)
	return p
}

func (w *world) undo(p moving.Preview) error {
	return w.office.Undo(w.Context(), by(w.mover), p.Start.ID, p.Seen, "Too early")
}

func (w *world) join(a account.Account, waveID string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return wave.Join(ctx, u, a.ID, waveID) })
}

// Those who were in the wave have the earlier phase again. Whoever joined since keeps theirs, whoever went into another
// wave stays there, and the preview says so.
func TestAnUndoIsForThoseOfTheStart(t *testing.T) {
	w := newWorld(t)
	stays := w.person("stays", w.wave, nil)
	goes := w.person("goes", w.wave, nil)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	w.Clock.Advance(time.Hour)
	other := w.Wave(wave.Wave{Name: "south", Phase: path.Require})
	w.join(goes, other)
	joins := w.person("joins", w.wave, nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		return errors.Join(wave.SetGuidance(ctx, u, w.wave, 21, "test"), wave.SetAllowance(ctx, u, w.wave, 5, "test"))
	})
	p := w.preview()
	d := p.Difference
	if p.Problem != nil || p.Start.Members != 4 || d.Staying != 3 || d.LeftAll != 1 || d.Joined != 1 ||
		len(p.Left) != 1 || p.Left[0].Username != "goes" {
		t.Errorf("the preview is %+v", p)
	}
	w.Must(w.undo(p))
	for name, tt := range map[string]struct {
		of   account.Account
		want path.Phase
	}{"who stayed": {stays, path.Choose}, "who went": {goes, path.Require}, "who joined": {joins, path.Require}} {
		if got := w.phaseOf(tt.of); got != tt.want {
			t.Errorf("%s: phase %d, want %d", name, got, tt.want)
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM wave w JOIN wave_member m ON m.wave_id = w.id WHERE m.account_id = $1
		AND w.name = 'north, joined after 2 November 2026' AND w.guidance_days = 21 AND w.allowance = 5
		AND w.passwords_ended_at = (SELECT n.passwords_ended_at FROM wave n WHERE n.id = $2)`, joins.ID,
		w.wave); n != 1 {
		t.Error("who joined is not in a wave of their own, which is as theirs was")
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'wave.start-undone' AND actor_id = $1`, w.mover.ID); n != 1 {
		t.Errorf("%d events of undoes", n)
	}
}

// Starts are undone from the last back.
func TestStartsAreUndoneFromTheLast(t *testing.T) {
	w := newWorld(t)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	first := w.preview()
	w.Clock.Advance(time.Hour)
	w.Must(w.move(by(w.mover), w.wave, path.Choose))
	w.Must(w.move(by(w.mover), w.wave, path.Require)) // by a second start, from where the first went
	if err := w.undo(first); !errors.Is(err, fault.Conflict) || w.phase() != path.Require {
		t.Errorf("a start before the last: %v, phase %d", err, w.phase())
	}
	w.Clock.Advance(time.Hour)
	w.link(w.second)
	w.Must(w.move(by(w.mover), w.wave, path.Closed))
	if err := w.undo(first); !errors.Is(err, fault.Conflict) || w.phase() != path.Closed {
		t.Errorf("the first start: %v, phase %d", err, w.phase())
	}
	w.Must(w.undo(w.preview()))
	second := w.preview()
	w.Must(w.undo(second))
	if w.phase() != path.Choose {
		t.Errorf("phase %d after both", w.phase())
	}
	if err := w.undo(second); !errors.Is(err, fault.NotFound) {
		t.Errorf("undone again: %v", err)
	}
}

func (w *world) link(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: "https://cis2.example", Subject: a.ID,
			How: "test", Linked: u.Now()})
	})
}

// Whatever of a start was changed in the database, it is not undone, and an event says so.
func TestAChangedSnapshotIsRefused(t *testing.T) {
	var y worldtest.Tally
	for name, change := range map[string]string{
		"":                   "",
		"somebody taken out": `DELETE FROM wave_start_member WHERE account_id = $1`,
		"somebody put in": `INSERT INTO wave_start_member (start_id, account_id, phase)
			SELECT id, 'x' || $1, 1 FROM wave_start`,
		"somebody exchanged":      `UPDATE wave_start_member SET account_id = 'y' || $1 WHERE account_id = $1`,
		"a phase":                 `UPDATE wave_start_member SET phase = 0 WHERE account_id = $1`,
		"the phase to go back to": `UPDATE wave_start SET from_phase = 1 WHERE reason <> $1`,
		"the time":                `UPDATE wave_start SET started_at = started_at + 1000 WHERE reason <> $1`,
		"who started it":          `UPDATE wave_start SET started_by = $1`,
		"the reason":              `UPDATE wave_start SET reason = $1`,
		"the seal":                `UPDATE wave_start SET seal = SUBSTR(seal, 1, 40) WHERE reason <> $1`,
		"no seal":                 `UPDATE wave_start SET seal = NULL WHERE reason <> $1`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Must(w.move(by(w.mover), w.wave, path.Require))
			before := w.preview()
			if change == "" {
				w.Must(w.undo(before))
				return
			}
			w.Update(func(ctx context.Context, u *db.W) error {
				_, err := u.Exec(ctx, change, w.everywhere.ID)
				return errors.Join(err, wave.SetDates(ctx, u, w.wave, wave.Dates{}))
			})
			p := w.preview()
			err := w.undo(p)
			y.Refused(t, name, err == nil || w.phase() != path.Require)
			if !errors.Is(err, wave.ErrChanged) || !errors.Is(p.Problem, wave.ErrChanged) {
				t.Errorf("refused by %v, shown %v", err, p.Problem)
			}
			if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'wave.undo-refused'`); n != 1 {
				t.Errorf("%d events", n)
			}
		})
	}
	y.Report(t, "changed snapshots")
}

// An undo is refused to whoever may not, too late, unseen, and where the master key is another one.
func TestUndoesThatAreRefused(t *testing.T) {
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		want error
		do   func(w *world, p moving.Preview) error
	}{
		"by whoever may not move waves": {fault.Forbidden, func(w *world, p moving.Preview) error {
			return w.office.Undo(w.Context(), by(w.user), p.Start.ID, p.Seen, "Mine")
		}},
		"by a stranger": {fault.Forbidden, func(w *world, p moving.Preview) error {
			return w.office.Undo(w.Context(), actor.Actor{Kind: actor.Stranger}, p.Start.ID, p.Seen, "Mine")
		}},
		"without a reason": {fault.Invalid, func(w *world, p moving.Preview) error {
			return w.office.Undo(w.Context(), by(w.mover), p.Start.ID, p.Seen, " ")
		}},
		"with a long reason": {fault.Invalid, func(w *world, p moving.Preview) error {
			return w.office.Undo(w.Context(), by(w.mover), p.Start.ID, p.Seen, strings.Repeat("n", 2_001))
		}},
		"of no start": {fault.NotFound, func(w *world, p moving.Preview) error {
			return w.office.Undo(w.Context(), by(w.mover), "none", p.Seen, "Too early")
		}},
		"unseen": {fault.Conflict, func(w *world, p moving.Preview) error {
			w.person("late", w.wave, nil)
			return w.undo(p)
		}},
		"after 30 days": {fault.Conflict, func(w *world, p moving.Preview) error {
			w.Clock.Advance(moving.Undoable - time.Minute)
			if now := w.preview(); now.Problem != nil {
				w.Errorf("in the 30 days: %v", now.Problem)
			}
			w.Clock.Advance(2 * time.Minute)
			return w.undo(p)
		}},
		"after a move by hand": {fault.Conflict, func(w *world, p moving.Preview) error {
			w.Must(w.move(by(w.mover), w.wave, path.Prepare))
			return w.undo(p)
		}},
		"under another master key": {fault.Conflict, func(w *world, p moving.Preview) error {
			other, err := seal.New(make([]byte, 32))
			w.Must(err)
			w.office.Box = other
			return w.undo(p)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Must(w.move(by(w.mover), w.wave, path.Require))
			p := w.preview()
			err := tt.do(w, p)
			y.Refused(t, name, err == nil)
			if !errors.Is(err, tt.want) {
				t.Errorf("refused by %v, want %v", err, tt.want)
			}
			if p := w.phase(); p == path.Choose {
				t.Error("the start was undone")
			}
		})
	}
	y.Report(t, "undoes")
}

// What joins or leaves a wave while its snapshot is taken is in it as it is when the wave moves.
func TestASnapshotThatWasBrokenOffGoesOn(t *testing.T) {
	w := newWorld(t)
	goes := w.person("goes", w.wave, nil)
	stays := w.person("stays", w.wave, nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		of, err := wave.ByID(ctx, u, w.wave)
		if err != nil {
			return err
		}
		s, err := wave.PrepareStart(ctx, u, of, path.Require, "test")
		if err != nil {
			return err
		}
		_, err = wave.CopyMembers(ctx, u, s, 3)
		return err
	})
	w.join(goes, w.Wave(wave.Wave{Name: "south", Phase: path.Choose}))
	w.join(w.user, w.wave) // whose id comes before the last that was copied
	w.person("late", w.wave, nil)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	if p := w.preview(); p.Problem != nil || p.Start.Members != 5 || p.Difference.Staying != 5 ||
		p.Difference.LeftAll+p.Difference.Joined != 0 {
		t.Errorf("the snapshot is %+v", p)
	}
	if w.phaseOf(stays) != path.Require {
		t.Error("the wave did not move")
	}
	if n := w.Count(`SELECT COUNT(*) FROM wave_start`); n != 1 {
		t.Errorf("%d starts", n)
	}
}

// Who was in a wave at a start is kept while the start can be undone and 90 days more; then it is forgotten, and the
// start itself stays.
func TestMembersOfAStartAreForgotten(t *testing.T) {
	w := newWorld(t)
	w.person("stays", w.wave, nil)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	workers := job.NewWorkers()
	wave.Work(workers, w.DB)
	members := w.Count(`SELECT COUNT(*) FROM wave_start_member`)
	for _, tt := range []struct {
		days int
		want int64
	}{{0, members}, {119, members}, {2, 0}} {
		w.Clock.Advance(time.Duration(tt.days) * 24 * time.Hour)
		for _, s := range workers.Sweepers() {
			_, err := s.Sweep(w.Context(), actor.ForJob(wave.SweepJob{}.Kind(), ""))
			w.Must(err)
		}
		if got := w.Count(`SELECT COUNT(*) FROM wave_start_member`); got != tt.want || members == 0 {
			t.Errorf("after %d days more: %d of %d", tt.days, got, members)
		}
	}
	if p := w.preview(); p.Problem == nil || p.Start.Members != int(members) {
		t.Errorf("the start is %+v", p)
	}
}
