package site_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/ticket"
)

// typedOnTicket is all that can be filled in on the page of a ticket.
var typedOnTicket = []string{"text", "A long answer.", "then", "solved", "note", "A long note.", "reply", "works",
	"state", "open", "priority", "2", "category", "link", "assigned", "me"}

// Whichever button of a ticket's page is pressed, what was filled in for the others stays, and what it did says so.
func TestWhateverIsSentOfATicketTheRestStays(t *testing.T) {
	const text, note, priority = ">A long answer.<", ">A long note.<", `<option value="2" selected>`
	for button, one := range map[string]struct {
		said  string
		stays []string
		goes  []string
	}{
		"send-answer": {"The answer is sent.", []string{note, priority}, []string{text}},
		"save-note":   {"The note is saved.", []string{text, priority}, []string{note}},
		"save-set":    {"The ticket is changed.", []string{text, note}, nil},
		"into":        {"The tickets are merged.", []string{text, note}, []string{priority}},
		"add-reply":   {"tell us whether it works now.", []string{"A long answer.\n\nPlease", note, priority}, nil},
	} {
		w := newWorld(t)
		desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
		kept := w.ticketOf(w.ada)
		at := "/tickets/" + w.ticketOf(w.ada).ID
		value := "yes"
		if button == "into" {
			value = kept.ID
		}
		sent := desk.seeing(at, append([]string{button, value}, typedOnTicket...)...)
		shown := desk.comesBack(desk.post(at+"/work", sent...))
		shown.mustHave(t, append(one.stays, one.said)...)
		form := shown.body[strings.Index(shown.body, "<form method=\"post\" action=\"/tickets/"):]
		for _, gone := range one.goes {
			if strings.Contains(form, "textarea") && strings.Contains(afterTextareas(form), gone) {
				t.Errorf("%s: %q is there as if it was not done", button, gone)
			}
		}
		if strings.Contains(shown.body, "There is a problem") {
			t.Errorf("%s: something is wrong", button)
		}
	}
}

// afterTextareas gives what a form has in its textareas and what is chosen in it, without what was written before.
func afterTextareas(form string) string {
	var inside strings.Builder
	for _, part := range strings.Split(form, "<textarea")[1:] {
		filled, rest, _ := strings.Cut(part, "</textarea>")
		inside.WriteString(filled + "<" + rest)
	}
	return inside.String()
}

// Where nothing else is filled in, the page begins anew after what was done.
func TestATicketsPageBeginsAnewWhereNothingElseWasFilledIn(t *testing.T) {
	w := newWorld(t)
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	at := "/tickets/" + w.ticketOf(w.ada).ID
	usual := []string{"then", "waiting", "state", "new", "priority", "3", "category", "other", "assigned", ""}
	note := desk.seeing(at, append(usual, "note", "A note.", "save-note", "yes")...)
	if got := desk.post(at+"/work", note...); got.location != at {
		t.Errorf("after the note: %q", got.location)
	}
	got := desk.post(at+"/work", desk.seeing(at, append(usual, "text", "An answer.", "send-answer", "yes")...)...)
	if got.location != at {
		t.Errorf("after the answer: %q %s", got.location, got.body)
	}
	desk.get(at).mustHave(t, `<option value="waiting" selected>`)
}

// Files that were chosen are asked for again where the page comes back without them, whatever was pressed; an answer
// that is sent has them.
func TestFilesThatAPageCannotKeepAreAskedForAgain(t *testing.T) {
	w := newWorld(t)
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	const again = "Choose the files again"
	for button, asked := range map[string]bool{"add-reply": true, "save-note": true, "save-set": true,
		"send-answer": false} {
		at := "/tickets/" + w.ticketOf(w.ada).ID
		sent := append([]string{button, "yes", "seen", "", "asked-then", "yes"}, typedOnTicket...)
		got := desk.sends(at, at+"/work", "page.txt", "what it said", sent...)
		shown := desk.comesBack(got)
		shown.mustHave(t, "A long note.")
		if strings.Contains(shown.body, again) != asked {
			t.Errorf("%s: asked again: %v (%d %s)", button, !asked, got.status, got.location)
		}
	}
	at := "/tickets/" + w.ticketOf(w.ada).ID
	got := desk.sends(at, at+"/work", "page.txt", "what it said", append([]string{"send-answer", "yes", "seen", "",
		"asked-then", "yes"}, append(typedOnTicket, "text", "")...)...)
	desk.comesBack(got).mustHave(t, "Enter an answer", again)
	stranger := w.browser()
	raised := stranger.sends("/help/ticket", "/help/ticket", "page.txt", "what it said", raising("email", "nowhere",
		"phone", "",
		"reference", "", "asked-urgent", "yes", "asked-category", "")...)
	stranger.comesBack(raised).mustHave(t, again)
}

// What a colleague changed is not set back by what the page still shows of before.
func TestAChangeThatWasNotSeenIsNotSetBackByTheRestOfAPage(t *testing.T) {
	w := newWorld(t)
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	one := w.ticketOf(w.ada)
	at := "/tickets/" + one.ID
	page := desk.seeing(at, "note", "A note.", "save-note", "yes", "text", "An answer.", "state", "new", "priority",
		"3",
		"category", "other")
	w.sql(`UPDATE ticket SET priority = 1`)
	desk.comesBack(desk.post(at+"/work", page...)).mustHave(t, "An answer.", `<option value="1" selected>`)
	if is := w.ticketIs(one.ID); is.Priority != ticket.Critical {
		t.Errorf("set back: %+v", is)
	}
}
