package doctor

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/app"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/config"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
)

// Managers who cannot log in at AAL3 are counted, and whether that keeps them out.
func TestManagers(t *testing.T) {
	settings := config.Usual(t.TempDir())
	d, err := app.OpenDatabase(t.Context(), settings, app.CareID)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	expect := func(name string, always bool, outcome Outcome, saw string) {
		t.Helper()
		var line Line
		settings.Registration.AlwaysAAL3 = always
		x := &examination{
			Options: Options{Config: settings, Clock: clocktest.At(time.Now()), Sites: []string{"cis2"}},
			say:     func(l Line) { line = l },
		}
		x.databases(t.Context())
		x.managers(t.Context())
		if line.Outcome != outcome || !strings.Contains(line.Saw, saw) || outcome != Well && line.Cure == "" {
			t.Errorf("%s: %+v", name, line)
		}
	}
	expect("nobody yet", false, Well, "0, all of whom")
	by := actor.ForCommand("test")
	made, err := registration.FirstManager(t.Context(), d, by, registration.First{
		GivenName: "Joseph", FamilyName: "Adeyemi", Email: "joseph@example.nhs.uk",
		Organisation: organisation.Organisation{Code: "Z90001", Name: "EXAMPLE TRUST"},
		Kinds:        []authn.Kind{authn.SecurityKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	bind := func(level authn.Level) {
		t.Helper()
		err := d.Update(t.Context(), by, func(w *db.W) error {
			_, err := authenticator.Bind(t.Context(), w, authenticator.New{
				UUID: made.Identity.UUID, Kind: authn.SecurityKey, Level: level, Name: "Key",
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	bind(authn.AAL2)
	expect("a weak one", false, Wait, "1 of 1 have no authenticator of level AAL3, and work with a weaker one")
	expect("a weak one, which keeps them out", true, Wait, "can do nothing")
	bind(authn.AAL3)
	expect("a strong one", true, Well, "1, all of whom can log in at AAL3")
}
