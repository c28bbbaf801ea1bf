package command

import (
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/team"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

func TestAdminOperator(t *testing.T) {
	h := newKeysHouse(t, "")
	d, err := db.Open(t.Context(), db.Options{Source: filepath.Join(h.data, "careid.db"), Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	var i identity.Identity
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		i, err = identity.Add(t.Context(), w, identity.New{GivenName: "Olu", FamilyName: "Example", AssuranceLevel: 3, Organisation: "Z90001"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	admin := func(number string) (string, int) {
		out, errs, code := run(t, "admin", "operator", number, "--config", h.config, "--data", h.data)
		return out + errs, code
	}
	for range 2 {
		if said, code := admin(i.UUID); code != exitDone || !strings.Contains(said, "Olu Example is an operator") {
			t.Errorf("exit %d: %s", code, said)
		}
	}
	if said, code := admin("123456789012"); code != exitFailed ||
		!strings.Contains(said, "no Care Identity with that number") {
		t.Errorf("nobody: exit %d: %s", code, said)
	}
	err = d.View(t.Context(), func(r db.R) error {
		members, err := team.Members(t.Context(), r, team.Operators)
		if len(members) != 1 || members[0].UUID != i.UUID {
			t.Errorf("operators are %+v", members)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
