package ticket_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

func (w *world) seen(id string) (name string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		t, err := ticket.ByID(ctx, r, id)
		if err == nil {
			name, err = ticket.SeenOf(ctx, r, t)
		}
		return err
	})
	return name
}

// Two members of the desk who look at the same tickets and answer, change and merge them at once: each answer is mailed
// of whoever had seen what there was, none is written over, and no two tickets go on in each other.
func TestTwoDesksOnOneTicket(t *testing.T) {
	w := newWorld(t)
	answered, merged := 0, 0
	for round := range 12 {
		w.Clock.Advance(25 * time.Hour)
		one := w.raised(stranger("a"), "bo@example.nhs.uk")
		other := w.raised(stranger("b"), "bo@example.nhs.uk")
		saw := w.seen(one.ID)
		results := make(chan error, 7)
		var all sync.WaitGroup
		try := func(do func(by actor.Actor) error) {
			all.Go(func() { results <- do(as(w.agent)) })
		}
		for range 3 {
			try(func(by actor.Actor) error {
				return w.desk.Answer(t.Context(), by, one.ID, ticket.Outgoing{Text: "Hello.", Then: ticket.Waiting, Seen: saw})
			})
		}
		for range 2 {
			try(func(by actor.Actor) error {
				return w.desk.Set(t.Context(), by, one.ID, ticket.Details{State: ticket.Solved, Priority: ticket.Low,
					Category: "link", Seen: saw})
			})
		}
		try(func(by actor.Actor) error { return w.desk.Merge(t.Context(), by, one.ID, other.ID) })
		try(func(by actor.Actor) error { return w.desk.Merge(t.Context(), by, other.ID, one.ID) })
		all.Wait()
		close(results)
		for err := range results {
			if _, said := fault.From(err); err != nil && !said && !ticket.ErrUnseen(err) {
				t.Errorf("round %d: %v", round, err)
			}
		}
		n := int(w.Count(`SELECT COUNT(*) FROM ticket_message WHERE ticket_id = $1 AND kind = 'answer'`, one.ID))
		sets := int(w.Count(`SELECT COUNT(*) FROM ticket_message WHERE ticket_id = $1 AND kind = 'change'
			AND text LIKE 'State%'`, one.ID))
		if n+sets > 1 {
			t.Errorf("round %d: %d answers and %d changes of those who saw the same", round, n, sets)
		}
		answered += n
		in := int(w.Count(`SELECT COUNT(*) FROM ticket t JOIN ticket u ON u.id = t.merged_into WHERE u.merged_into <> ''`))
		if in != 0 {
			t.Fatalf("round %d: a ticket goes on in one that goes on elsewhere", round)
		}
		merged += int(w.Count(`SELECT COUNT(*) FROM ticket WHERE merged_into <> '' AND id IN ($1, $2)`, one.ID, other.ID))
	}
	w.Settle()
	mailed := 0
	for _, m := range w.Mails.All() {
		if m.Kind == "ticket.answered" {
			mailed++
		}
	}
	if mailed != answered || merged == 0 {
		t.Errorf("%d answers, %d of them mailed, %d merges", answered, mailed, merged)
	}
	w.Clock.Advance(25 * time.Hour)
	one := w.raised(stranger("a"), "bo@example.nhs.uk")
	saw := w.seen(one.ID)
	w.Must(w.desk.Note(t.Context(), as(w.agent), one.ID, "I telephone them."))
	out := ticket.Outgoing{Text: "Hello.", Then: ticket.Waiting, Seen: saw}
	if err := w.desk.Answer(t.Context(), as(w.agent), one.ID, out); !errors.Is(err, fault.Invalid) {
		t.Errorf("an answer beside a note that its writer did not see: %v", err)
	}
	out.Seen = w.seen(one.ID)
	w.Must(w.desk.Answer(t.Context(), as(w.agent), one.ID, out))
}
