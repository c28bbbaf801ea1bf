package ticket

import (
	"testing"
	"time"

	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read each mail about a ticket, in each state in which it can be.
func TestATwelveYearOldReadsEveryMail(t *testing.T) {
	post := dostest.Open(t, time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)).Post
	const link = "https://dos.example.nhs.uk/my-ticket/1/2"
	one, other := Ticket{Number: 12, Email: "ann@example.nhs.uk"}, Ticket{Number: 13}
	list := []mail.Message{raisedMail(one, link), codeMail(one)("KDF7 2M9X"), mergedMail(one, other, link)}
	for _, state := range States {
		for _, domain := range []string{"", "tickets.example.nhs.uk"} {
			of := one
			of.State = state.State
			files := written{Text: "Try it again now.", Files: []NewFile{{Name: "form.pdf"}}}
			desk := Desk{Post: post, Mail: domain}
			list = append(list, desk.answerMail(of, files), desk.answerMail(of, written{}))
		}
	}
	for _, m := range list {
		if age := reading.Of(m.Text, mailing.Terms()...).Age(); age > mailing.MaxAge {
			t.Errorf("%s: reading age %d: %s", m.Kind, age, m.Text)
		}
	}
}
