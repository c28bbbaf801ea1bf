package admin_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/schema"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
)

// The command ends the locks of somebody's authenticators, and has a node tell them.
func TestAdminUnlock(t *testing.T) {
	h := commandtest.NewSystem(t, "")
	source := filepath.Join(h.Data, "careid.db")
	d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	var number, key string
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		i, err := identity.Add(t.Context(), w,
			identity.New{GivenName: "Olu", FamilyName: "Example", AssuranceLevel: 3, Organisation: "Z90001"})
		if err != nil {
			return err
		}
		number = i.UUID
		key, err = authenticator.Bind(t.Context(), w,
			authenticator.New{UUID: number, Kind: authn.AuthenticatorApp, Level: authn.AAL2})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range authenticator.MaxWrongTries {
		err := d.Update(t.Context(), actor.Actor{Kind: actor.Stranger}, func(w *db.W) error {
			return careidtest.WrongTry(t.Context(), w, key, tries.Browser{})
		})
		if !errors.Is(err, fault.Unauthenticated) {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		number, reason, says string
		exit                 int
	}{
		{number, "", "--reason", cli.ExitUsage},
		{"123456789012", "called", "no Care Identity with that number", cli.ExitFailed},
		{number[:4] + " " + number[4:], "called", "Locks ended: 1. Olu Example is told at each email address", cli.ExitDone},
		{number, "called", "No authenticator of Olu Example is locked", cli.ExitDone},
	} {
		out, errs, code := run(t, h.On("admin", "unlock", tt.number, "--reason", tt.reason)...)
		if code != tt.exit || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s %q: exit %d: %s", tt.number, tt.reason, code, out+errs)
		}
	}
	jobs, err := db.Read(t.Context(), d, func(r db.R) (int64, error) {
		return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM river_job WHERE kind = 'authenticator.notice'`)
	})
	if err != nil || jobs != 1 {
		t.Errorf("%d notices wait for a node, %v", jobs, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
