package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"signpost/internal/config"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// A data folder of its own beside the directory's database alone, such as of a second node without the keys of the
// first, gets no new master key once anybody has logged in to the directory. Until then it is a new system.
func TestADirectoryThatWasUsedMissesItsMasterKey(t *testing.T) {
	cfg := usualAddresses(t.TempDir())
	source := dbtest.Empty(t, dbtest.Plain)
	if dbtest.Server() != "" {
		cfg.Databases.DoS = source
	}
	for _, used := range []bool{false, true} {
		openDirectory(t, cfg, used)
		err := keyNotLost(t.Context(), cfg)
		if !used && err != nil {
			t.Errorf("a new system: %v", err)
		}
		if used {
			refusedAsLost(t, err, "is missing, and what people who logged in to the directory left there is sealed")
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	none := func() float64 { return 0 }
	if err := Serve(ctx, cfg, []string{"dos"}, slog.New(slog.DiscardHandler), none); err == nil {
		t.Error("it is served")
	}
	if _, err := os.Stat(cfg.MasterKeyFile()); err == nil {
		t.Error("a new master key was written")
	}
	chosen := []byte(strings.Repeat("A", 43) + "=\n")
	if err := errors.Join(os.WriteFile(cfg.MasterKeyFile(), chosen, 0o600), keyNotLost(t.Context(), cfg)); err != nil {
		t.Errorf("with a key that somebody put there: %v", err)
	}
}

// openDirectory makes the directory's database, in which somebody has logged in if it was used.
func openDirectory(t *testing.T, cfg config.Config, used bool) {
	t.Helper()
	d, err := OpenDatabase(t.Context(), cfg, DoS)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		kind := audit.Kind("account.added")
		if used {
			kind = signin.SignedIn
		}
		return w.Record(t.Context(), audit.Event{Kind: kind})
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
}
