package admin_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/careid/authenticator"
	careschema "signpost/internal/careid/schema"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
	"signpost/internal/dos/linking"
	dosschema "signpost/internal/dos/schema"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// neverUsed is a system that was started once, and in which there is nobody.
func neverUsed(t *testing.T) commandtest.System {
	t.Helper()
	h := commandtest.NewSystem(t, "")
	if _, err := app.MakeDirectoryKey(t.Context(), config.Config{Data: h.Data}); err != nil {
		t.Fatal(err)
	}
	for _, side := range []db.Options{
		{Source: filepath.Join(h.Data, "careid.db"), Migrations: careschema.Files, Clock: clock.System{}},
		{Source: filepath.Join(h.Data, "dos.db"), Migrations: dosschema.Files, Clock: clock.System{}},
	} {
		d, err := db.Open(t.Context(), side)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// firstLink asks for the link of Joseph at a site; more flags may be given.
func firstLink(t *testing.T, h commandtest.System, site string, more ...string) (out, errs string, code int) {
	t.Helper()
	args := append([]string{"admin", "first-link", "--site", site, "joseph@example.nhs.uk", "--given-name", "Joseph",
		"--family-name", "Adeyemi", "--organisation", "Z90001"}, more...)
	return run(t, h.On(args...)...)
}

func TestFirstLinks(t *testing.T) {
	h := neverUsed(t)
	for site, want := range map[string]string{
		"dos": "https://dos.example.nhs.uk" + linking.SetUpPath, "cim": "https://cis2.example.nhs.uk" + authenticator.BindPath,
	} {
		out, errs, code := firstLink(t, h, site, "--organisation-name", "EXAMPLE TRUST")
		if code != cli.ExitDone || !strings.Contains(out, want) || !strings.Contains(out, "Joseph Adeyemi") {
			t.Errorf("%s: exit %d: %s%s", site, code, out, errs)
		}
		out, errs, code = firstLink(t, h, site, "--json") // once more
		var made struct{ Link string }
		if err := json.Unmarshal([]byte(out), &made); err != nil || code != cli.ExitDone ||
			!strings.HasPrefix(made.Link, want) {
			t.Errorf("%s as JSON: exit %d: %v %s%s", site, code, err, out, errs)
		}
	}
}

func TestFirstLinksThatAreRefused(t *testing.T) {
	h := neverUsed(t)
	for name, tt := range map[string]struct {
		site string
		more []string
		code int
		says string
	}{
		"an organisation that is not known": {"cim", nil, cli.ExitFailed, "--organisation-name"},
		"a position of the directory":       {"dos", []string{"--directory"}, cli.ExitUsage, "--site cim"},
		"no site of ours":                   {"moon", nil, cli.ExitUsage, "dos"},
		"no code": {
			"cim", []string{"--organisation", "!", "--organisation-name", "X"}, cli.ExitUsage, "3 to 12 letters and digits",
		},
	} {
		out, errs, code := firstLink(t, h, tt.site, tt.more...)
		if code != tt.code || !strings.Contains(errs, tt.says) {
			t.Errorf("%s: exit %d: %s%s", name, code, out, errs)
		}
	}
	empty := commandtest.NewSystem(t, "")
	if _, errs, code := firstLink(t, empty, "dos"); code != cli.ExitFailed ||
		!strings.Contains(errs, "There is no system") {
		t.Errorf("where nothing was started: exit %d: %s", code, errs)
	}
}
