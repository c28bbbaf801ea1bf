package ticket_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

type world struct {
	*dostest.World

	desk  ticket.Desk
	agent account.Account
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC))}
	w.Start(func(ws *job.Workers) { ticket.Work(ws, w.DB) })
	w.desk = ticket.Desk{DB: w.DB, Post: w.Post, Box: w.Box, Home: "http://dos.example", Hours: ticket.OfficeHours}
	w.agent = w.Account(account.New{Username: "agent", FirstName: "Dee", Email: "dee@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, "")
	return w
}

func as(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func stranger(network string) actor.Actor { return actor.Actor{Kind: actor.Stranger, Network: network} }

func typed(address string) ticket.Typed {
	return ticket.Typed{Name: "Bo Example", Email: address, Category: "log-in", Subject: "Locked out", Text: "Help."}
}

func (w *world) raised(by actor.Actor, address string) ticket.Ticket {
	w.Helper()
	r, err := w.desk.Raise(w.Context(), by, typed(address))
	w.Must(err)
	return r.Ticket
}

func (w *world) is(id string) ticket.Ticket {
	w.Helper()
	t, err := db.Read(w.Context(), w.DB, func(r db.R) (ticket.Ticket, error) { return ticket.ByID(w.Context(), r, id) })
	w.Must(err)
	return t
}

// What strangers' tickets cost is bounded by browser or network, by address and in all, and nobody is kept out of what
// is theirs.
func TestStrangersTicketsAreBounded(t *testing.T) {
	w := newWorld(t)
	took := 0
	for n := range 40 {
		_, err := w.desk.Raise(t.Context(), stranger("one"), typed(fmt.Sprintf("a%d@example.nhs.uk", n)))
		if err == nil {
			took++
		} else if !errors.Is(err, fault.TooMany) {
			t.Fatal(err)
		}
	}
	if took != 20 {
		t.Errorf("one network raised %d", took)
	}
	took = 0
	for n := range 20 {
		_, err := w.desk.Raise(t.Context(), stranger(fmt.Sprint("n", n%10)), typed("ada@example.nhs.uk"))
		if err == nil {
			took++
		}
	}
	if took > 12 {
		t.Errorf("10 networks raised %d tickets in one name", took)
	}
	if _, err := w.desk.Raise(t.Context(), stranger("her own"), typed("ada@example.nhs.uk")); err != nil {
		t.Errorf("the reader of the address was kept out: %v", err)
	}
	const ofTickets = `SELECT COUNT(*) FROM event WHERE kind LIKE 'ticket.%'`
	before := w.Count(ofTickets)
	for n := range 30 {
		_, err := w.desk.Raise(t.Context(), stranger("one"), typed(fmt.Sprintf("b%d@example.nhs.uk", n)))
		if !errors.Is(err, fault.TooMany) {
			t.Fatal(err)
		}
	}
	if after := w.Count(ofTickets); after != before {
		t.Errorf("%d events of refused strangers", after-before)
	}
	w.Clock.Advance(25 * time.Hour)
	w.raised(stranger("one"), "c@example.nhs.uk")
	inAll := 0
	for n := range 600 {
		by := stranger(fmt.Sprint("many", n))
		_, err := w.desk.Raise(t.Context(), by, typed(fmt.Sprintf("m%d@example.nhs.uk", n)))
		if err == nil {
			inAll++
		}
	}
	if inAll > 500 || inAll < 400 {
		t.Errorf("strangers raised %d in a day", inAll)
	}
	w.raised(as(w.agent), "")
}

// An agent of one region works on tickets of its people alone, and on none of nobody's.
func TestTicketsAreOfTheAgentsReach(t *testing.T) {
	w := newWorld(t)
	person := func(name, organisation string) account.Account {
		return w.Account(account.New{Username: name, FirstName: name, Email: name + "@example.nhs.uk",
			Organisation: organisation}, "")
	}
	ann := person("ann", "FXX01")
	bo := person("bo", "FXX02")
	here := w.Account(account.New{Username: "here", FirstName: "He", Email: "here@example.nhs.uk",
		Organisation: "FXX01", Grants: account.Desk.In(account.OwnOrganisation)}, "")
	own := w.raised(as(ann), "").ID
	other := w.raised(as(bo), "").ID
	nobodys := w.raised(stranger("n"), "nobody@example.nhs.uk").ID
	var y worldtest.Tally
	for name, act := range map[string]func(by account.Account, id string) error{
		"answer": func(by account.Account, id string) error {
			return w.desk.Answer(t.Context(), as(by), id, ticket.Outgoing{Text: "Hello.", Then: ticket.Waiting})
		},
		"note": func(by account.Account, id string) error { return w.desk.Note(t.Context(), as(by), id, "Called.") },
		"set": func(by account.Account, id string) error {
			return w.desk.Set(t.Context(), as(by), id, ticket.Details{State: ticket.Open, Priority: ticket.Low,
				Category: "link"})
		},
	} {
		w.Must(act(here, own)) // the honest twin
		y.Refused(t, name+" of another organisation", act(here, other) == nil)
		y.Refused(t, name+" of nobody's", act(here, nobodys) == nil)
		y.Refused(t, name+" by somebody without the permission", act(ann, own) == nil)
	}
	y.Report(t, "acts on tickets")
	listed := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (int, error) {
		_, n, err := ticket.List(ctx, r, ticket.Filter{Reach: account.Reach{Organisations: []string{"FXX01"}},
			Which: ticket.All}, 0, 10)
		return n, err
	})
	if listed != 1 {
		t.Errorf("%d tickets listed for one organisation", listed)
	}
}

// Only tickets of one address are merged, and each merge can be undone.
func TestMergesAreOfOneAddressAndUndone(t *testing.T) {
	w := newWorld(t)
	first := w.raised(stranger("a"), "bo@example.nhs.uk")
	second := w.raised(stranger("b"), "Bo@example.nhs.uk")
	other := w.raised(stranger("c"), "cy@example.nhs.uk")
	agent := as(w.agent)
	w.Must(w.desk.Merge(t.Context(), agent, second.ID, first.ID))
	if is := w.is(second.ID); is.State != ticket.Merged || is.MergedInto != first.ID {
		t.Errorf("merged: %+v", is)
	}
	var y worldtest.Tally
	y.Refused(t, "another address", w.desk.Merge(t.Context(), agent, other.ID, first.ID) == nil)
	y.Refused(t, "into a merged one", w.desk.Merge(t.Context(), agent, first.ID, second.ID) == nil)
	y.Refused(t, "into itself", w.desk.Merge(t.Context(), agent, first.ID, first.ID) == nil)
	y.Refused(t, "an answer in a merged one", w.desk.Answer(t.Context(), agent, second.ID, ticket.Outgoing{Text: "Hi", Then: ticket.Open}) == nil)
	w.Must(w.desk.Unmerge(t.Context(), agent, second.ID))
	if is := w.is(second.ID); is.State != ticket.New || is.MergedInto != "" || is.Due.IsZero() {
		t.Errorf("undone: %+v", is)
	}
	y.Refused(t, "a second undo", w.desk.Unmerge(t.Context(), agent, second.ID) == nil)
	y.Report(t, "merges")
}

// A solved ticket is deleted in its time with what was said in it; one that its person opened again is not.
func TestSolvedTicketsAreDeletedInTheirTime(t *testing.T) {
	w := newWorld(t)
	ann := w.Account(account.New{Username: "ann", FirstName: "Ann", Email: "ann@example.nhs.uk"}, "")
	over := w.raised(as(ann), "")
	again, err := w.desk.Raise(t.Context(), as(ann), typed(""))
	w.Must(err)
	for _, id := range []string{over.ID, again.Ticket.ID} {
		w.Must(w.desk.Answer(t.Context(), as(w.agent), id, ticket.Outgoing{Text: "Solved.", Then: ticket.Solved}))
	}
	w.Must(w.desk.Reply(t.Context(), as(ann), again.Cookie, "No, it is not."))
	w.Clock.Advance(401 * 24 * time.Hour)
	ws := job.NewWorkers()
	ticket.Work(ws, w.DB)
	for _, s := range ws.Sweepers() {
		_, err := s.Sweep(t.Context(), actor.ForJob("ticket.sweep", "ticket.sweep"))
		w.Must(err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM ticket`); n != 1 {
		t.Errorf("%d tickets are left", n)
	}
	if n := w.Count(`SELECT COUNT(*) FROM ticket_message WHERE ticket_id = $1`, over.ID); n != 0 {
		t.Errorf("%d messages are left of the deleted one", n)
	}
	if is := w.is(again.Ticket.ID); is.State != ticket.Open {
		t.Errorf("the other: %s", is.State)
	}
}
