package app

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// openCare opens the care identity side of a system in a folder, and closes it again.
func openCare(t *testing.T, cfg config.Config) error {
	t.Helper()
	s, err := New(Options{
		Config: cfg, Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, Transport: &mail.Mailbox{}, Throwaway: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.OpenCareIdentity(t.Context(), nil)
	if err != nil {
		return err
	}
	return c.Close(t.Context())
}

func usualAddresses(folder string) config.Config {
	cfg := config.Usual(folder)
	cfg.Addresses = config.Addresses{
		DoS: "https://dos.example.nhs.uk", CIS2: "https://cis2.example.nhs.uk", CIM: "https://cim.example.nhs.uk",
	}
	return cfg
}

// A care identity database that was lost is not made anew beside the keys of the old one, however often it is tried.
// Nor is one that is not empty, or new in every way, taken for lost.
func TestALostDatabaseIsNotMadeAnew(t *testing.T) {
	cfg := usualAddresses(t.TempDir())
	for _, start := range []string{"first", "second"} {
		if err := openCare(t, cfg); err != nil {
			t.Fatalf("%s start: %v", start, err)
		}
	}
	if err := os.Remove(cfg.CareIDSource()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		refusedAsLost(t, openCare(t, cfg), "cim-client.key is there")
	}
}

// A directory that links accounts to people of the lost database is enough, where the keys are lost too. Links to
// another issuer's people say nothing.
func TestADatabaseIsMissedByTheDirectory(t *testing.T) {
	for issuer, lost := range map[string]bool{"": true, "https://elsewhere.example.nhs.uk": false} {
		cfg := usualAddresses(t.TempDir())
		if issuer == "" {
			issuer = cfg.Addresses.Issuer()
		}
		linkSomebody(t, cfg, issuer)
		err := openCare(t, cfg)
		if !lost && err != nil {
			t.Errorf("linked to %s: %v", issuer, err)
		}
		if lost {
			refusedAsLost(t, err, "accounts of the directory are linked")
		}
	}
}

func linkSomebody(t *testing.T, cfg config.Config, issuer string) {
	t.Helper()
	d, err := OpenDatabase(t.Context(), cfg, DoS)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		a, err := account.Add(t.Context(), w, account.New{Username: "ann", Email: "ann@example.nhs.uk"})
		if err != nil {
			return err
		}
		link := account.Link{AccountID: a.ID, Issuer: issuer, Subject: "1", How: "test", Linked: w.Now()}
		if err := account.AddLink(t.Context(), w, link); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: "test.linked"})
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
}

func refusedAsLost(t *testing.T, err error, evidence string) {
	t.Helper()
	f, _ := fault.From(err)
	if f == nil || f.Code != fault.Conflict || !strings.Contains(f.Message, evidence) || f.Cure == "" {
		t.Errorf("err = %v, want a refusal that says %q", err, evidence)
	}
}
