package doctor

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/app"
	"signpost/internal/careid/metadata"
	"signpost/internal/config"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
)

// What is known of the models of authenticators is told of by its issue and age.
func TestMetadata(t *testing.T) {
	due := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	settings := config.Usual(t.TempDir())
	d, err := app.OpenDatabase(t.Context(), settings, app.CareID)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	look := func(now time.Time) Line {
		t.Helper()
		var line Line
		x := &examination{
			Options: Options{Config: settings, Clock: clocktest.At(now), Sites: []string{"cis2"}},
			say:     func(l Line) { line = l },
		}
		x.databases(t.Context())
		x.metadata(t.Context())
		return line
	}
	expect := func(name string, line Line, outcome Outcome, saw string) {
		t.Helper()
		if line.Check != "FIDO metadata" || line.Outcome != outcome || !strings.Contains(line.Saw, saw) ||
			outcome != Well && line.Cure == "" {
			t.Errorf("%s: %+v", name, line)
		}
	}
	expect("none", look(due), Wait, "None was imported")
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		_, err := metadata.Save(context.Background(), w, metadata.Blob{Number: 7, NextUpdate: due})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	expect("in time", look(due), Well, "issue 7")
	expect("overdue", look(due.AddDate(0, 0, 3)), Wait, "was due on 1 December 2026")
}
