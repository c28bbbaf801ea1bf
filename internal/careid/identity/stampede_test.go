package identity_test

import (
	"errors"
	"sync"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mailcode"
)

// Of several clicks that send one code at once, one changes the address; the others hear that the code did it.
func TestOneEmailCodeAtOnce(t *testing.T) {
	w := open(t)
	i := w.create(t, "old@example.nhs.uk")
	if err := identity.RequestEmail(t.Context(), w.DB, agent, w.Post, i.UUID, "new@example.nhs.uk"); err != nil {
		t.Fatal(err)
	}
	code := w.code(t, "new@example.nhs.uk")
	const clicks = 16
	results := make(chan error, clicks)
	var all sync.WaitGroup
	for range clicks {
		all.Go(func() { results <- identity.ConfirmEmail(t.Context(), w.DB, agent, w.Post, i.UUID, code) })
	}
	all.Wait()
	close(results)
	changed := 0
	for err := range results {
		if err == nil {
			changed++
		} else if !errors.Is(err, mailcode.ErrRepeated) {
			t.Errorf("one that lost: %v", err)
		}
	}
	jobtest.Settle(t, w.Jobs)
	events := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'identity.email-changed'`)
	mails := 0
	for _, m := range w.Mails.To("new@example.nhs.uk") {
		if m.Kind == "identity.email-changed" {
			mails++
		}
	}
	if changed != 1 || events != 1 || mails != 1 || w.read(t, i.UUID).Email != "new@example.nhs.uk" {
		t.Errorf("told so %d, events %d, mails about it %d; want one of each", changed, events, mails)
	}
}
