package mailing_test

import (
	"errors"
	"testing"

	"signpost/internal/dos/mailing"
	"signpost/internal/platform/fault"
)

// A mail goes to those alone who are so far as it says at that moment. One that asks for what nobody knows goes to
// nobody.
func TestProgress(t *testing.T) {
	w := newWorld(t)
	w.soFar["ready"] = w.users[1].ID
	prepare := func(o mailing.Office, word string) (mailing.Mailing, error) {
		return o.Prepare(w.Context(), by(w.boss), mailing.Selection{Progress: word}, reminder)
	}
	m, err := prepare(w.office, "ready")
	w.Must(err)
	for _, word := range []string{"Ready", "blocked", "ready "} {
		if _, err := prepare(w.office, word); !errors.Is(err, fault.Invalid) {
			t.Errorf("prepared for %q: %v", word, err)
		}
	}
	without := w.office
	without.Progress = nil
	if _, err := prepare(without, "ready"); !errors.Is(err, fault.Invalid) {
		t.Errorf("prepared where nobody says how far people are: %v", err)
	}
	tally, err := w.office.Tally(w.Context(), m, mailing.Look{})
	w.Must(err)
	if m.Total != 1 || tally.Found != 1 || tally.Gets != 1 {
		t.Errorf("%d are meant, %d found, %d get it", m.Total, tally.Found, tally.Gets)
	}
	w.soFar["ready"] = w.users[2].ID // as people move on
	w.Must(w.office.Send(w.Context(), by(w.boss), m.ID))
	w.Settle()
	for i, want := range []int{0, 0, 1} {
		if got := w.had(w.users[i]); got != want {
			t.Errorf("user %d had %d mails, want %d", i, got, want)
		}
	}
}
