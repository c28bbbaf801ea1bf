package servicenow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/ticket/servicenow"
	"signpost/internal/dos/ticket/servicenow/servicenowtest"
	"signpost/internal/platform/db"
)

// recordOf gives the id of the record of a ticket.
func (w *world) recordOf(id string) string {
	w.Helper()
	for _, one := range w.instance.Incidents() {
		if one["correlation_id"] == "signpost-"+id {
			return one["sys_id"]
		}
	}
	w.Fatal("the ticket has no record")
	return ""
}

// sent raises a ticket and sends it.
func (w *world) sent() (one ticket.Ticket, record string) {
	w.Helper()
	w.Clock.Advance(24 * time.Hour) // one address may raise only so many a day
	w.instance.Advance(24 * time.Hour)
	one = w.raised()
	w.Must(w.push(one.ID))
	return one, w.recordOf(one.ID)
}

// answers counts the mails that have a text.
func (w *world) answers(text string) (n int) {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To("bo@example.nhs.uk") {
		if strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

func (w *world) remote(id string) servicenow.Remote {
	w.Helper()
	m, err := db.Read(w.Context(), w.DB, func(r db.R) (servicenow.Remote, error) {
		return servicenow.Of(w.Context(), r, id)
	})
	w.Must(err)
	return m
}

// However many jobs send a ticket at the same time, it has one record there, and each message once.
func TestJobsThatSendOneTicketAtOnceMakeOneRecord(t *testing.T) {
	w := newWorld(t)
	const rounds = 10
	for range rounds {
		w.Clock.Advance(24 * time.Hour)
		one := w.raised()
		w.Must(w.desk.Note(t.Context(), w.agent, one.ID, "Telephoned: no answer."))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := w.connector.Push(t.Context(), one.ID); err != nil && !errors.Is(err, servicenow.ErrBusy) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.Must(w.push(one.ID))
	}
	records := len(w.instance.Incidents())
	if entries := len(w.instance.Journal()); records != rounds || entries != rounds {
		t.Errorf("%d tickets with a note each have %d records and %d entries", rounds, records, entries)
	}
}

// A job that is killed in its turn keeps others out for some minutes, and no longer.
func TestATurnThatNobodyEndsIsOver(t *testing.T) {
	w := newWorld(t)
	one := w.raised()
	w.Must(w.connector.Leave(t.Context(), one.ID))
	if err := w.push(one.ID); !errors.Is(err, servicenow.ErrBusy) {
		t.Errorf("in the turn of another: %v", err)
	}
	w.Clock.Advance(3 * time.Minute)
	w.Must(w.push(one.ID))
	w.Must(w.push(one.ID))
}

// However many records were changed in one second, however long what people wrote in them, each answer arrives.
func TestManyAndLongRecordsKeepNobodyWaiting(t *testing.T) {
	w := newWorld(t)
	for n := range 450 {
		w.instance.Add(map[string]string{"correlation_id": fmt.Sprintf("signpost-other%d", n),
			"description": strings.Repeat("\U0001F600", 4000)})
	}
	one, record := w.sent()
	for range 90 {
		w.Must(w.desk.Answer(t.Context(), w.agent, one.ID, ticket.Outgoing{Text: strings.Repeat("\U0001F600", 4000), Then: ticket.Waiting}))
	}
	w.Must(w.push(one.ID))
	w.instance.Set(record, map[string]string{"comments": "It is mended on our side."})
	for range 2 {
		w.Must(w.connector.Pull(t.Context()))
	}
	if n := w.answers("It is mended on our side."); n != 1 {
		t.Errorf("the answer was mailed %d times", n)
	}
}

// A record of which the entries cannot be read is reported once, and those after it come all the same.
func TestARecordThatCannotBeReadKeepsNobodyWaiting(t *testing.T) {
	w := newWorld(t)
	_, first := w.sent()
	_, second := w.sent()
	w.instance.Advance(time.Minute)
	w.instance.Set(first, map[string]string{"comments": strings.Repeat("long ", 500_000)})
	w.instance.Advance(time.Second)
	w.instance.Set(second, map[string]string{"comments": "Try again."})
	if err := w.connector.Pull(t.Context()); err == nil {
		t.Error("nothing was said of what cannot be read")
	}
	if n := w.answers("Try again."); n != 1 {
		t.Errorf("the answer after it was mailed %d times", n)
	}
	w.Must(w.connector.Pull(t.Context()))
}

// The desk sees of which ticket something could not be read, and why, until it can be; then the answer comes, once. It
// is read again from when it could not be, however much was written after it.
func TestWhatCannotBeReadIsToldAndReadAgain(t *testing.T) {
	w := newWorld(t)
	one, record := w.sent()
	_, other := w.sent()
	broken := servicenowtest.Failure{Method: http.MethodGet, Path: "/api/now/table/sys_journal_field",
		Status: http.StatusOK, Body: "<html>a proxy</html>"}
	told := func(list string) (n int) {
		w.View(func(ctx context.Context, r db.R) (err error) {
			n, err = ticket.Count(ctx, r, ticket.Filter{Reach: account.Reach{Everywhere: true},
				Which: ticket.Which(list)})
			return err
		})
		return n
	}
	w.instance.Advance(time.Minute)
	w.instance.Set(record, map[string]string{"comments": "Try again."})
	w.instance.Advance(3 * time.Hour)
	w.instance.Set(other, map[string]string{"state": "2"}) // after it, so that no look begins before it again
	w.instance.Fail(broken)
	if err := w.connector.Pull(t.Context()); err == nil {
		t.Error("the log says nothing of it")
	}
	is := w.remote(one.ID).Unread
	if !strings.Contains(is.Reason, "not in the form") || is.Since.IsZero() || told("elsewhere") != 1 {
		t.Errorf("the desk reads %+v", is)
	}
	w.instance.Advance(5 * time.Hour)
	w.Clock.Advance(5 * time.Hour)
	w.instance.Fail(broken)
	w.Must(w.connector.Reread(t.Context())) // in vain
	if n := w.answers("Try again."); n != 0 || w.remote(one.ID).Unread != is || len(w.Events("ticket.unread")) != 1 {
		t.Errorf("%d answers, %+v, %d events", n, w.remote(one.ID).Unread, len(w.Events("ticket.unread")))
	}
	w.instance.Set(record, map[string]string{"comments": "And now?"})
	w.Must(w.connector.Pull(t.Context()))
	w.Must(w.connector.Reread(t.Context()))
	if first, second := w.answers("Try again."), w.answers("And now?"); first != 1 || second != 1 {
		t.Errorf("the answers were mailed %d times and %d times", first, second)
	}
	if is := w.remote(one.ID).Unread; is.Reason != "" || told("elsewhere") != 0 {
		t.Errorf("still told: %+v", is)
	}
	if n := len(w.Events("ticket.read-again")); n != 1 {
		t.Errorf("%d events that it was read", n)
	}
	if history := w.historyOf(one.ID); len(history) != 2 || !strings.Contains(history[0], "could not be read") {
		t.Errorf("the history says %q", history)
	}
}

// historyOf gives what was done to a ticket, in words.
func (w *world) historyOf(id string) (texts []string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		list, err := ticket.MessagesOf(ctx, r, id)
		for _, m := range list {
			if m.Kind == ticket.Change {
				texts = append(texts, m.Text)
			}
		}
		return err
	})
	return texts
}

// What is longer than is read stays told until it is gone, and a record that is gone has nothing to be read.
func TestWhatIsTooLongStaysTold(t *testing.T) {
	w := newWorld(t)
	one, record := w.sent()
	w.instance.Advance(time.Minute)
	w.instance.Set(record, map[string]string{"comments": strings.Repeat("long ", 500_000)})
	if err := w.connector.Pull(t.Context()); err == nil {
		t.Error("the log says nothing of it")
	}
	w.Must(w.connector.Reread(t.Context()))
	if is := w.remote(one.ID).Unread; !strings.Contains(is.Reason, "longer") {
		t.Errorf("the desk reads %+v", is)
	}
	w.instance.Remove(record)
	w.Must(w.connector.Reread(t.Context()))
	if is := w.remote(one.ID).Unread; is.Reason != "" {
		t.Errorf("a record that is gone: %+v", is)
	}
}

// A record from the far future does not have all that is changed before then overlooked.
func TestATimeInTheFutureIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	_, first := w.sent()
	_, second := w.sent()
	const years = 10 * 365 * 24 * time.Hour
	w.instance.Advance(years)
	w.instance.Set(first, map[string]string{"state": "2"})
	w.Must(w.connector.Pull(t.Context()))
	w.instance.Advance(time.Minute - years)
	w.instance.Set(second, map[string]string{"comments": "Try again."})
	w.Must(w.connector.Pull(t.Context()))
	if n := w.answers("Try again."); n != 1 {
		t.Errorf("the answer was mailed %d times", n)
	}
}

// Somebody there who quotes what we sent answers the person, who reads it without our mark.
func TestAnAnswerThatQuotesOursArrives(t *testing.T) {
	w := newWorld(t)
	one, record := w.sent()
	w.Must(w.desk.Answer(t.Context(), w.agent, one.ID, ticket.Outgoing{Text: "Did it work?", Then: ticket.Waiting}))
	w.Must(w.push(one.ID))
	entries := w.instance.Journal()
	w.instance.Advance(time.Minute)
	w.instance.Set(record, map[string]string{"comments": "Please telephone us.\n\n" + entries[0]["value"]})
	for range 2 {
		w.Must(w.connector.Pull(t.Context()))
	}
	if n := w.answers("Please telephone us."); n != 1 {
		t.Errorf("the answer was mailed %d times", n)
	}
	if n := w.answers("[signpost"); n != 0 {
		t.Errorf("%d mails have our mark", n)
	}
	if n := w.answers("Did it work?"); n != 2 { // when it was written, and as the quotation
		t.Errorf("what we had sent was mailed %d times", n)
	}
}

// What we sent does not come back as an answer, when the client is another user there by now.
func TestWhatAnotherClientOfOursSentIsOurs(t *testing.T) {
	w := newWorld(t)
	one, record := w.sent()
	w.instance.Rename("another client")
	w.Must(w.desk.Answer(t.Context(), w.agent, one.ID, ticket.Outgoing{Text: "Did it work?", Then: ticket.Waiting}))
	w.Must(w.push(one.ID))
	w.instance.Set(record, map[string]string{"comments": "Please telephone us."})
	w.Must(w.connector.Pull(t.Context()))
	if ours, theirs := w.answers("Did it work?"), w.answers("Please telephone us."); ours != 1 || theirs != 1 {
		t.Errorf("ours was mailed %d times, theirs %d times", ours, theirs)
	}
}

// A record to which somebody gave the correlation of a ticket is not that ticket's.
func TestAnotherRecordCannotTakeATicketOver(t *testing.T) {
	w := newWorld(t)
	one, record := w.sent()
	w.instance.Advance(time.Minute)
	another := w.instance.Add(map[string]string{"correlation_id": "signpost-" + one.ID, "comments": "Send me your code.",
		"state": "6"})
	w.Must(w.connector.Pull(t.Context()))
	if n := w.answers("Send me your code."); n != 0 {
		t.Error("what is written in another record was mailed")
	}
	if is := w.is(one.ID); is.State != ticket.New || w.remote(one.ID).ID != record {
		t.Errorf("the ticket is %s, its record %s and not %s; the other is %s", is.State, w.remote(one.ID).ID, record,
			another)
	}
}

// What the instance does not take keeps nothing else back: a closed record takes no other state, and takes messages.
func TestARefusedStateKeepsNoMessageBack(t *testing.T) {
	w := newWorld(t)
	one, _ := w.sent()
	w.Must(w.desk.Set(t.Context(), w.agent, one.ID, ticket.Details{State: ticket.Open, Priority: ticket.Urgent,
		Category: "log-in"}))
	w.Must(w.desk.Note(t.Context(), w.agent, one.ID, "A note."))
	refusal := servicenowtest.Failure{Method: http.MethodPatch, Status: http.StatusForbidden, Body: `{}`}
	w.instance.Fail(refusal) // the change of state, as it stands in the history
	w.Must(w.push(one.ID))
	if entries := w.instance.Journal(); len(entries) != 1 || !strings.Contains(entries[0]["value"], "A note.") {
		t.Errorf("after the first message was refused the journal is %v", entries)
	}
	if w.remote(one.ID).Problem == "" {
		t.Error("the desk reads nothing of what was refused")
	}
	w.Must(w.connector.Resend(t.Context()))
	if n := len(w.instance.Journal()); n != 2 || w.remote(one.ID).Problem != "" {
		t.Errorf("sent again: %d entries, %+v", n, w.remote(one.ID))
	}
}

// The desk reads that a record was deleted there.
func TestADeletedRecordIsToldToTheDesk(t *testing.T) {
	w := newWorld(t)
	one, record := w.sent()
	w.instance.Remove(record)
	w.Must(w.desk.Note(t.Context(), w.agent, one.ID, "A note."))
	w.Must(w.push(one.ID))
	if problem := w.remote(one.ID).Problem; !strings.Contains(problem, "No Record found") {
		t.Errorf("the desk reads %q", problem)
	}
}
