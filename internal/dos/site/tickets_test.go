package site_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/ticket"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// raising is what somebody types to raise a ticket.
func raising(pairs ...string) []string {
	return append([]string{"name", "Bo Example", "email", "bo@example.nhs.uk", "category", "log-in", "subject",
		"MFA-DoS - I am locked out", "text", "It says that my password no longer opens the account."}, pairs...)
}

// ticketOf raises a ticket as the holder of an account does.
func (w *world) ticketOf(a account.Account) ticket.Ticket {
	w.Helper()
	raised, err := w.tickets().Raise(w.Context(), actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()},
		ticket.Typed{Category: ticket.Other, Subject: "It fails", Text: "It does not work.",
			Files: []ticket.NewFile{{Name: "page.txt", Content: []byte("what the page said")}}})
	w.Must(err)
	return raised.Ticket
}

// fileOf gives the id of the file of a ticket.
func (w *world) fileOf(ticketID string) string {
	w.Helper()
	id, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		return db.Value[string](w.Context(), r, `SELECT id FROM ticket_file WHERE ticket_id = $1`, ticketID)
	})
	w.Must(err)
	return id
}

// raiser is somebody new who raises tickets.
func (w *world) raiser() account.Account {
	w.Helper()
	name := fmt.Sprint("raiser", w.count(`SELECT COUNT(*) FROM account`))
	return w.account(account.New{Username: name, FirstName: "Rae", Email: name + "@example.nhs.uk"}, path.Choose)
}

// merged has a ticket go on in another one.
func (w *world) merged(id, into string) {
	w.Helper()
	agent := w.account(account.New{Username: "merges" + id, FirstName: "Dee", Email: id + "@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, path.Choose)
	w.Must(w.tickets().Merge(w.Context(), actor.Actor{Kind: actor.Person, ID: agent.ID, Name: agent.Name()}, id, into))
}

func (w *world) ticketIs(id string) ticket.Ticket {
	w.Helper()
	t, err := db.Read(w.Context(), w.d, func(r db.R) (ticket.Ticket, error) { return ticket.ByID(w.Context(), r, id) })
	w.Must(err)
	return t
}

// tooManyTickets raises tickets from one browser until there is no room, and gives the page that says so.
func (w *world) tooManyTickets() string {
	b := w.browser()
	for n := range 30 {
		got := b.post("/help/ticket", raising("email", fmt.Sprintf("bo%d@example.nhs.uk", n))...)
		if got.status != http.StatusSeeOther {
			return got.body
		}
	}
	return ""
}

// ticketForm gives a browser with a form of a ticket before it, and where the form is.
func (w *world) ticketForm(usual *browser, at string) (*browser, string) {
	w.Helper()
	switch {
	case at == "/my-ticket/open", at == "/my-ticket/reply":
		b := w.browser()
		b.withPassword(w.raiser().Username, goodPass)
		b.post("/help/ticket", raising()...)
		return b, at
	case at == "/my-ticket/code":
		b := w.browser()
		b.post(w.ownTicketLink(w.ticketOf(w.raiser())))
		return b, at
	case strings.HasPrefix(at, ticket.OwnPath+"{id}"):
		return w.browser(), w.ownTicketLink(w.ticketOf(w.raiser()))
	case strings.HasPrefix(at, "/tickets/{id}"):
		a := w.raiser()
		first := w.ticketOf(a).ID
		second := w.ticketOf(a).ID
		if strings.HasSuffix(at, "/unmerge") {
			w.merged(second, first)
		}
		return usual, strings.Replace(at, "{id}", second, 1)
	}
	return nil, ""
}

var ownTicket = regexp.MustCompile(regexp.QuoteMeta(home) + `(/my-ticket/\S+)`)

// ownTicketLink gives the link that was mailed to the person of a ticket.
func (w *world) ownTicketLink(t ticket.Ticket) string {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(t.Email) {
		if found := ownTicket.FindStringSubmatch(m.Text); found != nil && strings.Contains(found[1], t.ID) {
			return found[1]
		}
	}
	w.Fatal("no link was mailed")
	return ""
}

// A stranger who was refused raises a ticket from the page that says so; the desk sees what happened, answers, and the
// person follows the ticket by their own link and a code.
func TestALockedOutPersonRaisesATicketAndIsAnswered(t *testing.T) {
	w := newWorld(t)
	late := w.account(account.New{Username: "late", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk"},
		path.Require)
	w.account(account.New{Username: "desk", FirstName: "Dee", Email: "dee@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, path.Choose)
	stranger := w.browser()
	refused := stranger.get(stranger.withPassword("late", goodPass).location)
	shown := webtest.Quoted(refused.body)
	refused.mustHave(t, `/help/ticket?reference=`)
	w.linked(late.ID)
	form := stranger.get("/help/ticket?reference=" + strings.ReplaceAll(shown, " ", "+"))
	form.mustHave(t, `value="`+shown+`"`, `value="MFA-DoS - "`)
	stranger.post("/help/ticket", raising("subject", "MFA-DoS -")...).mustHave(t, `value="MFA-DoS - "`)
	if got := stranger.post("/help/ticket", raising("reference", shown)...); got.location != "/help/ticket/sent" {
		t.Fatalf("not raised: %d %s", got.status, got.body)
	}
	stranger.get("/help/ticket/sent").mustHave(t, "T1001", "bo@example.nhs.uk")
	if got := stranger.get("/my-ticket"); got.status == http.StatusOK {
		t.Error("a stranger who typed an address reads its ticket without a code")
	}
	w.Settle()
	for _, m := range w.Mails.To("bo@example.nhs.uk") {
		if strings.Contains(m.Subject+m.Text, "locked out") || strings.Contains(m.Text, "Bo Example") {
			t.Errorf("what a stranger typed is mailed: %s", m.Text)
		}
	}
	desk := w.browser()
	desk.withPassword("desk", goodPass)
	list := desk.get("/tickets")
	list.mustHave(t, "T1001", "I am locked out")
	id := regexp.MustCompile(`/tickets/([0-9a-f-]{36})`).FindStringSubmatch(list.body)[1]
	one := desk.get("/tickets/" + id)
	one.mustHave(t, "MFA-DoS - I am locked out", "no longer opens the account", "Log in with your Care Identity",
		"has not shown that it is theirs", "Nobody has shown that they read this email address", "Saved reply")
	desk.post("/tickets/"+id+"/work", "text", "Please log in with your Care Identity.", "then", "waiting",
		"send-answer", "yes")
	if is := w.ticketIs(id); is.State != ticket.Waiting || !is.Due.IsZero() || is.AssignedName == "" {
		t.Errorf("after the answer: %+v", is)
	}
	bo := w.browser()
	link := w.ownTicketLink(w.ticketIs(id))
	if page := bo.get(link); strings.Contains(page.body, "locked out") {
		t.Error("the link alone shows the ticket")
	}
	bo.post(link)
	w.Settle()
	if got := bo.post("/my-ticket/code", "code", w.code("bo@example.nhs.uk")); got.location != "/my-ticket" {
		t.Fatalf("the code: %d %s", got.status, got.body)
	}
	bo.get("/my-ticket").mustHave(t, "Please log in with your Care Identity.", "Waiting for an answer from you")
	bo.post("/my-ticket/reply", "text", "Thank you, that worked.")
	desk.get("/tickets/"+id).mustHave(t, "Thank you, that worked.", "Confirmed")
	if is := w.ticketIs(id); is.State != ticket.Open || is.Due.IsZero() || is.Confirmed.IsZero() {
		t.Errorf("after the reply: %+v", is)
	}
	bo.post("/my-ticket/reply", "text", "It was my card.", "solved", "yes")
	if is := w.ticketIs(id); is.State != ticket.Solved {
		t.Errorf("solved by its person: %s", is.State)
	}
	bo.get("/my-ticket").mustHave(t, "It was my card.") // what was typed beside it is not lost
	bo.post("/my-ticket/reply", "text", "")
	bo.post("/my-ticket/reply", "text", "", "solved", "yes")
	bo.get("/my-ticket").mustHave(t, "It is solved.")
	late2 := w.browser()
	w.account(account.New{Username: "other", Email: "other@example.nhs.uk"}, path.Choose)
	late2.withPassword("other", goodPass)
	if got := late2.get("/tickets/" + id); got.status != http.StatusForbidden {
		t.Errorf("anybody reads tickets: %d", got.status)
	}
}

// Whoever is logged in with an account of their own is not asked who they are, and reads their ticket without a code;
// the next person on the computer does not.
func TestAUserRaisesATicketAndTheNextOneDoesNotReadIt(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", Email: "bo@example.nhs.uk"}, path.Choose)
	b := w.browser()
	b.withPassword("ada", goodPass)
	b.post("/help/ticket", "category", "email", "subject", "My address", "text", "It is wrong.", "name", "Eve", "email",
		"eve@evil.example")
	w.Settle()
	if n := len(w.Mails.To("eve@evil.example")); n != 0 {
		t.Errorf("%d mails to another address", n)
	}
	b.get("/my-ticket").mustHave(t, "It is wrong.")
	b.get("/help").mustHave(t, "T1001: My address")
	b.get("/account/activity").mustHave(t, "Ticket raised with the service desk")
	b.post("/sign-out")
	if got := b.get("/my-ticket"); strings.Contains(got.body, "It is wrong.") {
		t.Error("the ticket is read after its holder has logged out")
	}
	b.withPassword("bo", goodPass)
	if got := b.get("/my-ticket"); strings.Contains(got.body, "It is wrong.") {
		t.Error("somebody else reads the ticket")
	}
	id := regexp.MustCompile(`[0-9a-f-]{36}`)
	if got := b.post("/my-ticket/open", "ticket", id.FindString(w.ownTicketLink(w.ticketOf(w.ada)))); got.status !=
		http.StatusNotFound {
		t.Errorf("somebody else opens it: %d", got.status)
	}
}

// A caller's ticket begins from the page of their account, and its saved replies are the steps of their own checklist.
func TestADeskRaisesATicketForACallerAndAnswersInTheWordsOfThePath(t *testing.T) {
	w := newWorld(t)
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	desk.get("/tickets/new?account="+w.ada.ID).mustHave(t, `value="Ada Example"`, `value="ada@example.nhs.uk"`)
	got := desk.post("/tickets/new", "account", w.ada.ID, "name", "Ada Example", "email", "ada@example.nhs.uk",
		"category", "link", "subject", "How to link", "text", "She asks how.", "urgent", "yes")
	if !strings.HasPrefix(got.location, "/tickets/") {
		t.Fatalf("not raised: %d %s", got.status, got.body)
	}
	const step = "Link your DoS account to your Care Identity"
	desk.get(got.location).mustHave(t, "Urgent", "By telephone", `<option value="link">`+step, `<option value="works">`)
	added := desk.add(t, got.location, "link", "I looked at it, Ada.")
	added.mustHave(t, "I looked at it, Ada.\n\n"+step+".", "How long it takes: ")
	if added.status != http.StatusOK || strings.Contains(added.body, "Dear Ada") {
		t.Errorf("greeted twice, or something is wrong: %d", added.status)
	}
	desk.add(t, got.location, "works", "").mustHave(t, "Dear Ada Example,\n\nPlease try again")
	desk.add(t, got.location, "", "Kept.").mustHave(t, "Choose a saved reply", "Kept.")
	if n := w.count(`SELECT COUNT(*) FROM ticket_message`); n != 1 {
		t.Errorf("%d messages: a saved reply was sent by being chosen", n)
	}
	id := strings.TrimPrefix(got.location, "/tickets/")
	desk.post("/tickets/"+id+"/work", "state", "open", "priority", "4", "category", "other", "assigned", "me",
		"save-set", "yes")
	desk.get(got.location).mustHave(t, "Priority: “Low: it can wait” instead of “Urgent: somebody cannot work”")
	second := w.ticketOf(w.ada)
	desk.get("/tickets/"+second.ID).mustHave(t, "Merge this ticket into T1001")
	if got := desk.post("/tickets/"+second.ID+"/work", "into", id); got.location != "/tickets/"+id {
		t.Fatalf("not merged: %d %s", got.status, got.body)
	}
	desk.get("/tickets/"+id).mustHave(t, "It does not work.", "in the ticket that was merged", "its page undoes that")
	desk.post("/tickets/" + second.ID + "/unmerge")
	if is := w.ticketIs(second.ID); is.State != ticket.New || is.Due.IsZero() {
		t.Errorf("after the undo: %+v", is)
	}
	for query, want := range map[string]bool{
		"?assigned=me": true, "?assigned=nobody": false, "?priority=4": true, "?priority=1": false,
		"?category=other": true, "?category=shared": false, "?q=T1001": true, "?q=ada%40example.nhs.uk": true, "?q=nobody": false,
		"?which=waiting": false, "?which=overdue": false,
	} {
		if found := strings.Contains(desk.get("/tickets"+query).body, `href="/tickets/`+id); found != want {
			t.Errorf("%s: listed %v", query, found)
		}
	}
}

// The steps of an account are no saved reply to somebody who named it and gave another address: who they are is not
// known, and the desk is told so.
func TestAnAnswerToAnotherAddressHasNoStepsOfTheAccount(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "late", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Require)
	stranger := w.browser()
	shown := webtest.Quoted(stranger.get(stranger.withPassword("late", goodPass).location).body)
	stranger.post("/help/ticket", raising("reference", shown, "email", "mallory@evil.example")...)
	stranger.post("/help/ticket", raising("reference", shown)...)
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	const step, warning = `<option value="link">Link your DoS`, "does not go to the account’s address"
	for number, elsewhere := range map[string]bool{"T1001": true, "T1002": false} {
		list := desk.get("/tickets?q=" + number)
		at := regexp.MustCompile(`/tickets/[0-9a-f-]{36}`).FindString(list.body)
		page := desk.get(at)
		page.mustHave(t, "username late", "has not shown that it is theirs", `<option value="more"`)
		if strings.Contains(page.body, warning) != elsewhere || strings.Contains(page.body, step) == elsewhere {
			t.Errorf("%s: the answer goes elsewhere: %v, but %s", number, elsewhere, page.body)
		}
		if added := desk.add(t, at, "link", ""); strings.Contains(added.body, "How long it takes") == elsewhere {
			t.Errorf("%s: a step is added by a form of one's own", number)
		}
	}
}

// add has a saved reply added to the answer to a ticket, and gives the page that shows it.
func (b *browser) add(t *testing.T, at, reply, text string) page {
	t.Helper()
	return b.comesBack(b.post(at+"/work", "reply", reply, "text", text, "then", "waiting", "add-reply", "yes"))
}

// comesBack gives the page that shows a form which came back.
func (b *browser) comesBack(got page) page {
	b.w.Helper()
	if got.location == "" {
		return got
	}
	to, _, _ := strings.Cut(got.location, "#")
	return b.get(to)
}

// sends posts a form of a page with a file, as a browser does.
func (b *browser) sends(at, to, name, content string, pairs ...string) page {
	b.w.Helper()
	shown := b.Send(webtest.Request(http.MethodGet, home+at, nil)).Body.String()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	fields := webtest.Form(pairs...)
	fields.Set(web.SealField, webtest.SealOf(shown, to))
	for field := range fields {
		b.w.Must(parts.WriteField(field, fields.Get(field)))
	}
	file, err := parts.CreateFormFile("files", name)
	b.w.Must(err)
	_, err = file.Write([]byte(content))
	b.w.Must(err)
	b.w.Must(parts.Close())
	r := httptest.NewRequestWithContext(b.w.Context(), http.MethodPost, home+to, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	rec := b.Send(r)
	return page{status: rec.Code, location: rec.Header().Get("Location"), body: rec.Body.String()}
}

// A file that a stranger sends is saved by the desk and by the ticket's person, and never shown within a page.
func TestAFileOfATicket(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "desk", FirstName: "Dee", Email: "dee@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, path.Choose)
	w.account(account.New{Username: "other", Email: "other@example.nhs.uk"}, path.Choose)
	stranger := w.browser()
	got := stranger.sends("/help/ticket", "/help/ticket", "../../page.html", "<script>alert(1)</script>",
		append(raising(), "asked-category", "", "asked-urgent", "", "phone", "", "reference", "")...)
	if got.location != "/help/ticket/sent" {
		t.Fatalf("not raised: %d to %s: %s", got.status, got.location, got.body)
	}
	refused := stranger.sends("/help/ticket", "/help/ticket", "virus.exe", "MZ\x00",
		append(raising(), "asked-category", "", "asked-urgent", "", "phone", "", "reference", "")...)
	stranger.get(refused.location).mustHave(t, "“virus.exe” cannot be added: it is no PDF, PNG, JPEG or text file")
	desk := w.browser()
	desk.withPassword("desk", goodPass)
	id := regexp.MustCompile(`/tickets/([0-9a-f-]{36})`).FindStringSubmatch(desk.get("/tickets").body)[1]
	link := regexp.MustCompile(`/tickets/[0-9a-f-]{36}/files/[0-9a-f-]{36}`).FindString(desk.get("/tickets/" + id).body)
	rec := desk.Do(webtest.Request(http.MethodGet, home+link, nil))
	for name, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Content-Disposition":     "attachment; filename=page.html.txt",
		"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
	} {
		if got := rec.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if rec.Body.String() != "<script>alert(1)</script>" {
		t.Errorf("%d %q", rec.Code, rec.Body)
	}
	var y worldtest.Tally
	other := w.browser()
	other.withPassword("other", goodPass)
	for name, b := range map[string]*browser{"a stranger": w.browser(), "somebody without the permission": other,
		"whoever raised it, without a code": stranger} {
		for _, at := range []string{link, "/my-ticket/files/" + link[len(link)-36:]} {
			y.Refused(t, name+" "+at[:8], b.get(at).status == http.StatusOK)
		}
	}
	y.Report(t, "readings of a file")
}
