package mailing

import (
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read each mail that is written already, with all that stands below it, in each phase.
func TestATwelveYearOldReadsEveryKind(t *testing.T) {
	office := Office{Home: "https://dos.example.nhs.uk"}
	day := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	ann := account.Account{ID: "a", Username: "ann", FirstName: "Ann", Email: "ann@example.nhs.uk"}
	for _, one := range kinds {
		if one.link == nil || one.kind == Steps {
			continue // somebody's own words, and those of an Author, which are measured there
		}
		m := Mailing{Text: one.ready(office.Home), Writer: "Priya Shah"}
		m.Text.Contact = ", priya@example.nhs.uk"
		for phase := path.Prepare; phase <= path.Closed; phase++ {
			of := wave.Wave{Phase: phase, Dates: wave.Dates{Choose: day, Require: day, Close: day}}
			text := office.shown(m, ann, known{waves: map[string]wave.Wave{"a": of}}).Text
			if age := reading.Of(text, Terms()...).Age(); age > MaxAge {
				t.Errorf("%s in %s: reading age %d: %s", one.kind, phase.Word(), age, text)
			}
		}
	}
}
