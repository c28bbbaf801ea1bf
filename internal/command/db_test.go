package command

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// A check says of each database whether it is whole, to people and to programs, and exits with 1 where one is not.
func TestDatabasesAreChecked(t *testing.T) {
	if _, errs, code := run(t, "db", "check", "--data", t.TempDir()); code != cli.ExitFailed ||
		!strings.Contains(errs, "There is no system") {
		t.Errorf("of no system: exit %d, %s", code, errs)
	}
	data := t.TempDir()
	d, err := app.OpenDatabase(t.Context(), config.Usual(data), app.DoS)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	out, errs, code := run(t, "db", "check", "--data", data)
	if code != cli.ExitDone || !strings.Contains(out, "dos: events: 0 looked at, all well") ||
		!strings.Contains(out, "careid: there is no such database here") {
		t.Errorf("of a whole one: exit %d, %s%s", code, out, errs)
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return w.Record(t.Context(), audit.Event{Kind: "test.done"})
	})
	if err == nil {
		err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
			if err := w.Change(t.Context(), `UPDATE event_detail SET reason = 'another'`); err != nil {
				return err
			}
			return w.Record(t.Context(), audit.Event{Kind: "test.spoilt"})
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	out, errs, code = run(t, "db", "check", "--json", "--data", filepath.Clean(data))
	var list []checkedSide
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if code != cli.ExitFailed || !strings.Contains(errs, "Not whole: dos (events).") || len(list) != 2 ||
		list[1].There {
		t.Errorf("of a spoilt one: exit %d, %+v, %s", code, list, errs)
	}
}
