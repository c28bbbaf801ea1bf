package followup

import (
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read the question whether logging in still works.
func TestATwelveYearOldReadsTheQuestion(t *testing.T) {
	day := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	o := Office{Post: dostest.Open(t, day).Post, Home: "https://dos.example.nhs.uk"}
	linked := account.Link{Linked: day}
	m := o.askMail(account.Account{ID: "a", Username: "ann", FirstName: "Ann"}, linked)
	if age := reading.Of(m.Text, mailing.Terms()...).Age(); age > mailing.MaxAge {
		t.Errorf("reading age %d: %s", age, m.Text)
	}
}
