package wave_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// world is one account in a wave.
type world struct {
	*dostest.World

	wave string
	ada  account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, noon)}
	dates := wave.Dates{Choose: noon.AddDate(0, 0, 7), Require: noon.AddDate(0, 1, 0)}
	w.wave = w.Wave(wave.Wave{Name: "north", Phase: path.Choose, Dates: dates})
	w.ada = w.Account(account.New{Username: "ada", Email: "ada@nhs.net", EmailProved: true}, w.wave)
	return w
}

func (w *world) account(n account.New) account.Account { return w.Account(n, "") }

func (w *world) waveOf(id string) (v wave.Wave) {
	w.Helper()
	w.Must(w.DB.View(w.Context(), func(r db.R) (err error) {
		v, err = wave.Of(w.Context(), r, id)
		return err
	}))
	return v
}

func TestWaves(t *testing.T) {
	w := newWorld(t)
	v := w.waveOf(w.ada.ID)
	if v.Name != "north" || v.Phase != path.Choose || !v.Dates.Choose.Equal(noon.AddDate(0, 0, 7)) ||
		!v.Dates.Close.IsZero() || !v.PasswordsEnded.IsZero() {
		t.Errorf("the wave is %+v", v)
	}
	if v := w.waveOf(w.account(account.New{Username: "none",
		Email: "none@nhs.net"}).ID); v.Phase != path.Prepare || v.ID != "" {
		t.Errorf("an account without a wave is in %+v", v)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		other, err := wave.Add(ctx, u, wave.Wave{Name: "south", Phase: path.Require})
		if err != nil {
			return err
		}
		return wave.Join(ctx, u, w.ada.ID, other)
	})
	if v := w.waveOf(w.ada.ID); v.Name != "south" || v.PasswordsEnded != noon {
		t.Errorf("after joining another: %+v", v)
	}
}

// A wave moves forward and back. It stores the last time at which passwords ended.
func TestPhasesForwardAndBack(t *testing.T) {
	w := newWorld(t)
	var ended time.Time
	for i, step := range []struct {
		to   path.Phase
		ends bool
	}{
		{path.Prepare, false}, {path.Choose, false}, {path.Require, true}, {path.Closed, false}, {path.Require, false},
		{path.Choose, false}, {path.Closed, true}, {path.Prepare, false}, {path.Closed, true},
	} {
		w.Clock.Advance(time.Hour)
		w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, w.wave, step.to, "test") })
		if step.ends {
			ended = w.Clock.Now()
		}
		v := w.waveOf(w.ada.ID)
		if v.Phase != step.to || !v.PasswordsEnded.Equal(ended) {
			t.Errorf("step %d: phase %d, passwords ended %v; want %d and %v", i, v.Phase, v.PasswordsEnded,
				step.to, ended)
		}
	}
}
