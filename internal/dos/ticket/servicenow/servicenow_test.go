package servicenow_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/ticket/servicenow"
	"signpost/internal/dos/ticket/servicenow/servicenowtest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
)

type world struct {
	*dostest.World

	desk      ticket.Desk
	instance  *servicenowtest.Instance
	connector *servicenow.Connector
	agent     actor.Actor
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)), instance: servicenowtest.New(t)}
	w.Start(func(ws *job.Workers) { job.Retired(ws, ticket.SendJob{}.Kind()) }) // the test sends by hand
	w.desk = ticket.Desk{DB: w.DB, Post: w.Post, Box: w.Box, Home: "http://dos.example", Hours: ticket.OfficeHours, Elsewhere: true}
	w.connector = &servicenow.Connector{DB: w.DB, Desk: w.desk, Client: &servicenow.Client{
		Address: w.instance.URL, ClientID: servicenowtest.ClientID, Secret: servicenowtest.Secret,
		Fetch: fetch.New(fetch.Options{AllowLoopback: true, Timeout: 2 * time.Second}), Clock: w.Clock,
	}, Map: servicenow.Usual.Merged(map[string]string{"category": "u_area"},
		map[string]string{"assignment_group": "MFA"})}
	a := w.Account(account.New{Username: "agent", FirstName: "Dee", Email: "dee@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, "")
	w.agent = actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
	return w
}

// raised raises a ticket as a stranger does.
func (w *world) raised() ticket.Ticket {
	w.Helper()
	r, err := w.desk.Raise(w.Context(), actor.Actor{Kind: actor.Stranger, Network: "n"}, ticket.Typed{
		Name: "Bo Example", Email: "bo@example.nhs.uk", Category: "log-in", Subject: "Locked out", Text: "Help me.",
		Urgent: true,
	})
	w.Must(err)
	return r.Ticket
}

func (w *world) is(id string) ticket.Ticket {
	w.Helper()
	t, err := db.Read(w.Context(), w.DB, func(r db.R) (ticket.Ticket, error) { return ticket.ByID(w.Context(), r, id) })
	w.Must(err)
	return t
}

func (w *world) push(id string) error { w.Helper(); return w.connector.Push(w.Context(), id) }

// A ticket lives here and there: it is made there once, with its fields as the map has them; what the desk writes comes
// to its journal, what is written there is mailed to the person once, and states come both ways.
func TestATicketLivesInBothSystems(t *testing.T) {
	w := newWorld(t)
	one := w.raised()
	w.Must(w.push(one.ID))
	w.Must(w.push(one.ID))
	list := w.instance.Incidents()
	if len(list) != 1 {
		t.Fatalf("%d records", len(list))
	}
	for field, want := range map[string]string{
		"short_description": "MFA-DoS - Locked out", "correlation_id": "signpost-" + one.ID, "urgency": "1",
		"impact": "2",
		"u_area": "log-in", "category": "", "assignment_group": "MFA", "contact_type": "self-service", "state": "1",
	} {
		if list[0][field] != want {
			t.Errorf("%s is %q, want %q", field, list[0][field], want)
		}
	}
	w.Must(w.desk.Note(t.Context(), w.agent, one.ID, "Telephoned: no answer."))
	w.Must(w.desk.Answer(t.Context(), w.agent, one.ID, ticket.Outgoing{Text: "Log in with your Care Identity.", Then: ticket.Waiting}))
	w.Must(w.push(one.ID))
	w.Must(w.push(one.ID))
	journal := w.instance.Journal()
	if len(journal) != 2 || journal[0]["element"] != "work_notes" || journal[1]["element"] != "comments" ||
		!strings.Contains(journal[1]["value"], "Log in with your Care Identity.") {
		t.Errorf("the journal: %v", journal)
	}
	id := list[0]["sys_id"]
	if state := w.instance.Incidents()[0]["state"]; state != "3" {
		t.Errorf("waiting is %s there", state)
	}
	w.instance.Advance(time.Minute)
	w.instance.Set(id, map[string]string{"comments": "It is mended on our side.", "state": "6"})
	for range 3 {
		w.Must(w.connector.Pull(t.Context()))
	}
	if is := w.is(one.ID); is.State != ticket.Solved {
		t.Errorf("resolved there is %s here", is.State)
	}
	w.Settle()
	mailed := 0
	for _, m := range w.Mails.To("bo@example.nhs.uk") {
		if strings.Contains(m.Text, "It is mended on our side.") {
			mailed++
		}
		if strings.Contains(m.Text, "[signpost") {
			t.Error("what came from here was mailed as an answer from there")
		}
	}
	if mailed != 1 {
		t.Errorf("an answer from there was mailed %d times", mailed)
	}
	w.instance.Advance(time.Minute)
	w.instance.Set(id, map[string]string{"state": "7"}) // closed, which is solved here as well
	w.Must(w.connector.Pull(t.Context()))
	w.Must(w.push(one.ID))
	if state := w.instance.Incidents()[0]["state"]; state != "7" {
		t.Errorf("a closed record was moved to %s", state)
	}
}

// Whatever fails at whatever call, and whether it was done or not, the instance ends with one record that has each
// message once.
func TestNothingIsLostOrDoubledWhateverFails(t *testing.T) {
	failures := []servicenowtest.Failure{
		{Status: http.StatusTooManyRequests, RetryAfter: "30"}, {Status: http.StatusInternalServerError},
		{Status: http.StatusBadGateway, Body: "<html>proxy</html>"}, {Status: http.StatusServiceUnavailable},
		{Status: 0}, {Status: 0, Done: true}, {Status: http.StatusInternalServerError, Done: true},
	}
	tried := 0
	for _, failure := range failures {
		w := newWorld(t)
		for at := range 8 { // of the calls that a first push makes
			w.Clock.Advance(24 * time.Hour) // one address may raise only so many a day
			one := w.raised()
			w.Must(w.desk.Note(t.Context(), w.agent, one.ID, "A note."))
			w.Must(w.desk.Answer(t.Context(), w.agent, one.ID, ticket.Outgoing{Text: "An answer.", Then: ticket.Waiting}))
			w.instance.FailAfter(at, failure)
			err := w.push(one.ID)
			if failure.Status == http.StatusTooManyRequests && err != nil {
				var later *servicenow.ErrLater
				if !errors.As(err, &later) || later.After != 30*time.Second {
					t.Errorf("too many requests: %v", err)
				}
			}
			w.Must(w.push(one.ID))
			if n := len(w.instance.Incidents()); n != at+1 {
				t.Errorf("%+v at call %d: %d records", failure, at, n)
			}
			if n := len(w.instance.Journal()); n != 2*(at+1) {
				t.Errorf("%+v at call %d: %d entries", failure, at, n)
			}
			tried++
		}
	}
	t.Logf("tried %d", tried)
}

// A token that is not taken any more is replaced at once; one that never is, and what is refused, is told to the desk
// and sent again later.
func TestTokensAndRefusals(t *testing.T) {
	w := newWorld(t)
	one := w.raised()
	w.Must(w.push(one.ID))
	w.instance.ForgetTokens()
	w.Must(w.desk.Note(t.Context(), w.agent, one.ID, "A note."))
	w.Must(w.push(one.ID))
	if n := len(w.instance.Journal()); n != 1 {
		t.Errorf("%d entries after the token had ended", n)
	}
	w.Clock.Advance(time.Hour)
	w.Must(w.connector.Client.Try(t.Context()))
	tokens := 0
	for _, call := range w.instance.Calls() {
		if call == "POST /oauth_token.do" {
			tokens++
		}
	}
	if tokens != 3 {
		t.Errorf("%d tokens asked for", tokens)
	}
	w.instance.Fail(servicenowtest.Failure{Method: http.MethodPatch, Status: http.StatusForbidden, Body: `{"error":{` +
		`"message":"Operation Failed","detail":"ACL Exception Update Failed due to security constraints"}}`})
	w.Must(w.desk.Note(t.Context(), w.agent, one.ID, "Another."))
	w.Must(w.push(one.ID))
	remote, err := db.Read(t.Context(), w.DB, func(r db.R) (servicenow.Remote, error) {
		return servicenow.Of(t.Context(), r, one.ID)
	})
	w.Must(err)
	if !strings.Contains(remote.Problem, "ACL Exception") || remote.ID == "" {
		t.Errorf("what the desk reads of a refusal: %+v", remote)
	}
	w.Must(w.connector.Resend(t.Context()))
	if n := len(w.instance.Journal()); n != 2 {
		t.Errorf("%d entries once it was sent again", n)
	}
	wrong := *w.connector
	wrong.Client = &servicenow.Client{Address: w.instance.URL, ClientID: "another", Secret: "wrong",
		Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: w.Clock}
	var refused *servicenow.ErrRefused
	if err := wrong.Client.Try(t.Context()); !errors.As(err, &refused) {
		t.Errorf("a wrong secret: %v", err)
	}
	if calls := w.instance.Calls(); !slices.Contains(calls, "GET /api/now/table/incident") {
		t.Error("the doctor's look was not made")
	}
}

// A file is sent once, whatever is lost on the way, and refused ones keep back nothing else.
func TestFilesAreSentOnce(t *testing.T) {
	w := newWorld(t)
	r, err := w.desk.Raise(w.Context(), actor.Actor{Kind: actor.Stranger, Network: "n"}, ticket.Typed{
		Name: "Bo Example", Email: "bo@example.nhs.uk", Category: "log-in", Subject: "Locked out", Text: "Help me.",
		Files: []ticket.NewFile{{Name: "page.png", Content: []byte("\x89PNG\r\n\x1a\n")}},
	})
	w.Must(err)
	w.instance.Fail(servicenowtest.Failure{Method: "POST", Path: "/api/now/attachment", Done: true})
	if err := w.connector.Push(t.Context(), r.Ticket.ID); err == nil {
		t.Fatal("a lost answer is a success")
	}
	for range 3 {
		w.Must(w.connector.Push(t.Context(), r.Ticket.ID))
	}
	got := w.instance.Attachments()
	if len(got) != 1 || !strings.HasSuffix(got[0]["file_name"], " page.png") || got[0]["content_type"] != "image/png" ||
		got[0]["content"] != "\x89PNG\r\n\x1a\n" || got[0]["table_sys_id"] != w.instance.Incidents()[0]["sys_id"] {
		t.Errorf("%+v", got)
	}
	w.Must(w.desk.Answer(t.Context(), w.agent, r.Ticket.ID, ticket.Outgoing{Text: "Read this.", Then: ticket.Waiting, Files: []ticket.NewFile{ticket.NewFile{Name: "x.pdf", Content: []byte("%PDF-1")}}}))
	w.instance.Fail(servicenowtest.Failure{Method: "POST", Path: "/api/now/attachment", Status: http.StatusForbidden})
	w.Must(w.connector.Push(t.Context(), r.Ticket.ID))
	if n := len(w.instance.Journal()); n != 1 || len(w.instance.Attachments()) != 1 {
		t.Errorf("%d entries, %d files after a refusal", n, len(w.instance.Attachments()))
	}
	w.Must(w.connector.Resend(t.Context()))
	if n := len(w.instance.Attachments()); n != 2 {
		t.Errorf("%d files after another try", n)
	}
}
