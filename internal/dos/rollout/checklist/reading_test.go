package checklist

import (
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read the mail that there is a next step.
func TestATwelveYearOldReadsThatThereIsANextStep(t *testing.T) {
	day := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	m := Watch{Post: dostest.Open(t, day).Post, Home: "https://dos.example.nhs.uk"}.
		movedMail(account.Account{ID: "a", FirstName: "Ann"})
	if age := reading.Of(m.Text, mailing.Terms()...).Age(); age > mailing.MaxAge {
		t.Errorf("reading age %d: %s", age, m.Text)
	}
}
