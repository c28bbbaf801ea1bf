package ticket_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// caller is somebody whose tickets the desk merges.
type caller struct {
	*world

	person account.Account
}

func newCaller(t *testing.T) caller {
	t.Helper()
	w := newWorld(t)
	return caller{w, w.Account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, "")}
}

// ticket raises a ticket of the caller, of a priority and in a state.
func (c caller) ticket(p ticket.Priority, s ticket.State) ticket.Ticket {
	c.Helper()
	raised := c.raised(as(c.person), "")
	if is := c.is(raised.ID); is.Priority != p {
		c.set(raised.ID, is.State, p)
	}
	switch s {
	case ticket.Open:
		c.set(raised.ID, s, p)
	case ticket.Waiting, ticket.Solved:
		c.Must(c.desk.Answer(c.Context(), as(c.agent), raised.ID, ticket.Outgoing{Text: "Try again.", Then: s}))
	case ticket.New, ticket.Merged:
	}
	return c.is(raised.ID)
}

func (c caller) set(id string, s ticket.State, p ticket.Priority) {
	c.Helper()
	c.Must(c.desk.Set(c.Context(), as(c.agent), id, ticket.Details{State: s, Priority: p, Category: "log-in"}))
}

func (c caller) merge(t, into ticket.Ticket) {
	c.Helper()
	c.Must(c.desk.Merge(c.Context(), as(c.agent), t.ID, into.ID))
}

func (c caller) unmerge(t ticket.Ticket) {
	c.Helper()
	c.Must(c.desk.Unmerge(c.Context(), as(c.agent), t.ID))
}

// urgency is what a merge brings to a ticket.
type urgency struct {
	state    ticket.State
	priority ticket.Priority
	due      int64
	left     time.Duration
}

func urgencyOf(t ticket.Ticket) urgency {
	u := urgency{state: t.State, priority: t.Priority, left: t.Left}
	if !t.Due.IsZero() {
		u = urgency{state: t.State, priority: t.Priority, due: t.Due.UnixMilli()} // nothing reads what was left before
	}
	return u
}

// Whatever two tickets are merged, the one that goes on is as urgent as either was, and undoing it gives back what it
// had.
func TestAMergedTicketBringsItsUrgencyAndUndoingTakesItBack(t *testing.T) {
	states := []ticket.State{ticket.New, ticket.Open, ticket.Waiting, ticket.Solved}
	n := 0
	for _, keptState := range states {
		for _, state := range states {
			for _, priority := range []ticket.Priority{ticket.Critical, ticket.Low} {
				c := newCaller(t)
				kept := c.ticket(ticket.Normal, keptState)
				c.Clock.Advance(time.Hour)
				other := c.ticket(priority, state)
				c.merge(other, kept)
				is := c.is(kept.ID)
				toDo := func(t ticket.Ticket) bool { return !t.Due.IsZero() }
				over := kept.State.Over() && other.State.Over()
				if (toDo(kept) || toDo(other)) != toDo(is) || is.State.Over() != over {
					t.Errorf("%s into %s: %s, due %s", state, keptState, is.State, is.Due)
				}
				if want := min(priority, kept.Priority); !other.State.Over() && is.Priority != want {
					t.Errorf("%s of %d into %s: priority %d", state, priority, keptState, is.Priority)
				}
				for _, one := range []ticket.Ticket{kept, other} {
					if toDo(one) && is.Due.After(one.Due) {
						t.Errorf("%s of %d into %s: due %s, after %s", state, priority, keptState, is.Due, one.Due)
					}
				}
				c.Clock.Advance(time.Hour)
				c.unmerge(other)
				if back := c.is(kept.ID); urgencyOf(back) != urgencyOf(kept) {
					t.Errorf("%s of %d into %s, undone: %+v, was %+v", state, priority, keptState, urgencyOf(back),
						urgencyOf(kept))
				}
				n++
			}
		}
	}
	if n != 32 {
		t.Errorf("%d pairs", n)
	}
}

// A caller who cannot work is in the desk's list although their older ticket waited for them, and its history says why.
func TestAnUrgentTicketStaysInTheListWhenItIsMerged(t *testing.T) {
	c := newCaller(t)
	kept := c.ticket(ticket.Normal, ticket.Waiting)
	urgent := c.ticket(ticket.Critical, ticket.New)
	c.merge(urgent, kept)
	if is := c.is(kept.ID); is.State != ticket.Open || is.Priority != ticket.Critical || !is.Due.Equal(urgent.Due) {
		t.Errorf("%+v", is)
	}
	listed := worldtest.Read(c.World.World, c.toDo)
	if listed != 1 {
		t.Errorf("%d tickets are to be dealt with", listed)
	}
	history := c.history(kept.ID)
	if last := history[len(history)-1]; !strings.Contains(last, "Merged with "+urgent.Show()+". State: “Being dealt") ||
		!strings.Contains(last, "Priority: “Critical") {
		t.Errorf("the history says %q", last)
	}
}

// What the desk set since stays when the merge is undone, and so does what its person wrote since.
func TestUndoingAMergeKeepsWhatWasDoneSince(t *testing.T) {
	c := newCaller(t)
	kept := c.ticket(ticket.Normal, ticket.Waiting)
	urgent := c.ticket(ticket.Critical, ticket.New)
	c.merge(urgent, kept)
	c.set(kept.ID, ticket.Open, ticket.Low)
	due := c.is(kept.ID).Due
	c.unmerge(urgent)
	if is := c.is(kept.ID); is.Priority != ticket.Low || is.State != ticket.Open || !is.Due.Equal(due) {
		t.Errorf("the desk's priority: %+v, due %s", is, due)
	}
	c.merge(urgent, kept)
	c.set(kept.ID, ticket.Solved, ticket.Critical)
	c.unmerge(urgent)
	if is := c.is(kept.ID); is.State != ticket.Solved {
		t.Errorf("the desk's state: %s", is.State)
	}
	written := c.ticket(ticket.Normal, ticket.Waiting)
	c.merge(urgent, written)
	c.Clock.Advance(time.Minute)
	cookie, err := c.desk.OpenOwn(t.Context(), as(c.person), written.ID)
	c.Must(err)
	c.Must(c.desk.Reply(t.Context(), as(c.person), cookie, "It still fails."))
	c.unmerge(urgent)
	if is := c.is(written.ID); is.State != ticket.Open || is.Due.IsZero() {
		t.Errorf("what its person wrote waits for them: %+v", is)
	}
}

// Of two tickets that were merged into one, undoing either leaves what the other brought.
func TestUndoingOneOfTwoMergesLeavesTheOther(t *testing.T) {
	for name, order := range map[string][2]int{"the first first": {0, 1}, "the last first": {1, 0}} {
		c := newCaller(t)
		kept := c.ticket(ticket.Low, ticket.Waiting)
		both := []ticket.Ticket{c.ticket(ticket.Critical, ticket.New), c.ticket(ticket.Normal, ticket.New)}
		for _, one := range both {
			c.merge(one, kept)
			c.Clock.Advance(time.Minute)
		}
		c.unmerge(both[order[0]])
		left := both[order[1]]
		if is := c.is(kept.ID); is.State != ticket.Open || is.Priority != left.Priority || !is.Due.Equal(left.Due) {
			t.Errorf("%s: %+v, want what %+v brought", name, is, left)
		}
		c.unmerge(left)
		if is := c.is(kept.ID); urgencyOf(is) != urgencyOf(kept) {
			t.Errorf("%s: %+v after both, was %+v", name, urgencyOf(is), urgencyOf(kept))
		}
	}
}

// Whoever was told that their ticket goes on in another is told that it goes on by itself again.
func TestAPersonIsToldThatAMergeIsUndone(t *testing.T) {
	c := newCaller(t)
	kept := c.ticket(ticket.Normal, ticket.New)
	other := c.ticket(ticket.Normal, ticket.New)
	c.merge(other, kept)
	c.unmerge(other)
	c.Settle()
	told := 0
	for _, m := range c.Mails.To("bo@example.nhs.uk") {
		if strings.HasSuffix(m.Subject, other.Show()+": it goes on by itself again") &&
			strings.Contains(m.Text, other.ID) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func (caller) toDo(ctx context.Context, r db.R) (int, error) {
	return ticket.Count(ctx, r, ticket.Filter{Reach: account.Reach{Everywhere: true}})
}

// history gives what was done to a ticket.
func (c caller) history(id string) (texts []string) {
	c.Helper()
	list := worldtest.Read(c.World.World, func(ctx context.Context, r db.R) ([]ticket.Message, error) {
		return ticket.MessagesOf(ctx, r, id)
	})
	for _, m := range list {
		if m.TicketID == id && m.Kind == ticket.Change {
			texts = append(texts, m.Text)
		}
	}
	return texts
}
