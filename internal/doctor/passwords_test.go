package doctor

import (
	"crypto/sha1"
	"os"
	"strings"
	"testing"
	"time"

	"signpost/internal/config"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/password/breached"
)

// The list of breached passwords is told of by its size and age; with an old or damaged one somebody has to act.
func TestBreachedPasswords(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	settings := config.Usual(t.TempDir())
	path := settings.BreachedPasswordsFile()
	made := func(imported time.Time) func() error {
		return func() error {
			b, err := breached.Begin(path)
			if err != nil {
				return err
			}
			defer b.Close()
			if err := b.Add([sha1.Size]byte{1}); err != nil {
				return err
			}
			_, err = b.Finish(breached.About{Source: "pwned.txt", Imported: imported})
			return err
		}
	}
	for _, tt := range []struct {
		name    string
		prepare func() error
		outcome Outcome
		saw     string
	}{
		{"none", func() error { return nil }, Well, "no list was imported"},
		{"new", made(noon), Well, "1, imported on 24 November 2026 from pwned.txt"},
		{"a year old", made(noon.Add(-maxListAge)), Well, "24 November 2025"},
		{"older", made(noon.Add(-maxListAge - time.Hour)), Failed, "The list is of 24 November 2025"},
		{"damaged", func() error { return os.WriteFile(path, []byte("liverpool1\n"), 0o600) }, Failed, "not a whole one"},
	} {
		if err := tt.prepare(); err != nil {
			t.Fatal(err)
		}
		var line Line
		x := &examination{Options: Options{Config: settings, Clock: clocktest.At(noon)}, say: func(l Line) { line = l }}
		x.breachedPasswords(t.Context())
		if line.Outcome != tt.outcome || !strings.Contains(line.Saw, tt.saw) || tt.outcome != Well && line.Cure == "" {
			t.Errorf("%s: %+v", tt.name, line)
		}
	}
}
