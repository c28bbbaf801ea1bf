package guidance_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/among"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

var morning = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func count(w *dostest.World, m guidance.Missing) (n int) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		if n, err = m.Count(ctx, r); err != nil {
			return err
		}
		list, err := m.List(ctx, r, 1_000)
		if len(list) != n {
			w.Errorf("listed %d, counted %d", len(list), n)
		}
		return err
	})
	return n
}

// Those who move by themselves lack guidance until they were told, and then until they have had it for long enough. The
// first time counts, by whichever way.
func TestWhoLacksGuidance(t *testing.T) {
	w := dostest.Open(t, morning)
	w.AddWaves()
	in := w.Waves[path.Choose]
	person := func(name string, kind account.Kind, waveID string) account.Account {
		return w.Account(account.New{Username: name, FirstName: name, Email: name + "@example.nhs.uk", Kind: kind,
			PasswordHash: w.Hash}, waveID)
	}
	ada := person("ada", account.Individual, in)
	bo := person("bo", account.Individual, in)
	linked := person("linked", account.Individual, in)
	gone := person("gone", account.Individual, in)
	person("team", account.Shared, in)
	person("robot", account.Machine, in)
	person("elsewhere", account.Individual, w.Waves[path.Prepare])
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := account.Deactivate(ctx, u, gone.ID, "left"); err != nil {
			return err
		}
		return account.AddLink(ctx, u, account.Link{AccountID: linked.ID, Issuer: "https://cis2.example", Subject: "1"})
	})
	never := guidance.Missing{Wave: in, Phase: path.Require}
	if n := count(w, never); n != 2 {
		t.Fatalf("never told: %d, want Ada and Bo", n)
	}
	of := wave.Wave{ID: in, Phase: path.Choose}
	w.Must(guidance.Show(w.Context(), w.DB, ada.ID, of))
	w.Clock.Advance(10 * 24 * time.Hour)
	w.Must(guidance.Show(w.Context(), w.DB, ada.ID, of))
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := guidance.Give(ctx, u, ada.ID, of, guidance.ByMail); err != nil {
			return err
		}
		if err := guidance.Give(ctx, u, bo.ID, of, guidance.ByMail); err != nil {
			return err
		}
		return wave.SetGuidance(ctx, u, in, 7, "test")
	})
	for name, tt := range map[string]struct {
		m    guidance.Missing
		want int
	}{
		"never told":             {never, 0},
		"told 7 days ago":        {guidance.Missing{Wave: in, Phase: path.Require, By: w.DB.Now().AddDate(0, 0, -7)}, 1},
		"told 14 days ago":       {guidance.Missing{Wave: in, Phase: path.Require, By: w.DB.Now().AddDate(0, 0, -14)}, 2},
		"told of another phase":  {guidance.Missing{Wave: in, Phase: path.Closed}, 2},
		"in a wave that is none": {guidance.Missing{Wave: "none", Phase: path.Require}, 0},
	} {
		if n := count(w, tt.m); n != tt.want {
			t.Errorf("%s: %d, want %d", name, n, tt.want)
		}
	}
	w.View(func(ctx context.Context, r db.R) error {
		told, err := guidance.Told(ctx, r, []string{ada.ID, bo.ID}, path.Require)
		if !told[ada.ID].Equal(morning) || !told[bo.ID].Equal(w.DB.Now()) {
			t.Errorf("told %v", told)
		}
		return err
	})
}

// Each phase has words for what follows it, with its day where that is known, and the last one none.
func TestWords(t *testing.T) {
	day := time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC)
	for phase, want := range map[path.Phase]string{path.Prepare: "you can link", path.Choose: "no longer opens",
		path.Require: "no use any more"} {
		for _, of := range []wave.Wave{{Phase: phase}, {Phase: phase, Dates: wave.Dates{Choose: day, Require: day, Close: day}}} {
			got := guidance.Words(of)
			dated := strings.Contains(got, "31 March 2027")
			if !strings.Contains(got, want) || dated == of.Dates.Choose.IsZero() {
				t.Errorf("phase %d: %q", phase, got)
			}
		}
	}
	if got := guidance.Words(wave.Wave{Phase: path.Closed}) + guidance.Words(wave.Wave{}); got != "" {
		t.Errorf("after the last phase: %q", got)
	}
}

// BenchmarkMissing counts who lacks guidance of a wave with 100,000 accounts, and lists one page of them.
func BenchmarkMissing(b *testing.B) {
	const accounts = 100_000
	w := dostest.Open(b, morning)
	in := w.Wave(wave.Wave{Name: "all", Phase: path.Choose})
	for first := 0; first < accounts; first += 2_000 {
		w.Update(func(ctx context.Context, u *db.W) error {
			for i := first; i < first+2_000; i++ {
				name := fmt.Sprintf("user%06d", i)
				a, err := account.Add(ctx, u, account.New{Username: name, FirstName: "Ada",
					Email: name + "@example.nhs.uk", PasswordHash: w.Hash})
				if err != nil {
					return err
				}
				if err := wave.Join(ctx, u, a.ID, in); err != nil {
					return err
				}
				if i%3 > 0 {
					continue
				}
				if err := guidance.Give(ctx, u, a.ID, wave.Wave{ID: in, Phase: path.Choose}, guidance.ByMail); err != nil {
					return err
				}
			}
			return nil
		})
	}
	m := guidance.Missing{Wave: in, Phase: path.Require, By: w.DB.Now()}
	b.ResetTimer()
	for b.Loop() {
		w.View(func(ctx context.Context, r db.R) error {
			n, err := m.Count(ctx, r)
			if err != nil {
				return err
			}
			found, err := account.Find(ctx, r, account.Search{Within: account.Reach{Everywhere: true},
				Among: among.All{among.Having(m.Condition)}}, account.Place{}, 50)
			if n != accounts-(accounts+2)/3 || found.Total != n {
				b.Fatalf("%d lack guidance, found %d", n, found.Total)
			}
			return err
		})
	}
}
