package identity

import (
	"testing"

	"signpost/internal/platform/mail"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read each mail about an email address. What they are about counts as easy words.
func TestATwelveYearOldReadsEveryMail(t *testing.T) {
	const maxAge = 12
	ann := Identity{GivenName: "Ann", FamilyName: "Lee"}
	for _, m := range []mail.Message{codeMail(ann, "ann@nhs.net", "KDF7 2M9X"), changedMail("ann@nhs.net", "ann@nhs.net")} {
		if age := reading.Of(m.Text, "Care Identity", "registration authority").Age(); age > maxAge {
			t.Errorf("%s: reading age %d: %s", m.Kind, age, m.Text)
		}
	}
}
