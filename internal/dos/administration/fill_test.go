package administration_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// waves has a wave with the administrators in it, and somebody who may make and fill waves.
type waves struct {
	*world

	wave  string
	mover account.Account
}

func newWaves(t *testing.T) *waves {
	t.Helper()
	w := &waves{world: newWorld(t)}
	w.wave = w.Wave(wave.Wave{Name: "north", Phase: path.Choose})
	w.mover = w.person("mover", "", "ZIB", account.Everywhere.Of(account.ManageWaves))
	w.Update(func(ctx context.Context, u *db.W) error {
		return errors.Join(wave.Join(ctx, u, w.everywhere.ID, w.wave), wave.Join(ctx, u, w.second.ID, w.wave))
	})
	return w
}

func (w *waves) move(to path.Phase) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, w.wave, to, "test") })
}

// unplaced counts the accounts of a cohort that are in no wave.
func (w *waves) unplaced(c report.Cohort) []string {
	w.Helper()
	ids, err := db.Read(w.Context(), w.DB, func(r db.R) ([]string, error) {
		return report.Unplaced(w.Context(), r, c, 1_000)
	})
	w.Must(err)
	n, err := db.Read(w.Context(), w.DB, func(r db.R) (int, error) { return report.CountUnplaced(w.Context(), r, c) })
	w.Must(err)
	if n != len(ids) {
		w.Errorf("%+v: counted %d, listed %d", c, n, len(ids))
	}
	return ids
}

// A wave is made, filled with the accounts of an organisation that are in none, and counted.
func TestAWaveIsMadeAndFilled(t *testing.T) {
	w := newWaves(t)
	w.person("one", "", "RXK", nil)
	linked := w.person("two", "", "RXK", nil)
	w.person("elsewhere", "", "RXZ", nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: linked.ID, Issuer: "https://cis2.example",
			Subject: "500000000099"})
	})
	program := w.Account(account.New{Username: "api", Email: "api@example.nhs.uk", Organisation: "RXK", Kind: account.Machine}, "")
	dates := wave.Dates{Choose: w.Clock.Now().AddDate(0, 0, 14), Require: w.Clock.Now().AddDate(0, 2, 0)}
	id, err := w.office.AddWave(w.Context(), by(w.mover), " Leeds ", dates)
	w.Must(err)
	cohort := report.Cohort{Organisation: "RXK"}
	ids := w.unplaced(cohort)
	if len(ids) != 2 {
		t.Fatalf("%d accounts of RXK are in no wave", len(ids))
	}
	inOther := w.everywhere.ID // which stays where it is
	n, err := w.office.FillWave(w.Context(), by(w.mover), id, append(ids, inOther))
	w.Must(err)
	if n != 2 || len(w.unplaced(cohort)) != 0 || len(w.unplaced(report.Cohort{Organisation: "RXZ"})) != 1 {
		t.Errorf("%d joined, %d and %d are left", n, len(w.unplaced(cohort)),
			len(w.unplaced(report.Cohort{Organisation: "RXZ"})))
	}
	w.Update(func(ctx context.Context, u *db.W) error { return wave.Join(ctx, u, program.ID, id) }) // is not counted
	counts, err := db.Read(w.Context(), w.DB, func(r db.R) (map[string]report.WaveCounts, error) {
		return report.Waves(w.Context(), r)
	})
	w.Must(err)
	if c := counts[id]; c.Accounts != 2 || c.Linked != 1 || c.Shared != 0 {
		t.Errorf("counts %+v", c)
	}
	made, err := db.Read(w.Context(), w.DB, func(r db.R) (wave.Wave, error) { return wave.ByID(w.Context(), r, id) })
	w.Must(err)
	if made.Name != "Leeds" || made.Phase != path.Prepare || !made.Dates.Choose.Equal(dates.Choose) {
		t.Errorf("made %+v", made)
	}
	again, err := w.office.FillWave(w.Context(), by(w.mover), id, ids)
	if again != 0 || err != nil {
		t.Errorf("a second time: %d, %v", again, err)
	}
}

func TestWhoMayMakeAndFillWaves(t *testing.T) {
	w := newWaves(t)
	one := w.person("one", "", "RXK", nil)
	day := w.Clock.Now()
	later := day.AddDate(0, 0, 1)
	add := func(by actor.Actor, name string, d wave.Dates) error {
		_, err := w.office.AddWave(w.Context(), by, name, d)
		return err
	}
	fill := func(by actor.Actor, id string) error {
		_, err := w.office.FillWave(w.Context(), by, id, []string{one.ID})
		return err
	}
	dates := func(by actor.Actor, id string) error {
		return w.office.SetWaveDates(w.Context(), by, id, wave.Dates{})
	}
	withoutPassword := w.WithoutPassword(account.New{Username: "never", Email: "never@example.nhs.uk"})
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		err  error
		want error
	}{
		"made without the permission":   {add(by(w.user), "x", wave.Dates{}), fault.Forbidden},
		"filled without the permission": {fill(by(w.user), w.wave), fault.Forbidden},
		"dates without the permission":  {dates(by(w.user), w.wave), fault.Forbidden},
		"no name":                       {add(by(w.mover), "  ", wave.Dates{}), fault.Invalid},
		"a long name":                   {add(by(w.mover), strings.Repeat("n", 61), wave.Dates{}), fault.Invalid},
		"a name that looks like one":    {add(by(w.mover), "N0rth", wave.Dates{}), fault.Invalid},
		"the name of those without a password": {add(by(w.mover), "accounts without a Password", wave.Dates{}),
			fault.Invalid},
		"a name that cannot be seen": {add(by(w.mover), "so\u200buth", wave.Dates{}), fault.Invalid},
		"days out of order": {add(by(w.mover), "x", wave.Dates{Choose: later, Require: day}),
			fault.Invalid},
		"closing before linking":              {add(by(w.mover), "x", wave.Dates{Choose: later, Close: day}), fault.Invalid},
		"dates of those without a password":   {dates(by(w.mover), withoutPassword), fault.NotFound},
		"those without a password are filled": {fill(by(w.mover), withoutPassword), fault.NotFound},
		"no such wave":                        {fill(by(w.mover), "none"), fault.NotFound},
		"dates of no such wave":               {dates(by(w.mover), "none"), fault.NotFound},
	} {
		y.Refused(t, name, tt.err == nil)
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", name, tt.err, tt.want)
		}
	}
	w.move(path.Require)
	err := fill(by(w.mover), w.wave)
	y.Refused(t, "a wave whose passwords have ended takes somebody in", err == nil)
	if !errors.Is(err, fault.Conflict) || len(w.unplaced(report.Cohort{Organisation: "RXK"})) != 1 {
		t.Errorf("into a wave whose passwords have ended: %v", err)
	}
	y.Report(t, "making and filling waves")
	w.move(path.Choose)
	w.Must(fill(by(w.mover), w.wave))
	w.Must(w.office.SetWaveDates(w.Context(), by(w.mover), w.wave, wave.Dates{Close: later.Add(time.Hour)}))
}
